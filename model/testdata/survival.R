# R's answers for survival_test.go and beliefs_test.go, on 900 invented children:
#   Rscript model/testdata/survival.R
# writes model/testdata/survival.csv (SYNTHETIC) and model/testdata/survival.json.
suppressMessages({library(jsonlite); library(survival)})
RNGversion("4.0.0"); set.seed(6)
n <- 900
d <- data.frame(board = sample(paste0("b", 1:6), n, TRUE), girl = rbinom(n, 1, 0.5), noshow = rpois(n, 0.8), sdq_4 = round(pmin(pmax(rnorm(n, 12, 5), 0), 40), 1))
d$sdq_6 <- round(pmin(pmax(d$sdq_4 + rnorm(n, 0, 3), 0), 40), 1)
# The hazard of each period, then an age within it; some children move away.
cuts <- c(48, 72, 96, 120, 144)
age <- rep(144, n); seen <- rep(0, n)
for (i in 1:n) for (k in 1:4) {
  x <- -3.6 + 0.25 * k - 0.4 * d$girl[i] + 0.09 * (if (k == 1) d$sdq_4[i] else d$sdq_6[i]) + 0.35 * d$noshow[i]
  if (runif(1) < plogis(x)) { age[i] <- ceiling(runif(1, cuts[k], cuts[k + 1])); seen[i] <- 1; break }
  if (runif(1) < 0.04) { age[i] <- ceiling(runif(1, cuts[k], cuts[k + 1])); break }
}
early <- sample(n, 25); age[early] <- sample(6:48, 25, TRUE); seen[early] <- 1 # before risk begins
late <- sample(which(age == 144 & seen == 0), 20); age[late] <- 150 # followed beyond the last cut
d$report_age <- age; d$reported <- seen
d$sdq_4[sample(n, 30)] <- NA; d$sdq_6[sample(n, 40)] <- NA; d$report_age[sample(n, 10)] <- NA; d$noshow[sample(n, 10)] <- NA
d$visits <- rpois(n, exp(0.2 + 0.3 * d$girl))
file <- "model/testdata/survival.csv"
writeLines("# SYNTHETIC: invented by survival.R, no child is real", file)
suppressWarnings(write.table(d, file, append = TRUE, sep = ",", na = "", row.names = FALSE, quote = FALSE))
d <- read.csv(file, comment.char = "#", na.strings = "")

ctl <- glm.control(epsilon = 1e-14, maxit = 100)
one <- function(m) { k <- coef(summary(m)); list(rows = length(residuals(m)), terms = rownames(k), estimate = unname(k[, 1]), std_error = unname(k[, 2]),
  p_value = unname(k[, 4]), deviance = deviance(m), null_deviance = m$null.deviance, loglik = as.numeric(logLik(m)), aic = AIC(m), df = df.residual(m)) }
# Person-periods by survSplit, without what lies before the first or after the last cut.
d$id <- seq_len(n)
pp <- survSplit(Surv(report_age, reported) ~ ., data = d[!is.na(d$report_age), ], cut = cuts, episode = "episode", start = "from")
pp <- pp[pp$from >= 48 & pp$from < 144, ]
pp$period <- factor(paste0(pp$from, "-", pp$from + 24), levels = c("48-72", "72-96", "96-120", "120-144"))
pp$sdq <- ifelse(pp$period == "48-72", pp$sdq_4, pp$sdq_6)
used <- function(v) pp[complete.cases(pp[, v]), ]
r <- list()
base <- used(c("girl", "sdq_4", "sdq_6", "noshow")) # a derived column is missing where any column that it reads is
m <- glm(reported ~ period + girl + noshow + sdq, binomial, base, control = ctl)
r$discrete_time <- c(one(m), list(children = length(unique(base$id)), events = sum(base$reported)))
b2 <- used(c("girl", "sdq_4"))
m <- glm(reported ~ period * girl + sdq_4, binomial, b2, control = ctl)
r$discrete_time_formula <- c(one(m), list(children = length(unique(b2$id)), events = sum(b2$reported)))
a <- anova(glm(reported ~ period + girl + noshow, binomial, base, control = ctl), glm(reported ~ period + girl + noshow + sdq, binomial, base, control = ctl), test = "Chisq")
r$discrete_time_drop <- list(statistic = a[2, "Deviance"], p = a[2, "Pr(>Chi)"], df = a[2, "Df"])

# A landmark model at 72 months: report_age is 0 where no report is known.
lm72 <- transform(d, report_age = ifelse(reported == 1, report_age, 0))
lm72 <- subset(lm72, !is.na(report_age) & (report_age == 0 | report_age > 72))
lm72$reported_by_12 <- as.numeric(lm72$report_age > 0 & lm72$report_age <= 144); lm72$rising <- lm72$sdq_6 - lm72$sdq_4
r$landmark <- one(glm(reported_by_12 ~ girl + noshow + sdq_6 + rising, binomial, lm72[complete.cases(lm72[, c("girl", "noshow", "sdq_6", "rising")]), ], control = ctl))

# Normal priors on raw coefficients: Newton's method on -loglik + sum (b - m)^2 / (2 s^2), held against optim.
both <- function(f, data, priors, family = "logistic") {
  X <- model.matrix(f, data); y <- model.response(model.frame(f, data))
  m <- rep(0, ncol(X)); w <- rep(0, ncol(X))
  for (t in names(priors)) { j <- match(t, colnames(X)); m[j] <- priors[[t]][1]; w[j] <- 1 / priors[[t]][2]^2 }
  mean_of <- if (family == "poisson") exp else plogis
  objective <- function(b) { eta <- drop(X %*% b); sum((b - m)^2 * w) / 2 - if (family == "poisson") sum(y * eta - exp(eta)) else sum(y * eta - log1p(exp(eta))) }
  b <- coef(glm(f, if (family == "poisson") poisson else binomial, data)); 
  for (i in 1:100) { mu <- mean_of(drop(X %*% b)); v <- if (family == "poisson") mu else mu * (1 - mu)
    H <- crossprod(X, v * X) + diag(w); step <- solve(H, crossprod(X, y - mu) - w * (b - m)); b <- b + drop(step); if (max(abs(step)) < 1e-13) break }
  o <- optim(b + 0.01, objective, method = "BFGS", control = list(reltol = 1e-15, maxit = 2000))
  stopifnot(max(abs(o$par - b)) < 1e-3, objective(b) <= o$value + 1e-9)
  list(rows = nrow(X), terms = colnames(X), estimate = unname(b), std_error = unname(sqrt(diag(solve(H)))))
}
dl <- d[complete.cases(d[, c("girl", "noshow", "sdq_4", "reported")]), ]
priors <- list(girl = c(-0.8, 0.1), noshow = c(0.4, 0.2))
r$logistic_data <- one(glm(reported ~ girl + noshow + sdq_4, binomial, dl, control = ctl))
r$logistic_both <- both(reported ~ girl + noshow + sdq_4, dl, priors)
r$poisson_both <- both(visits ~ girl + noshow, dl[, ], list(girl = c(0, 0.05)), "poisson")
r$discrete_time_both <- both(reported ~ period + girl + noshow + sdq, base, priors)
# Statements: the prior of "odds times r, 95% from low to high" is normal with mean log r and sd (log high - log low) / (2 * 1.959964).
dl$missed <- as.numeric(dl$noshow >= 2); dl$quiet <- as.numeric(dl$sdq_4 < 6); dl$girls <- as.numeric(dl$girl == 1)
s <- function(r, low, high) c(log(r), (log(high) - log(low)) / (2 * 1.959964))
told <- list(missed = s(2, 1.2, 3.5), quiet = s(1.5, 1.1, 2.2), girls = s(1.6, 1.2, 2.2))
r$statements_data <- one(glm(reported ~ sdq_4 + missed + quiet + girls, binomial, dl, control = ctl))
r$statements_both <- both(reported ~ sdq_4 + missed + quiet + girls, dl, told)
r$statements_prior <- list(mean = unname(sapply(told, `[`, 1)), sd = unname(sapply(told, `[`, 2)))
writeLines(toJSON(r, digits = NA, auto_unbox = TRUE, pretty = TRUE), "model/testdata/survival.json")
