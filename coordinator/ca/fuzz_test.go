package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"testing"

	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

// requestDecoder: of the requests that are near a signed one, only those for its
// key are taken.
func requestDecoder(t testing.TB) mutate.Decoder {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good, err := NewRequest("board1", key)
	if err != nil {
		t.Fatal(err)
	}
	return mutate.Decoder{Slow: true, Seeds: [][]byte{good}, Check: func(t testing.TB, b []byte) bool {
		public, err := RequestKey(b)
		if err != nil {
			return false
		}
		if !public.Equal(&key.PublicKey) {
			t.Fatal("a request is taken that its key did not sign")
		}
		return true
	}}
}

// Requests have no fuzz target: go's workers are processes of their own, with
// other keys than those that the seed was signed with.
func TestMutateRequest(t *testing.T) { requestDecoder(t).Run(t) }

// poolDecoder: a file of certificates is taken or refused, whatever is in it.
func poolDecoder(t testing.TB) mutate.Decoder {
	a, err := NewAuthority("rehearsal")
	if err != nil {
		t.Fatal(err)
	}
	good := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
	return mutate.Decoder{Slow: true, Seeds: [][]byte{good, append(append([]byte("text\n"), good...), good...)}, Check: func(t testing.TB, b []byte) bool {
		pool, err := ParsePool(b)
		if err == nil && pool == nil {
			t.Fatal("neither a pool nor an error")
		}
		return err == nil
	}}
}

func FuzzPool(f *testing.F)       { poolDecoder(f).Fuzz(f) }
func TestMutatePool(t *testing.T) { poolDecoder(t).Run(t) }
