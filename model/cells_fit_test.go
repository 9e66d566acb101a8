package model_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

var steepBook = &configs.Codebook{Columns: []configs.Column{yesNo("late"), ranged("score", -8, 8), ranged("debts", -50, 50)}}

// steepParts are three institutions of 300 children whose lateness goes a little
// with a score.
func steepParts(t *testing.T, p *model.Plan) (parts []*model.Table, debts []float64) {
	t.Helper()
	parts, debts = steepTables(t, p)
	for _, table := range parts {
		if found, err := p.SmallCells(table); err != nil || len(found) > 0 {
			t.Fatalf("a cell is small: %v, %v", found, err)
		}
	}
	return parts, debts
}

// steepTable are the rows of the first of them.
func steepTable(t *testing.T, p *model.Plan) *model.Table {
	t.Helper()
	parts, _ := steepTables(t, p)
	return parts[0]
}

func steepTables(t *testing.T, p *model.Plan) (parts []*model.Table, debts []float64) {
	t.Helper()
	r := rand.New(rand.NewPCG(4, 4))
	for k := range 3 {
		columns := []model.Column{{Name: "late", Kind: configs.YesNo}, {Name: "score", Kind: configs.Number}, {Name: "debts", Kind: configs.Number}}
		for range 300 {
			score, late := r.NormFloat64(), 0.0
			if r.Float64() < 1/(1+math.Exp(1-score)) {
				late = 1
			}
			row := []float64{late, score, 10 + 3*r.NormFloat64()}
			for j, v := range row {
				columns[j].Values, columns[j].Missing = append(columns[j].Values, v), append(columns[j].Missing, false)
			}
			debts = append(debts, row[2])
		}
		table, err := model.NewTable(columns)
		if err != nil {
			t.Fatal(err)
		}
		table.Institution = fmt.Sprint("board", k)
		if table, _, err = p.Prepare(table); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, table)
	}
	return parts, debts
}

// outweighed says what FewCount says of any round at any institution.
func outweighed(t *testing.T, p *model.Plan, tr *trace, parts []*model.Table) (found string) {
	t.Helper()
	for _, state := range tr.states {
		for _, part := range parts {
			fits, err := p.FewCount(state, part)
			if err != nil {
				t.Fatal(err)
			}
			found += strings.Join(fits, "; ")
		}
	}
	return found
}

// ofOneChild finds the one child whose debts the opened Hessian of a fit are, if
// it is of one child; -1 if not. Which power of two is between them is no secret.
func ofOneChild(t *testing.T, p *model.Plan, tr *trace, tensor string, debts []float64) (child int) {
	t.Helper()
	mean, sd := 0.0, 0.0
	for _, d := range debts {
		mean += d / float64(len(debts))
	}
	for _, d := range debts {
		sd += (d - mean) * (d - mean) / float64(len(debts))
	}
	sd = math.Sqrt(sd)
	child = -1
	for i, sums := range tr.sums {
		tensors, _, err := p.Shape(tr.states[i])
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range tensors {
			if x.Name == tensor {
				first, _ := new(big.Float).SetInt(sums[0]).Float64()
				debt, _ := new(big.Float).SetInt(sums[3]).Float64()
				for n, d := range debts {
					share, _ := math.Frexp(math.Abs(debt / first))
					z, _ := math.Frexp(math.Abs(d-mean) / sd)
					if math.Abs(share/z-1) < 1e-9 {
						child = n
					}
				}
			}
			sums = sums[x.Len:]
		}
	}
	return child
}

// TestSteepPriorTellsOfOneChild: with a prior that is steep and sure, the sums
// that a study opens are one child's own columns, though every cell is large; so
// they are with such an offset. FewCount says so before the round.
func TestSteepPriorTellsOfOneChild(t *testing.T) {
	s := study(configs.KindLogistic, "late", "score", "debts")
	p := plan(t, s, steepBook)
	parts, debts := steepParts(t, p)
	tr := run(t, p, parts)
	if child := ofOneChild(t, p, tr, "hessian", debts); child >= 0 {
		t.Fatalf("an honest study tells of child %d: the test shows nothing", child)
	}
	if found := outweighed(t, p, tr, parts); found != "" {
		t.Errorf("an honest study: %s", found)
	}

	s.Priors = []configs.Prior{{Term: "score", Mean: 1, SD: 0.5}}
	p = plan(t, s, steepBook)
	if found := outweighed(t, p, run(t, p, parts), parts); found != "" {
		t.Errorf("an honest prior: %s", found)
	}
	s.Priors = []configs.Prior{{Term: "score", Mean: 20000, SD: 1e-6}}
	p = plan(t, s, steepBook)
	tr = run(t, p, parts)
	if child := ofOneChild(t, p, tr, "hessian with priors", debts); child < 0 {
		t.Error("a steep prior tells of nobody: the test shows nothing")
	}
	if found := outweighed(t, p, tr, parts); !strings.Contains(found, "the fit with priors") || strings.Contains(found, "the fit;") {
		t.Errorf("a steep prior: %q", found)
	}

	// An offset of three values is no cell, and this one counts one child alone.
	s = study(configs.KindLogistic, "late", "score", "debts")
	low, high := -40.0, 40.0
	one := fmt.Sprintf("debts > %.9f && debts < %.9f", debts[7]-1e-6, debts[7]+1e-6)
	s.Derive = []configs.Derive{{Name: "steep", Kind: configs.Number, Value: one + " ? 0.0 : (score < -0.67 || score > 0.67 ? -40.0 : 40.0)", Min: &low, Max: &high}}
	s.Model.Offset = "steep"
	p = plan(t, s, steepBook)
	parts, _ = steepParts(t, p)
	tr, err := play(p, parts)
	if err != nil {
		t.Fatal(err)
	}
	if child := ofOneChild(t, p, tr, "hessian", debts); child != 7 {
		t.Errorf("the offset tells of child %d: the test shows nothing", child)
	}
	if found := outweighed(t, p, tr, parts); !strings.Contains(found, "the fit") {
		t.Errorf("an offset that counts one child: %q", found)
	}
}

// TestSteepJudgedRowsTellOfOneChild: so are the sums of a calibration, where a
// made predictor is honest in the rows that the model is fitted on and steep in
// all but one of those that it is judged by.
func TestSteepJudgedRowsTellOfOneChild(t *testing.T) {
	low, high := -1e4, 1e4
	_, debts := steepParts(t, plan(t, study(configs.KindLogistic, "late", "score"), steepBook))
	one := fmt.Sprintf("debts > %.9f && debts < %.9f", debts[7]-1e-6, debts[7]+1e-6)
	for value, want := range map[string]bool{
		"score": false,
		"debts < 8.0 || (" + one + ") ? score : (score < -0.67 || score > 0.67 ? -9000.0 : 9000.0)": true,
	} {
		s := study(configs.KindLogistic, "late", "made")
		s.Derive = []configs.Derive{{Name: "made", Kind: configs.Number, Value: value, Min: &low, Max: &high}}
		s.Evaluate.Where = "debts >= 8.0"
		p := plan(t, s, steepBook)
		parts, _ := steepParts(t, p)
		tr := run(t, p, parts)
		if found := outweighed(t, p, tr, parts); strings.Contains(found, "judged") != want {
			t.Errorf("%s: %q", value, found)
		}
	}
}
