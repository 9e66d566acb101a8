package region_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/examples/region"
	"github.com/smartstart-federation/smartstart/model"
)

// fitted fits a model in the clear over tables, one an institution, and returns
// the coefficients by term.
func fitted(t *testing.T, modelTOML string, book *configs.Codebook, read func(plan *model.Plan) []*model.Table) (*model.Result, map[string]model.Coefficient) {
	t.Helper()
	study, err := configs.ParseStudy([]byte("[study]\nid = \"s\"\nquestion = \"q?\"\npurpose = \"p\"\n" + modelTOML + "\n[rounds]\nmax = 100\n"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := model.New(study, book)
	if err != nil {
		t.Fatal(err)
	}
	tables := read(plan)
	for i := range tables {
		if tables[i], _, err = plan.Prepare(tables[i]); err != nil {
			t.Fatal(err)
		}
	}
	state, err := plan.Start()
	for err == nil {
		tensors, more, e := plan.Shape(state)
		if e != nil || !more {
			err = e
			break
		}
		n := 0
		for _, x := range tensors {
			n += x.Len
		}
		sums := make([]*big.Int, n)
		for i := range sums {
			sums[i] = new(big.Int)
		}
		for _, table := range tables {
			values, e := plan.Local(state, table)
			if e != nil {
				t.Fatal(e)
			}
			for i, v := range values {
				sums[i].Add(sums[i], v)
			}
		}
		state, err = plan.Global(state, sums)
	}
	if err != nil {
		t.Fatal(err)
	}
	result, err := plan.Result(state)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]model.Coefficient{}
	for _, c := range result.Coefficients {
		by[c.Term] = c
	}
	return result, by
}

// pooledAUC fits a logistic model of a report on the columns of some groups,
// side by side on the same child, and returns its AUC on the same children and
// the oracle's. Gaps get the column's mean.
func pooledAUC(t *testing.T, w *region.World, groups ...string) (auc, oracle float64) {
	t.Helper()
	pool, err := w.Pool(groups...)
	if err != nil {
		t.Fatal(err)
	}
	reported := pool[0]
	columns := []model.Column{{Name: reported.Name, Kind: configs.YesNo, Values: reported.Values, Missing: reported.Missing}}
	var features []string
	var book strings.Builder
	fmt.Fprintf(&book, "[[column]]\nname = %q\nkind = \"yes_no\"\n", reported.Name)
	add := func(name string, low, high float64, values []float64) {
		if slices.Min(values) == slices.Max(values) {
			return // known_GROUP where everybody is
		}
		features = append(features, name)
		columns = append(columns, model.Column{Name: name, Kind: configs.Number, Values: values, Missing: make([]bool, len(values))})
		fmt.Fprintf(&book, "[[column]]\nname = %q\nkind = \"number\"\nmin = %g\nmax = %g\n", name, low, high)
	}
	for _, c := range pool[2:] {
		mean, n := 0.0, 0.0
		for i, v := range c.Values {
			if !c.Missing[i] {
				mean, n = mean+v, n+1
			}
		}
		for i := range c.Values {
			if c.Missing[i] {
				c.Values[i] = mean / n
			}
		}
		if c.Kind != configs.Category {
			add(c.Name, min(0, c.Min), c.Max, c.Values)
			continue
		}
		for k := 1; k < len(c.Levels); k++ {
			is := make([]float64, len(c.Values))
			for i, v := range c.Values {
				if v == float64(k) {
					is[i] = 1
				}
			}
			add(fmt.Sprintf("%s_%d", c.Name, k), 0, 1, is)
		}
	}
	codebook, err := configs.ParseCodebook([]byte(book.String()))
	if err != nil {
		t.Fatal(err)
	}
	table, err := model.NewTable(columns)
	if err != nil {
		t.Fatal(err)
	}
	_, by := fitted(t, fmt.Sprintf("[model]\nkind = \"logistic\"\noutcome = %q\nfeatures = [\"%s\"]", reported.Name, strings.Join(features, `", "`)),
		codebook, func(plan *model.Plan) []*model.Table {
			chosen := make([]model.Column, 0, len(columns))
			for _, name := range plan.Columns() {
				c, _ := table.Column(name)
				chosen = append(chosen, *c)
			}
			out, err := model.NewTable(chosen)
			if err != nil {
				t.Fatal(err)
			}
			return []*model.Table{out}
		})
	score := make([]float64, len(reported.Values))
	for _, name := range features {
		c, _ := table.Column(name)
		b, ok := by[name]
		if !ok {
			t.Fatalf("no coefficient of %s", name)
		}
		for i, v := range c.Values {
			score[i] += b.Estimate * v
		}
	}
	return region.RankedAUC(reported.Values, score), region.RankedAUC(reported.Values, pool[1].Values)
}
