# R's own answers: Rscript reference.R CASES FOLDER [CASE ...]
#
# For each case of the list CASES (cases.txt) it reads the same file as
# smartstart, fits the model with R's own functions and writes
# FOLDER/<case>.r.json. A case that fails here gets a file that says so. The
# models stand in models.R.
suppressPackageStartupMessages({ library(jsonlite); library(clubSandwich); library(lme4); library(splines) })
args <- commandArgs(trailingOnly = TRUE)
if (length(args) < 2) stop("Rscript reference.R CASES FOLDER [CASE ...]")
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
folder <- args[2]
cases <- read.table(args[1], col.names = c("case", "study", "data", "by", "codebook"), colClasses = "character")
if (length(args) > 2) cases <- cases[cases$case %in% args[-(1:2)], ]

# terms lists what is known of each coefficient; NULL quantities are left out.
terms <- function(estimate, std_error = NULL, robust = NULL) {
  lapply(names(estimate), function(t) {
    one <- list(term = t, estimate = estimate[[t]])
    if (!is.null(std_error)) one$std_error <- std_error[[t]]
    if (!is.null(robust)) one$robust_std_error <- robust[[t]]
    one
  })
}

# short gives a spline's terms the names of the study's formula: in R the knots
# stand in them.
short <- function(n) gsub("ns\\((\\w+), knots = c\\(([^)]*)\\), Boundary[^)]*\\)\\)", "ns(\\1, @\\2@)", n)
count <- function(n) {
  for (m in unique(regmatches(n, regexpr("@[^@]*@", n))))
    n <- gsub(m, length(strsplit(m, ",")[[1]]) + 1, n, fixed = TRUE)
  n
}
named <- function(x) { names(x) <- count(short(names(x))); x }

# weighed puts the prior weights, 1 where there are none, beside the columns.
weighed <- function(d, weights) { d$.weight <- if (is.null(weights)) 1 else d[[weights]]; d }

# exact fits a GLM to the end, and once more from there: glm takes standard
# errors from the last step but one. The start is the fit with weights of
# average 1, which has the same estimates: from its own start, glm diverges
# when weights are in the thousands.
exact <- function(formula, family, d) {
  environment(formula) <- environment()
  d$.weight_1 <- d$.weight / mean(d$.weight)
  suppressWarnings({ # that weights are not counts: it does not change the estimates
    first <- glm(formula, family, d, weights = .weight_1, control = glm.control(epsilon = 1e-10, maxit = 200))
    fit <- function(start) glm(formula, family, d, weights = .weight, start = start, control = glm.control(epsilon = 1e-15, maxit = 50))
    last <- fit(coef(fit(coef(first))))
  })
  if (!first$converged || max(abs(coef(last) - coef(first)) / summary(last)$coefficients[, 2]) > 0.01) stop("glm did not converge")
  last
}

# asked says in a few words how R was asked.
asked <- function(how, weights, cluster, institutions)
  paste(c(how, if (!is.null(weights)) "weights", if (institutions) "factor(institution)", if (!is.null(cluster)) "vcovCR CR2"), collapse = ", ")

# used gives the rows of d that a fit used.
used <- function(fit, d) d[rownames(model.frame(fit)), ]

# by_site is the covariance by site, CR2 of clubSandwich with the identity as
# working covariance, of the least squares problem that the last step of a fit
# is: each row times the root of its weight.
by_site <- function(fit, site) {
  glm <- inherits(fit, "glm")
  w <- sqrt(weights(fit, if (glm) "working" else "prior"))
  X <- w * model.matrix(fit)
  e <- w * residuals(fit, if (glm) "working" else "response")
  v <- as.matrix(vcovCR(lm(e ~ 0 + X), cluster = site, type = "CR2"))
  dimnames(v) <- list(names(coef(fit)), names(coef(fit)))
  v
}

# coefficients lists the terms of a fit. The effects of institutions are left
# out, as they never leave these.
coefficients_of <- function(fit, d, cluster, institutions) {
  robust <- if (!is.null(cluster)) named(sqrt(diag(by_site(fit, used(fit, d)[[cluster]]))))
  s <- summary(fit)$coefficients
  estimate <- named(coef(fit))
  if (institutions) estimate <- estimate[!grepl("^(\\(Intercept\\)|factor\\()", names(estimate))]
  terms(estimate, named(s[, 2]), robust)
}

# generalised fits a GLM. Log-likelihood and AIC are left out where weights are
# not counts: R then rounds them inside family binomial. `without` lists, by the
# study's text, smaller models: each gives a likelihood-ratio test.
generalised <- function(formula, family, d, weights = NULL, cluster = NULL, institutions = FALSE, without = list(), likelihood = TRUE) {
  d <- weighed(d, weights)
  fit <- exact(formula, family, d)
  out <- list(r = asked(paste("glm,", family$family), weights, cluster, institutions), rows_used = nobs(fit), df_residual = df.residual(fit),
    terms = coefficients_of(fit, d, cluster, institutions),
    fit = list(deviance = deviance(fit), null_deviance = fit$null.deviance))
  if (likelihood) out$fit <- c(out$fit, log_likelihood = as.numeric(logLik(fit)), aic = AIC(fit))
  for (drop in names(without)) {
    less <- exact(without[[drop]], family, used(fit, d))
    stopifnot(nobs(less) == nobs(fit))
    change <- deviance(less) - deviance(fit)
    df <- df.residual(less) - df.residual(fit)
    out$tests[[drop]] <- list(df = df, statistic = change, p_value = pchisq(change, df, lower.tail = FALSE))
  }
  out
}

# ordinary fits a linear model. R's log-likelihood of a weighted one includes
# the logarithms of the weights.
# `without` gives F tests, as anova of two models.
ordinary <- function(formula, d, weights = NULL, cluster = NULL, institutions = FALSE, without = list()) {
  environment(formula) <- environment()
  d <- weighed(d, weights)
  fit <- lm(formula, d, weights = .weight, tol = 1e-12)
  s <- summary(fit)
  y <- model.response(model.frame(fit))
  w <- weights(fit)
  tests <- lapply(without, function(smaller) {
    environment(smaller) <- environment()
    kept <- used(fit, d)
    a <- anova(lm(smaller, kept, weights = .weight), fit)
    list(df = a$Df[2], statistic = a$F[2], p_value = a$`Pr(>F)`[2])
  })
  list(r = asked("lm", weights, cluster, institutions), rows_used = nobs(fit), df_residual = df.residual(fit),
    terms = coefficients_of(fit, d, cluster, institutions),
    fit = list(deviance = deviance(fit), null_deviance = sum(w * (y - weighted.mean(y, w))^2), sigma = s$sigma, r_squared = s$r.squared,
      adj_r_squared = s$adj.r.squared, log_likelihood = as.numeric(logLik(fit)), aic = AIC(fit)), tests = if (length(tests) > 0) tests)
}

# mixed fits a random intercept with lme4, whose search for the ratio of the
# variances stops early; it is carried on to the precision of the function.
mixed <- function(formula, d, reml) {
  parts <- lFormula(formula, d, REML = reml)
  criterion <- do.call(mkLmerDevfun, parts)
  first <- optimizeLmer(criterion)$par
  fine <- optimize(criterion, first * c(0.9, 1.1), tol = 1e-12)
  criterion(fine$minimum)
  fit <- mkMerMod(environment(criterion), list(par = fine$minimum, fval = fine$objective, conv = 0, message = ""), parts$reTrms, parts$fr)
  v <- as.data.frame(VarCorr(fit))$vcov
  list(r = if (reml) "lmer, REML" else "lmer, ML", rows_used = nobs(fit), terms = terms(fixef(fit), sqrt(diag(as.matrix(vcov(fit))))),
    fit = list(log_likelihood = as.numeric(logLik(fit))),
    variances = list(variance_site = v[1], variance_residual = v[2], icc = v[1] / sum(v)))
}

# ridge minimises -loglik/n + lambda * |b|^2 / 2 over columns standardised with
# the divisor n, the intercept free (what glmnet does with alpha = 0), by
# Newton's method, and gives the coefficients on the columns' own scale. For a
# linear model -loglik is half the residual sum of squares. Standard errors are
# those of the posterior under the Gaussian prior that the penalty amounts to.
ridge <- function(formula, family, d, lambda) {
  frame <- model.frame(formula, d)
  x <- model.matrix(formula, frame)[, -1]
  y <- model.response(frame)
  n <- length(y)
  m <- colMeans(x)
  s <- sqrt(colMeans(sweep(x, 2, m)^2))
  z <- cbind("(Intercept)" = 1, scale(x, m, s))
  penalty <- diag(c(0, rep(lambda, ncol(x))))
  b <- c(family$linkfun(mean(y)), rep(0, ncol(x)))
  for (step in 1:100) { # canonical links: the variance is the derivative of the mean
    mu <- family$linkinv(drop(z %*% b))
    gradient <- drop(crossprod(z, y - mu)) / n - drop(penalty %*% b)
    change <- solve(crossprod(z, z * family$variance(mu)) / n + penalty, gradient)
    b <- b + change
    if (max(abs(change)) < 1e-14) break
  }
  stopifnot(max(abs(change)) < 1e-10)
  slope <- b[-1] / s
  mu <- family$linkinv(drop(z %*% b))
  deviance <- sum(family$dev.resids(y, mu, rep(1, n)))
  scale <- if (family$family == "gaussian") deviance / (n - length(b)) else 1
  covariance <- scale * solve(crossprod(z, z * family$variance(mu)) + n * penalty)
  raw <- rbind(c(1, -m / s), cbind(0, diag(1 / s))) # from the standardised to the columns' own scale
  estimate <- c("(Intercept)" = b[[1]] - sum(slope * m), slope)
  std_error <- setNames(sqrt(diag(raw %*% covariance %*% t(raw))), names(estimate))
  list(r = paste0("ridge, ", family$family, ", lambda ", lambda), rows_used = n, terms = terms(estimate, std_error),
    fit = list(deviance = deviance), standardised = as.list(setNames(b, colnames(z))))
}

# filled puts the mean of the rows that have it, or the most frequent level,
# into gaps of the predictors, as [model] missing = "mean" does.
filled <- function(d, columns, indicators = FALSE) {
  for (column in columns) {
    gap <- is.na(d[[column]])
    if (!any(gap)) next
    if (indicators) d[[paste0(column, "_missing")]] <- as.integer(gap)
    d[[column]][gap] <- if (is.numeric(d[[column]])) mean(d[[column]][!gap]) else names(which.max(table(d[[column]])))
  }
  d
}

# exactly writes a number with 17 digits, where jsonlite by itself writes 15.
exactly <- function(x) if (is.double(x)) structure(sprintf("%.17g", x), class = "json") else x

source(file.path(here, "models.R"), local = TRUE)
for (i in seq_len(nrow(cases))) {
  case <- cases$case[i]
  answer <- tryCatch({
    if (is.null(models[[case]])) stop("models.R has no model of this name")
    path <- sub("^WORK/", paste0(folder, "/"), cases$data[i])
    d <- read.csv(path, na.strings = "", colClasses = c(school = "character")[intersect("school", names(read.csv(path, nrows = 1)))])
    answer <- models[[case]](d)
    if (is.null(answer$terms) || length(answer$terms) == 0) stop("no coefficients")
    c(list(case = case, institutions = length(unique(d[[cases$by[i]]]))), answer)
  }, error = function(e) list(case = case, error = conditionMessage(e)))
  path <- file.path(folder, paste0(case, ".r.json"))
  dir.create(dirname(path), showWarnings = FALSE, recursive = TRUE)
  writeLines(toJSON(rapply(answer, exactly, how = "replace"), auto_unbox = TRUE, pretty = TRUE, json_verbatim = TRUE), path)
}
