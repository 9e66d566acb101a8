# Control limits of observed over expected, exact and interpolated as in
# Spiegelhalter (2005), Statistics in Medicine 24: 1185-1202, appendix:
#   Rscript limits.R > limits.json
limit <- function(p, q, cdf, expected) {
  r <- q(p)
  max(0, (r - (cdf(r) - p) / (cdf(r) - cdf(r - 1))) / expected)
}
tails <- c(.001, .025, .975, .999)
rows <- c()
for (e in c(2.5, 8, 20, 47.3, 150, 900))
  rows <- c(rows, sprintf('{"expected": %.17g, "children": 0, "limits": [%s]}', e,
    paste(sprintf("%.17g", sapply(tails, limit, function(p) qpois(p, e), function(r) ppois(r, e), e)), collapse = ", ")))
for (n in c(40, 200, 1200)) for (p in c(.03, .2, .6))
  rows <- c(rows, sprintf('{"expected": %.17g, "children": %d, "limits": [%s]}', n * p, n,
    paste(sprintf("%.17g", sapply(tails, limit, function(t) qbinom(t, n, p), function(r) pbinom(r, n, p), n * p)), collapse = ", ")))
cat("[\n", paste(rows, collapse = ",\n"), "\n]\n", sep = "")
