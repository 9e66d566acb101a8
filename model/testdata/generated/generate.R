# Writes the references of TestEqualsRGenerated: Rscript generate.R
# The data come from a small integer generator that the Go test repeats
# exactly (Park and Miller, 1988: every product stays below 2^53).
seed <- 1
uniform <- function() { seed <<- (16807 * seed) %% 2147483647; seed / 2147483647 }

# make returns n rows of p columns and the outcomes. Column j is a sum of
# uniforms, shifted and scaled; every second one is 0/1; the last leans on the
# first by `lean`.
make <- function(start, n, p, shift, scale, lean, slope, base) {
  seed <<- start
  X <- matrix(0, n, p); yes <- numeric(n); score <- numeric(n)
  for (i in 1:n) {
    eta <- base
    for (j in 1:p) {
      u <- uniform() + uniform() + uniform() - 1.5
      if (j %% 2 == 0) u <- if (u > 0.3) 1 else 0
      if (j == p && lean > 0) u <- lean * X0 + (1 - lean) * u
      if (j == 1) X0 <- u
      eta <- eta + slope * u / j
      X[i, j] <- shift + scale * u
    }
    yes[i] <- if (uniform() < 1 / (1 + exp(-eta))) 1 else 0
    score[i] <- eta + uniform() + uniform()
  }
  colnames(X) <- paste0("x", 1:p)
  data.frame(X, yes = yes, score = score)
}

cases <- list(
  small       = list(7,    30,  1, 0,    1,    0,      2,    0),
  modest      = list(11,   60,  4, 0,    1,    0,      1,   -0.5),
  wide        = list(13, 1000, 30, 10,   3,    0,      1,   -1),
  rare        = list(17, 5000,  5, 0,    1,    0,      1.5, -5.5),
  far         = list(19,  400,  3, 1e6,  1,    0,      1,    0),
  tiny        = list(23,  400,  3, 0,    1e-6, 0,      1,    0),
  leaning     = list(29, 2000,  3, 5,    2,    0.9999, 1,    0),
  steep       = list(31,  300,  3, 0,    1,    0,      9,    0),
  large       = list(37, 100000, 6, 50,  10,   0,      1,   -1)
)

number <- function(x) sprintf("%.17g", x)
one <- function(fit, interval) {
  s <- coef(summary(fit)); ci <- interval
  terms <- paste0("\"", rownames(s), "\":{\"estimate\":", number(s[, 1]), ",\"se\":", number(s[, 2]),
                  ",\"stat\":", number(s[, 3]), ",\"p\":", number(s[, 4]), "}", collapse = ",\n  ")
  conf <- paste0("\"", rownames(ci), "\":[", number(ci[, 1]), ",", number(ci[, 2]), "]", collapse = ",\n  ")
  paste0("\"coefficients\":{\n  ", terms, "},\n \"conf\":{\n  ", conf, "}")
}
for (name in names(cases)) {
  d <- do.call(make, cases[[name]])
  p <- cases[[name]][[3]]
  right <- paste(paste0("x", 1:p), collapse = " + ")
  g <- glm(as.formula(paste("yes ~", right)), binomial, d, control = glm.control(epsilon = 1e-15, maxit = 100))
  Z <- as.matrix(d[, 1:p, drop = FALSE])
  Z <- cbind(1, apply(Z, 2, function(x) (x - mean(x)) / sqrt(mean((x - mean(x))^2))))
  writeLines(paste0("{\"rows_used\":", nrow(d), ",\n ", one(g, confint.default(g)),
    ",\n \"deviance\":", number(g$deviance), ",\"null_deviance\":", number(g$null.deviance),
    ",\"loglik\":", number(as.numeric(logLik(g))), ",\"aic\":", number(AIC(g)), ",\"df_residual\":", g$df.residual,
    ",\"kappa_standardised\":", number(kappa(t(Z) %*% (g$weights * Z), exact = TRUE)), "}"),
    paste0(name, "_logistic.json"))
  l <- lm(as.formula(paste("score ~", right)), d, tol = 1e-12)
  s <- summary(l)
  writeLines(paste0("{\"rows_used\":", nrow(d), ",\n ", one(l, confint(l)),
    ",\n \"rss\":", number(deviance(l)), ",\"null_deviance\":", number(sum((d$score - mean(d$score))^2)),
    ",\"loglik\":", number(as.numeric(logLik(l))), ",\"aic\":", number(AIC(l)), ",\"df_residual\":", l$df.residual,
    ",\"sigma\":", number(s$sigma), ",\"r2\":", number(s$r.squared), ",\"adj_r2\":", number(s$adj.r.squared),
    ",\"kappa_standardised\":", number(kappa(crossprod(Z), exact = TRUE)), "}"),
    paste0(name, "_linear.json"))
}
