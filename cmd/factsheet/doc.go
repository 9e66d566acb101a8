// Package factsheet tells what the studies over the made-up region found: two
// pages for whoever wants to know, one page for a council, in Dutch and English,
// as HTML and Markdown.
//
// What it does: sets findings in plain words, tables and small drawings. A number
// of a study stands beside the log entry that it was opened in.
//
// What it trusts: the findings it is given. It computes shares of them and
// rounds, and nothing else.
//
// What it never does: read a file, a record or what is planted; load anything
// from a network; run a script; leave out that all of it is SYNTHETIC.
package factsheet
