// Package exact adds the rows of an institution: numbers on a declared grid, in
// 128-bit integers, so that a sum is the same bits in whatever order and however
// the rows are divided.
//
// What it does: rounds each value once to its grid, adds it without another
// rounding, and reads and writes opened sums as decimals. Adding allocates
// nothing.
//
// What it trusts: that a value keeps the bound that its caller declares for it;
// the caller checks values against the codebook.
//
// What it never does: know a row, a column or a study, round a sum, or refuse.
package exact
