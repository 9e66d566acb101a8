package configs

import _ "embed" // the file below

// StudySample is configs/study.sample.toml: every key with its default, to be
// changed into a study of one's own.
//
//go:embed study.sample.toml
var StudySample string
