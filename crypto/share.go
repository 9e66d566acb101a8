package crypto

import "encoding/binary"

// Share is what a contributor deals to one holder: the value of each of its
// sharing polynomials at the holder's point.
type Share struct {
	Redacted
	Words Poly
	Masks Projected
}

// EncodeShare writes the ShareSize bytes of a share: salt, masks, words, each
// of 8 bytes little endian.
func EncodeShare(dst, salt []byte, s *Share) {
	dst = dst[:ShareSize]
	copy(dst, salt[:SaltSize])
	putWords(dst[SaltSize:], s.Masks[:])
	putWords(dst[SaltSize+8*MaskWords:], s.Words[:])
}

// ParseShare reads what EncodeShare wrote and reports whether it has the right
// length and every word is below Q; else s is zero. It takes the same steps
// for all words.
func ParseShare(b []byte, s *Share) bool {
	if len(b) != ShareSize {
		s.Wipe()
		return false
	}
	bad := getWords(s.Masks[:], b[SaltSize:])
	bad |= getWords(s.Words[:], b[SaltSize+8*MaskWords:])
	if bad>>63 != 0 {
		s.Wipe()
		return false
	}
	return true
}

// Wipe overwrites the share with zeros.
func (s *Share) Wipe() {
	s.Words.Wipe()
	s.Masks.Wipe()
}

func putWords(dst []byte, words []uint64) {
	for i, w := range words {
		binary.LittleEndian.PutUint64(dst[8*i:], w)
	}
}

// getWords reads words; the top bit of what it returns is set when one is not
// below Q.
func getWords(words []uint64, src []byte) (bad uint64) {
	for i := range words {
		w := binary.LittleEndian.Uint64(src[8*i:])
		bad |= w | (Q - 1 - w)
		words[i] = w
	}
	return bad
}
