// Package configs holds the files that people write: the study file and the
// codebook, as documented structs with their defaults.
//
// What it does: decodes TOML strictly (an unknown key is an error that names
// the nearest known one and its line) and checks a file on its own terms in
// one Validate per file. What belongs to both files together, such as whether
// a study's columns stand in the codebook, is package model's question.
//
// What it trusts: nothing; a study file arrives from other parties.
//
// What it never does: read records, touch the network or the clock, or decide
// what is allowed. Defaults are the form of the files, not a policy.
package configs
