// Package model holds the statistics: each method is two pure functions around
// one sum. Local turns one institution's rows into integers, Global turns the
// sum of those integers over all institutions into the next state, and Shape
// says beforehand which integers a state asks for.
//
// What it does: regression on complete cases equal to the pooled analysis in R,
// mixed models, children followed over periods, descriptives, tables by area, rows
// unlike the others, and the judging of models. Every row's contribution is
// rounded to a declared grid and added in 128-bit integers (package exact), so the
// sums are the same bits however the rows are divided; Global works in 160-bit big
// floats (package mp) and rounds each parameter once, so everybody computes the
// same state bytes on every processor. What depends on nothing but the final state
// (p-values, intervals) is computed with gonum, outside the state.
//
// Where things are. This package knows studies, tables and states: which columns a
// study reads, which rows enter, what may be opened, and in which round. What is
// arithmetic on numbers alone lies in the rooms below it. Files that begin alike
// are one part:
//
//	plan_     a study checked against a codebook, and the tables of methods
//	          (plan_method.go) and of steps (plan_step.go) that a new one is added to
//	prepare_  cohort, derived columns, rows kept aside, person-periods, notes
//	cells_    what of an institution's own rows would stand alone in a fit's sums
//	counts_, moments_, fit_, robust_   the rounds of a regression
//	mixed_, describe_, areas_, compared_, evaluate_, beliefs_   a method each
//	result_   what a finished study says
//
// What it trusts: that Global is given the true sums. It bounds and
// cross-checks them, but cannot know whether an institution's rows are true.
//
// What it never does: read files, touch the network, the clock or randomness,
// encrypt, or put a value of a record into an error.
package model
