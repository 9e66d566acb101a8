// Package records reads an institution's records: strict CSV, held against
// the codebook, into the table that the methods use.
//
// What it does: reads only the columns that are asked for, one row in memory
// at a time besides the table; splits a pooled file by a column and drafts a
// codebook from it, both for rehearsals.
//
// What it trusts: the codebook, which the federation agreed on.
//
// What it never does: guess. A value that does not fit is an error that names
// file, line and column; the value itself is never in a message, because
// messages travel further than records.
package records
