package secret

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"

	"github.com/smartstart-federation/smartstart/crypto"
)

// NodeKey is 32 secret bytes that belong to a node for good. It goes into the
// seed of every encryption, so that weak randomness alone gives nothing away,
// and keys the digest that tells an identical retry. It prints as [secret].
type NodeKey struct {
	crypto.Redacted
	b *[32]byte
}

// NewNodeKey returns a fresh key.
func NewNodeKey() NodeKey {
	k := NodeKey{b: new([32]byte)}
	_, _ = rand.Read(k.b[:]) // never fails: the runtime stops the process first
	return k
}

// NodeKeyFrom returns the key kept as these 32 bytes.
func NodeKeyFrom(b []byte) (NodeKey, error) {
	if len(b) != 32 {
		return NodeKey{}, failure(codeEncrypt, "restore the node's key from its backup", "a node key is 32 bytes, not %d", len(b))
	}
	return NodeKey{b: (*[32]byte)(append([]byte(nil), b...))}, nil
}

// Bytes returns a copy of the 32 bytes, to be kept sealed; nil for no key.
func (k NodeKey) Bytes() []byte {
	if k.b == nil {
		return nil
	}
	return append([]byte(nil), k.b[:]...)
}

// PlainDigest returns a digest of the packed integers and the shape, keyed so
// that nobody without the key can confirm a guess. It does not depend on the
// attempt's id: a retry of the same set is allowed only when it is equal.
func (k NodeKey) PlainDigest(p crypto.Plain, a crypto.Attempt) crypto.Digest {
	if k.b == nil {
		return crypto.Digest{}
	}
	h := hmac.New(sha256.New, k.b[:])
	var n [8]byte
	number := func(v int) {
		binary.LittleEndian.PutUint64(n[:], uint64(v))
		h.Write(n[:])
	}
	text := func(s string) {
		number(len(s))
		h.Write([]byte(s))
	}
	text("smartstart/otk1/plain")
	text(a.Shape.Codec)
	number(len(a.Shape.Tensors))
	for _, t := range a.Shape.Tensors {
		text(t.Name)
		number(t.Len)
		number(t.Bits)
	}
	fingerprint := p.Fingerprint()
	h.Write(fingerprint[:])
	return crypto.Digest(h.Sum(nil))
}
