// Package language is the worked example with real public data: which pupils
// are behind in language at the end of primary school? SOURCE.md says where
// the data come from.
package language

import _ "embed" // the files below

// Pupils is the pooled data: 4,106 pupils, one row each; the column By names
// the school board.
//
//go:embed pupils.csv
var Pupils []byte

// Study is the study that `demo` runs.
//
//go:embed study.toml
var Study []byte

// Codebook describes the columns of Pupils.
//
//go:embed codebook.toml
var Codebook []byte

// By is the column whose values are the institutions.
const By = "node"

// Demo is the study of the demo command: Study, judged at boards it never saw,
// for fairness, and by how many schools it takes.
//
//go:embed demo.toml
var Demo []byte

// Reference is R's answer to Study: estimate and std_error by term, of glm on
// all rows in one place (reference.R).
//
//go:embed reference.json
var Reference []byte
