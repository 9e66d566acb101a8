package region

import "embed"

// Studies are the study files that smartstart demo --region runs.
//
//go:embed studies/*.toml
var Studies embed.FS
