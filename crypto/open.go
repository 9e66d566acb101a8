package crypto

import (
	"slices"
)

// Opening is the opened sum of one set.
type Opening struct {
	// Used are the points whose releases lie on the polynomials that open the
	// frames, increasing.
	Used []int
	// Wrong are the points whose releases do not. It names them for repair
	// only: a contributor who shapes its own canaries together with one
	// releasing node can make honest points land here (see Contested), so
	// being named has no consequence for any set.
	Wrong []int
	// Contested says that more releases agree on another key than on the one
	// that opens the frames, or that others could be wrong just as well. The
	// sums are right; Wrong is then empty, because who was wrong cannot be told
	// from releases.
	Contested bool
	// CanaryMax is the largest coefficient of the opened canaries, in size.
	CanaryMax int64
	// LowBits is the largest error in a data block, in size; above
	// NoiseWarning somebody's noise was not what it should be.
	LowBits int64

	shape Shape
	sums  sums
}

// Open recovers the exact sums over set from t or more releases, of which some
// may be wrong. set must be exactly the contributors that were added.
//
// The key is accepted only if it opens both canary blocks to zeros; only then
// is a data block decoded, and only when every sum is within its bound, the
// slot of ones holds the number of contributors and the padding is zero does
// anything decoded leave. Else the error is an *InvalidError: "canary" when no
// t releases fit the frames, "range" when the numbers are impossible.
func (s *Sum) Open(set Set, releases []Release) (*Opening, error) {
	if s.err != nil {
		return nil, s.err
	}
	if err := set.Check(s.attempt); err != nil {
		return nil, err
	}
	if set.bits() != s.added {
		return nil, failure(codeSum, "", "the frames that were added are not those of the set")
	}
	releases, err := s.sortReleases(set, releases)
	if err != nil {
		return nil, err
	}
	pub, err := NewPublic(s.attempt.ID)
	if err != nil {
		return nil, err
	}
	d := &opener{sum: s, public: pub}
	for b := range d.canary {
		pub.Block(b, &d.canary[b])
	}
	found, ok := d.locate(releases)
	if !ok {
		return nil, &InvalidError{Reason: ReasonCanary, detail: d.explain(releases)}
	}
	o := &Opening{Contested: found.contested, CanaryMax: found.canaryMax, shape: s.attempt.Shape}
	for i, r := range releases {
		switch {
		case found.agrees[i]:
			o.Used = append(o.Used, r.point)
		case !found.contested:
			o.Wrong = append(o.Wrong, r.point)
		}
	}
	if err := d.decode(o, &found.key, len(set)); err != nil {
		return nil, err
	}
	return o, nil
}

// sortReleases checks that the releases are distinct, for this set, and
// enough, and returns them in order of their points.
func (s *Sum) sortReleases(set Set, releases []Release) ([]Release, error) {
	releases = slices.Clone(releases)
	slices.SortFunc(releases, func(x, y Release) int { return x.point - y.point })
	for i, r := range releases {
		switch {
		case r.sum == nil || s.attempt.Index(r.point) < 0:
			return nil, failure(codeRelease, "", "a release is not one of this attempt")
		case r.set != set.bits():
			return nil, failure(codeRelease, "", "the release of point %d is for another set", r.point)
		case i > 0 && releases[i-1].point == r.point:
			return nil, failure(codeRelease, "", "point %d released twice", r.point)
		}
	}
	if t := s.attempt.Thresholds.T; len(releases) < t {
		return nil, failure(codeRelease, "wait for more releases",
			"%d institutions released but %d are needed to open the sum", len(releases), t)
	}
	return releases, nil
}

// opener is the work of one Open.
type opener struct {
	sum    *Sum
	public *Public
	canary [CanaryBlocks]Poly // the public polynomials of the canary blocks
	block  Poly
	a      Poly
}

// canaryMax returns the largest coefficient, in size, of the canary blocks
// opened with key (in Montgomery form), stopping early once it is too large.
func (d *opener) canaryMax(key *Poly) int64 {
	var largest int64
	for b := range d.canary {
		d.block = Poly(d.sum.words[b*N:])
		d.block.SubProduct(&d.canary[b], key)
		d.block.Inverse()
		for _, w := range d.block {
			largest = max(largest, magnitude(centred(w)))
		}
		if largest > CanaryTolerance {
			break
		}
	}
	return largest
}

func (d *opener) explain(releases []Release) string {
	if len(releases) == d.sum.attempt.Thresholds.T {
		return "the releases do not fit the frames: a release is wrong, or the frames are not those of the updates; with exactly as many releases as are needed, which one cannot be told"
	}
	return "no releases were found that fit the frames: too many releases are wrong to locate them, or the frames are not those of the updates"
}

// decode opens the data blocks with key (in Montgomery form) into o.
func (d *opener) decode(o *Opening, key *Poly, institutions int) error {
	s := newSums(o.shape, institutions)
	for b := CanaryBlocks; b < o.shape.Blocks(); b++ {
		d.block = Poly(d.sum.words[b*N:])
		d.public.Block(b, &d.a)
		d.block.SubProduct(&d.a, key)
		d.block.Inverse()
		s.block((b-CanaryBlocks)*N, &d.block)
	}
	o.LowBits = s.lowBits
	if tensor := s.check(); tensor != "" {
		return &InvalidError{Reason: ReasonRange, detail: "the opened sum of " + tensor + " is impossible for the bounds that all institutions agreed on"}
	}
	o.sums = s.sums
	return nil
}

func magnitude(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}
