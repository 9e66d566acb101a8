# Writes ns.txt: for each basis a line "basis low high knots...", then per x a
# line "at x values..." of splines::ns(). Run: Rscript ns.R > ns.txt
set.seed(20240611)
full <- function(v) paste(sprintf("%.17g", v), collapse = " ")
show <- function(low, high, knots) {
  cat("basis", full(c(low, high, knots))); cat("\n")
  x <- sort(unique(c(low, high, knots, low + (high - low) * c(0.01, 0.5, 0.99), runif(12, low, high))))
  x <- x[x >= low & x <= high]
  b <- splines::ns(x, knots = knots, Boundary.knots = c(low, high))
  for (i in seq_along(x)) { cat("at", full(c(x[i], b[i, ]))); cat("\n") }
}
for (k in 1:7) {
  show(0, 1, seq_len(k) / (k + 1))
  show(-30, 40, sort(runif(k, -30, 40)))
  show(0, 1e9, sort(exp(runif(k, log(10), log(1e8)))))
  show(1990, 2027, sort(runif(k, 1990, 2027)))
  show(-1e-6, 1e-6, sort(runif(k, -1e-6, 1e-6)))
}
show(0, 60, c(25, 33, 40))
show(0, 100, c(1e-4, 2e-4))
show(1e6, 1e6 + 1, 1e6 + c(0.25, 0.5))
