# Writes terms.txt: random formulas, whether every interaction has its margins,
# and the term labels of R's terms(). Run: Rscript terms.R > terms.txt
set.seed(20240611)
atoms <- c("a", "b", "c", "d", "x.1", "z_2", "`two words`", "ns(a, 3)", "ns(x.1, 5)", "ns(`two words`, 2)")
pick <- function(v) v[sample.int(length(v), 1)]
blank <- function(op) pick(c(op, paste0(" ", op, " ")))
sum_of <- function(n) paste(sapply(seq_len(n), function(i) pick(atoms)), collapse = " + ")
piece <- function(depth) {
  k <- if (depth == 0) 1 else sample.int(6, 1)
  switch(k,
    pick(atoms),
    paste0(piece(depth - 1), blank(":"), piece(depth - 1)),
    paste0(piece(depth - 1), blank("*"), piece(depth - 1)),
    paste0("(", sum_of(sample(2:4, 1)), ")", blank("^"), sample(2:4, 1)),
    paste0("(", piece(depth - 1), blank("+"), piece(depth - 1), ")"),
    paste0("(", piece(depth - 1), blank("-"), piece(depth - 1), ")"))
}
# Whether * : ^ have an operand from which all terms were taken away: R gives
# (a - a) * b no terms, and b * (a - a) the term b.
hollow <- function(e) is.call(e) && (
  as.character(e[[1]]) %in% c("*", ":", "^") &&
    any(sapply(as.list(e)[-1], function(o) !is.numeric(o) && length(labels(terms(as.formula(call("~", o))))) == 0)) ||
  any(sapply(as.list(e)[-1], hollow)))
done <- 0
while (done < 220) {
  text <- paste("y ~", piece(3))
  for (i in seq_len(sample(0:3, 1))) text <- paste(text, pick(c("+", "+", "-")), piece(2))
  if (runif(1) < 0.2) text <- paste(text, "+ 1")
  if (runif(1) < 0.2) text <- paste(text, "+ offset(w)")
  if (nchar(text) > 200 || hollow(as.formula(text)[[3]])) next
  t <- terms(as.formula(text))
  labels <- attr(t, "term.labels")
  if (length(labels) == 0 || length(labels) > 200 || max(attr(t, "order")) > 4) next
  # 2 in the factors: coded without contrasts, because a margin is absent.
  whole <- !any(attr(t, "factors") == 2)
  cat(text, if (whole) "whole" else "margin", paste(labels, collapse = "|"), sep = "\t"); cat("\n")
  done <- done + 1
}
