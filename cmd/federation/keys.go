package federation

import (
	"crypto/rand"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
)

// newSeat makes the keys of a party called name: what it signs statements
// with, and the certificate it connects with. The coordinator's address and
// key are filled in when they are known.
func newSeat(authority *ca.Authority, name, origin string) (*party.Seat, error) {
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
	return &party.Seat{
		Party: audit.Party{Name: name, Key: vkey}, Secret: skey, Signer: signer,
		TLS: ca.TLSClient(authority.Pool(), cert, serverName), Origin: origin,
	}, nil
}

const serverName = "localhost"
