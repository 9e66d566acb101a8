// Package report writes what a verification found as a document that a data
// protection officer can read, file and check: what was asked and by whom, who
// agreed on which legal ground, who took part, what was opened, what was
// checked, and what the record cannot show. Dutch or English, Markdown or one
// HTML file.
//
// It judges nothing: package verify does. Everything it says comes from the log
// and from that verification, so one bundle has one report, and every statement
// names the log entry that it rests on. It knows no study file: whoever wires
// it says what one asks (Question).
package report
