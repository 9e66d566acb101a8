package crypto

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

// Stream is the keystream of AES-256 in counter mode, cut into regions of one
// size, so that region i can be made without the ones before it. Reading the
// regions in order allocates nothing.
type Stream struct {
	Redacted
	block cipher.Block
	ctr   cipher.Stream
	next  int
	buf   []byte
}

// NewStream returns the keystream of key in regions of size bytes, a multiple
// of 16. Region i starts at counter i*size/16, the counter being 128 bits big
// endian and starting at 0.
func NewStream(key *[32]byte, size int) (*Stream, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, failure(codeParameters, "", "a stream of %d-byte regions could not be set up", size)
	}
	if size <= 0 || size%aes.BlockSize != 0 {
		return nil, failure(codeParameters, "", "a stream needs regions of a multiple of 16 bytes, not %d", size)
	}
	return &Stream{block: block, next: -1, buf: make([]byte, size)}, nil
}

// Region returns region i; the bytes are overwritten by the next call.
func (s *Stream) Region(i int) []byte {
	if i != s.next {
		var counter [aes.BlockSize]byte
		binary.BigEndian.PutUint64(counter[8:], uint64(i)*uint64(len(s.buf)/aes.BlockSize))
		s.ctr = cipher.NewCTR(s.block, counter[:])
	}
	s.next = i + 1
	clear(s.buf)
	s.ctr.XORKeyStream(s.buf, s.buf)
	return s.buf
}

// Wipe overwrites what the stream last gave out and forgets the key. (The
// standard library offers no way to overwrite its own key schedule.)
func (s *Stream) Wipe() {
	clear(s.buf)
	s.block, s.ctr, s.next = nil, nil, -1
}

// UniformSize is the size of the region from which Uniform makes one ring
// element: N words and 16 spare ones.
const UniformSize = 8 * (N + uniformSpare)

const uniformSpare = 16

// Uniform fills dst with residues from UniformSize bytes of keystream: the low
// 60 bits of each little endian word; a word that is not below Q (one in 7e13)
// is replaced by the next spare word that is. Should more than 16 words ever
// need replacing, which no key will show, Q is subtracted, so that the result
// is defined for every keystream.
func Uniform(raw []byte, dst *Poly) {
	raw = raw[:UniformSize]
	var bad uint64
	for i := range dst {
		w := binary.LittleEndian.Uint64(raw[8*i:]) & mask60
		bad |= Q - 1 - w
		dst[i] = w
	}
	if bad>>63 != 0 {
		replaceRejected(raw[8*N:], dst)
	}
}

func replaceRejected(spare []byte, dst *Poly) {
	for i, w := range dst {
		for w >= Q && len(spare) >= 8 {
			w = binary.LittleEndian.Uint64(spare) & mask60
			spare = spare[8:]
		}
		if w >= Q {
			w -= Q
		}
		dst[i] = w
	}
}
