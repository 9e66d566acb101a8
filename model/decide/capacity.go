package decide

import "math"

// Selection is what a team of a given size would do with the model's ranking.
// Numbers a period take the judged rows as like the children of that period.
type Selection struct {
	Capacity float64 `json:"capacity"` // children that the team can see in a period
	Per      string  `json:"per"`      // the period, in the user's word: "month"
	Of       float64 `json:"of"`       // children that a prediction is made for in a period
	Selected float64 `json:"selected"` // in a period: the capacity, or all there are
	Share    float64 `json:"share"`    // selected among all, 0 to 1

	Threshold   Figure `json:"threshold"`    // predicted probability from which on children are selected; between Least and Most
	Precision   Figure `json:"precision"`    // with the outcome, among the selected
	Recall      Figure `json:"recall"`       // selected, among those with the outcome
	WithOutcome Figure `json:"with_outcome"` // selected, in a period
	FalseAlarms Figure `json:"false_alarms"` // selected without the outcome, in a period
	Missed      Figure `json:"missed"`       // with the outcome and not selected, in a period

	// The 95% interval of the precision's estimate (Wilson): of chance in which
	// rows were judged, beside which the order within a bin is another matter.
	ConfLow  float64 `json:"conf_low"`
	ConfHigh float64 `json:"conf_high"`
}

// Capacity selects the capacity children with the highest predictions of the
// of that are predicted in each period. The error is ErrCapacity.
func (e *Evidence) Capacity(capacity, of float64, per string) (*Selection, error) {
	if !(capacity > 0) || !(of > 0) || math.IsInf(capacity, 0) || math.IsInf(of, 0) {
		return nil, ErrCapacity
	}
	s := &Selection{Capacity: capacity, Per: per, Of: of, Selected: math.Min(capacity, of)}
	s.Share = s.Selected / of
	top := s.Share * e.rows
	if !(top > 0) { // a share too small for a number selects nobody, and a share of nobody is none
		return nil, ErrCapacity
	}
	bin := len(e.bins) - 1
	for rows := float64(e.bins[bin].Rows); bin > 0 && rows < top; rows += float64(e.bins[bin].Rows) {
		bin--
	}
	found := e.found(bin, top)
	s.Threshold = e.threshold(bin, top)
	s.Precision = found.times(1 / top)
	s.Recall = found.times(1 / e.events)
	s.WithOutcome = s.Precision.times(s.Selected)
	s.FalseAlarms = s.WithOutcome.from(s.Selected)
	s.Missed = s.WithOutcome.from(of * e.events / e.rows)
	s.ConfLow, s.ConfHigh = Wilson(found.Estimate, top)
	return s, nil
}

// found is the events among the top rows, the last of which lies in bin.
func (e *Evidence) found(bin int, top float64) Figure {
	rows, events := e.above(bin)
	b := e.bins[bin]
	take := math.Min(top-rows, float64(b.Rows))
	f := Figure{
		Estimate: events + take*float64(b.Events)/float64(b.Rows),
		Least:    events + math.Max(0, take-float64(b.Rows-b.Events)) - e.moved,
		Most:     events + math.Min(take, float64(b.Events)) + e.moved,
	}
	// However the rows lie, these hold.
	f.Least = math.Max(f.Least, math.Max(0, top-(e.rows-e.events)))
	f.Most = math.Min(f.Most, math.Min(top, e.events))
	return f
}

// threshold is the prediction of the last of the top rows. As many rows as are
// selected in its bin are predicted at least that, the others there at most, and
// the sum of all is known.
func (e *Evidence) threshold(bin int, top float64) Figure {
	above, _ := e.above(bin)
	n, sum, take := float64(e.bins[bin].Rows), e.bins[bin].Expected, top-above
	f := Figure{Least: e.lower[bin], Most: e.upper[bin]}
	if with := math.Floor(take); with >= 1 {
		f.Most = math.Min(f.Most, e.lower[bin]+(sum-n*e.lower[bin]+e.moved)/with)
	}
	rest := n - math.Ceil(take) + 1
	f.Least = math.Max(f.Least, e.upper[bin]-(n*e.upper[bin]-sum+e.moved)/rest)
	f.Estimate = clamp(e.predictedAt(top), f.Least, f.Most)
	return f
}

// predictedAt estimates the prediction below which all but the top rows lie:
// each bin's mean stands in its middle, with straight lines between; 1 above the
// first row and 0 below the last.
func (e *Evidence) predictedAt(top float64) float64 {
	x0, y0 := 0.0, 1.0
	passed := 0.0
	for i := len(e.bins) - 1; i >= 0; i-- {
		n := float64(e.bins[i].Rows)
		x1, y1 := passed+n/2, math.Min(y0, e.bins[i].Expected/n)
		if top <= x1 {
			return y0 + (y1-y0)*(top-x0)/(x1-x0)
		}
		x0, y0, passed = x1, y1, passed+n
	}
	return y0 - y0*(top-x0)/(e.rows-x0)
}

// rowsAbove is predictedAt the other way round.
func (e *Evidence) rowsAbove(predicted float64) float64 {
	x0, y0 := 0.0, 1.0
	passed := 0.0
	for i := len(e.bins) - 1; i >= 0; i-- {
		n := float64(e.bins[i].Rows)
		x1, y1 := passed+n/2, math.Min(y0, e.bins[i].Expected/n)
		if predicted >= y1 && y1 < y0 {
			return x0 + (x1-x0)*(y0-predicted)/(y0-y1)
		}
		x0, y0, passed = x1, y1, passed+n
	}
	if y0 == 0 {
		return e.rows
	}
	return x0 + (e.rows-x0)*(y0-predicted)/y0
}
