package crypto

import "crypto/sha256"

// Public makes the public polynomials a_b of an attempt. Everybody derives
// them from the attempt id; nobody receives them.
type Public struct{ stream *Stream }

// NewPublic returns the public polynomials of the attempt with this id:
// AES-256-CTR keyed by SHA-256("smartstart/otk1/public" || id).
func NewPublic(id Digest) (*Public, error) {
	key := sha256.Sum256(append([]byte("smartstart/otk1/public"), id[:]...))
	s, err := NewStream(&key, UniformSize)
	if err != nil {
		return nil, err
	}
	return &Public{stream: s}, nil
}

// Block sets dst to a_b, uniform in the NTT domain. Blocks in order allocate
// nothing.
func (p *Public) Block(b int, dst *Poly) { Uniform(p.stream.Region(b), dst) }
