package cmd

import (
	"crypto/rand"
	"time"

	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
)

// issuing is what every token of a federation has in common.
type issuing struct {
	authority *ca.Authority
	origin    string
	address   string
	key       string // the coordinator's verifier key
	life      time.Duration
}

// token makes the join token of one party, with its file.
func (f *issuing) token(name, role string) (*party.Token, []byte, error) {
	t := &party.Token{
		Format: 1, Name: name, Role: role, Origin: f.origin, Address: f.address, CoordinatorKey: f.key,
		Expires: time.Now().Add(f.life).UTC().Truncate(time.Second), CA: string(f.authority.PEM()), Secret: make([]byte, 32),
	}
	_, _ = rand.Read(t.Secret) // never fails: the runtime stops the process first
	cert, err := f.authority.IssueToken("join."+name, f.life)
	if err != nil {
		return nil, nil, err
	}
	certPEM, keyPEM, err := ca.EncodePEM(cert)
	if err != nil {
		return nil, nil, err
	}
	t.Certificate, t.Key = string(certPEM), string(keyPEM)
	b, err := t.Bytes()
	return t, b, err
}
