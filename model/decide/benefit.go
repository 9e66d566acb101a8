package decide

import "math"

// mostFalseAlarms is beyond any price that bins of 20 rows can speak about.
const mostFalseAlarms = 1000

// Point is the decision curve at one threshold (Vickers and Elkin, Med Decis
// Making 26:565, 2006). With n rows, a threshold p selects the rows predicted p
// or more; the net benefit is
//
//	(selected with the outcome - p/(1-p) * selected without it) / n,
//
// in children with the outcome selected for each row, once false alarms are paid
// for. Nobody selected has a net benefit of 0.
type Point struct {
	Threshold float64 `json:"threshold"` // above 0, below 1
	Model     Figure  `json:"model"`
	Everybody float64 `json:"everybody"` // if all rows are selected
}

// What comes out best at a price.
const (
	Model      = "model"
	Everybody  = "everybody"
	Nobody     = "nobody"
	CannotTell = "cannot tell"
)

// Price is what the user's price of a false alarm says.
type Price struct {
	MissedIs float64 `json:"missed_is"` // false alarms that one missed child is as bad as
	Point
	Share    float64 `json:"share"`     // selected among the judged rows at this threshold
	StdError float64 `json:"std_error"` // of the model's net benefit less that of the better of everybody and nobody
	Best     string  `json:"best"`      // model | everybody | nobody | cannot tell
}

// Price says what comes out best if one missed child is as bad as missedIs false
// alarms: the threshold is then 1/(1+missedIs). The model is best, or not, only
// where every order within the bins says so and the difference is beyond 1.96
// standard errors; otherwise it cannot be told. The error is ErrPrice.
func (e *Evidence) Price(missedIs float64) (*Price, error) {
	if !(missedIs >= 1) || missedIs > mostFalseAlarms {
		return nil, ErrPrice
	}
	p := &Price{MissedIs: missedIs}
	p.Point = e.at(1 / (1 + missedIs))
	p.Share = e.rowsAbove(p.Threshold) / e.rows
	other, name := 0.0, Nobody
	if p.Everybody > 0 {
		other, name = p.Everybody, Everybody
	}
	p.StdError = e.stdError(p.Threshold, name)
	switch margin := z95 * p.StdError; {
	case p.Model.Least-margin > other:
		p.Best = Model
	case p.Model.Most+margin < other:
		p.Best = name
	default:
		p.Best = CannotTell
	}
	return p, nil
}

// Range is whole prices, in false alarms that one missed child is as bad as: the
// least and the largest. Both are 0 where there is none.
type Range struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Worth turns the decision curve around: the prices from 1 to 1000 at which
// selecting by the model does more good than selecting nobody and than selecting
// everybody, by the estimate; and those at which Price finds the model best, which
// every order within the bins and chance leave standing.
func (e *Evidence) Worth() (estimate, certain Range) {
	see := func(r *Range, price int) {
		if r.From == 0 {
			r.From = price
		}
		r.To = price
	}
	for price := 1; price <= mostFalseAlarms; price++ {
		p, err := e.Price(float64(price))
		if err != nil {
			continue // all are prices
		}
		if p.Model.Estimate > math.Max(0, p.Everybody) {
			see(&estimate, price)
		}
		if p.Best == Model {
			see(&certain, price)
		}
	}
	return estimate, certain
}

// Curve is the decision curve at n thresholds, evenly from 0 to the last, both
// ends left out.
func (e *Evidence) Curve(last float64, n int) []Point {
	points := make([]Point, n)
	for i := range points {
		points[i] = e.at(last * float64(i+1) / float64(n+1))
	}
	return points
}

// Reach is the last threshold of a curve worth drawing: the mean prediction of
// the highest bin, or somewhat beyond the price asked for; at most 0.9.
func (e *Evidence) Reach(p *Price) float64 {
	top := e.bins[len(e.bins)-1]
	last := top.Expected / float64(top.Rows)
	if p != nil {
		last = math.Max(last, 1.5*p.Threshold)
	}
	return math.Min(0.9, last)
}

// at is the curve at one threshold. Predictions have an order, so the threshold
// cuts one bin, all higher ones are selected and no lower one; which bin it cuts,
// and where, may be open.
func (e *Evidence) at(threshold float64) Point {
	price := threshold / (1 - threshold)
	worth := func(rows, events float64) float64 { return (events - price*(rows-events)) / e.rows }
	p := Point{Threshold: threshold, Everybody: worth(e.rows, e.events)}
	p.Model.Least, p.Model.Most = math.Inf(1), math.Inf(-1)
	for i, b := range e.bins {
		if e.lower[i] > threshold || e.upper[i] < threshold {
			continue
		}
		rows, events := e.above(i)
		with, without := float64(b.Events), float64(b.Rows-b.Events)
		fewest, most := e.reaching(i, threshold)
		// The more rows without the outcome come first the worse, and the more with it the better.
		worst, best := clamp(without, fewest, most), clamp(with, fewest, most)
		p.Model.Least = math.Min(p.Model.Least, worth(rows+worst, events+math.Max(0, worst-without)))
		p.Model.Most = math.Max(p.Model.Most, worth(rows+best, events+math.Min(best, with)))
	}
	// A row that was moved is worth at most 1 and costs at most the price.
	most := (1 + price) * e.moved / e.rows
	p.Model.Least = math.Max(p.Model.Least-most, -price*(e.rows-e.events)/e.rows)
	p.Model.Most = math.Min(p.Model.Most+most, e.events/e.rows)
	rows, events := e.selected(threshold)
	p.Model.Estimate = clamp(worth(rows, events), p.Model.Least, p.Model.Most)
	return p
}

// reaching bounds how many rows of a bin are predicted at least the threshold,
// given the sum of their predictions (Markov's inequality, from either end).
func (e *Evidence) reaching(bin int, threshold float64) (fewest, most float64) {
	n, sum := float64(e.bins[bin].Rows), e.bins[bin].Expected
	low, high := e.lower[bin], e.upper[bin]
	most = n
	if threshold > low {
		most = clamp((sum-n*low+e.moved)/(threshold-low), 0, n)
	}
	if high > threshold {
		fewest = n - clamp((n*high-sum+e.moved)/(high-threshold), 0, n)
	}
	return fewest, math.Max(fewest, most)
}

func clamp(v, low, high float64) float64 { return math.Min(math.Max(v, low), high) }

// selected estimates the rows and events predicted at least the threshold.
func (e *Evidence) selected(threshold float64) (rows, events float64) {
	rows = e.rowsAbove(threshold)
	left := rows
	for i := len(e.bins) - 1; i >= 0 && left > 0; i-- {
		n := float64(e.bins[i].Rows)
		events += math.Min(left, n) / n * float64(e.bins[i].Events)
		left -= n
	}
	return rows, events
}

// stdError is that of a mean over independent rows: each row adds what its
// choice is worth, less what the other choice would be.
func (e *Evidence) stdError(threshold float64, other string) float64 {
	price := threshold / (1 - threshold)
	rows, events := e.selected(threshold)
	with, without := events, rows-events // where the choices differ from nobody's
	if other == Everybody {
		with, without = e.events-events, e.rows-e.events-(rows-events)
	}
	mean := (with - price*without) / e.rows
	square := (with + price*price*without) / e.rows
	return math.Sqrt(math.Max(0, square-mean*mean) / e.rows)
}
