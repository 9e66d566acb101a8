# R's answers for compared_test.go, on the rows of the worked example:
#   Rscript model/testdata/anomaly.R > model/testdata/anomaly.json
library(jsonlite)
d <- read.csv("examples/language/pupils.csv", na.strings = "")
x <- na.omit(d[, c("iq_verbal", "iq_perf", "ses", "lang_pre", "arith_pre")])
k <- ncol(x)
say <- function(m, s, n) {
  far <- mahalanobis(x, m, s)
  list(n = n, mean = unname(m), covariance = unname(s), distances = sort(unname(far))[seq(1, nrow(x), by = 25)], # every 25th
    beyond = sapply(c(.05, .01, .001), function(p) sum(far > qchisq(p, k, lower.tail = FALSE))))
}
first <- say(colMeans(x), cov(x), nrow(x))
near <- x[mahalanobis(x, colMeans(x), cov(x)) <= qchisq(.975, k), ]
again <- say(colMeans(near), cov(near) * .975 / pchisq(qchisq(.975, k), k + 2), nrow(near))
cat(toJSON(list(first = first, again = again), digits = I(17), auto_unbox = TRUE), "\n")
