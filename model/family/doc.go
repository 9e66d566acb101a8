// Package family holds what one row adds to the likelihood of a generalised linear
// model with the canonical link: its deviance, residual and weight.
//
// What it does: computes them to a few units in the last place, without
// cancellation in the tails, and the same bits on every processor: every product
// is rounded before it is added.
//
// What it trusts: that the outcome is one of the family, 0 or 1 or a count.
//
// What it never does: allocate, or know a row's other columns.
package family
