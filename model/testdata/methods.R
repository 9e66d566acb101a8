# R's answers for methods_test.go, on the rows of the worked example:
#   Rscript model/testdata/methods.R > model/testdata/methods.json
library(jsonlite); suppressMessages(library(clubSandwich)); library(splines)
d <- read.csv("examples/language/pupils.csv", na.strings = "")
d$denomination <- factor(d$denomination, levels = c("catholic", "other", "protestant", "public"))
# CR2 of clubSandwich, with the identity as working covariance, of the least
# squares problem that the last step of a fit is: each row times the root of its
# weight. Without weights that is vcovCR of the model itself.
cr2 <- function(m, site) {
  w <- if (inherits(m, "glm")) weights(m, "working") else if (is.null(weights(m))) rep(1, nobs(m)) else weights(m)
  X <- sqrt(w) * model.matrix(m); e <- sqrt(w) * residuals(m, if (inherits(m, "glm")) "working" else "response")
  v <- vcovCR(lm(e ~ 0 + X), cluster = site, type = "CR2")
  if (!inherits(m, "glm") && is.null(weights(m))) stopifnot(all.equal(unname(as.matrix(v)), unname(as.matrix(vcovCR(m, cluster = site, type = "CR2")))))
  as.matrix(v)
}
one <- function(m, robust = NULL, tests = NULL, drop = NULL) {
  s <- summary(m); k <- coef(s)
  keep <- if (is.null(drop)) rep(TRUE, nrow(k)) else !grepl(drop, rownames(k))
  out <- list(rows = length(residuals(m)), terms = rownames(k)[keep], estimate = unname(k[keep, 1]), std_error = unname(k[keep, 2]),
    p_value = unname(k[keep, 4]), deviance = deviance(m), loglik = as.numeric(logLik(m)), aic = AIC(m), df = df.residual(m))
  if (inherits(m, "glm")) out$null_deviance <- m$null.deviance
  if (!is.null(robust)) { # few sites: CR2, and Student's t on their number less 1
    e <- sqrt(diag(cr2(m, robust))); half <- qt(0.975, length(unique(robust)) - 1) * e
    out$robust <- unname(e); out$robust_low <- unname(coef(m) - half); out$robust_high <- unname(coef(m) + half)
  }
  if (!is.null(tests)) out$tests <- tests
  out
}
used <- function(f, extra = character(0)) d[complete.cases(d[, c(all.vars(f), extra)]), ]
ctl <- glm.control(epsilon = 1e-14, maxit = 100)
g <- function(f, data, family = binomial) glm(f, data = data, family = family, control = ctl)
base <- lang_delay ~ iq_verbal + girl + ses + lang_pre
lin <- lang_post ~ iq_verbal + girl + ses + lang_pre
cnt <- arith_post ~ iq_verbal + girl + ses
drop1of <- function(m, small, test) { a <- anova(small, m, test = test)
  if (test == "F") list(statistic = a[2, "F"], p = a[2, "Pr(>F)"], df = a[2, "Df"]) else list(statistic = a[2, "Deviance"], p = a[2, "Pr(>Chi)"], df = a[2, "Df"]) }
r <- list()
du <- used(base); m <- g(base, du)
r$logistic_cluster <- one(m, robust = du$school)
r$logistic_drop <- one(m, tests = list(drop1of(m, g(lang_delay ~ iq_verbal + girl + lang_pre, du), "Chisq"), drop1of(m, g(lang_delay ~ lang_pre, du), "Chisq")))
r$logistic_weights <- one(glm(base, binomial, used(base, "arith_pre"), weights = arith_pre, control = ctl))
r$logistic_offset <- one(g(lang_delay ~ iq_verbal + girl + ses + offset(iq_verbal), used(lang_delay ~ iq_verbal + girl + ses)))
r$logistic_institution <- one(g(update(base, . ~ . + factor(node)), du), drop = "node|Intercept")
r$logistic_formula <- one(g(lang_delay ~ iq_verbal * girl + ns(lang_pre, knots = c(30, 38), Boundary.knots = c(0, 60)) + denomination:girl + denomination, used(lang_delay ~ iq_verbal + girl + lang_pre + denomination)))
r$logistic_reference <- one(g(lang_delay ~ girl + denomination, used(lang_delay ~ girl + denomination) |> transform(denomination = relevel(denomination, "public"))))
dl <- used(lin); m <- lm(lin, dl)
r$linear_cluster <- one(m, robust = dl$school)
# Coefficients that few sites decide: one that five of them do, one that a single site does.
few <- transform(used(lang_post ~ iq_verbal + ses), few = as.numeric(school %in% c(2, 3, 9, 19, 120)), alone = as.numeric(school == 172))
r$linear_few_sites <- one(lm(lang_post ~ iq_verbal + ses + few + alone, few), robust = few$school)
r$linear_drop <- one(m, tests = list(drop1of(m, lm(lang_post ~ iq_verbal + girl + lang_pre, dl), "F"), drop1of(m, lm(lang_post ~ lang_pre, dl), "F")))
m <- lm(lin, used(lin, "arith_pre"), weights = arith_pre)
r$linear_weights <- one(m, robust = used(lin, "arith_pre")$school)
r$linear_offset <- one(lm(lang_post ~ iq_verbal + girl + offset(ses), used(lang_post ~ iq_verbal + girl + ses)))
r$linear_institution <- one(lm(update(lin, . ~ . + factor(node)), dl), drop = "node|Intercept")
dc <- used(cnt); m <- g(cnt, dc, poisson)
r$poisson <- one(m, robust = dc$school, tests = list(drop1of(m, g(arith_post ~ iq_verbal + girl, dc, poisson), "Chisq")))
few <- transform(used(arith_post ~ iq_verbal + ses), few = as.numeric(school %in% c(2, 3, 9, 19, 120)), alone = as.numeric(school == 172))
r$poisson_few_sites <- one(g(arith_post ~ iq_verbal + ses + few + alone, few, poisson), robust = few$school)
r$poisson_offset <- one(g(arith_post ~ iq_verbal + girl + ses + offset(iq_verbal), dc, poisson))
r$poisson_weights <- one(glm(cnt, poisson, used(cnt, "arith_pre"), weights = arith_pre, control = ctl))
r$poisson_institution <- one(g(update(cnt, . ~ . + factor(node)), dc, poisson), drop = "node|Intercept")
# Means and most frequent levels over all rows in which a column is present.
di <- d
for (v in c("iq_verbal", "girl", "ses", "lang_pre")) { di[[paste0(v, "_missing")]] <- as.numeric(is.na(di[[v]])); di[[v]][is.na(di[[v]])] <- mean(d[[v]], na.rm = TRUE) }
di$denomination[is.na(di$denomination)] <- names(which.max(table(d$denomination)))
r$logistic_mean <- one(g(lang_delay ~ iq_verbal + girl + ses + lang_pre + denomination, di[!is.na(di$lang_delay), ]))
r$logistic_mean_indicators <- one(g(lang_delay ~ iq_verbal + girl + ses + lang_pre + ses_missing + lang_pre_missing, di[!is.na(di$lang_delay), ]))
# Ridge: -loglik/n + lambda |b|^2 / 2 on columns standardised with divisor n, by Newton's method.
ridge <- function(f, data, family, lambda) {
  X <- model.matrix(f, data)[, -1]; y <- model.response(model.frame(f, data)); n <- nrow(X)
  mu <- colMeans(X); sd <- sqrt(colMeans(sweep(X, 2, mu)^2)); Z <- cbind(1, sweep(sweep(X, 2, mu), 2, sd, "/"))
  b <- c(if (family == "linear") mean(y) else if (family == "poisson") log(mean(y)) else qlogis(mean(y)), rep(0, ncol(X))); P <- diag(c(0, rep(n * lambda, ncol(X))))
  for (i in 1:200) { eta <- drop(Z %*% b); p <- switch(family, linear = eta, poisson = exp(eta), plogis(eta)); w <- switch(family, linear = rep(1, n), poisson = p, p * (1 - p))
    step <- solve(crossprod(Z, w * Z) + P, crossprod(Z, y - p) - P %*% b); b <- b + drop(step); if (max(abs(step)) < 1e-13) break }
  raw <- b[-1] / sd
  list(rows = n, terms = c("(Intercept)", colnames(X)), estimate = unname(c(b[1] - sum(raw * mu), raw)))
}
r$logistic_ridge <- ridge(base, du, "logistic", 0.01)
r$linear_ridge <- ridge(lin, dl, "linear", 0.1)
r$poisson_ridge <- ridge(cnt, dc, "poisson", 0.1)
cat(toJSON(r, digits = NA, auto_unbox = TRUE, pretty = TRUE))
