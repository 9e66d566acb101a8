package spline

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// forEachR calls check with every basis and value that R wrote (testdata/ns.R).
func forEachR(t *testing.T, check func(b *Basis, x float64, want []float64)) {
	t.Helper()
	f, err := os.Open("testdata/ns.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b *Basis
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		var v []float64
		for _, s := range fields[1:] {
			x, err := strconv.ParseFloat(s, 64)
			if err != nil {
				t.Fatal(err)
			}
			v = append(v, x)
		}
		if fields[0] == "basis" {
			if b, err = New(v[2:], v[0], v[1]); err != nil {
				t.Fatal(err)
			}
			continue
		}
		check(b, v[0], v[1:])
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
}

func TestEqualsR(t *testing.T) {
	largest, values := 0.0, 0
	forEachR(t, func(b *Basis, x float64, want []float64) {
		if b.Len() != len(want) {
			t.Fatalf("%d basis functions, R has %d", b.Len(), len(want))
		}
		out := make([]float64, b.Len())
		b.At(x, out)
		for j := range out {
			values++
			largest = max(largest, math.Abs(out[j]-want[j]))
			if !(math.Abs(out[j]-want[j]) <= 1e-12) {
				t.Errorf("knots %v: function %d at %v is %v, R has %v", b.knots[:order+b.interior+order], j, x, out[j], want[j])
			}
		}
	})
	if values < 3000 {
		t.Errorf("only %d values compared", values)
	}
	t.Logf("%d values, largest difference from R %.2g", values, largest)
}

// TestSameBits holds the last bit of every value, which must be the same on
// every processor and under every compiler setting.
func TestSameBits(t *testing.T) {
	h := sha256.New()
	forEachR(t, func(b *Basis, x float64, _ []float64) {
		out := make([]float64, b.Len())
		b.At(x, out)
		for _, v := range append(out, b.Bounds()...) {
			h.Write(binary.BigEndian.AppendUint64(nil, math.Float64bits(v)))
		}
	})
	const want = "a0ffe4ae7c22bd81a2e9d82bfdcbe17cde7270327e206e21dadaaf68d37e7ef9"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("other bits than on the processors before: %s", got)
	}
}

func drawBasis(t *rapid.T) *Basis {
	low := rapid.Float64Range(-1e6, 1e6).Draw(t, "low")
	width := rapid.SampledFrom([]float64{1e-3, 1, 60, 1e5}).Draw(t, "width")
	places := rapid.SliceOfNDistinct(rapid.IntRange(1, 999), 1, MaxKnots, rapid.ID[int]).Draw(t, "knots")
	slices.Sort(places)
	var knots []float64
	for _, p := range places {
		knots = append(knots, low+width*float64(p)/1000)
	}
	b, err := New(knots, low, low+width)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestBounds holds that no value exceeds its bound, and that the bounds are of
// use: within a factor of what is reached, on a basis of usual knots.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBasis(t)
		low, high := b.knots[0], b.knots[order+b.interior]
		out, bounds := make([]float64, b.Len()), b.Bounds()
		for i := range 200 {
			b.At(low+(high-low)*float64(i)/199, out)
			for j := range out {
				if !(math.Abs(out[j]) <= bounds[j]) {
					t.Fatalf("function %d reaches %v, beyond its bound %v", j, out[j], bounds[j])
				}
			}
		}
	})
	b, err := New([]float64{20, 30, 40}, 0, 60)
	if err != nil {
		t.Fatal(err)
	}
	out, reached := make([]float64, 4), make([]float64, 4)
	for x := 0.0; x <= 60; x += 0.25 {
		b.At(x, out)
		for j := range out {
			reached[j] = max(reached[j], math.Abs(out[j]))
		}
	}
	for j, bound := range b.Bounds() {
		if bound > 2*reached[j] {
			t.Errorf("the bound %v of function %d is never nearly reached (%v)", bound, j, reached[j])
		}
	}
}

// TestNatural holds what makes the basis natural: 0 at the low end, straight at
// both ends (the functions' weights cancel the second derivatives there).
func TestNatural(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBasis(t)
		last := order + b.interior
		out := make([]float64, b.Len())
		b.At(b.knots[0], out)
		for j, v := range out {
			if v != 0 {
				t.Fatalf("function %d is %v at the low end", j, v)
			}
			for _, span := range []int{order, last} {
				x := b.knots[0]
				if span == last {
					x = b.knots[last]
				}
				second, size := 0.0, 0.0
				for i, d := range b.curvature(span, x) {
					second += d * b.weights[j][span-order+i]
					size = max(size, math.Abs(d))
				}
				if math.Abs(second) > 1e-13*size {
					t.Fatalf("function %d has second derivative %v at %v, of terms up to %v", j, second, x, size)
				}
			}
		}
	})
}

func TestClamps(t *testing.T) {
	b, err := New([]float64{1, 2}, 0, 3)
	if err != nil {
		t.Fatal(err)
	}
	at := func(x float64) []float64 {
		out := make([]float64, b.Len())
		b.At(x, out)
		return out
	}
	if !slices.Equal(at(-5), at(0)) || !slices.Equal(at(math.Inf(1)), at(3)) || slices.Equal(at(0), at(3)) {
		t.Errorf("not the ends' values beyond the ends: %v %v", at(-5), at(99))
	}
	if !math.IsNaN(at(math.NaN())[0]) {
		t.Errorf("NaN gives %v", at(math.NaN()))
	}
}

func TestAtAllocatesNothing(t *testing.T) {
	b, err := New([]float64{1, 2}, 0, 3)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, b.Len())
	if n := testing.AllocsPerRun(100, func() { b.At(1.5, out) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNewRefuses(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name      string
		knots     []float64
		low, high float64
	}{
		{"no knots", nil, 0, 1},
		{"eight knots", []float64{1, 2, 3, 4, 5, 6, 7, 8}, 0, 9},
		{"descending", []float64{2, 1}, 0, 3},
		{"repeated", []float64{1, 1}, 0, 3},
		{"nearly repeated", []float64{1, 1 + 1e-9}, 0, 3},
		{"at the low end", []float64{0, 1}, 0, 3},
		{"at the high end", []float64{1, 3}, 0, 3},
		{"outside", []float64{4}, 0, 3},
		{"ends exchanged", []float64{1}, 3, 0},
		{"no width", []float64{1}, 1, 1},
		{"too narrow", []float64{5e-10}, 0, 9e-10},
		{"too large", []float64{1e15}, 0, 2e15},
		{"too low", []float64{-1e15}, -2e15, 0},
		{"infinite end", []float64{1}, 0, inf},
		{"NaN end", []float64{1}, nan, 3},
		{"NaN knot", []float64{nan}, 0, 3},
		{"infinite knot", []float64{inf}, 0, 3},
	} {
		if _, err := New(c.knots, c.low, c.high); err == nil {
			t.Errorf("%s: accepted", c.name)
		}
	}
	if _, err := New([]float64{1, 2, 3, 4, 5, 6, 7}, 0, 8); err != nil {
		t.Errorf("seven knots: %v", err)
	}
}

func BenchmarkAt(b *testing.B) {
	s, err := New([]float64{20, 30, 40}, 0, 60)
	if err != nil {
		b.Fatal(err)
	}
	out := make([]float64, s.Len())
	for i := range b.N {
		s.At(float64(i%61), out)
	}
}
