# R's answer for situation_test.go: reports of 14 areas by their other rates.
#   Rscript model/testdata/situation.R > model/testdata/situation.json
library(jsonlite)
children <- c(250, 310, 190, 420, 275, 330, 240, 205, 360, 285, 300, 220, 410, 260)
reports <- c(15, 25, 10, 30, 20, 30, 15, 20, 20, 15, 35, 10, 25, 20)
arrears <- c(40, 70, 20, 60, 55, 90, 35, 50, 50, 40, 95, 25, 60, 45)
noshow <- c(30, 35, 25, 40, 20, 60, 15, 40, 30, 45, 50, 15, 35, 30)
d <- data.frame(reports, children, arrears = 100 * arrears / children, noshow = 100 * noshow / children)
m <- glm(reports ~ arrears + noshow + offset(log(children)), poisson, d, control = glm.control(epsilon = 1e-14, maxit = 100))
q <- summary(glm(reports ~ arrears + noshow + offset(log(children)), quasipoisson, d, control = glm.control(epsilon = 1e-14, maxit = 100)))
cat(toJSON(list(children = children, reports = reports, arrears = arrears, noshow = noshow, estimate = unname(coef(m)),
  std_error = unname(summary(m)$coefficients[, 2]), deviance = deviance(m), null_deviance = m$null.deviance,
  dispersion = q$dispersion, expected = unname(fitted(m))), digits = I(17), auto_unbox = TRUE), "\n")
