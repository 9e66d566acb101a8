package lmm

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/smartstart-federation/smartstart/model/mp"
)

// sites are the sums of sites of m rows each: of the rows, of y and of y squared,
// with y about its mean.
type sites struct {
	m       int
	sums    []float64
	squares float64
}

func simulated(seed uint64, g, m int, spread float64) (s sites) {
	r := rand.New(rand.NewPCG(seed, 3))
	y, mean := make([]float64, g*m), 0.0
	for i := range y {
		if i%m == 0 {
			s.sums = append(s.sums, spread*r.NormFloat64())
		}
		y[i] = s.sums[i/m] + r.NormFloat64()
		mean += y[i] / float64(len(y))
	}
	s.m, s.sums = m, make([]float64, g)
	for i := range y {
		s.sums[i/m] += y[i] - mean
		s.squares += (y[i] - mean) * (y[i] - mean)
	}
	return s
}

// profile plays the rounds: with sites of one size q_g is 1 at every theta.
func (s sites) profile(restricted bool) (f *Profile, theta float64, trials int, ok bool) {
	g, n := int64(len(s.sums)), int64(len(s.sums)*s.m)
	total := mp.Symmetric{{mp.Int(n)}, {mp.New(), mp.Of(s.squares)}}
	products := mp.Symmetric{{mp.Int(n * int64(s.m))}, {mp.New(), mp.New()}}
	for _, x := range s.sums {
		products[1][0] = mp.Add(products[1][0], mp.Mul(mp.Int(int64(s.m)), mp.Of(x)))
		products[1][1] = mp.Add(products[1][1], mp.Mul(mp.Of(x), mp.Of(x)))
	}
	f, theta = New(total, n, g, restricted), 0.25
	for trials = 1; trials < 9; trials++ {
		f.Add(theta, products, mp.New())
		if !f.Possible() {
			return f, 0, trials, false
		}
		next, settled, found := f.Next()
		if !found || settled {
			return f, next, trials, found
		}
		theta = next
	}
	return f, theta, trials, false
}

// TestBalanced: with sites of one size and no features, restricted maximum
// likelihood is the analysis of variance (Searle, Casella and McCulloch, Variance
// Components, 1992, section 4.6), and it takes two trials.
func TestBalanced(t *testing.T) {
	boundary := 0
	for seed := range uint64(60) {
		s := simulated(seed, 12, 7, []float64{0.1, 0.6, 2}[seed%3])
		between := 0.0
		for _, x := range s.sums {
			between += x * x / float64(s.m)
		}
		within := (s.squares - between) / float64(len(s.sums)*(s.m-1))
		want := (between/float64(len(s.sums)-1)/within - 1) / float64(s.m)
		f, theta, trials, ok := s.profile(true)
		switch {
		case !ok || trials > 3:
			t.Fatalf("seed %d: no end after %d trials", seed, trials)
		case want <= 0:
			if boundary++; theta != 0 {
				t.Errorf("seed %d: theta %g, want the boundary", seed, theta)
			}
			continue
		case math.Abs(theta-want) > 1e-8*want:
			t.Errorf("seed %d: theta %.12g, analysis of variance %.12g", seed, theta, want)
		}
		o := f.At(theta)
		if got := mp.Float64(f.Variance(o)); math.Abs(got-within) > 1e-8*within {
			t.Errorf("seed %d: variance within %g, want %g", seed, got, within)
		}
		// The intercept's variance is that of the mean of the sites' means.
		mean := within * (1 + float64(s.m)*want) / float64(len(s.sums)*s.m)
		if got := mp.Float64(f.Covariance(o)[0][0]); math.Abs(got-mean) > 1e-8*mean {
			t.Errorf("seed %d: variance of the intercept %g, want %g", seed, got, mean)
		}
	}
	if boundary == 0 {
		t.Error("no estimate at the boundary")
	}
}

// TestCriterionIsLeast: the criterion is higher on both sides of the estimate, by
// either likelihood.
func TestCriterionIsLeast(t *testing.T) {
	for _, restricted := range []bool{true, false} {
		f, theta, _, ok := simulated(5, 20, 9, 1).profile(restricted)
		if !ok {
			t.Fatal("no estimate")
		}
		at := func(theta float64) float64 {
			o := f.At(theta)
			return f.Criterion(theta, o, mp.Float64(f.Variance(o)))
		}
		if best := at(theta); at(theta*1.05) <= best || at(theta*0.95) <= best {
			t.Errorf("restricted %v: %g at %g, %g and %g beside it", restricted, best, theta, at(theta*0.95), at(theta*1.05))
		}
	}
}

// TestImpossible: sums that no sites can give are refused.
func TestImpossible(t *testing.T) {
	for name, spoil := range map[string]func(products mp.Symmetric) (logs float64){
		"rows too few":         func(p mp.Symmetric) float64 { p[0][0] = mp.Int(40); return 0 },
		"rows too many":        func(p mp.Symmetric) float64 { p[0][0] = mp.Int(1 << 20); return 0 },
		"logarithms below":     func(mp.Symmetric) float64 { return -1 },
		"more than there is":   func(p mp.Symmetric) float64 { p[1][1] = mp.Int(1 << 20); return 0 },
		"nothing out of place": func(mp.Symmetric) float64 { return 0 },
	} {
		total := mp.Symmetric{{mp.Int(60)}, {mp.New(), mp.Int(60)}}
		products := mp.Symmetric{{mp.Int(300)}, {mp.New(), mp.Int(50)}}
		logs := spoil(products)
		f := New(total, 60, 12, true)
		f.Add(0.25, products, mp.Of(logs))
		if got, want := f.Possible(), name == "nothing out of place"; got != want {
			t.Errorf("%s: possible %v", name, got)
		}
	}
}
