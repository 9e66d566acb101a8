package secret

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crypto/hpke"

	"github.com/smartstart-federation/smartstart/crypto"
)

var update = flag.Bool("update", false, "write the golden vectors again")

// vectors is a text file of "name: value" lines and comments.
type vectors struct {
	t     *testing.T
	file  string
	want  map[string]string
	lines []string
}

func readVectors(t *testing.T, name string) *vectors {
	t.Helper()
	v := &vectors{t: t, file: filepath.Join("..", "testdata", name), want: map[string]string{}}
	b, err := os.ReadFile(v.file)
	if err != nil && !*update {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if k, val, ok := strings.Cut(lines.Text(), ": "); ok && !strings.HasPrefix(k, "#") {
			v.want[k] = val
		}
	}
	return v
}

func (v *vectors) check(name, format string, args ...any) {
	v.t.Helper()
	got := fmt.Sprintf(format, args...)
	v.lines = append(v.lines, name+": "+got)
	if !*update && v.want[name] != got {
		v.t.Errorf("%s: %s is %.80s, want %.80s", v.file, name, got, v.want[name])
	}
}

// finish holds that the file has no line that was not checked.
func (v *vectors) finish(comment string) {
	v.t.Helper()
	if *update {
		text := "# " + strings.ReplaceAll(strings.TrimSpace(comment), "\n", "\n# ") + "\n" + strings.Join(v.lines, "\n") + "\n"
		if err := os.WriteFile(v.file, []byte(text), 0o644); err != nil {
			v.t.Fatal(err)
		}
		return
	}
	if len(v.want) != len(v.lines) {
		v.t.Errorf("%s has %d vectors, %d were checked", v.file, len(v.want), len(v.lines))
	}
}

// goldenFederation is four institutions with attempt keys derived from their
// points, so that everything but the sealing of boxes is determined.
func goldenFederation(t *testing.T, id string, s crypto.Shape) *federation {
	t.Helper()
	th, err := crypto.ThresholdsFor(4, 0, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	key, err := NodeKeyFrom(bytes.Repeat([]byte{0x42}, 32))
	if err != nil {
		t.Fatal(err)
	}
	f := &federation{
		t: t, key: key, holders: map[int]*Holder{}, frames: map[int][]byte{}, sealed: map[int]*Sealed{},
		a: crypto.Attempt{ID: crypto.DigestOf([]byte(id)), Shape: s, Thresholds: th},
	}
	for p := 1; p <= 4; p++ {
		k, err := hpke.MLKEM768X25519().NewPrivateKey(bytes.Repeat([]byte{byte(p)}, 32))
		f.must(err)
		f.holders[p] = holderOf(k)
		f.a.Holders = append(f.a.Holders, crypto.Holder{Point: p, Key: f.holders[p].PublicKey()})
	}
	for p, h := range f.holders {
		f.must(h.Bind(f.a, p))
	}
	return f
}

func TestGoldenPublic(t *testing.T) {
	v := readVectors(t, "public.txt")
	id := crypto.DigestOf([]byte("golden"))
	v.check("attempt", "%v", id)
	public, err := crypto.NewPublic(id)
	if err != nil {
		t.Fatal(err)
	}
	packed := make([]byte, crypto.BlockSize)
	for _, b := range []int{0, 1, 2, 8193} {
		var p crypto.Poly
		public.Block(b, &p)
		p.Pack(packed)
		v.check(fmt.Sprintf("a_%d first words", b), "%d %d %d", p[0], p[1], p[2])
		v.check(fmt.Sprintf("a_%d sha256 of packed block", b), "%v", crypto.DigestOf(packed))
	}
	var x crypto.Poly
	x[1] = 1
	x.Forward()
	v.check("transform of X first words", "%d %d %d", x[0], x[1], x[2])
	x.Pack(packed)
	v.check("transform of X sha256 of packed block", "%v", crypto.DigestOf(packed))
	v.finish(`Public polynomials of the attempt whose id is SHA-256("golden"), and the
order of the transform. Words are decimal, digests hex.`)
}

func TestGoldenRound(t *testing.T) {
	for _, codec := range []string{crypto.CodecStat, crypto.CodecVec16} {
		v := readVectors(t, codec+".txt")
		s := crypto.Shape{Codec: codec, Tensors: []crypto.Tensor{{Name: "first", Len: 3, Bits: 15}, {Name: "second", Len: 8191, Bits: 12}}}
		f := goldenFederation(t, "golden "+codec, s)
		set := crypto.Set{1, 2, 4}
		v.check("attempt", "%v", f.a.ID)
		v.check("frame size", "%d", s.FrameSize())
		for _, p := range set {
			plain := goldenPlain(t, s, p)
			fresh := [32]byte{byte(p)}
			var w bytes.Buffer
			sealed, err := encrypt(f.a, p, plain, f.key, &fresh, &w)
			f.must(err)
			f.frames[p], f.sealed[p] = w.Bytes(), sealed
			v.check(fmt.Sprintf("point %d plain digest", p), "%v", f.key.PlainDigest(plain, f.a))
			v.check(fmt.Sprintf("point %d frames sha256", p), "%v", crypto.DigestOf(w.Bytes()))
			v.check(fmt.Sprintf("point %d frames first bytes", p), "%x", w.Bytes()[:crypto.HeaderSize+30])
			for i, d := range sealed.Shares {
				v.check(fmt.Sprintf("point %d share for %d sha256", p, i+1), "%v", d)
			}
			v.check(fmt.Sprintf("point %d projection sha256", p), "%v", crypto.DigestOf(sealed.Projection))
			v.check(fmt.Sprintf("point %d projection first bytes", p), "%x", sealed.Projection[:crypto.HeaderSize+32])
		}
		sum := f.sum(set)
		v.check("root", "%v", sum.Root())
		certificate, err := crypto.Certify(f.a, set, sum.Root(), []int{1, 2, 3})
		f.must(err)
		var releases []crypto.Release
		for p := 1; p <= 3; p++ {
			f.accept(p, set)
			f.must(f.holders[p].Vote(set, sum.Root(), nothing))
			b, err := f.holders[p].Release(certificate, nothingMore)
			f.must(err)
			v.check(fmt.Sprintf("release of %d sha256", p), "%v", crypto.DigestOf(b))
			v.check(fmt.Sprintf("release of %d first bytes", p), "%x", b[:crypto.HeaderSize+8+30])
			r, err := crypto.ParseRelease(f.a, b)
			f.must(err)
			releases = append(releases, r)
		}
		o, err := sum.Open(set, releases)
		f.must(err)
		v.check("canary maximum", "%d", o.CanaryMax)
		v.check("low bits maximum", "%d", o.LowBits)
		v.check("sums first bytes", "%x", o.Bytes()[:64])
		v.check("sums sha256", "%v", o.Digest())
		v.finish(`A round of set otk1, codec ` + codec + `: four institutions (c=1, t=3), tensors
"first" (3 values, 15 bits) and "second" (8191 values, 12 bits), id
SHA-256("golden ` + codec + `"), attempt keys from 32 bytes equal to the point, node
key 32 bytes 0x42, fresh randomness of point p: the byte p and 31 zeros.
Value k of point p is ((k*k*31 + k*p*17) mod 8191) - 4095. Set {1, 2, 4},
released by 1, 2, 3.`)
	}
}

func goldenPlain(t *testing.T, s crypto.Shape, p int) crypto.Plain {
	t.Helper()
	value := func(k int) int { return (k*k*31+k*p*17)%8191 - 4095 }
	if s.Codec == crypto.CodecStat {
		vs := make([]*big.Int, s.Values())
		for k := range vs {
			vs[k] = big.NewInt(int64(value(k)))
		}
		plain, err := crypto.EncodeStat(s, vs)
		if err != nil {
			t.Fatal(err)
		}
		return plain
	}
	vs := make([]int16, s.Values())
	for k := range vs {
		vs[k] = int16(value(k))
	}
	plain, err := crypto.EncodeVec16(s, vs)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// TestGoldenProjection takes a challenge and its answer apart, for a second
// implementation to find where it differs.
func TestGoldenProjection(t *testing.T) {
	v := readVectors(t, "projection.txt")
	s := shapeOf(crypto.CodecStat, 1, 20)
	f := goldenFederation(t, "golden box", s)
	plain := stat(t, s, 123456)
	fresh := &[32]byte{1}
	var w bytes.Buffer
	sealed, err := encrypt(f.a, 1, plain, f.key, fresh, &w)
	f.must(err)
	f.frames[1], f.sealed[1] = w.Bytes(), sealed
	v.check("frames sha256", "%v", sealed.Frames)
	c := sealed.Commitment(1)
	challenge, err := crypto.NewChallenge(f.a, c)
	f.must(err)
	v.check("challenge", "%v", challenge.Digest())
	show := func(name string, p *crypto.Projected) {
		v.check(name, "%d %d %d %d %d %d", p[0], p[1], p[2], p[3], p[4], p[130])
	}
	var vectors, masks crypto.Projected
	for _, i := range []int{0, 1, 4095} {
		var unit crypto.Poly
		unit[i] = 1
		challenge.Project(&vectors, &unit)
		show(fmt.Sprintf("word %d of vectors 0 1 2 3 4 130", i), &vectors)
	}
	m, err := newMasking(newSeed(fresh, f.key, f.a, 1, plain), 3)
	f.must(err)
	for l := range m.terms {
		show(fmt.Sprintf("mask terms of (X+1)^%d for 0 1 2 3 4 130", l), &m.terms[l])
	}
	m.at(3, &masks)
	show("masks in the share for 3 for 0 1 2 3 4 130", &masks)
	v.check("projection sha256", "%v", c.Projection)
	v.check("projection first bytes", "%x", sealed.Projection[:crypto.HeaderSize+32])
	v.check("projection last bytes", "%x", sealed.Projection[len(sealed.Projection)-32:])
	if _, err := f.publicHalf(1); err != nil {
		t.Error(err)
	}
	v.finish(`The challenge and the answer of point 1 in the attempt of box.txt. Vectors
and masks 0, 1, 2 are uniform, 3 to 130 short; words of vectors are those that
are multiplied with the words of a key or share, in the order of the transform.
Residues modulo q, decimal.`)
}

// TestGoldenBox opens a box that was sealed when the vectors were made: the
// sealing itself takes randomness that cannot be given.
func TestGoldenBox(t *testing.T) {
	v := readVectors(t, "box.txt")
	s := shapeOf(crypto.CodecStat, 1, 20)
	f := goldenFederation(t, "golden box", s)
	plain := stat(t, s, 123456)
	fresh := [32]byte{1}
	var w bytes.Buffer
	sealed, err := encrypt(f.a, 1, plain, f.key, &fresh, &w)
	f.must(err)
	v.check("share sha256", "%v", sealed.Shares[2])
	v.check("info", "%s", hex.EncodeToString(boxInfo(f.a, 1, 3, sealed.Shares[2])))
	box := sealed.Boxes[2*crypto.BoxSize : 3*crypto.BoxSize]
	if !*update {
		if box, err = base64.StdEncoding.DecodeString(v.want["box"]); err != nil {
			t.Fatal(err)
		}
	}
	v.check("box sha256", "%v", crypto.DigestOf(box))
	v.check("box", "%s", base64.StdEncoding.EncodeToString(box))
	if err := f.holders[3].Accept(1, box, crypto.DigestOf(box), sealed.Shares[2]); err != nil {
		t.Error(err)
	}
	v.finish(`The box of point 1 for point 3 in the attempt SHA-256("golden box"): codec
stat, one tensor "x" of one value 123456 and 20 bits, otherwise as in stat.txt.`)
}
