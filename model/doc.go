// Package model holds the statistics: each method is two pure functions around
// one sum. Local turns one institution's rows into integers, Global turns the
// sum of those integers over all institutions into the next state, and Shape
// says beforehand which integers a state asks for.
//
// What it does: linear and logistic regression on complete cases, equal to the
// pooled analysis in R. Every row's contribution is rounded to a declared grid
// and added in 128-bit integers, so the sums are the same bits however the
// rows are divided; Global works in 160-bit big floats and rounds each
// parameter once, so everybody computes the same state bytes on every
// processor. What depends on nothing but the final state (p-values, intervals)
// is computed with gonum, outside the state.
//
// What it trusts: that Global is given the true sums. It bounds and
// cross-checks them, but cannot know whether an institution's rows are true.
//
// What it never does: read files, touch the network, the clock or randomness,
// encrypt, or put a value of a record into an error.
package model
