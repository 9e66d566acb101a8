package plots

import (
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/decide"
)

// use is what the made-up evaluation's model would mean in use.
func use(t testing.TB, missedIs float64) *decide.Use {
	t.Helper()
	var list []decide.Bin
	for _, b := range evaluation().HeldOut.Bins {
		list = append(list, decide.Bin(b))
	}
	u, err := decide.For(list, 3, decide.Ask{Capacity: 12, Per: "month", Of: 400, MissedIs: missedIs})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestDecision(t *testing.T) {
	for lang, says := range map[string][]string{
		"en": {"one missed child is as bad as 20 false alarms", "everybody selected", "nobody selected", "Rows judged: 860, with the outcome: "},
		"nl": {"één gemist kind is even erg als 20 keer vals alarm", "iedereen geselecteerd", "niemand geselecteerd"},
	} {
		p, err := Decision(logisticResult(), use(t, 20), lang)
		if err != nil {
			t.Fatal(err)
		}
		d := readBack(t, p)
		for _, s := range says {
			if !slices.ContainsFunc(d.texts, func(x svgText) bool { return strings.Contains(x.said, s) }) {
				t.Errorf("%s does not say %q", lang, s)
			}
		}
		if a, b, ok := overlap(d.texts); ok {
			t.Errorf("%s: %q lies over %q", lang, a, b)
		}
	}
	// No price was asked: none is drawn.
	p, err := Decision(logisticResult(), use(t, 0), "en")
	if err != nil || len(p.key) != 4 {
		t.Errorf("%d entries in the key (%v)", len(p.key), err)
	}
	p, err = Decision(logisticResult(), use(t, 2.5), "nl")
	if err != nil || !strings.Contains(p.key[4].text, "2,5") {
		t.Errorf("%+v (%v)", p.key, err)
	}
}

func TestDecisionRefuses(t *testing.T) {
	if _, err := Decision(nil, nil, "en"); !errors.Is(err, ErrNoData) {
		t.Errorf("nothing: %v", err)
	}
	if _, err := Decision(nil, &decide.Use{}, "en"); !errors.Is(err, ErrNoData) {
		t.Errorf("no curve: %v", err)
	}
	u := use(t, 20)
	if _, err := Decision(nil, u, "fr"); err == nil {
		t.Error("French passed")
	}
	u.Curve[7].Model.Most = math.Inf(1)
	if _, err := Decision(nil, u, "en"); err == nil || !strings.Contains(err.Error(), "check the result") {
		t.Errorf("an infinite net benefit: %v", err)
	}
}

func TestWriteUse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pictures")
	r := &model.Result{Study: hostile}
	files, err := WriteUse(dir, r, use(t, 20), "en")
	if err != nil || !slices.Equal(files, []string{"decision-curve.svg", "decision-curve.png"}) {
		t.Errorf("%v, %v", files, err)
	}
	p, err := Decision(r, use(t, 20), "en")
	if err != nil {
		t.Fatal(err)
	}
	readBack(t, p)
}
