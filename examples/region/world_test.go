package region

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

func made(t testing.TB, preset string, seed uint64) *World {
	t.Helper()
	p, err := PresetNamed(preset)
	if err != nil {
		t.Fatal(err)
	}
	w, err := New(p, seed)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestTruthIsTheTable: what truth.json says is what the generator draws from.
func TestTruthIsTheTable(t *testing.T) {
	w, dir := made(t, "tiny", 4), t.TempDir()
	summary, err := w.Write(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, TruthFolder, TruthFile))
	if err != nil {
		t.Fatal(err)
	}
	var truth Truth
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&truth); err != nil {
		t.Fatal(err)
	}
	for i, l := range truth.Links {
		drawn := w.plan.links[i]
		if !reflect.DeepEqual(l, drawn.Link) {
			t.Errorf("truth.json has %+v, the generator %+v", l, drawn.Link)
		}
		if drawn.eta.intercept != l.Intercept || len(drawn.eta.loads) != len(l.Loadings) {
			t.Errorf("%s is drawn from another predictor", l.Name)
		}
		for k, loading := range l.Loadings {
			if got := drawn.eta.loads[k]; got.by != loading.By || w.plan.links[got.at].Name != loading.On {
				t.Errorf("%s: %+v is drawn as %+v", l.Name, loading, got)
			}
		}
	}
	if len(truth.Links) != len(w.plan.links) || !reflect.DeepEqual(truth.Abuse, w.plan.abuse) || truth.Synthetic != Synthetic {
		t.Error("truth.json is not the whole table")
	}
	for k, loading := range truth.Abuse.Loadings {
		if got := w.plan.cases.loads[k]; got.by != loading.By || w.plan.links[got.at].Name != loading.On {
			t.Errorf("cases: %+v is drawn as %+v", loading, got)
		}
	}
	if !reflect.DeepEqual(truth.Summary, summary) || len(truth.Anomalies) != summary.Anomalies || len(truth.Schools) != 18 || len(truth.Areas) != 12 {
		t.Errorf("%d anomalies, %d schools, %d areas", len(truth.Anomalies), len(truth.Schools), len(truth.Areas))
	}
	if len(truth.Programme.Start)+len(truth.Programme.Never) != 18 || len(truth.Excess.Areas) != 1 || truth.Excess.Log != 1.2 {
		t.Errorf("%+v, %+v", truth.Programme, truth.Excess)
	}
}

// TestCallerChoosesTheEffect: the truth goes along.
func TestCallerChoosesTheEffect(t *testing.T) {
	p := made(t, "tiny", 1).Preset
	p.Programme = 0
	w, err := New(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	with, mean := made(t, "tiny", 1), 0.0
	var before []float64
	_ = with.Each(func(c *Child) error { before = append(before, c.get("language_score")); return nil })
	_ = w.Each(func(c *Child) error {
		d := before[c.Index] - c.get("language_score")
		if c.get("programme") == 0 && d != 0 {
			t.Errorf("a child without the programme differs by %g", d)
		}
		mean += d / float64(len(before))
		return nil
	})
	for _, l := range w.Planted().Links {
		for _, on := range l.Loadings {
			if l.Name == "language_score" && on.On == "programme" && on.By != 0 {
				t.Errorf("the truth has %+v", on)
			}
		}
	}
	if mean < 0.3 || mean > 1.2 || w.Planted().Programme.Effect != 0 {
		t.Errorf("the programme made a difference of %g on average", mean)
	}
}

// TestReportsAreBiased: a case becomes a report with the planted probabilities,
// and the areas with an excess have it.
func TestReportsAreBiased(t *testing.T) {
	w := made(t, "region", 6)
	var cases, reports [2]float64
	var inExcess, observed, expected float64
	told, all := 0.0, 0.0
	err := w.Each(func(c *Child) error {
		// Cases late enough to be censored say nothing about the probability.
		if c.Case && c.Onset < 90 {
			b := int(c.get("background"))
			cases[b]++
			reports[b] += one(c.Reported)
		}
		if c.Reported {
			all++
			told += one(c.ToldBack)
			if c.Report <= c.Onset || c.Report >= 144 {
				return fmt.Errorf("a report at %d of a case at %d", c.Report, c.Onset)
			}
		}
		if w.Areas[c.Area].Excess {
			inExcess++
			observed += one(c.Case)
			stay := 1.0
			for _, base := range w.plan.abuse.Yearly {
				stay *= 1 - 1/(1+math.Exp(-(base+c.Oracle-1.2)))
			}
			expected += 1 - stay
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for b, want := range []float64{0.70, 0.90} {
		if got := reports[b] / cases[b]; math.Abs(got-want) > 0.05 {
			t.Errorf("background %d: %.3f of the cases were reported, planted %.2f", b, got, want)
		}
	}
	if got := told / all; math.Abs(got-0.85) > 0.03 {
		t.Errorf("%.3f of the reports were told back", got)
	}
	if ratio := observed / expected; ratio < 2 || ratio > 4.5 {
		t.Errorf("%.0f cases in the areas with an excess, %.1f expected without, among %.0f children", observed, expected, inExcess)
	}
}

// TestMissingFollowsTheTable: not at random where the table says so.
func TestMissingFollowsTheTable(t *testing.T) {
	w := made(t, "demo", 2)
	at := w.plan.at["sdq_8"]
	var missing, n [2]float64
	_ = w.Each(func(c *Child) error {
		k := int(one(c.get("adversity") > 0))
		n[k]++
		missing[k] += one(c.missing[at])
		return nil
	})
	if low, high := missing[0]/n[0], missing[1]/n[1]; low > 0.10 || high < 0.13 {
		t.Errorf("sdq_8 is missing in %.3f with low adversity, %.3f with high", low, high)
	}
}

// TestMemoryDoesNotGrow: what is held while a region is written goes with its
// areas and schools, not with its children.
func TestMemoryDoesNotGrow(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 120,000 children")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	held := func(children int) (most uint64) {
		p := made(t, "scale", 1).Preset
		p.Children = children
		w, err := New(p, 1)
		if err != nil {
			t.Fatal(err)
		}
		w.Progress = func(n int) {
			if n%4096 == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
		if _, err := w.Write(t.Context(), t.TempDir()); err != nil {
			t.Fatal(err)
		}
		return most
	}
	few, many := held(20_000), held(100_000)
	t.Logf("%d kB at 20,000 children, %d kB at 100,000", few>>10, many>>10)
	if many > few+few/4 {
		t.Errorf("%d bytes are held at 20,000 children and %d at 100,000", few, many)
	}
}

// TestStopsAtTheFirstError: of whoever looks at the children.
func TestStopsAtTheFirstError(t *testing.T) {
	enough, n := errors.New("enough"), 0
	err := made(t, "tiny", 1).Each(func(*Child) error { n++; return enough })
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}
