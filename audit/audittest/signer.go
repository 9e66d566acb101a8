package audittest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Signer is a party whose key follows from its name.
type Signer struct {
	note.Signer
	Party audit.Party
	Key   ed25519.PrivateKey
	Boot  crypto.Digest
}

// NewSigner returns the signer of a name; salt makes another key for the same
// name.
func NewSigner(name, salt string) *Signer {
	seed := sha256.Sum256([]byte("audittest key " + salt + " " + name))
	key := ed25519.NewKeyFromSeed(seed[:])
	vkey, err := note.NewEd25519VerifierKey(name, key.Public().(ed25519.PublicKey))
	if err != nil {
		panic(err) // a test's own name
	}
	hash := sha256.Sum256(append([]byte(name+"\n\x01"), key.Public().(ed25519.PublicKey)...))
	s, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%s+%s", name, hex.EncodeToString(hash[:4]),
		base64.StdEncoding.EncodeToString(append([]byte{1}, seed[:]...))))
	if err != nil {
		panic(err)
	}
	return &Signer{Signer: s, Party: audit.Party{Name: name, Key: vkey}, Key: key, Boot: Digest("boot", name)}
}

// Restart gives the party a new boot epoch.
func (s *Signer) Restart() { s.Boot = crypto.DigestOf(s.Boot[:]) }

// Digest returns a digest that follows from its words.
func Digest(words ...any) crypto.Digest { return crypto.DigestOf([]byte(fmt.Sprint(words...))) }
