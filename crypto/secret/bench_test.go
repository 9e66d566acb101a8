package secret

import (
	"testing"

	"github.com/smartstart-federation/smartstart/crypto"
)

// BenchmarkRelease is one holder's whole part among six institutions: open and
// check six boxes, vote, release. It does not depend on the length of the
// vector; ns/value and B/value spread it over a million values.
func BenchmarkRelease(b *testing.B) {
	const n, values = 6, 1_000_000
	s := shapeOf(crypto.CodecStat, 1, 20)
	f := newFederation(b, "bench", s, n)
	set := crypto.Set(all(n))
	for _, p := range set {
		f.contribute(p, stat(b, s, 1))
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
