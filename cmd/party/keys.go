package party

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// NewKeys makes the keys of a party: one that signs statements, one that
// connects and, for a node, the one that goes into its encryptions.
func NewKeys(owner string, isNode bool) (*configs.Keys, error) {
	signing, _, err := note.GenerateKey(rand.Reader, owner)
	if err != nil {
		return nil, fmt.Errorf("making the key of %s: %w", owner, err)
	}
	connecting, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(connecting)
	if err != nil {
		return nil, err
	}
	k := &configs.Keys{
		Owner: owner, Signing: configs.Secret(signing),
		TLS: configs.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	}
	if isNode {
		k.Node = configs.Secret(hex.EncodeToString(secret.NewNodeKey().Bytes()))
	}
	return k, nil
}

// tlsKey returns the key that a party connects with.
func tlsKey(k *configs.Keys) (*ecdsa.PrivateKey, error) {
	damaged := fail(codeKey, "restore it from its backup", "the key file of %s is damaged", k.Owner)
	block, _ := pem.Decode([]byte(string(k.TLS)))
	if block == nil {
		return nil, damaged
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, damaged
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, damaged
	}
	return key, nil
}

// PublicKey reads a verifier key as a .vkey file has it.
func PublicKey(text string) (audit.Party, error) {
	vkey := strings.TrimSpace(text)
	if _, err := audit.PublicKey(vkey); err != nil {
		return audit.Party{}, err
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return audit.Party{}, err
	}
	return audit.Party{Name: v.Name(), Key: vkey}, nil
}
