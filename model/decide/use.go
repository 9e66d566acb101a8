package decide

// Use is what a model would mean in use, by what the user asks: the block `use`
// of a result document.
type Use struct {
	Rows   int64 `json:"rows"` // that were judged
	Events int64 `json:"events"`
	Moved  int64 `json:"moved,omitempty"` // rows counted in a neighbouring bin, at most; in every least and most

	Selection *Selection `json:"capacity,omitempty"`
	Price     *Price     `json:"price,omitempty"`
	Curve     []Point    `json:"decision_curve"`
}

// Ask is what the user says about the use; zeros are not asked.
type Ask struct {
	Capacity float64 // children that the team can see in a period
	Per      string  // the period: "month"
	Of       float64 // children that a prediction is made for in a period
	MissedIs float64 // false alarms that one missed child is as bad as
}

// curvePoints is how many thresholds a decision curve has.
const curvePoints = 99

// For says what a model judged by these bins would mean in the use that is
// asked. The errors are those of Read, Capacity and Price.
func For(bins []Bin, moved int64, a Ask) (*Use, error) {
	e, err := Read(bins, moved)
	if err != nil {
		return nil, err
	}
	u := &Use{Rows: int64(e.rows), Events: int64(e.events), Moved: moved}
	if a.Capacity != 0 || a.Of != 0 {
		if u.Selection, err = e.Capacity(a.Capacity, a.Of, a.Per); err != nil {
			return nil, err
		}
	}
	if a.MissedIs != 0 {
		if u.Price, err = e.Price(a.MissedIs); err != nil {
			return nil, err
		}
	}
	u.Curve = e.Curve(e.Reach(u.Price), curvePoints)
	return u, nil
}
