package party

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

// tokenDecoder: a token that is read is the same when it is written and read
// again, and what it connects with is read or refused in words.
func tokenDecoder(t testing.TB) mutate.Decoder {
	authority, err := ca.NewAuthority("rehearsal")
	if err != nil {
		t.Fatal(err)
	}
	c, err := authority.IssueToken("join.board1", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	token := &Token{
		Format: 1, Name: "board1", Role: "institution", Origin: "log.test", Address: "localhost:443", CoordinatorKey: "k", Expires: c.Leaf.NotAfter,
		CA: text("CERTIFICATE", c.Certificate[0]), Certificate: text("CERTIFICATE", c.Certificate[0]), Key: text("PRIVATE KEY", key), Secret: make([]byte, 32),
	}
	good, err := token.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	least := &Token{Format: 1, Name: "b", Secret: make([]byte, 32)}
	small, err := least.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return mutate.Decoder{Slow: true, Seeds: [][]byte{good, small}, Check: func(t testing.TB, b []byte) bool {
		token, err := parseToken(b, "token")
		if err != nil {
			if !errors.As(err, new(*Error)) {
				t.Fatalf("untyped error %T: %v", err, err)
			}
			return false
		}
		written, err := token.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseToken(written, "token")
		if err != nil {
			t.Fatalf("written it is refused: %v", err)
		}
		if twice, err := again.Bytes(); err != nil || !bytes.Equal(twice, written) {
			t.Fatalf("written and read again it is another: %v", err)
		}
		if tls, err := token.connection(); (err == nil) != (tls != nil) || err != nil && !errors.As(err, new(*Error)) {
			t.Fatalf("connects with %v, %v", tls, err)
		}
		return true
	}}
}

func FuzzToken(f *testing.F)       { tokenDecoder(f).Fuzz(f) }
func TestMutateToken(t *testing.T) { tokenDecoder(t).Run(t) }
