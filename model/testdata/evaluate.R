# R's answers for evaluate_test.go: each board of the worked example judged by a
# model of the other five:
#   Rscript model/testdata/evaluate.R > model/testdata/evaluate.json
library(jsonlite)
d <- read.csv("examples/language/pupils.csv", na.strings = "")
f <- lang_delay ~ iq_verbal + iq_perf + girl + ses + repeated + lang_pre + arith_pre
d <- d[complete.cases(d[, all.vars(f)]), ]
ctl <- glm.control(epsilon = 1e-14, maxit = 100)
auc <- function(x, y) (mean(rank(x)[y == 1]) - (sum(y) + 1) / 2) / sum(y == 0)
top <- function(x, y, share) { k <- floor(share * length(x)); o <- order(-x)[seq_len(k)]; list(fraction = share, precision = mean(y[o]), recall = sum(y[o]) / sum(y)) }
d$eta <- NA
for (b in unique(d$node)) {
  m <- glm(f, binomial, d[d$node != b, ], control = ctl)
  d$eta[d$node == b] <- predict(m, d[d$node == b, ])
}
judged <- function(s) {
  p <- plogis(s$eta); y <- s$lang_delay
  k <- coef(glm(y ~ s$eta, family = binomial, control = ctl))
  list(rows = nrow(s), events = sum(y), auc = auc(s$eta, y), brier = mean((y - p)^2), intercept = unname(k[1]), slope = unname(k[2]), oe = sum(y) / sum(p),
    rule = auc(-s$lang_pre, y), top = lapply(c(0.05, 0.1, 0.2), function(q) top(s$eta, y, q)))
}
chosen <- d$eta >= sort(d$eta, decreasing = TRUE)[floor(0.15 * nrow(d))]
groups <- lapply(0:1, function(g) { s <- d$minority == g & !is.na(d$minority); y <- d$lang_delay == 1
  list(n = sum(s), events = sum(s & y), fpr = sum(s & !y & chosen) / sum(s & !y), fnr = sum(s & y & !chosen) / sum(s & y), precision = sum(s & y & chosen) / sum(s & chosen)) })
cat(toJSON(list(boards = lapply(sort(unique(d$node)), function(b) judged(d[d$node == b, ])), all = judged(d), groups = groups), auto_unbox = TRUE, digits = NA, pretty = TRUE), "\n")
