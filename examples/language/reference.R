# R's answer to the worked example, for reference.json:
#   Rscript examples/language/reference.R > examples/language/reference.json
d <- read.csv("examples/language/pupils.csv", na.strings = "")
m <- glm(lang_delay ~ iq_verbal + iq_perf + girl + ses + repeated + lang_pre + arith_pre, binomial, d, control = glm.control(epsilon = 1e-14))
k <- coef(summary(m))
cat("{\n", paste0(sprintf('  "%s": {"estimate": %.17g, "std_error": %.17g}', rownames(k), k[, 1], k[, 2]), collapse = ",\n"), "\n}\n", sep = "")
