package secret

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/smartstart-federation/smartstart/crypto"
)

// BenchmarkRelease is one holder's whole part among six institutions: open and
// check six boxes and shares, vote, release. It does not depend on the length of the
// vector; ns/value and B/value spread it over a million values.
func BenchmarkRelease(b *testing.B) {
	const n, values = 6, 1_000_000
	s := shapeOf(crypto.CodecStat, 1, 20)
	f := newFederation(b, "bench", s, n)
	set := crypto.Set(all(n))
	projections := map[int]*crypto.Projection{}
	for _, p := range set {
		f.contribute(p, stat(b, s, 1))
		var err error
		if projections[p], err = f.projection(p); err != nil {
			b.Fatal(err)
		}
	}
	root := crypto.DigestOf([]byte("root"))
	certificate, err := crypto.Certify(f.a, set, root, set)
	if err != nil {
		b.Fatal(err)
	}
	key := f.holders[1].h.key
	size := 0
	for b.Loop() {
		b.StopTimer()
		h := holderOf(key)
		if err := h.Bind(f.a, 1); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		for _, p := range set {
			box, boxDigest, share := f.box(p, 1)
			if err := h.Accept(p, box, boxDigest, share); err != nil {
				b.Fatal(err)
			}
			if err := h.Check(projections[p]); err != nil {
				b.Fatal(err)
			}
		}
		if err := h.Vote(set, root, nothing); err != nil {
			b.Fatal(err)
		}
		raw, err := h.Release(certificate, nothingMore)
		if err != nil {
			b.Fatal(err)
		}
		size = len(raw)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/values, "ns/value")
	b.ReportMetric(float64(size)/values, "B/value")
}

// benchProjection is a federation of n with the projection of point 1.
func benchProjection(b *testing.B, n int) (*federation, *crypto.Projection) {
	b.Helper()
	s := shapeOf(crypto.CodecStat, 1, 20)
	f := newFederation(b, "bench check", s, n)
	f.contribute(1, stat(b, s, 1))
	p, err := f.projection(1)
	if err != nil {
		b.Fatal(err)
	}
	return f, p
}

// BenchmarkCheckPublic is what everybody does for one contributor with one data
// block: derive the challenge, read the projection, read and digest the frames,
// project both canary blocks.
func BenchmarkCheckPublic(b *testing.B) {
	for _, n := range []int{6, 50} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f, _ := benchProjection(b, n)
			s := f.sealed[1]
			b.ReportAllocs()
			for b.Loop() {
				p, err := crypto.ParseProjection(f.a, s.Commitment(1), s.Projection)
				if err != nil {
					b.Fatal(err)
				}
				if err := p.CheckCanaries(bytes.NewReader(f.frames[1])); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCheckPrivate is what a holder does for one contributor after that.
func BenchmarkCheckPrivate(b *testing.B) {
	for _, n := range []int{6, 50} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f, p := benchProjection(b, n)
			h := f.holders[2]
			box, boxDigest, share := f.box(1, 2)
			f.must(h.Accept(1, box, boxDigest, share))
			got := h.h.held[1]
			masks := got.share.Masks
			b.ReportAllocs()
			for b.Loop() {
				got.verdict, got.share.Masks = unchecked, masks
				if err := h.Check(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCheckOpening is what everybody does with one opened share.
func BenchmarkCheckOpening(b *testing.B) {
	f, p := benchProjection(b, 6)
	plain := f.plainShare(1, 2)
	for b.Loop() {
		if proved, why := p.CheckOpening(2, plain); proved {
			b.Fatal(why)
		}
	}
}

// BenchmarkProject is what the share check adds to an encryption: masks and
// the answer to the challenge.
func BenchmarkProject(b *testing.B) {
	for _, n := range []int{6, 50} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f, _ := benchProjection(b, n)
			seed := newSeed(new([32]byte), f.key, f.a, 1, crypto.Plain{})
			poly, err := newPolynomial(seed, f.a.Thresholds.T)
			f.must(err)
			for b.Loop() {
				m, err := newMasking(seed, f.a.Thresholds.T)
				f.must(err)
				_, err = project(f.a, f.sealed[1].Commitment(1), poly, m)
				f.must(err)
			}
		})
	}
}
