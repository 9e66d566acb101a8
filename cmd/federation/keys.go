package federation

import (
	"crypto/rand"
	"crypto/tls"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
)

// identity is one party's keys: what it signs statements with, and the
// certificate it connects with.
type identity struct {
	party  audit.Party
	secret string // note's private form, for the proof of possession
	signer note.Signer
	tls    *tls.Config
}

// newIdentity makes the keys of a party called name.
func newIdentity(authority *ca.Authority, name string) (*identity, error) {
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return nil, fmt.Errorf("making the key of %s: %w", name, err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, err
	}
	cert, err := authority.IssueClient(name)
	if err != nil {
		return nil, fmt.Errorf("issuing the certificate of %s: %w", name, err)
	}
	return &identity{
		party:  audit.Party{Name: name, Key: vkey},
		secret: skey,
		signer: signer,
		tls:    ca.TLSClient(authority.Pool(), cert, serverName),
	}, nil
}

const serverName = "localhost"
