package model_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

const pupils = "../examples/language/pupils.csv"

// readTable reads a CSV file by a codebook, without any of the checks that
// the product's reader makes.
func readTable(t testing.TB, path string, cb *configs.Codebook, columns []string) *model.Table {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	header, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]model.Column, len(columns))
	books := make([]*configs.Column, len(columns))
	for i, name := range columns {
		c, ok := cb.Column(name)
		if !ok {
			t.Fatalf("no column %s", name)
		}
		books[i] = c
		out[i] = model.Column{Name: name, Kind: c.Kind, Levels: c.Levels}
	}
	for {
		record, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range out {
			text := record[slices.Index(header, out[i].Name)]
			v := 0.0
			switch {
			case text == "":
			case out[i].Kind == configs.Category:
				v = float64(slices.Index(books[i].Levels, text))
			default:
				if v, err = strconv.ParseFloat(text, 64); err != nil {
					t.Fatal(err)
				}
			}
			out[i].Values = append(out[i].Values, v)
			out[i].Missing = append(out[i].Missing, text == "")
		}
	}
	table, err := model.NewTable(out)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// book makes a codebook: name, kind, min, max; yes_no when min and max are 0
// and 1.
func ranged(name string, low, high float64) configs.Column {
	return configs.Column{Name: name, Kind: configs.Number, Min: &low, Max: &high}
}

func yesNo(name string) configs.Column { return configs.Column{Name: name, Kind: configs.YesNo} }

func study(kind, outcome string, features ...string) *configs.Study {
	s := configs.DefaultStudy()
	s.About.ID = "test"
	s.Model.Kind, s.Model.Outcome, s.Model.Features = kind, outcome, features
	return s
}

func plan(t testing.TB, s *configs.Study, cb *configs.Codebook) *model.Plan {
	t.Helper()
	p, err := model.New(s, cb)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// trace is everything that a study produced in the open.
type trace struct {
	states [][]byte
	sums   [][]*big.Int
}

func (tr *trace) last() []byte { return tr.states[len(tr.states)-1] }

// run plays a study over the parts, adding what encryption would add.
func run(t testing.TB, p *model.Plan, parts []*model.Table) *trace {
	t.Helper()
	tr, err := play(p, parts)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func play(p *model.Plan, parts []*model.Table) (*trace, error) {
	state, err := p.Start()
	if err != nil {
		return nil, err
	}
	tr := &trace{states: [][]byte{state}}
	for round := 1; ; round++ {
		if round > 250 {
			return nil, fmt.Errorf("no end in %d rounds", round)
		}
		tensors, more, err := p.Shape(state)
		if err != nil {
			return nil, err
		}
		if !more {
			return tr, nil
		}
		want := 0
		for _, x := range tensors {
			want += x.Len
		}
		sums := make([]*big.Int, want)
		for i := range sums {
			sums[i] = new(big.Int)
		}
		for _, part := range parts {
			local, err := p.Local(state, part)
			if err != nil {
				return nil, err
			}
			if len(local) != want {
				return nil, fmt.Errorf("Local gave %d integers, Shape said %d", len(local), want)
			}
			for i, v := range local {
				sums[i].Add(sums[i], v)
			}
		}
		if state, err = p.Global(state, sums); err != nil {
			return nil, err
		}
		tr.states, tr.sums = append(tr.states, state), append(tr.sums, sums)
	}
}

// divide deals the rows of a table over n parts; by(row) says which.
func divide(t testing.TB, table *model.Table, n int, by func(row int) int) []*model.Table {
	t.Helper()
	rows := make([][]int, n)
	for i := range table.Rows() {
		rows[by(i)] = append(rows[by(i)], i)
	}
	parts := make([]*model.Table, n)
	for i := range parts {
		var err error
		if parts[i], err = table.Take(rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	return parts
}

// reference is an answer of R.
type reference struct {
	RowsUsed     int64 `json:"rows_used"`
	Coefficients map[string]struct {
		Estimate, Se, Stat, P float64
	}
	Deviance     float64
	NullDeviance float64 `json:"null_deviance"`
	LogLik       float64 `json:"loglik"`
	AIC          float64
	DFResidual   int64   `json:"df_residual"`
	Kappa        float64 `json:"kappa_standardised"`
	Sigma        float64
	R2           float64
	AdjR2        float64 `json:"adj_r2"`
	RSS          float64
	Conf         map[string][2]float64 `json:"conf"`
}

func readReference(t testing.TB, name string) reference {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}
