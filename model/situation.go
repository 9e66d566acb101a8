package model

import (
	"fmt"
	"math"
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/areas"
)

// AreaModel explains an indicator of areas by their other indicators: what the
// situation of an area says, before any child is looked at. It is of areas and
// says nothing of a child in one (Robinson, American Sociological Review 15,
// 1950).
type AreaModel struct {
	Outcome    string   `json:"outcome"`
	Predictors []string `json:"predictors"`
	Areas      int      `json:"areas"`
	LeftOut    []string `json:"left_out"` // areas of which one of the indicators is too few to say

	// Coefficients are log rate ratios for one percentage point of an indicator
	// more; StdError is Poisson's, and RobustStdError that times the root of
	// Dispersion where it is above 1 (R's quasipoisson).
	Coefficients []Coefficient `json:"coefficients"`
	Deviance     float64       `json:"deviance"`
	NullDeviance float64       `json:"null_deviance"`
	DFResidual   int64         `json:"df_residual"`
	Dispersion   float64       `json:"dispersion"` // sum of (observed-expected)^2/expected over df_residual; above 1: areas differ by more than this and chance

	Expected map[string]float64 `json:"expected"` // children with a yes, by area
}

// Situation fits a Poisson regression of the count of an indicator on the rates
// of others, with the logarithm of the children as offset, to an opened table:
// public arithmetic that opens nothing more. R: glm(count ~ x + offset(log(children)),
// poisson) with x rates in percent. Rounded counts enter as they are: their error
// adds to the dispersion, and rates that are known less well than they vary have
// coefficients that are too small.
func Situation(t *areas.Table, outcome string, predictors []string) (*AreaModel, error) {
	y, ok := t.Indicator(outcome)
	if !ok {
		return nil, fail(CodeUnknownColumn, "choose from the table's indicators", "the table has no indicator %q", outcome).about(outcome)
	}
	m := &AreaModel{Outcome: outcome, Predictors: predictors, LeftOut: []string{}, Expected: map[string]float64{}}
	rates := make([][]areas.Rate, len(predictors))
	for j, name := range predictors {
		x, ok := t.Indicator(name)
		if !ok || name == outcome {
			return nil, fail(CodeUnknownColumn, "choose from the table's other indicators", "the table has no other indicator %q", name).about(name)
		}
		rates[j] = x.Areas
	}
	columns := []Column{{Name: outcome, Kind: configs.Integer}, {Name: offsetColumn, Kind: configs.Number}}
	for _, name := range predictors {
		columns = append(columns, Column{Name: name, Kind: configs.Number})
	}
	var used []areas.Rate
	for i, rate := range y.Areas {
		row := []float64{float64(rate.Count), math.Log(float64(rate.Children))}
		told := !rate.TooFew
		for j := range predictors {
			told = told && !rates[j][i].TooFew
			row = append(row, 100*rates[j][i].Rate)
		}
		if !told {
			m.LeftOut = append(m.LeftOut, t.Areas[i])
			continue
		}
		used = append(used, rate)
		for j := range columns {
			columns[j].Values, columns[j].Missing = append(columns[j].Values, row[j]), append(columns[j].Missing, false)
		}
	}
	if m.Areas = len(used); m.Areas <= len(predictors)+1 {
		return nil, fail(CodeTooFewRows, "choose fewer indicators, or larger areas", "%d areas are too few for %d coefficients", m.Areas, len(predictors)+1)
	}
	r, err := inTheClear(outcome, predictors, columns)
	if err != nil {
		return nil, err
	}
	m.Coefficients, m.Deviance, m.NullDeviance, m.DFResidual = r.Coefficients, r.Deviance, r.NullDeviance, r.DFResidual
	for i, rate := range used {
		eta := columns[1].Values[i]
		for j, c := range m.Coefficients {
			x := 1.0
			if j > 0 {
				x = columns[1+j].Values[i]
			}
			eta += c.Estimate * x
		}
		mu := math.Exp(eta)
		m.Expected[rate.Area] = mu
		m.Dispersion += (float64(rate.Count) - mu) * (float64(rate.Count) - mu) / mu / float64(m.DFResidual)
	}
	for j := range m.Coefficients {
		c := &m.Coefficients[j]
		e := c.StdError * math.Sqrt(math.Max(1, m.Dispersion))
		c.RobustStdError = &e
	}
	return m, nil
}

// offsetColumn is no name that an indicator can have in a formula's place.
const offsetColumn = "log(children)"

// inTheClear fits the model by the same rounds as a federation's, on one table
// that everybody has.
func inTheClear(outcome string, predictors []string, columns []Column) (*Result, error) {
	s := configs.DefaultStudy()
	s.About.ID = "areas"
	s.Model.Kind, s.Model.Outcome, s.Model.Features, s.Model.Offset = configs.KindPoisson, outcome, predictors, offsetColumn
	cb := &configs.Codebook{}
	for _, c := range columns {
		low, high := math.Inf(1), math.Inf(-1)
		for _, v := range c.Values {
			low, high = math.Min(low, v), math.Max(high, v)
		}
		if c.Kind == configs.Integer {
			low, high = 0, high+1
		} else {
			low, high = low-1, high+1
		}
		cb.Columns = append(cb.Columns, configs.Column{Name: c.Name, Kind: c.Kind, Min: &low, Max: &high, Sensitivity: configs.Ordinary})
	}
	p, err := New(s, cb)
	if err != nil {
		return nil, err
	}
	t, err := NewTable(columns)
	if err != nil {
		return nil, err
	}
	state, err := p.Start()
	if err != nil {
		return nil, err
	}
	for round := 0; ; round++ {
		_, more, err := p.Shape(state)
		if err != nil {
			return nil, err
		}
		if !more {
			return p.Result(state)
		}
		if round > s.Rounds.Max {
			return nil, fmt.Errorf("the fit to areas does not end")
		}
		var sums []*big.Int
		if sums, err = p.Local(state, t); err != nil {
			return nil, err
		}
		if state, err = p.Global(state, sums); err != nil {
			return nil, err
		}
	}
}
