// Package region makes up a Dutch region whose truth is known: children and
// households, schools and areas, and the records that 19 invented organisations
// would hold of them. Everything it writes is SYNTHETIC.
//
// What it does: draws every area, school, household and child from a stream of
// its own, so that a seed gives the same bytes on every machine and a million
// children stream in the memory that areas and schools take. Every column
// follows from the link table (Links), which truth.json prints and the README
// shows: truth and records cannot differ.
//
// What it trusts: nothing; it reads no file.
//
// What it never does: look like somebody. Names are made of invented syllables,
// numbers fail the tests that real ones pass, organisations have no real name.
package region
