# Writes normal.json: R's qnorm and plogis, the reference of normal_test.go.
# Run: Rscript normal.R > normal.json
p <- c(1e-300, 1e-100, 1e-30, 1e-17, 1e-12, 1e-10, 1.3887943864964021e-11, 1e-6, 1e-3, 0.0249, 0.05, 0.07499,
       0.075, 0.0751, 0.1, 0.25, 0.4, 0.49999, 0.5, 0.6, 0.9, 0.92501, 0.975, 0.999, 1 - 1e-9, 1 - 2^-53)
x <- c(-700, -100, -30, -5, -1, -1e-8, 0, 1e-8, 0.3, 1, 5, 30, 100)
row <- function(v) paste(sprintf("%.17g", v), collapse = ", ")
cat(sprintf('{"p": [%s],\n "qnorm": [%s],\n "x": [%s],\n "plogis": [%s]}\n', row(p), row(qnorm(p)), row(x), row(plogis(x))))
