package plots

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/model"
)

var everyPicture = []string{
	"forest", "calibration", "calibration-left-out", "roc", "roc-left-out", "learning-curve", "funnel", "fairness-denomination", "fairness-minority",
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pictures")
	r, e := logisticResult(), evaluation()
	files, err := Write(dir, r, e, "en")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range everyPicture {
		want = append(want, name+".svg", name+".png")
	}
	if !slices.Equal(files, want) {
		t.Errorf("wrote %v, want %v", files, want)
	}
	found, err := os.ReadDir(dir)
	if err != nil || len(found) != len(want) {
		t.Errorf("the folder holds %d files, want %d (%v)", len(found), len(want), err)
	}
	for _, name := range files {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".svg") {
			d, err := parseSVG(content)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !d.says("Study: language-2026  ·  rows used: 3,449  ·  institutions: 6") {
				t.Errorf("%s does not say its study, rows and institutions", name)
			}
			continue
		}
		if ink := inked(t, content); ink < 0.01 || ink > 0.5 {
			t.Errorf("%s: %.4f of the pixels are not background", name, ink)
		}
	}
}

// inked returns the share of pixels that are not white of a picture that must
// be 1200 by 800.
func inked(t *testing.T, content []byte) float64 {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 1200 || b.Dy() != 800 {
		t.Errorf("the picture is %d by %d", b.Dx(), b.Dy())
	}
	n := 0
	for y := range 800 {
		for x := range 1200 {
			if r, g, b, _ := img.At(x, y).RGBA(); r+g+b < 3*0xffff {
				n++
			}
		}
	}
	return float64(n) / (1200 * 800)
}

// A second run replaces the files of the first and leaves no other behind.
func TestWriteReplaces(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "learning-curve.svg")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := &model.Evaluation{Curve: evaluation().Curve}
	if _, err := Write(dir, nil, e, "nl"); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(old)
	if err != nil || !bytes.Contains(content, []byte("Hoeveel locaties zijn genoeg?")) {
		t.Errorf("the old file is still there (%v)", err)
	}
	if found, _ := filepath.Glob(filepath.Join(dir, ".*")); len(found) > 0 {
		t.Errorf("left behind: %v", found)
	}
	// A folder in the way of one file: the other is still written.
	if err := os.RemoveAll(old); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(old, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	files, err := Write(dir, nil, e, "nl")
	if err == nil || !slices.Equal(files, []string{"learning-curve.png"}) {
		t.Errorf("wrote %v with the error %v", files, err)
	}
	if found, _ := filepath.Glob(filepath.Join(dir, ".*")); len(found) > 0 {
		t.Errorf("left behind: %v", found)
	}
}

func TestNothingToDraw(t *testing.T) {
	constant := judged("a", []model.Bin{{Rows: 10, Expected: 1}}, 0.5) // no event: no ROC curve
	for name, c := range map[string]struct {
		r *model.Result
		e *model.Evaluation
	}{
		"nil":        {},
		"empty":      {&model.Result{}, &model.Evaluation{}},
		"intercept":  {&model.Result{Model: "linear", Coefficients: logisticResult().Coefficients[:1]}, nil},
		"no bins":    {nil, &model.Evaluation{HeldOut: &model.Judged{}, LeftOut: []model.Judged{{}}, Groups: map[string][]model.Group{"a": nil}}},
		"no sites":   {nil, &model.Evaluation{Curve: []model.CurvePoint{{Models: 3, AUC: 0.8}, {Sites: 3, Models: 1, AUC: math.NaN()}}}},
		"not finite": {&model.Result{Model: "logistic", Coefficients: []model.Coefficient{coefficient("x", 1, math.Inf(1))}}, nil},
	} {
		dir := filepath.Join(t.TempDir(), "none")
		files, err := Write(dir, c.r, c.e, "en")
		if err != nil || len(files) > 0 {
			t.Errorf("%s: %v, %v", name, files, err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: the folder was made", name)
		}
		if s := Terminal(c.r, c.e, 80, "en"); s != "" {
			t.Errorf("%s: the terminal says %q", name, s)
		}
	}
	if _, err := ROC(nil, &constant, "en"); !errors.Is(err, ErrNoData) {
		t.Errorf("a ROC curve without events: %v", err)
	}
}

// Where no evaluation is given, the result's own is drawn.
func TestOwnEvaluation(t *testing.T) {
	r := logisticResult()
	r.Evaluation = &model.Evaluation{Curve: evaluation().Curve}
	pictures, err := Pictures(r, nil, "en")
	if err != nil || len(pictures) != 2 || pictures[1].Name != "learning-curve" {
		t.Errorf("%d pictures, %v", len(pictures), err)
	}
}

func TestSameBytes(t *testing.T) {
	first, err := Pictures(logisticResult(), evaluation(), "nl")
	if err != nil {
		t.Fatal(err)
	}
	again, err := Pictures(logisticResult(), evaluation(), "nl")
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range first {
		a, err := p.SVG()
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []*Picture{p, again[i]} { // drawn twice, and made twice
			if b, err := q.SVG(); err != nil || !bytes.Equal(a, b) {
				t.Errorf("%s.svg differs from one time to the next (%v)", p.Name, err)
			}
		}
	}
}

// Names that would break XML, a path or a terminal are only text.
func TestHostileNames(t *testing.T) {
	r, e := hostileStudy()
	if n := len([]rune(hostile)); n < 64 {
		t.Fatalf("the name has %d characters", n)
	}
	pictures, err := Pictures(r, e, "en")
	if err != nil || len(pictures) != len(everyPicture) {
		t.Fatalf("%d pictures, %v", len(pictures), err)
	}
	plain, seen := regexp.MustCompile(`^[a-z0-9_-]{1,60}$`), map[string]bool{}
	for _, p := range pictures {
		if !plain.MatchString(p.Name) || seen[p.Name] {
			t.Errorf("the name of a file: %q", p.Name)
		}
		seen[p.Name] = true
		d := readBack(t, p)
		if !d.says("</text><script>") {
			t.Errorf("%s does not show the name as it is", p.Name)
		}
		for _, x := range d.texts {
			if x.x < 0 || x.x > float64(pageWidth) {
				t.Errorf("%s: %q begins at %g", p.Name, x.said, x.x)
			}
		}
	}
	if s := Terminal(r, e, 100, "en"); strings.ContainsAny(s, "\x1b\x00\u202e") {
		t.Error("control characters reach the terminal")
	}
}

// Numbers that contradict each other are refused by name; the rest is drawn.
func TestContradictions(t *testing.T) {
	spoil := map[string]func(*model.Evaluation){
		"more events than rows": func(e *model.Evaluation) { e.HeldOut.Bins[3].Events = 44 },
		"expected beyond rows":  func(e *model.Evaluation) { e.HeldOut.Bins[3].Expected = 43.5 },
		"not a number":          func(e *model.Evaluation) { e.HeldOut.Bins[3].Expected = math.NaN() },
		"in a left-out set":     func(e *model.Evaluation) { e.LeftOut[2].Bins[0].Rows = -1 },
		"rate above interval":   func(e *model.Evaluation) { e.Groups["minority"][0].FPR.Estimate = 0.5 },
		"AUC of the rule":       func(e *model.Evaluation) { e.HeldOut.Rule.AUC = 1.2 },
	}
	for name, do := range spoil {
		e := evaluation()
		if _, err := Pictures(nil, e, "en"); err != nil {
			t.Fatalf("unspoilt: %v", err)
		}
		do(e)
		pictures, err := Pictures(nil, e, "en")
		if err == nil || !strings.Contains(err.Error(), "check the result") {
			t.Errorf("%s: %v", name, err)
		}
		if len(pictures) < 4 {
			t.Errorf("%s: only %d pictures are left", name, len(pictures))
		}
	}
}

// No two lines of text lie over each other, in any picture.
func TestTextsApart(t *testing.T) {
	r, e := logisticResult(), evaluation()
	for i := range 60 {
		r.Coefficients = append(r.Coefficients, coefficient(fmt.Sprintf("level%d", i), 0.1*float64(i%9), 0.2))
	}
	for i := range 40 {
		e.LeftOut = append(e.LeftOut, judged(fmt.Sprintf("Stichting Openbaar Onderwijs %d", i), bins(10, int64(20+3*i), 0.01, 0.6, 0.5+float64(i*17%23)/15), 0.8))
		e.Groups["minority"] = append(e.Groups["minority"], model.Group{Level: fmt.Sprint("level ", i), TooFew: true})
	}
	for _, lang := range []string{"en", "nl"} {
		pictures, err := Pictures(r, e, lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pictures {
			if a, b, ok := overlap(readBack(t, p).texts); ok {
				t.Errorf("%s (%s): %q lies over %q", p.Name, lang, a, b)
			}
		}
	}
	if _, _, ok := overlap([]svgText{{x: 10, y: -10, said: "one"}, {x: 12, y: -14, said: "two"}}); !ok {
		t.Error("the check sees no overlap where there is one")
	}
}

// overlap finds two texts whose letters meet. All are taken to be of the
// smallest size, and the turned title of an axis (x beyond the left edge, as
// its coordinates are turned) is left out.
func overlap(texts []svgText) (a, b string, found bool) {
	const size = 8.5
	for i, s := range texts {
		for _, o := range texts[:i] {
			if s.x == 0 || o.x == 0 || s.y > 0 || o.y > 0 {
				continue
			}
			apart := s.x+float64(widthOf(s.said, sans(size))) <= o.x || o.x+float64(widthOf(o.said, sans(size))) <= s.x
			if !apart && math.Abs(s.y-o.y) < 0.75*size {
				return s.said, o.said, true
			}
		}
	}
	return "", "", false
}

// Whatever the names are, an SVG is XML with nothing but drawing in it, and a
// file name is plain.
func FuzzNames(f *testing.F) {
	for _, s := range []string{hostile, "", " ", "]]>", "&#0;", "\t\n\r", "\ud7ff\ue000\uffff", strings.Repeat("é", 300)} {
		f.Add(s)
	}
	plain := regexp.MustCompile(`^fairness-[a-z0-9_-]{1,43}$`)
	f.Fuzz(func(t *testing.T, name string) {
		r := &model.Result{Study: name, Model: "linear", Coefficients: []model.Coefficient{{Term: name, Column: "x", Estimate: 1, ConfLow: 0, ConfHigh: 2}}}
		forest, err := Forest(r, "en")
		if err != nil {
			t.Fatal(err)
		}
		readBack(t, forest)
		fair, err := Fairness(r, map[string][]model.Group{name: {{Level: name, TooFew: true}}}, "nl")
		if err != nil || !plain.MatchString(fair[0].Name) {
			t.Fatalf("%q, %v", fair[0].Name, err)
		}
		readBack(t, fair[0])
	})
}

// TestAllTogetherIsNoPoint: the set of all folds is no point of the funnel, and
// its rule is the line in the learning curve.
func TestAllTogetherIsNoPoint(t *testing.T) {
	sets := []model.Judged{{Institutions: []string{"a"}}, {Institutions: []string{"b"}}, {Institutions: []string{"a", "b"}}}
	if folds, all := apart(sets); len(folds) != 2 || all != &sets[2] {
		t.Errorf("%d folds, all %v", len(folds), all)
	}
	sets[2].Institutions = []string{"c"}
	if folds, all := apart(sets); len(folds) != 3 || all != nil {
		t.Errorf("three folds: %d, all %v", len(folds), all)
	}
}
