package statement

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestPrior(t *testing.T) {
	mean, sd := Prior(2, 1.2, 3.5)
	if math.Abs(mean-math.Log(2)) > 1e-15 || math.Abs(sd-(math.Log(3.5)-math.Log(1.2))/(2*1.959964)) > 1e-15 {
		t.Errorf("%v %v", mean, sd)
	}
}

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		what              string
		stated, low, high float64
		want              string
	}{
		{"risk, and so it is", 0.7, 0.1, 0.9, Supported},
		{"risk, and it protects", 0.7, -0.9, -0.1, Contradicted},
		{"risk, and nobody knows", 0.7, -0.1, 0.9, CannotTell},
		{"protects, and so it does", -0.7, -0.9, -0.1, Supported},
		{"protects, and it is a risk", -0.7, 0.1, 0.9, Contradicted},
		{"protects, and nobody knows", -0.7, -0.9, 0.1, CannotTell},
		{"at 0", 0.7, 0, 0.9, CannotTell},
		{"up to 0", 0.7, -0.9, 0, CannotTell},
	} {
		if got := Verdict(c.stated, c.low, c.high); got != c.want {
			t.Errorf("%s: %s", c.what, got)
		}
	}
}

func TestSize(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0.1, 0.15, Smaller}, {0.3, 0.9, AsStated}, {1.3, 2, Larger}, {0.1, 0.9, Unclear}, {0.3, 2, Unclear}, {0.1, 2, Unclear},
	} {
		if got := Size(0.7, c.low, c.high, 0.18, 1.25); got != c.want {
			t.Errorf("%g to %g: %s, want %s", c.low, c.high, got, c.want)
		}
	}
}

// TestMirror: a statement about what protects is judged as one about a risk
// with every sign turned.
func TestMirror(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := func(name string) float64 { return rapid.Float64Range(-3, 3).Draw(t, name) }
		stated, a, b, c, d := rapid.Float64Range(0.01, 3).Draw(t, "stated"), x("a"), x("b"), x("c"), x("d")
		low, high, from, to := min(a, b), max(a, b), min(c, d), max(c, d)
		if Verdict(stated, low, high) != Verdict(-stated, -high, -low) {
			t.Fatal("verdict")
		}
		if Size(stated, low, high, from, to) != Size(-stated, -high, -low, -to, -from) {
			t.Fatal("size")
		}
	})
}
