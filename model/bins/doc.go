// Package bins counts the rows of many institutions between edges, without any of
// them counting one or two: for quantiles, and for how many rows lie far out.
//
// What it does: chooses edges, counts an institution's rows between them (package
// disclosure joins small bins), cuts the bins again that matter, and reads
// quantiles and thresholds off the opened counts with a bound of their error.
// Every edge is the same bits on every processor.
//
// What it trusts: the mean and SD that edges are chosen by, and that values lie in
// the range that the codebook gives. Whole holds what a state says to what rows can
// give.
//
// What it never does: tell a value of a row, the smallest or the largest
// included, or know a study.
package bins
