package secret

import "github.com/smartstart-federation/smartstart/crypto"

// polynomial shares one ring element word by word:
// f(X) = s + r_1 (X+1) + ... + r_{t-1} (X+1)^{t-1}, so that f(-1) = s.
type polynomial struct{ terms []crypto.Poly } // s, r_1, ..., in the NTT domain

// newPolynomial draws the secret key and t-1 further uniform ring elements.
func newPolynomial(s *seed, t int) (*polynomial, error) {
	stream, err := s.stream("key", crypto.UniformSize)
	if err != nil {
		return nil, err
	}
	defer stream.Wipe()
	f := &polynomial{terms: make([]crypto.Poly, t)}
	for k := range f.terms {
		crypto.Uniform(stream.Region(k), &f.terms[k])
	}
	return f, nil
}

func (f *polynomial) secret() *crypto.Poly { return &f.terms[0] }

// at sets dst to the share of the holder at point.
func (f *polynomial) at(point int, dst *crypto.Poly) {
	dst.Wipe()
	for k := len(f.terms) - 1; k >= 0; k-- {
		dst.Horner(uint64(point)+1, &f.terms[k])
	}
}

func (f *polynomial) wipe() {
	for k := range f.terms {
		f.terms[k].Wipe()
	}
}
