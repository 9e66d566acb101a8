# Answers of lme4::lmer on made-up sites. TestMixedEqualsRGenerated makes the
# same rows: a linear congruential generator, so that both languages draw the
# same numbers. Run in this folder: Rscript generate.R
library(lme4)
control <- lmerControl(optimizer = "nloptwrap", check.conv.singular = "ignore",
  optCtrl = list(xtol_abs = 1e-14, xtol_rel = 1e-14, ftol_abs = 1e-14, ftol_rel = 1e-15, maxeval = 1e5))

rows <- function(seed, sites, small, large, spread) {
  uniform <- function() { seed <<- (16807 * seed) %% 2147483647; seed / 2147483647 }
  near <- function() uniform() + uniform() + uniform() - 1.5
  d <- list()
  for (g in 1:sites) {
    n <- small + floor(uniform() * (large - small + 1))
    u <- spread * near()
    x2 <- near()
    for (i in seq_len(n)) {
      x1 <- near() + x2 / 4
      d[[length(d) + 1]] <- c(g, x1, x2, 0.5 + x1 - x2 / 2 + u + near())
    }
  }
  d <- as.data.frame(do.call(rbind, d))
  names(d) <- c("site", "x1", "x2", "y")
  d
}

cases <- list(
  unbalanced = list(11, 40, 1, 60, 0.5), balanced = list(13, 30, 8, 8, 0.7), strong = list(17, 60, 1, 12, 6),
  weak = list(19, 200, 2, 30, 0.1), singular = list(23, 50, 3, 20, 0), pairs = list(29, 150, 1, 2, 1))
out <- list()
for (name in names(cases)) {
  d <- do.call(rows, cases[[name]])
  for (reml in c(TRUE, FALSE)) {
    m <- lmer(y ~ x1 + x2 + (1 | site), d, REML = reml, control = control)
    v <- as.data.frame(VarCorr(m))$vcov
    out[[paste(name, if (reml) "reml" else "ml")]] <- list(rows = nrow(d), sites = ngrps(m)[[1]],
      estimate = unname(fixef(m)), std_error = unname(sqrt(diag(as.matrix(vcov(m))))), variance_site = v[1], variance_residual = v[2],
      log_likelihood = as.numeric(logLik(m)), aic = AIC(m), df_residual = df.residual(m), singular = isSingular(m))
  }
}
writeLines(jsonlite::toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "lmer.json")
