//go:build unix

package verify

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// long is a log of at least so many valid entries: rounds of ten institutions.
func long(t testing.TB, entries int) *sealedFederation {
	f := newSealed(t, 10, entries/30)
	for len(f.Leaves) < entries {
		f.Federation.Round("study")
	}
	return f
}

// BenchmarkVerify10k verifies a public bundle of 10,000 entries: the goal is
// under two seconds. signatures/entry says how many plain Ed25519
// verifications, measured in the same run on one core, an entry costs.
func BenchmarkVerify10k(b *testing.B) {
	f := long(b, 10_000)
	dir := f.bundle(bundle.Public)
	entries := len(f.Leaves)
	public, private, err := ed25519.GenerateKey(nil)
	must(b, err)
	message := make([]byte, 700)
	signature := ed25519.Sign(private, message)
	const tries = 1000
	one := fastest(func() {
		for range tries {
			if !ed25519.Verify(public, message, signature) {
				b.Fatal("not verified")
			}
		}
	}) / tries
	b.ReportAllocs()
	before, runs := cpu(b), 0
	for b.Loop() {
		runs++
		if r := check(b, dir, nil); !r.Verified || r.Size != int64(entries) {
			b.Fatal(r)
		}
	}
	each := b.Elapsed().Seconds() / float64(b.N) / float64(entries)
	used := (cpu(b) - before) / float64(runs) / float64(entries)
	b.ReportMetric(each*1e9, "ns/entry")
	b.ReportMetric(each/one, "signatures/entry")
	b.ReportMetric(each*10_000, "s/10k")
	b.ReportMetric(used*10_000, "cpu-s/10k") // what a machine with nothing else to do takes
}

// cpu is the processor time that this process has had, in seconds.
func cpu(b *testing.B) float64 {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// wide is an attempt of four million 16-bit values and the frames of two
// institutions as files of a bundle.
func wide(b *testing.B) (a crypto.Attempt, r *bundle.Reader, refs []audit.BlobRef) {
	const n, values = 4, 4_000_000
	th, err := crypto.ThresholdsFor(n, 0, 0, false)
	must(b, err)
	a = crypto.Attempt{
		ID: crypto.DigestOf([]byte("wide")), Thresholds: th,
		Shape: crypto.Shape{Codec: crypto.CodecVec16, Tensors: []crypto.Tensor{{Name: "x", Len: values, Bits: 15}}},
	}
	for p := 1; p <= n; p++ {
		h, err := secret.NewHolder()
		must(b, err)
		a.Holders = append(a.Holders, crypto.Holder{Point: p, Key: h.PublicKey()})
	}
	dir := b.TempDir()
	must(b, os.Mkdir(dir+"/blobs", 0o700))
	must(b, os.WriteFile(dir+"/bundle.json", []byte(`{"format":"smartstart-bundle","version":1,"kind":"sealed"}`), 0o600))
	plain, err := crypto.EncodeVec16(a.Shape, make([]int16, values))
	must(b, err)
	for p := 1; p <= 2; p++ {
		var frames bytes.Buffer
		_, err := secret.Encrypt(a, p, plain, secret.NewNodeKey(), &frames)
		must(b, err)
		d := crypto.DigestOf(frames.Bytes())
		must(b, os.WriteFile(dir+"/blobs/"+d.String(), frames.Bytes(), 0o600))
		refs = append(refs, audit.BlobRef{Digest: d, Size: int64(frames.Len())})
	}
	r, err = bundle.Open(os.DirFS(dir))
	must(b, err)
	return a, r, refs
}

// BenchmarkReadd adds frames again from files, as the verifier does: read,
// hashed, checked and added. In the same run, over the same bytes: SHA-256
// alone, the adding alone with the bytes at hand, and the sum of their 64-bit
// words, which is what memory can give. x/memory and x/sha256 are how many times
// longer re-adding takes; an auditor who did not hash what is read would not
// know what was added.
func BenchmarkReadd(b *testing.B) {
	a, r, refs := wide(b)
	raw, err := r.Blob(refs[0].Digest)
	must(b, err)
	held, err := io.ReadAll(raw)
	must(b, err)
	must(b, raw.Close())
	size := float64(len(held))
	raw, err = r.Blob(refs[1].Digest)
	must(b, err)
	second, err := io.ReadAll(raw)
	must(b, err)
	must(b, raw.Close())
	var total uint64
	adding := time.Hour
	memory := fastest(func() {
		for p := held; len(p) >= 8; p = p[8:] {
			total += binary.LittleEndian.Uint64(p)
		}
	})
	hash := fastest(func() { d := sha256.Sum256(held); total += uint64(d[0]) })
	for range 5 {
		sum, err := crypto.NewSum(a)
		must(b, err)
		must(b, sum.Add(1, bytes.NewReader(held))) // makes room for the sum
		began := time.Now()
		must(b, sum.Add(2, bytes.NewReader(second)))
		adding = min(adding, time.Since(began))
	}
	if total == 1 {
		b.Log("the words must be read")
	}
	v := &verifier{bundle: r}
	best := time.Hour
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		sum, err := crypto.NewSum(a)
		must(b, err)
		b.StartTimer()
		began := time.Now()
		for i, ref := range refs {
			f, err := r.Sized(ref)
			must(b, err)
			read := v.buffers.read(f)
			must(b, sum.Add(i+1, read))
			read.stop()
			must(b, f.Close())
		}
		best = min(best, time.Since(began))
	}
	each := best.Seconds() / float64(len(refs))
	b.ReportMetric(size/each/1e9, "GB/s")
	b.ReportMetric(size/memory/1e9, "memoryGB/s")
	b.ReportMetric(size/hash/1e9, "sha256GB/s")
	b.ReportMetric(size/adding.Seconds()/1e9, "addGB/s")
	b.ReportMetric(each/memory, "x/memory")
	b.ReportMetric(each/hash, "x/sha256")
}

// fastest is the best of five times, in seconds.
func fastest(f func()) float64 {
	best := time.Hour
	for range 5 {
		began := time.Now()
		f()
		best = min(best, time.Since(began))
	}
	return best.Seconds()
}
