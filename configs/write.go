package configs

import (
	"bytes"

	"github.com/BurntSushi/toml"
)

// TOML writes a study that was made by a program as a study file: ParseStudy
// of it gives the same study. Keys that have their defaults are written too.
func (s *Study) TOML() []byte {
	var out bytes.Buffer
	e := toml.NewEncoder(&out)
	e.Indent = ""
	// The struct holds only strings, numbers, booleans, lists and maps of them,
	// which always encode; a buffer always takes them.
	if err := e.Encode(s); err != nil {
		return nil
	}
	// No date is a key that is not there. Within a text, quotes are escaped.
	return bytes.Replace(out.Bytes(), []byte("\nexpires = \"\"\n"), []byte("\n"), 1)
}
