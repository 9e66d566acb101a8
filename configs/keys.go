package configs

import (
	"bytes"

	"github.com/BurntSushi/toml"
)

// Secret is a text that is never printed.
type Secret string

// String, GoString and MarshalJSON print [secret].
func (Secret) String() string { return "[secret]" }

// GoString prints [secret].
func (Secret) GoString() string { return "[secret]" }

// MarshalJSON prints [secret].
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"[secret]"`), nil }

// Keys is a private key file: readable by its owner only.
type Keys struct {
	Owner     string `toml:"owner"`                   // whose keys these are, in the log
	Signing   Secret `toml:"signing_key"`             // signer key in the note format
	TLS       Secret `toml:"tls_key"`                 // PEM, PKCS #8
	Node      Secret `toml:"node_key,omitempty"`      // 32 bytes in hex; a node's only
	Authority Secret `toml:"authority_key,omitempty"` // PEM, PKCS #8; a coordinator's only
}

// ParseKeys decodes a private key file. Its errors quote nothing of it.
func ParseKeys(text []byte) (*Keys, error) {
	k := new(Keys)
	if err := decode(text, "key file", maxDaemonFile, k); err != nil {
		return nil, fail(CodeSyntax, "restore it from its backup", "the key file cannot be read as one")
	}
	if k.Owner == "" || k.Signing == "" {
		return nil, fail(CodeMissing, "restore it from its backup", "the key file holds no signing key or does not say whose it is")
	}
	return k, nil
}

// TOML writes the file; note stands above it as a comment.
func (k *Keys) TOML(note string) []byte { return append([]byte(note), encode(k)...) }

// encode writes one of this package's structs.
func encode(v any) []byte {
	var out bytes.Buffer
	e := toml.NewEncoder(&out)
	e.Indent = ""
	// The structs hold only strings, numbers, booleans and lists of them, which
	// always encode; a buffer always takes them.
	if err := e.Encode(v); err != nil {
		return nil
	}
	return out.Bytes()
}
