# The cases of cases.txt as an R user would write them; sourced by reference.R.
# `d` is the file as read; the first level of a category is the reference, as in
# the codebook.
level <- function(d, column, levels) { d[[column]] <- factor(d[[column]], levels); d }
pupils <- function(d) level(d, "denomination", c("catholic", "other", "protestant", "public"))

without_minority <- ~ iq_verbal + iq_perf + girl + ses + repeated + lang_pre + arith_pre
full <- ~ iq_verbal + iq_perf + girl + ses + minority + repeated + lang_pre + arith_pre
delay <- update(full, lang_delay ~ .)
score <- update(full, lang_post ~ .)
predictors <- all.vars(full)

liver <- c("age", "female", "bilirubin", "albumin", "cholesterol", "copper", "platelets")
died <- reformulate(liver, "died")
wage <- wage ~ education + age + male + language
achievement <- math ~ ses + female + sector + mean_ses
sector <- function(d) level(d, "sector", c("public", "catholic"))
uses <- uses ~ age + urban + children
education <- function(d) level(d, "education", c("lessHS", "HS", "somePS", "college", "bachelors", "higher"))
years <- function(d) { d$year <- factor(d$year); d }

models <- list(
  "language/study" = function(d) generalised(update(without_minority, lang_delay ~ .), binomial(), d),
  "language/linear" = function(d) ordinary(update(without_minority, lang_post ~ .), d),

  "pupils/logistic" = function(d) generalised(delay, binomial(), d),
  "pupils/mean" = function(d) generalised(delay, binomial(), filled(d, predictors)),
  "pupils/category" = function(d) generalised(update(delay, . ~ . + denomination), binomial(), pupils(d)),
  "pupils/reference" = function(d)
    generalised(update(delay, . ~ . + denomination), binomial(), level(d, "denomination", c("public", "catholic", "other", "protestant"))),
  "pupils/linear" = function(d) ordinary(score, d),
  "pupils/mixed_reml" = function(d) mixed(update(score, . ~ . + (1 | school)), d, TRUE),
  "pupils/mixed_ml" = function(d) mixed(update(score, . ~ . + (1 | school)), d, FALSE),
  "pupils/cluster_logistic" = function(d) generalised(delay, binomial(), d, cluster = "school"),
  "pupils/cluster_linear" = function(d) ordinary(score, d, cluster = "school"),
  "pupils/ridge_0001" = function(d) ridge(delay, binomial(), d, 0.001),
  "pupils/ridge_001" = function(d) ridge(delay, binomial(), d, 0.01),
  "pupils/ridge_01" = function(d) ridge(delay, binomial(), d, 0.1),
  "pupils/ridge_linear" = function(d) ridge(score, gaussian(), d, 0.1),
  "pupils/poisson" = function(d) generalised(repeated ~ iq_verbal + girl + ses + minority, poisson(), d),
  "pupils/institution_logistic" = function(d) generalised(update(delay, . ~ . + factor(node)), binomial(), d, institutions = TRUE),
  "pupils/institution_linear" = function(d) ordinary(update(score, . ~ . + factor(node)), d, institutions = TRUE),
  "pupils/interaction" = function(d)
    generalised(lang_delay ~ iq_verbal * girl + ses + denomination:girl + denomination, binomial(), pupils(d)),
  "pupils/spline" = function(d)
    generalised(lang_delay ~ ns(lang_pre, knots = c(30, 38), Boundary.knots = c(0, 60)) + iq_verbal * girl + ses, binomial(), d),
  "pupils/drop" = function(d) generalised(delay, binomial(), d,
    without = list("ses" = update(delay, . ~ . - ses), "iq_verbal + iq_perf" = update(delay, . ~ . - iq_verbal - iq_perf))),
  "pupils/cohort" = function(d)
    generalised(lang_delay ~ iq_verbal + girl + low_start + arith_pre, binomial(), transform(d[d$test == 0, ], low_start = as.integer(lang_pre < 30))),

  "mathachieve/linear" = function(d) ordinary(achievement, sector(d)),
  "mathachieve/interaction" = function(d) ordinary(math ~ ses * sector + mean_ses + female + climate, sector(d)),
  "mathachieve/drop" = function(d) ordinary(achievement, sector(d),
    without = list("female" = math ~ ses + sector + mean_ses, "sector + mean_ses" = math ~ ses + female)),
  "mathachieve/cluster" = function(d) ordinary(achievement, sector(d), cluster = "school"),
  "mathachieve/mixed_reml" = function(d) mixed(update(achievement, . ~ . + (1 | school)), sector(d), TRUE),
  "mathachieve/mixed_ml" = function(d) mixed(update(achievement, . ~ . + (1 | school)), sector(d), FALSE),
  "mathachieve/mixed_interaction" = function(d) mixed(math ~ ses * sector + mean_ses + (1 | school), sector(d), TRUE),
  "mathachieve/institution" = function(d) ordinary(update(achievement, . ~ . + factor(institution)), sector(d), institutions = TRUE),

  "chemistry/linear" = function(d) ordinary(score ~ gcse + female + age, d),
  "chemistry/cluster" = function(d) ordinary(score ~ gcse + female + age, d, cluster = "authority"),
  "chemistry/mixed_ml" = function(d) mixed(score ~ gcse + female + age + (1 | school), d, FALSE),
  "chemistry/mixed_authority" = function(d) mixed(score ~ gcse + female + age + (1 | authority), d, TRUE),

  "growth/levels" = function(d) ordinary(math ~ year + female + retained + school, d),

  "melanoma/offset" = function(d) generalised(deaths ~ uvb + offset(log_expected), poisson(), d),
  "melanoma/spline_offset" = function(d)
    generalised(deaths ~ ns(uvb, knots = c(-4, 0, 4), Boundary.knots = c(-15, 20)) + offset(log_expected), poisson(), d),
  "melanoma/cluster" = function(d) generalised(deaths ~ uvb + offset(log_expected), poisson(), d, cluster = "region"),

  "ticks/poisson" = function(d) generalised(ticks ~ year + height, poisson(), years(d)),
  "ticks/interaction" = function(d) generalised(ticks ~ year * height, poisson(), years(d)),
  "ticks/cluster" = function(d) generalised(ticks ~ year + height, poisson(), years(d), cluster = "location"),
  "ticks/drop" = function(d) generalised(ticks ~ year + height, poisson(), years(d),
    without = list("year" = ticks ~ height, "height" = ticks ~ year)),
  "ticks/institution" = function(d) generalised(ticks ~ year + height + factor(institution), poisson(), years(d), institutions = TRUE),
  "ticks/ridge" = function(d) ridge(ticks ~ year + height, poisson(), years(d), 0.1),

  "rare/logistic" = function(d) generalised(nervous ~ age + female + kappa + lambda, binomial(), d),

  "liver/complete" = function(d) generalised(died, binomial(), d),
  "liver/mean" = function(d) generalised(died, binomial(), filled(d, liver)),
  "liver/indicators" = function(d)
    generalised(update(died, . ~ . + cholesterol_missing + copper_missing + platelets_missing), binomial(), filled(d, liver, indicators = TRUE)),

  "wages/complete" = function(d) ordinary(wage, d),
  "wages/mean" = function(d) ordinary(wage, filled(d, c("education", "age", "male", "language"))),
  "wages/cohort" = function(d)
    ordinary(wage ~ education + ns(age, knots = c(30, 45), Boundary.knots = c(16, 110)) + male + young, transform(d[d$age < 65, ], young = as.integer(age < 25))),

  "flowers/near_separation" = function(d) generalised(virginica ~ sepal_length + sepal_width + petal_length + petal_width, binomial(), d),

  "survey/weighted_logistic" = function(d)
    generalised(very ~ female + education + urban, binomial(), education(d), weights = "weight", likelihood = FALSE),
  "survey/weighted_linear" = function(d) ordinary(importance ~ female + education + urban, education(d), weights = "weight"),

  "cells/weighted" = function(d) generalised(case ~ age + alcohol + tobacco, binomial(), d, weights = "people"),

  "vocabulary/spline" = function(d)
    ordinary(words ~ ns(age, knots = c(35, 55), Boundary.knots = c(18, 110)) + schooling * female + native, d),

  "contraception/logistic" = function(d) generalised(uses, binomial(), d),
  "contraception/interaction" = function(d) generalised(uses ~ age * children + urban, binomial(), d),
  "contraception/cluster" = function(d) generalised(uses, binomial(), d, cluster = "district"),
  "contraception/institution" = function(d) generalised(update(uses, . ~ . + factor(institution)), binomial(), d, institutions = TRUE)
)
