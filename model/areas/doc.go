// Package areas is the arithmetic of tables by area: what one institution may
// tell of its children by neighbourhood, what the summed table says of an area
// beside the region, and which areas lie outside a funnel.
//
// What it does: merges small cells at an institution and rounds what is left,
// before anything is encrypted; reads the sums as rates with the error that
// rounding leaves; places an area among the others; computes exact control
// limits.
//
// What it trusts: that the counts it is given are those of one institution (for
// Merge) or sums of what Merge returned (for everything else).
//
// What it never does: see a row, rank areas by name, or say anything of a child.
package areas
