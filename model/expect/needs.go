package expect

import (
	"math"

	"github.com/smartstart-federation/smartstart/configs"
)

// Given is what is known, or expected, of a study's rows. A zero means that
// nothing is known, and leaves out the rules that need it.
type Given struct {
	Kind         string
	Parameters   int     // without the intercept
	Penalised    bool    // a ridge penalty takes the place of rules about parameters
	Rows         float64 // with everything that the model needs
	Children     float64 // of whom the rows are, where several are of one; else 0
	Events       float64 // logistic: of these, with the outcome; poisson: their sum
	CoxSnell     float64 // of a fit to rows like these; 0 takes UsualNagelkerke
	Institutions int     // that take part
	Least        int     // institutions in any sum
	Sites        float64 // with rows
	Clustered    bool    // standard errors are asked that hold when rows of a site resemble each other
	Judged       float64 // rows kept aside to judge the model, of one set
	JudgedEvents float64 // of these, with the outcome
	MinCell      int
	Numbers      int // that the study opens
	PerRow       float64
}

// Need is one rule of thumb held against a study.
type Need struct {
	What   string  `json:"what"`
	Have   float64 `json:"have"`
	Least  float64 `json:"least"`
	Enough bool    `json:"enough"`
	Rows   float64 `json:"rows,omitempty"` // in all, at which it would be enough; 0 where rows do not decide
	Source string  `json:"source"`
}

// Needs holds the rules that apply against what is given, the strictest
// questions of the model first.
func (g Given) Needs() (needs []Need) {
	add := func(what string, have, least, grows float64, source string) {
		n := Need{What: what, Have: have, Least: least, Enough: have >= least, Source: source}
		if !n.Enough && grows > 0 && have > 0 {
			n.Rows = math.Ceil(grows * least / have)
		}
		needs = append(needs, n)
	}
	if g.Rows > 0 && !g.Penalised && g.Parameters > 0 {
		each := float64(g.Parameters)
		switch g.Kind {
		case configs.KindLogistic:
			if rarer := min(g.Events, g.Rows-g.Events); rarer > 0 {
				add("rows with the rarer outcome for each parameter", rarer/each, 10, g.Rows,
					"Peduzzi et al., J Clin Epidemiol 49, 1373 (1996)")
				add("rows, so that predictions need little shrinking", g.Rows, g.prediction(), g.Rows,
					"Riley et al., BMJ 368, m441 (2020)")
			}
		case configs.KindPoisson:
			if g.Events > 0 {
				add("counted events for each parameter", g.Events/each, 10, g.Rows,
					"Peduzzi et al., J Clin Epidemiol 49, 1373 (1996), for counts by analogy")
			}
		case configs.KindLinear, configs.KindMixed:
			add("rows for each parameter", g.Rows/each, 15, g.Rows,
				"Harrell, Regression Modeling Strategies (2015), section 4.4")
		}
	}
	if g.Sites > 0 && g.Kind == configs.KindMixed {
		add("sites, for the variance between them", g.Sites, 30, 0, "Maas and Hox, Methodology 1, 86 (2005): below 50 its standard error is too small")
	}
	if g.Sites > 0 && g.Clustered {
		add("sites, for robust standard errors", g.Sites, 40, 0, "Cameron and Miller, J Human Resources 50, 317 (2015): few is below 20 to 50")
	}
	if g.Judged > 0 && g.JudgedEvents > 0 {
		rarer := min(g.JudgedEvents, g.Judged-g.JudgedEvents)
		add("rows with the rarer outcome that judge the model, to open anything", rarer, float64(2*g.MinCell), g.Rows, "twice min_cell, in every cell")
		add("rows with the rarer outcome that judge the model, to say much", rarer, 100, g.Rows, "Vergouwe et al., J Clin Epidemiol 58, 475 (2005)")
	}
	if g.Institutions > 0 {
		add("institutions in every sum", float64(g.Institutions), float64(g.Least), 0, "min_institutions")
	}
	if g.Rows > 0 && g.Numbers > 0 && g.PerRow > 0 {
		least, have, what := math.Ceil(float64(g.Numbers)/g.PerRow), g.Rows, "rows"
		if g.Children > 0 {
			have, what = g.Children, "children"
		}
		add(what+" for the numbers that are opened", have, least, g.Rows, "numbers_per_row; enforced for confidential records")
	}
	return needs
}

// prediction is PredictionRows at what is known of how well the model predicts.
func (g Given) prediction() float64 {
	share := g.Events / g.Rows
	r2 := g.CoxSnell
	if most := MostCoxSnell(share); !(r2 > 0 && r2 < most) {
		r2 = UsualNagelkerke * most
	}
	return PredictionRows(g.Parameters, share, r2)
}

// CurvePoint is one point of a learning curve: how well models that learnt from
// so many sites rank the rows of other sites.
type CurvePoint struct {
	Sites int
	AUC   float64
}

// Plateau returns the fewest sites from which no further point of a learning
// curve gains more than 0.01 of AUC. enough is false while the last step still
// gains more than that: then nobody knows from this curve. The points rise in
// sites.
func Plateau(curve []CurvePoint) (sites int, enough bool) {
	const gain = 0.01
	n := len(curve)
	if n < 2 {
		return 0, false
	}
	best := curve[0].AUC
	for _, c := range curve {
		best = max(best, c.AUC)
	}
	for i, c := range curve {
		if c.AUC >= best-gain {
			return c.Sites, i < n-1
		}
	}
	return 0, false
}
