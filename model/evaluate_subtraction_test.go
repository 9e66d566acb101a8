package model_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/model"
)

// join adds an institution with the rows of another one, all of which have no
// event but the first few.
func (w *town) join(name, like string, events int) {
	columns := slices.Clone(w.tables[like])
	for j := range columns {
		columns[j].Values, columns[j].Missing = slices.Clone(columns[j].Values), slices.Clone(columns[j].Missing)
	}
	n := 0
	for i, y := range columns[3].Values {
		if n += int(y); n > events {
			columns[3].Values[i] = 0
		}
	}
	for i := range columns[6].Values {
		columns[6].Values[i] = 0
	}
	columns[6].Levels = []string{name + "-0"}
	w.book.Columns[len(w.book.Columns)-1].Sites[name] = columns[6].Levels
	w.tables[name], w.names = columns, append(w.names, name)
}

// TestNothingIsToldBySubtraction: institutions that no fold judges are nobody,
// or enough; what the folds leave is all rows less theirs.
func TestNothingIsToldBySubtraction(t *testing.T) {
	const many = 1 << 20
	a, b := []string{"board1", "board2", "board3"}, []string{"board4", "board5", "board6"}
	for _, c := range []struct {
		what  string
		more  []int // events of each further institution, from board7 on
		folds [][]string
		open  string // numbers of the folds that are opened
		says  string
	}{
		{"all in a fold", nil, [][]string{a, b}, "12", ""},
		{"one in no fold", []int{many}, [][]string{a, b}, "", "by subtraction"},
		{"two in no fold", []int{many, many}, [][]string{a, b}, "", "by subtraction"},
		{"three in no fold", []int{many, many, many}, [][]string{a, b}, "12", ""},
		{"three in no fold, one with few events", []int{many, many, 2}, [][]string{a, b}, "", "by subtraction"},
		{"one with few events in a fold of four", []int{2}, [][]string{append(slices.Clone(a), "board7"), b}, "2", "the rows of fold 1"},
		{"one with events enough in a fold of four", []int{many}, [][]string{append(slices.Clone(a), "board7"), b}, "12", ""},
		{"one absent in a fold of four", nil, [][]string{append(slices.Clone(a), "board7"), b}, "12", "1 of the 4 institutions of fold 1"},
		{"one in no fold, small folds accepted", []int{many}, [][]string{a, b[:1], b[1:]}, "123", ""},
	} {
		w := six(t, false)
		for i, events := range c.more {
			w.join("board"+string(rune('7'+i)), "board1", events)
		}
		w.study.Evaluate.Folds = c.folds
		p, tables := w.plan(t)
		names, r := asked(t, p, tables)
		open := ""
		for f := range c.folds {
			if n := string(rune('1' + f)); has(names, "without fold "+n) {
				open += n
			}
		}
		notes := strings.Join(r.Evaluation.Notes, "\n")
		if open != c.open || has(names, "rows that judge") != (open != "") || !strings.Contains(notes, c.says) || (notes == "") != (c.says == "") {
			t.Errorf("%s: folds %q opened, %s", c.what, open, notes)
		}
	}
}

// TestCurveLearnsFromEnough: a number of sites at which a draw learns from, or
// tests with, fewer than three rows of an outcome is not opened.
func TestCurveLearnsFromEnough(t *testing.T) {
	for _, c := range []struct {
		what string
		few  int // institutions whose events all lie at one site
		open bool
	}{{"events everywhere", 0, true}, {"three institutions", 3, true}, {"two institutions", 4, false}} {
		w := six(t, true)
		w.study.Evaluate.Where, w.study.Evaluate.Groups, w.study.Evaluate.Curve = "", nil, "unit"
		for i, name := range w.names {
			columns := w.tables[name]
			columns[6].Levels = nil
			for u := range 4 {
				columns[6].Levels = append(columns[6].Levels, name+"-"+string(rune('a'+u)))
			}
			w.book.Columns[len(w.book.Columns)-1].Sites[name] = columns[6].Levels
			for r := range columns[6].Values {
				columns[6].Values[r] = float64(r % 4)
				columns[3].Values[r] = float64(r / 4 % 2)
				if i < c.few && r%4 > 0 {
					columns[3].Values[r] = 0
				}
			}
		}
		p, tables := w.plan(t)
		names, r := asked(t, p, tables)
		if has(names, "models of 1 sites") != c.open || (len(r.Evaluation.Curve) > 0) != c.open {
			t.Errorf("%s: %v, %v", c.what, names, r.Evaluation.Notes)
		}
	}
}

// TestSelectedAreBins: the selected are whole bins, so that no row lies between
// a threshold and a cut; and near the share that was asked.
func TestSelectedAreBins(t *testing.T) {
	w := six(t, true)
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 3))
		w.study.Evaluate.Select = 0.05 + 0.3*r.Float64()
		p, tables := w.plan(t)
		p.Unmerge()
		last, err := p.Play(tables, func([]model.Tensor, []*big.Int) {})
		if err != nil {
			t.Fatal(err)
		}
		var in struct {
			Evaluate struct {
				Sets   []struct{ Bins struct{ Cells [2][]int64 } }
				Groups []struct {
					From     int
					Levels   []int
					Selected [2][]int64
				}
			}
		}
		if err := json.Unmarshal(last, &in); err != nil {
			t.Fatal(err)
		}
		g, bins := in.Evaluate.Groups[0], in.Evaluate.Sets[len(in.Evaluate.Sets)-1].Bins
		if len(g.Levels) != 2 {
			continue
		}
		for y, cells := range bins.Cells {
			above := int64(0)
			for _, n := range cells[g.From:] {
				above += n
			}
			if selected := g.Selected[y][0] + g.Selected[y][1]; selected != above {
				t.Errorf("seed %d: %d selected with outcome %d, %d in bins", seed, selected, y, above)
			}
		}
	}
}

// TestMissingGroupsTooFew: rows without a value of the column are a level too;
// at one or two institutions they keep it closed.
func TestMissingGroupsTooFew(t *testing.T) {
	for institutions, open := range []bool{true, false, false, true} {
		w := six(t, true)
		for i, name := range w.names {
			c := &w.tables[name][5]
			for r := range c.Values {
				c.Values[r], c.Missing[r] = float64(r%2), i < institutions && r%5 == 0
			}
		}
		p, tables := w.plan(t)
		names, _ := asked(t, p, tables)
		if has(names, `rows by outcome and level of "c"`) != open {
			t.Errorf("missing at %d institutions: %v", institutions, names)
		}
	}
}

// TestRuleOfYesNo: without a number the rule is a yes_no column, and without
// that the result says that there is none.
func TestRuleOfYesNo(t *testing.T) {
	w := six(t, true)
	for _, columns := range w.tables {
		for i := range columns[2].Values {
			columns[2].Values[i], columns[3].Values[i] = float64(i%2), 0
			if i%2 == 1 && i%3 > 0 || i%6 == 0 {
				columns[3].Values[i] = 1
			}
		}
	}
	w.study.Model.Features = []string{"c", "g"}
	p, tables := w.plan(t)
	p.Unmerge()
	_, r := asked(t, p, tables)
	var cells [2][2]float64 // by outcome, then g
	for _, columns := range w.tables {
		for i, aside := range columns[4].Values {
			if aside == 1 && !columns[5].Missing[i] {
				cells[int(columns[3].Values[i])][int(columns[2].Values[i])]++
			}
		}
	}
	f, e := cells[0], cells[1]
	exact := (e[1]*f[0] + (e[0]*f[0]+e[1]*f[1])/2) / ((e[0] + e[1]) * (f[0] + f[1]))
	h := r.Evaluation.HeldOut
	if h == nil {
		t.Fatal(r.Evaluation.Notes)
	}
	if h.Rule == nil || h.Rule.Column != "g" || !h.Rule.Ascending || math.Abs(h.Rule.AUC-exact) > 1e-9 {
		t.Fatalf("%+v, exact area %g, %v", h.Rule, exact, r.Evaluation.Notes)
	}
	w.study.Model.Features = []string{"c"}
	p, tables = w.plan(t)
	_, r = asked(t, p, tables)
	if h := r.Evaluation.HeldOut; h == nil || h.Rule != nil || !slices.ContainsFunc(r.Evaluation.Notes, func(n string) bool { return strings.Contains(n, "no rule") }) {
		t.Errorf("%+v, %v", h, r.Evaluation.Notes)
	}
}

// spoilt plays the round of a tensor with one of its numbers replaced, and
// returns how the study ends.
func spoilt(t *testing.T, p *model.Plan, tr *trace, tensor string, at int, value *big.Int) error {
	t.Helper()
	for round, state := range tr.states {
		tensors, _, err := p.Shape(state)
		if err != nil {
			t.Fatal(err)
		}
		before := 0
		for _, x := range tensors {
			if !strings.HasPrefix(x.Name, tensor) {
				before += x.Len
				continue
			}
			sums := slices.Clone(tr.sums[round])
			sums[before+at] = value
			next, err := p.Global(state, sums)
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Result(next)
			return err
		}
	}
	t.Fatalf("nothing is called %s", tensor)
	return nil
}

// TestEvaluationContradictions: more institutions than there are, and an
// expected number of events that no predictions have.
func TestEvaluationContradictions(t *testing.T) {
	w := six(t, false)
	p, tables := w.plan(t)
	tr := run(t, p, tables)
	r, err := p.Result(tr.last())
	if err != nil {
		t.Fatal(err)
	}
	set := r.Evaluation.LeftOut[0]
	const grid = 80 // bits of a sum's grid
	for _, c := range []struct {
		what, tensor string
		at           int
		value        *big.Int
	}{
		{"more institutions than a fold lists", "institutions that can judge", 1, big.NewInt(4)},
		{"more institutions than a roster has", "institutions that can judge", 0, big.NewInt(65)},
		{"nothing expected", "gradient of the calibration of fold 1", 0, new(big.Int).Lsh(big.NewInt(set.Events), grid)},
		{"more expected than rows", "gradient of the calibration of fold 1", 0, new(big.Int).Lsh(big.NewInt(set.Events-set.Rows-1), grid)},
	} {
		var e *model.Error
		if err := spoilt(t, p, tr, c.tensor, c.at, c.value); !errors.As(err, &e) || e.Code() != model.CodeContradiction {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

var numerals = regexp.MustCompile(`-?\d+(\.\d+)?([eE][-+]?\d+)?`)

// hostile are states of an evaluation that ends too early, and ones with a
// number changed.
func hostile(states [][]byte) (bad [][]byte) {
	r := rand.New(rand.NewPCG(18, 5))
	for _, state := range states {
		if !bytes.Contains(state, []byte(`"evaluate":{`)) {
			continue
		}
		if done := bytes.Replace(state, []byte(`"phase":"evaluate"`), []byte(`"phase":"done"`), 1); !bytes.Equal(done, state) {
			bad = append(bad, done)
		}
		places := numerals.FindAllIndex(state, -1)
		for range 40 {
			at := places[r.IntN(len(places))]
			other := []string{"0", "-1", "1", "7", "1e+300", "-1e+300", "9223372036854775807", "3.5", "1048576"}[r.IntN(9)]
			bad = append(bad, slices.Concat(state[:at[0]], []byte(other), state[at[1]:]))
		}
	}
	return bad
}

// TestHostileEvaluations: a state that no study reaches is refused, or read to
// its end without harm.
func TestHostileEvaluations(t *testing.T) {
	w := six(t, false)
	w.study.Evaluate.Curve = "unit"
	p, tables := w.plan(t)
	tr := run(t, p, tables)
	for _, state := range hostile(tr.states) {
		through(t, p, tables[0], state)
	}
	for i, state := range tr.states {
		done := bytes.Replace(state, []byte(`"phase":"evaluate"`), []byte(`"phase":"done"`), 1)
		if bytes.Equal(done, state) {
			continue
		}
		var e *model.Error
		if _, _, err := p.Shape(done); !errors.As(err, &e) || e.Code() != model.CodeState {
			t.Errorf("state %d is taken for an end: %v", i, err)
		}
	}
	w = six(t, true)
	w.study.Evaluate.Groups = []string{"c"}
	p, tables = w.plan(t)
	for _, state := range hostile(run(t, p, tables).states) {
		through(t, p, tables[0], state)
	}
}

// through takes a state one round further, or to its result.
func through(t testing.TB, p *model.Plan, table *model.Table, state []byte) {
	tensors, more, err := p.Shape(state)
	if err != nil {
		return
	}
	if !more {
		r, err := p.Result(state)
		if err == nil {
			if _, err := json.Marshal(r.Evaluation); err != nil {
				t.Errorf("a result that cannot be written: %v", err)
			}
		}
		return
	}
	sums, err := p.Local(state, table)
	if err != nil {
		for _, x := range tensors {
			for range x.Len {
				sums = append(sums, big.NewInt(int64(len(sums))))
			}
		}
	}
	next, err := p.Global(state, sums)
	if err == nil {
		_, _, err = p.Shape(next)
	}
	if err != nil && !errors.As(err, new(*model.Error)) {
		t.Fatal(err)
	}
}
