package areas

import "fmt"

// Point is one area in a funnel.
type Point struct {
	Area         string  `json:"area"`
	Observed     float64 `json:"observed"`
	Expected     float64 `json:"expected"`
	Ratio        float64 `json:"ratio"` // observed / expected
	Institutions int64   `json:"institutions"`
	Limits
	Outside string `json:"outside,omitempty"` // "95%" or "99.8%": the wider limits that it lies beyond
}

// Funnel is the areas of one indicator against what is expected of them.
type Funnel struct {
	Indicator string  `json:"indicator"`
	Expected  string  `json:"expected_by"`    // "region" | "situation"
	Rate      float64 `json:"rate,omitempty"` // of the region, where that is what is expected
	Told      float64 `json:"told_share"`     // of the region's yes, in cells that are told: well below 1 the areas drawn are a selection, and limits are off
	Points    []Point `json:"points"`
	Outside95 int     `json:"outside_95"`  // by chance alone 5% of the points
	Outside99 int     `json:"outside_998"` // by chance alone .2%
}

// What is expected of an area.
const (
	ByRegion    = "region"    // the region's rate times its children
	BySituation = "situation" // what a model of the other indicators expects
)

// Funnel holds each area to the region's rate. Limits are exact binomial ones,
// because the number of children is known; they allow for the rounding of count
// and children, and are for chance alone: that areas differ in what lies behind
// the indicator is what they are there to show.
func (t *Table) Funnel(indicator string) (*Funnel, error) {
	k, ok := t.Indicator(indicator)
	if !ok {
		return nil, fmt.Errorf("the table has no indicator %q", indicator)
	}
	rate := k.Region.Rate
	if k.Region.TooFew || rate <= 0 || rate >= 1 {
		return nil, fmt.Errorf("the region has no rate of %q between 0 and 1, so nothing can be expected of its areas", indicator)
	}
	f := &Funnel{Indicator: indicator, Expected: ByRegion, Rate: rate, Told: k.told()}
	for _, r := range k.Areas {
		if !r.TooFew {
			f.add(r, float64(r.Children)*rate, BinomialLimits(float64(r.Children), rate, r.Institutions))
		}
	}
	return f, nil
}

// FunnelBeside holds each area to what is expected of it by name, such as by a
// model of the other indicators. Limits are exact Poisson ones. Areas of which
// nothing is expected are left out.
func (t *Table) FunnelBeside(indicator string, expected map[string]float64) (*Funnel, error) {
	k, ok := t.Indicator(indicator)
	if !ok {
		return nil, fmt.Errorf("the table has no indicator %q", indicator)
	}
	f := &Funnel{Indicator: indicator, Expected: BySituation, Told: k.told()}
	for _, r := range k.Areas {
		if e := expected[r.Area]; !r.TooFew && e > 0 {
			f.add(r, e, PoissonLimits(e, r.Institutions))
		}
	}
	return f, nil
}

// told is the share of the region's yes that lies in cells that are told.
func (k *Indicator) told() float64 {
	var count int64
	for _, r := range k.Areas {
		count += r.Count
	}
	return float64(count) / float64(max(1, k.Region.Count))
}

func (f *Funnel) add(r Rate, expected float64, l Limits) {
	p := Point{Area: r.Area, Observed: float64(r.Count), Expected: expected, Ratio: float64(r.Count) / expected, Institutions: r.Institutions, Limits: l}
	switch {
	case p.Ratio < l.Low998 || p.Ratio > l.High998:
		p.Outside = "99.8%"
		f.Outside99++
		f.Outside95++
	case p.Ratio < l.Low95 || p.Ratio > l.High95:
		p.Outside = "95%"
		f.Outside95++
	}
	f.Points = append(f.Points, p)
}
