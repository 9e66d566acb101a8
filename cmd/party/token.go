package party

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"io"
	"time"

	"github.com/smartstart-federation/smartstart/coordinator/ca"
)

// Token is a join token: what one invited party needs to enrol, once. Whoever
// has it first can join in the party's name, so it is handed over privately.
type Token struct {
	Format         int       `json:"smartstart_token"` // 1
	Name           string    `json:"name"`
	Role           string    `json:"role"` // institution | researcher | auditor
	Origin         string    `json:"origin"`
	Address        string    `json:"address"`
	CoordinatorKey string    `json:"coordinator_key"`
	Expires        time.Time `json:"expires"`
	CA             string    `json:"ca"`          // PEM
	Certificate    string    `json:"certificate"` // PEM, of join.<name>
	Key            string    `json:"key"`         // PEM
	Secret         []byte    `json:"secret"`      // 32 bytes
}

// String prints nothing of the secret parts.
func (t *Token) String() string { return "join token of " + t.Name }

// ReadToken reads a token file.
func ReadToken(path string) (*Token, error) {
	b, err := Read(path, "token file", "give the file that the coordinator's operator sent you")
	if err != nil {
		return nil, err
	}
	return parseToken(b, path)
}

// parseToken is ReadToken of what stands in the file.
func parseToken(b []byte, path string) (*Token, error) {
	t := new(Token)
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(t); err != nil || t.Format != 1 || t.Name == "" || len(t.Secret) != 32 {
		return nil, fail(codeToken, "give the file that the coordinator's operator sent you, unchanged", "%s is not a join token", path)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fail(codeToken, "give the file that the coordinator's operator sent you, unchanged", "%s goes on after the token", path)
	}
	return t, nil
}

// Bytes returns the file.
func (t *Token) Bytes() ([]byte, error) {
	b, err := json.MarshalIndent(t, "", "  ")
	return append(b, '\n'), err
}

// connection returns the TLS configuration that the token gives.
func (t *Token) connection() (*tls.Config, error) {
	pair, err := tls.X509KeyPair([]byte(t.Certificate), []byte(t.Key))
	if err != nil {
		return nil, fail(codeToken, AskForToken(t.Name), "the certificate in the token of %s cannot be read", t.Name)
	}
	if pair.Leaf != nil && time.Now().After(pair.Leaf.NotAfter) {
		return nil, fail(codeToken, AskForToken(t.Name), "the token of %s expired on %s", t.Name, pair.Leaf.NotAfter.Format(time.DateOnly))
	}
	pool, err := ca.ParsePool([]byte(t.CA))
	if err != nil {
		return nil, fail(codeToken, AskForToken(t.Name), "the authority in the token of %s cannot be read", t.Name)
	}
	return ca.TLSClient(pool, pair, ""), nil
}
