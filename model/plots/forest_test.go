package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/model"
)

// The dots lie where the ticks say that the odds ratios are, on a logarithmic
// axis, and the numbers beside them are those of the result.
func TestForestOfRatios(t *testing.T) {
	for kind, title := range map[string]string{"logistic": "Odds ratio (logarithmic axis)", "poisson": "Rate ratio (logarithmic axis)"} {
		r := logisticResult()
		r.Model = kind
		p, err := Forest(r, "en")
		if err != nil {
			t.Fatal(err)
		}
		d := readBack(t, p)
		if !d.says(title) || d.says("(Intercept)") {
			t.Errorf("%s: the title or the intercept is wrong", kind)
		}
		at := d.ruler(t, textSize, "0.5", "2", across, math.Log)
		xs, ys := d.dots()
		xs, ys = xs[1:], ys[1:] // the first is the key's
		if len(xs) != 8 {
			t.Fatalf("%d dots", len(xs))
		}
		for i, c := range r.Coefficients[1:] {
			or := math.Exp(c.Estimate)
			if !near(xs[i], at(or), 0.1) || near(xs[i], at(or*1.01), 0.1) {
				t.Errorf("%s lies at %g, want %g", c.Term, xs[i], at(or))
			}
			if i > 0 && ys[i] >= ys[i-1] {
				t.Errorf("%s is not below the term before it", c.Term)
			}
		}
		for _, s := range []string{"girl", "0.52 (0.41 to 0.67)", "1.25 (0.68 to 2.29)", "denominationProtestant"} {
			if !d.says(s) {
				t.Errorf("%q is not there", s)
			}
		}
	}
}

func TestForestOnTheRawScale(t *testing.T) {
	r := logisticResult()
	r.Model = "linear"
	p, err := Forest(r, "en")
	if err != nil {
		t.Fatal(err)
	}
	d := readBack(t, p)
	at := d.ruler(t, textSize, "-0.5", "0.5", across, linear)
	xs, _ := d.dots()
	for i, c := range r.Coefficients[1:] {
		if !near(xs[i+1], at(c.Estimate), 0.1) {
			t.Errorf("%s lies at %g, want %g", c.Term, xs[i+1], at(c.Estimate))
		}
	}
	if !d.says("-0.65 (-0.89 to -0.41)") || d.says("Odds ratio") {
		t.Error("the coefficient of girl is not there on the raw scale")
	}
}

// Intervals by site replace the model's own.
func TestForestRobust(t *testing.T) {
	r := logisticResult()
	low, high := -1.1, -0.2
	plain := newEffects(r, languages["en"])
	r.Coefficients[3].RobustConfLow, r.Coefficients[3].RobustConfHigh = &low, &high
	robust := newEffects(r, languages["en"])
	if plain.robust || !robust.robust {
		t.Error("robust intervals are not recognised")
	}
	a, b := plain.list[2], robust.list[2]
	if !near(b.low, math.Exp(low), 1e-9) || !near(b.high, math.Exp(high), 1e-9) || b.value != a.value {
		t.Errorf("the robust interval is %g to %g, want %g to %g", b.low, b.high, math.Exp(low), math.Exp(high))
	}
	p, err := Forest(r, "en")
	if err != nil || !slices.Contains(p.Caption, languages["en"].robust) {
		t.Errorf("the caption does not say that intervals are robust (%v)", err)
	}
	if s := Terminal(r, nil, 80, "en"); !strings.Contains(s, "robust") {
		t.Error("the terminal does not say that intervals are robust")
	}
	if p, _ := Forest(logisticResult(), "en"); slices.Contains(p.Caption, languages["en"].robust) {
		t.Error("the caption says robust where nothing is")
	}
}

func TestForestLeavesOutAndSaysSo(t *testing.T) {
	r := &model.Result{Model: "logistic"}
	for i := range 43 {
		r.Coefficients = append(r.Coefficients, coefficient(fmt.Sprintf("x%02d", i), 0.1, 0.1))
	}
	r.Coefficients[0] = coefficient("far", 9, 0.1)
	r.Coefficients[1] = coefficient("unbounded", 2, 900)
	r.Ridge = 0.1
	p, err := Forest(r, "en")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.panels[0].rows); n != maxTerms {
		t.Errorf("%d terms are drawn", n)
	}
	d, caption := readBack(t, p), strings.Join(p.Caption, " ")
	for _, s := range []string{"not drawn: 2.", "finite interval, not drawn: 1.", "An arrowhead", "ridge"} {
		if !strings.Contains(caption, s) {
			t.Errorf("the caption %q does not say %q", caption, s)
		}
	}
	if d.says("unbounded") || !d.says("far") {
		t.Error("the wrong terms are drawn")
	}
	if xs, _ := d.dots(); len(xs) != 1+maxTerms-1 {
		t.Errorf("%d dots, although one term lies beyond the axis", len(xs)-1)
	}
}
