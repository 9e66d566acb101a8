package crypto

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// candidate is a key that opens the canaries.
type candidate struct {
	key       Poly // Montgomery form
	agrees    []bool
	canaryMax int64
	contested bool
}

// maxSubsets bounds the search through all subsets: every choice at n <= 12.
const maxSubsets = 924

// locate finds t releases whose key opens the canaries. The canaries decide:
// no two keys open the same ones. It tries the first t releases; then those
// that Berlekamp and Welch's algorithm finds right, if at most half of the
// surplus is wrong; then, while there are at most maxSubsets, every choice.
func (d *opener) locate(releases []Release) (*candidate, bool) {
	t := d.sum.attempt.Thresholds.T
	c := &candidate{}
	base := releases[:t]
	var majority []bool // right by Berlekamp-Welch
	ok := d.try(c, base)
	if len(releases) > t {
		majority = rightByDecoding(releases, t)
	}
	if !ok && majority != nil {
		base = pick(releases, majority)[:t]
		ok = d.try(c, base)
	}
	if !ok && len(releases) > t && binomial(len(releases), t) <= maxSubsets {
		chosen := make([]bool, len(releases))
		for i := range t {
			chosen[i] = true
		}
		for more := true; more && !ok; more = nextChoice(chosen) {
			base = pick(releases, chosen)
			ok = d.try(c, base)
		}
	}
	if !ok {
		return nil, false
	}
	c.agrees = agreement(base, releases)
	switch agreeing := count(c.agrees); {
	case agreeing == len(releases):
	case majority != nil:
		c.contested = count(majority) > agreeing
	default:
		d.mostAgree(c, releases)
	}
	return c, true
}

// mostAgree looks, where Berlekamp and Welch's algorithm finds nobody right, for
// the choice with the most agreement among all that open: any t releases lie on
// some polynomials, and liars whose shifts cancel make a choice open that leaves
// honest ones out. Where two choices agree equally, or there are too many to
// try, nobody can be named.
func (d *opener) mostAgree(c *candidate, releases []Release) {
	t := d.sum.attempt.Thresholds.T
	if binomial(len(releases), t) > maxSubsets {
		c.contested = true
		return
	}
	chosen := make([]bool, len(releases))
	for i := range t {
		chosen[i] = true
	}
	best := count(c.agrees)
	other := &candidate{}
	for more := true; more; more = nextChoice(chosen) {
		base := pick(releases, chosen)
		if !d.try(other, base) {
			continue
		}
		switch agrees := agreement(base, releases); {
		case count(agrees) > best:
			best, c.agrees, c.contested = count(agrees), agrees, false
		case count(agrees) == best && !slices.Equal(agrees, c.agrees):
			c.contested = true
		}
	}
}

// try sets the candidate's key from exactly t releases and runs the canaries.
func (d *opener) try(c *candidate, base []Release) bool {
	combine(&c.key, base, secretPoint)
	c.key.Montgomery()
	c.canaryMax = d.canaryMax(&c.key)
	return c.canaryMax <= CanaryTolerance
}

// agreement reports which releases lie, in every word, on the polynomials
// through base.
func agreement(base, releases []Release) []bool {
	agrees := make([]bool, len(releases))
	var want Poly
	for i, r := range releases {
		combine(&want, base, uint64(r.point))
		agrees[i] = want == *r.sum
	}
	return agrees
}

// rightByDecoding reports which releases are right if at most half of those
// beyond t are wrong, and nil if that cannot be. All words of a release are
// first folded into one with weights that depend on every release, so that a
// release wrong in a single word is wrong in the fold (up to 2^-60).
func rightByDecoding(releases []Release, t int) []bool {
	weights, err := foldWeights(releases)
	if err != nil {
		return nil
	}
	xs := make([]uint64, len(releases))
	ys := make([]uint64, len(releases))
	for i, r := range releases {
		xs[i] = uint64(r.point)
		for k, w := range r.sum {
			ys[i] = addMod(ys[i], mulMod(w, weights[k]))
		}
	}
	values, ok := berlekampWelch(xs, ys, t)
	if !ok {
		return nil
	}
	right := make([]bool, len(releases))
	for i := range releases {
		right[i] = values[i] == ys[i]
	}
	return right
}

func foldWeights(releases []Release) (*Poly, error) {
	h := sha256.New()
	h.Write([]byte("smartstart/otk1/fold"))
	block := make([]byte, BlockSize)
	for _, r := range releases {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(r.point)))
		r.sum.Pack(block)
		h.Write(block)
	}
	key := [32]byte(h.Sum(nil))
	s, err := NewStream(&key, UniformSize)
	if err != nil {
		return nil, err
	}
	w := new(Poly)
	Uniform(s.Region(0), w)
	return w, nil
}

func pick(releases []Release, chosen []bool) []Release {
	var out []Release
	for i, r := range releases {
		if chosen[i] {
			out = append(out, r)
		}
	}
	return out
}

func count(bs []bool) int {
	n := 0
	for _, b := range bs {
		if b {
			n++
		}
	}
	return n
}

// binomial returns n over k, or a number above maxSubsets.
func binomial(n, k int) int {
	b := 1
	for i := 1; i <= k; i++ {
		if b = b * (n - k + i) / i; b > maxSubsets<<20 {
			return b
		}
	}
	return b
}

// nextChoice moves to the next choice of as many elements in the order in
// which the first elements come first; false after the last one.
func nextChoice(chosen []bool) bool {
	ones := 0
	for i := len(chosen) - 1; i > 0; i-- {
		if chosen[i] {
			ones++
		}
		if chosen[i-1] && !chosen[i] {
			chosen[i-1] = false
			for k := i; k < len(chosen); k++ {
				chosen[k] = k-i <= ones
			}
			return true
		}
	}
	return false
}
