package secret

import (
	"encoding/binary"

	"github.com/smartstart-federation/smartstart/crypto"
)

const (
	// maskCoins is the number of uniform 14-bit numbers in a short mask: less
	// their mean they have standard deviation sqrt(2^28 - 1), that of a Gaussian
	// of 2^14, and never exceed 98,298. No honest contributor is therefore ever
	// wrong for its masks, as it would be for the tail of a Gaussian.
	maskCoins = 12
	maskBits  = 14
	maskMean  = maskCoins * (1<<maskBits - 1) / 2
	// shortSize is the keystream of all short masks: 16 bits for each number.
	shortSize = crypto.KeyProjections * maskCoins * 2
)

// masking shares the masks of the projections, each on a polynomial of its own
// in X+1 like the key: M_k = m_k + u_1 (X+1) + ... + u_{t-1} (X+1)^{t-1}.
type masking struct{ terms []crypto.Projected }

// newMasking draws the masks: uniform ones for the uniform projections, short
// ones for the short projections; all other terms are uniform.
func newMasking(s *seed, t int) (*masking, error) {
	stream, err := s.stream("mask", crypto.UniformSize)
	if err != nil {
		return nil, err
	}
	defer stream.Wipe()
	short, err := s.stream("short mask", shortSize)
	if err != nil {
		return nil, err
	}
	defer short.Wipe()
	m := &masking{terms: make([]crypto.Projected, t)}
	var words crypto.Poly
	defer words.Wipe()
	for k := range m.terms {
		crypto.Uniform(stream.Region(k), &words)
		copy(m.terms[k][:], words[:])
	}
	shortMasks(m.terms[0][crypto.LowDegree:], short.Region(0))
	return m, nil
}

// shortMasks sets each mask from 24 bytes of keystream, in the same steps for
// all values.
func shortMasks(dst []uint64, raw []byte) {
	for i := range dst {
		v := int64(-maskMean)
		for range maskCoins {
			v += int64(binary.LittleEndian.Uint16(raw) & (1<<maskBits - 1))
			raw = raw[2:]
		}
		dst[i] = uint64(v) + crypto.Q&uint64(v>>63)
	}
}

// at sets dst to the masks of the holder at point.
func (m *masking) at(point int, dst *crypto.Projected) { hornerAt(dst, m.terms, point) }

// hornerAt sets dst to the polynomials in X+1 with these terms, at point.
func hornerAt(dst *crypto.Projected, terms []crypto.Projected, point int) {
	dst.Wipe()
	for k := len(terms) - 1; k >= 0; k-- {
		dst.Horner(uint64(point)+1, &terms[k])
	}
}

func (m *masking) wipe() {
	for k := range m.terms {
		m.terms[k].Wipe()
	}
}

// project answers the challenge: the projections of the key's polynomials plus
// the masks, at the points 1..t.
func project(a crypto.Attempt, c crypto.Commitment, f *polynomial, m *masking) ([]byte, error) {
	challenge, err := crypto.NewChallenge(a, c)
	if err != nil {
		return nil, err
	}
	terms := make([]crypto.Projected, len(f.terms))
	defer clear(terms)
	for k := range terms {
		challenge.Project(&terms[k], &f.terms[k])
		terms[k].Add(&m.terms[k])
	}
	at := make([]crypto.Projected, len(terms))
	for i := range at {
		hornerAt(&at[i], terms, i+1)
	}
	return crypto.EncodeProjection(a, c.Point, at), nil
}
