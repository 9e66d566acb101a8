// Package mp is the multiple-precision algebra of every global step: numbers of
// 160 bits, symmetric matrices, and Cholesky's factors of them.
//
// What it does: computes with math/big, which is the same on every processor, so
// that everybody who repeats a step gets the same bits.
//
// What it trusts: that an argument is what its function asks for. A divisor of
// nought or the root of a negative number is the caller's mistake, and math/big
// may panic.
//
// What it never does: change an argument, allow a float64 between two steps, or
// know what the numbers are of.
package mp
