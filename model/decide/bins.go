package decide

import (
	"errors"
	"fmt"
	"math"
)

// Bin is a run of predictions of judged rows: fields as model.Bin.
type Bin struct {
	Rows     int64
	Events   int64   // rows with the outcome
	Expected float64 // sum of the predicted probabilities, 0 to Rows
}

// Errors of what is asked, and of bins that no rows give.
var (
	ErrCapacity = errors.New("a capacity is a number above 0, of a number of children above 0")
	ErrPrice    = fmt.Errorf("one missed child is as bad as 1 to %d false alarms", mostFalseAlarms)
	ErrBins     = errors.New("the bins of the evaluation contradict each other")
	ErrOutcome  = errors.New("the judged rows all have the same outcome")
)

// Evidence is an evaluation's bins, checked.
type Evidence struct {
	bins         []Bin // with rows only, from the lowest predictions to the highest
	moved        float64
	rows, events float64
	lower, upper []float64 // no prediction in the bin is below, or above
}

// Read checks bins, from the lowest predictions to the highest. moved is how
// many rows were counted in a neighbouring bin, at most (model.Judged.Moved):
// all bounds are widened by it. The errors are ErrBins and ErrOutcome.
func Read(bins []Bin, moved int64) (*Evidence, error) {
	e := &Evidence{moved: float64(moved)}
	for _, b := range bins {
		if b.Rows < 0 || b.Events < 0 || b.Events > b.Rows || !(b.Expected >= 0) || b.Expected > float64(b.Rows)*(1+1e-9) {
			return nil, ErrBins
		}
		if b.Rows > 0 {
			e.bins = append(e.bins, b)
			e.rows, e.events = e.rows+float64(b.Rows), e.events+float64(b.Events)
		}
	}
	if moved < 0 {
		return nil, ErrBins
	}
	if e.events == 0 || e.events == e.rows {
		return nil, ErrOutcome
	}
	e.bound()
	return e, nil
}

// bound finds between which predictions each bin lies: every row of a bin is
// predicted at least the mean of any lower bin and at most that of any higher
// one. All but the moved rows of such a bin are surely on their side of it; the
// moved ones are predicted 0 to 1.
func (e *Evidence) bound() {
	n := len(e.bins)
	e.lower, e.upper = make([]float64, n), make([]float64, n)
	at := 0.0
	for i, b := range e.bins {
		e.lower[i] = at
		if sure := float64(b.Rows) - e.moved; sure > 0 {
			at = math.Max(at, (b.Expected-e.moved)/sure)
		}
	}
	at = 1
	for i := n - 1; i >= 0; i-- {
		e.upper[i] = at
		if sure := float64(e.bins[i].Rows) - e.moved; sure > 0 {
			at = math.Min(at, e.bins[i].Expected/sure)
		}
	}
}

// above counts the rows and events of all higher bins.
func (e *Evidence) above(bin int) (rows, events float64) {
	for _, b := range e.bins[bin+1:] {
		rows, events = rows+float64(b.Rows), events+float64(b.Events)
	}
	return rows, events
}

// Figure is a number that the bins do not fix: what they suggest if the rows of
// a bin are in no order, and the least and the most of any order.
type Figure struct {
	Estimate float64 `json:"estimate"`
	Least    float64 `json:"least"`
	Most     float64 `json:"most"`
}

func (f Figure) times(by float64) Figure { return Figure{f.Estimate * by, f.Least * by, f.Most * by} }

// from is a number less f.
func (f Figure) from(whole float64) Figure {
	return Figure{whole - f.Estimate, whole - f.Most, whole - f.Least}
}

const z95 = 1.959963984540054 // normal quantile of 97.5%

// Wilson is the 95% interval of a share (Wilson, JASA 22, 1927), without continuity
// correction. events, 0 to of, may be a fraction; of is above 0.
func Wilson(events, of float64) (low, high float64) {
	p, z := events/of, z95*z95/of
	half := z95 * math.Sqrt(p*(1-p)/of+z/(4*of))
	return math.Max(0, (p+z/2-half)/(1+z)), math.Min(1, (p+z/2+half)/(1+z))
}

// HanleyMcNeil is the 95% interval of an AUC by its standard error (Hanley and McNeil,
// Radiology 143:29, 1982), within 0 and 1; of at least one event and one other row.
func HanleyMcNeil(auc, events, rows float64) (low, high float64) {
	without := rows - events
	q1, q2 := auc/(2-auc), 2*auc*auc/(1+auc)
	half := z95 * math.Sqrt((auc*(1-auc)+(events-1)*(q1-auc*auc)+(without-1)*(q2-auc*auc))/(events*without))
	return math.Max(0, auc-half), math.Min(1, auc+half)
}
