package crypto

import "fmt"

// Redacted is embedded in every type that holds a secret, so that printing,
// formatting with any verb, and encoding give the same harmless word.
type Redacted struct{}

const redacted = "[secret]"

// String returns "[secret]".
func (Redacted) String() string { return redacted }

// GoString returns "[secret]".
func (Redacted) GoString() string { return redacted }

// Format writes "[secret]" for every verb and flag.
func (Redacted) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalJSON returns the JSON string "[secret]".
func (Redacted) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText returns "[secret]".
func (Redacted) MarshalText() ([]byte, error) { return []byte(redacted), nil }
