package model

import (
	"github.com/smartstart-federation/smartstart/model/anomaly"
	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// Anomaly says how many rows lie how far from what is usual, and never which.
type Anomaly struct {
	Columns    []string    `json:"columns"`
	Mean       []float64   `json:"mean"`
	Covariance [][]float64 `json:"covariance"`     // divisor n-1; with Reweighed times a factor that makes it that of all rows, were they normal
	Reweighed  bool        `json:"reweighed"`      // estimated again without the rows farthest out
	Estimated  int64       `json:"rows_estimated"` // that mean and covariance are of
	Tails      []Tail      `json:"tails"`
	Alarms     *Alarms     `json:"alarms,omitempty"`
	Moved      int64       `json:"moved"` // at least as many as rows that institutions counted in a bin beside their own; a multiple of 3
}

// Tail is how many rows lie beyond a quantile of the chi-square distribution
// with as many degrees of freedom as columns.
type Tail struct {
	Share    float64 `json:"share"`    // of rows that would lie beyond, were the columns normal
	Distance float64 `json:"distance"` // squared
	Rows     int64   `json:"rows"`
	Expected float64 `json:"expected"`
	TooFew   bool    `json:"too_few,omitempty"` // too few rows in all to count so small a share
}

// Alarms is the smallest threshold known by which at most 1% of all rows are
// looked at again.
type Alarms struct {
	Distance float64 `json:"distance"` // squared
	Rows     int64   `json:"rows"`
	Share    float64 `json:"share"`
}

// comparedResult reads the end of a study of rows unlike the others.
func (p *Plan) comparedResult(r *Result, s *state) {
	c := s.Compared[len(s.Compared)-1]
	mean, unit := p.units(s)
	a := &Anomaly{Columns: p.study.Model.Features, Reweighed: len(s.Compared) > 1, Estimated: c.N, Moved: c.Bins.Moved}
	covariance := p.covariance(s, c)
	for i := range mean {
		a.Mean = append(a.Mean, mean[i]+unit[i]*c.Shift[i])
		row := make([]float64, len(mean))
		for j := range row {
			row[j] = mp.Float64(mp.Mul(covariance[max(i, j)][min(i, j)], mp.Mul(mp.Of(unit[i]), mp.Of(unit[j]))))
		}
		a.Covariance = append(a.Covariance, row)
	}
	for _, share := range tailsTold {
		t := Tail{Share: share, Distance: anomaly.Quantile(p.width(), share), Expected: share * float64(s.Counts.Complete), TooFew: true}
		for _, edge := range c.Bins.Edges {
			if edge == t.Distance {
				t.TooFew, t.Rows = false, c.Bins.Beyond(edge)
			}
		}
		a.Tails = append(a.Tails, t)
	}
	if distance, rows, ok := c.Bins.Top(alarmShare); ok {
		a.Alarms = &Alarms{distance, rows, float64(rows) / float64(disclosure.Total(c.Bins.Count))}
	}
	r.Anomaly = a
	r.Coefficients = []Coefficient{}
	r.DFResidual = 0
}
