package secret

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/smartstart-federation/smartstart/crypto"
)

// seed is where all randomness of one encryption comes from.
type seed [32]byte

// newSeed hashes fresh randomness with everything that makes this encryption
// different from any other, the integers included: a machine that was cloned
// with its randomness can repeat a ciphertext, but never encrypt other
// integers under the same key.
func newSeed(fresh *[32]byte, key NodeKey, a crypto.Attempt, point int, plain crypto.Plain) *seed {
	h := sha256.New()
	h.Write([]byte("smartstart/otk1/seed"))
	h.Write(fresh[:])
	h.Write(key.b[:])
	h.Write(a.ID[:])
	var p [4]byte
	binary.LittleEndian.PutUint32(p[:], uint32(point))
	h.Write(p[:])
	fingerprint := plain.Fingerprint()
	h.Write(fingerprint[:])
	s := new(seed)
	h.Sum(s[:0])
	return s
}

// stream returns one independent keystream of the seed.
func (s *seed) stream(label string, region int) (*crypto.Stream, error) {
	h := sha256.New()
	h.Write([]byte("smartstart/otk1/" + label))
	h.Write(s[:])
	var key [32]byte
	h.Sum(key[:0])
	defer clear(key[:])
	return crypto.NewStream(&key, region)
}
