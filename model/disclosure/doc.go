// Package disclosure keeps counts of one or two rows out of what is opened: the
// cells that an institution merges, joins or leaves out before anything is
// encrypted, so that each of its own counts, and then every sum of them, is 0 or
// at least Smallest.
//
// What it does: says for each cell in which one its rows are counted, moves as few
// rows as it can, bounds how many it moved, and holds opened counts to the promise.
//
// What it trusts: that a caller hands it all cells of one division of the rows. Two
// divisions that are each free of small cells may together have some: which are
// opened is decided where a method asks for them.
//
// What it never does: read a row, add noise, or tell a count that it changed
// without a bound on by how much.
package disclosure
