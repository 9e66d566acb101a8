package crypto_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/he/hefloat"

	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// Every benchmark works on a network update of a million 16-bit values among
// six institutions and reports nanoseconds and bytes for one value.
const benchValues = 1_000_000

type benchRound struct {
	attempt crypto.Attempt
	values  []int16
	holders []*secret.Holder
	set     crypto.Set
}

func newBenchRound(b *testing.B) *benchRound {
	b.Helper()
	const n = 6
	th, err := crypto.ThresholdsFor(n, 0, 0, false)
	if err != nil {
		b.Fatal(err)
	}
	r := &benchRound{values: make([]int16, benchValues)}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range r.values {
		r.values[i] = int16(rng.IntN(65535) - 32767)
	}
	r.attempt = crypto.Attempt{
		ID:         crypto.DigestOf([]byte("bench")),
		Shape:      crypto.Shape{Codec: crypto.CodecVec16, Tensors: []crypto.Tensor{{Name: "update", Len: benchValues, Bits: 15}}},
		Thresholds: th,
	}
	for p := 1; p <= n; p++ {
		h, err := secret.NewHolder()
		if err != nil {
			b.Fatal(err)
		}
		r.holders = append(r.holders, h)
		r.attempt.Holders = append(r.attempt.Holders, crypto.Holder{Point: p, Key: h.PublicKey()})
		r.set = append(r.set, p)
	}
	return r
}

// encrypt makes the frames and boxes of point 1.
func (r *benchRound) encrypt(b *testing.B, point int, w io.Writer) *secret.Sealed {
	b.Helper()
	plain, err := crypto.EncodeVec16(r.attempt.Shape, r.values)
	if err != nil {
		b.Fatal(err)
	}
	sealed, err := secret.Encrypt(r.attempt, point, plain, benchKey, w)
	if err != nil {
		b.Fatal(err)
	}
	return sealed
}

var benchKey = secret.NewNodeKey()

func report(b *testing.B, bytes float64) {
	b.Helper()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchValues, "ns/value")
	b.ReportMetric(bytes/benchValues, "B/value")
}

// BenchmarkEncrypt packs, encrypts, frames, shares and seals. B/value counts
// the frames, boxB/value the six boxes, whose size does not grow with the
// vector.
func BenchmarkEncrypt(b *testing.B) {
	r := newBenchRound(b)
	b.ReportAllocs()
	var boxes int
	for b.Loop() {
		boxes = len(r.encrypt(b, 1, io.Discard).Boxes)
	}
	report(b, float64(r.attempt.Shape.FrameSize()))
	b.ReportMetric(float64(boxes)/benchValues, "boxB/value")
}

// BenchmarkAdd parses, checks and adds the frames of six contributors and
// reports the cost of one.
func BenchmarkAdd(b *testing.B) {
	r := newBenchRound(b)
	frames := make([]bytes.Buffer, len(r.set))
	for i, p := range r.set {
		r.encrypt(b, p, &frames[i])
	}
	reader := bytes.NewReader(nil)
	for b.Loop() {
		b.StopTimer()
		sum, err := crypto.NewSum(r.attempt)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		for i, p := range r.set {
			reader.Reset(frames[i].Bytes())
			if err := sum.Add(p, reader); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(r.set))/benchValues, "ns/value")
	b.ReportMetric(float64(r.attempt.Shape.FrameSize())/benchValues, "B/value")
}

// opened returns a sum of six contributors and t releases for it.
func (r *benchRound) opened(b *testing.B) (*crypto.Sum, []crypto.Release) {
	b.Helper()
	sum, err := crypto.NewSum(r.attempt)
	if err != nil {
		b.Fatal(err)
	}
	r.bind(b)
	for _, p := range r.set {
		var frames bytes.Buffer
		sealed := r.encrypt(b, p, &frames)
		if err := sum.Add(p, bytes.NewReader(frames.Bytes())); err != nil {
			b.Fatal(err)
		}
		r.accept(b, p, sealed, frames.Bytes())
	}
	certificate, err := crypto.Certify(r.attempt, r.set, sum.Root(), r.set)
	if err != nil {
		b.Fatal(err)
	}
	var releases []crypto.Release
	for _, h := range r.holders[:r.attempt.Thresholds.T] {
		if err := h.Vote(r.set, sum.Root(), func() error { return nil }); err != nil {
			b.Fatal(err)
		}
		raw, err := h.Release(certificate, func([]byte) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
		release, err := crypto.ParseRelease(r.attempt, raw)
		if err != nil {
			b.Fatal(err)
		}
		releases = append(releases, release)
	}
	return sum, releases
}

func (r *benchRound) bind(b *testing.B) {
	b.Helper()
	for i, h := range r.holders {
		if err := h.Bind(r.attempt, i+1); err != nil {
			b.Fatal(err)
		}
	}
}

func (r *benchRound) accept(b *testing.B, contributor int, s *secret.Sealed, frames []byte) {
	b.Helper()
	p, err := crypto.ParseProjection(r.attempt, s.Commitment(contributor), s.Projection)
	if err != nil {
		b.Fatal(err)
	}
	if err := p.CheckCanaries(bytes.NewReader(frames)); err != nil {
		b.Fatal(err)
	}
	for i, h := range r.holders {
		box := s.Boxes[i*crypto.BoxSize : (i+1)*crypto.BoxSize]
		if err := h.Accept(contributor, box, s.BoxDigests[i], s.Shares[i]); err != nil {
			b.Fatal(err)
		}
		if err := h.Check(p); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen interpolates the key, runs the canaries and decodes.
func BenchmarkOpen(b *testing.B) {
	r := newBenchRound(b)
	sum, releases := r.opened(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sum.Open(r.set, releases); err != nil {
			b.Fatal(err)
		}
	}
	report(b, 0)
}

// BenchmarkPlainAdd is the yardstick: adding float64s in plain Go.
func BenchmarkPlainAdd(b *testing.B) {
	x, y := make([]float64, benchValues), make([]float64, benchValues)
	for i := range x {
		x[i], y[i] = float64(i), float64(2*i)
	}
	for b.Loop() {
		for i := range x {
			x[i] += y[i]
		}
	}
	report(b, 8*benchValues)
}

// BenchmarkStockCKKS is what the library offers by itself: encode and encrypt
// the same values under a public CKKS key at ring degree 2^13, moduli of 60, 40
// and 40 bits.
func BenchmarkStockCKKS(b *testing.B) {
	params, err := hefloat.NewParametersFromLiteral(hefloat.ParametersLiteral{
		LogN: 13, LogQ: []int{60, 40, 40}, LogDefaultScale: 40,
	})
	if err != nil {
		b.Fatal(err)
	}
	_, key := rlwe.NewKeyGenerator(params).GenKeyPairNew()
	encoder, encryptor := hefloat.NewEncoder(params), rlwe.NewEncryptor(params, key)
	slots := params.MaxSlots()
	values := make([]float64, slots)
	for i := range values {
		values[i] = float64(i%65535 - 32767)
	}
	plain := hefloat.NewPlaintext(params, params.MaxLevel())
	size := 0
	for b.Loop() {
		size = 0
		for done := 0; done < benchValues; done += slots {
			if err := encoder.Encode(values, plain); err != nil {
				b.Fatal(err)
			}
			ct, err := encryptor.EncryptNew(plain)
			if err != nil {
				b.Fatal(err)
			}
			size += ct.BinarySize()
		}
	}
	report(b, float64(size))
}
