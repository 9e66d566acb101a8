package model

import (
	"math"
	"slices"
	"strconv"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/formula"
	"github.com/smartstart-federation/smartstart/model/spline"
)

// source is a column that Local reads.
type source struct {
	name      string
	kind      string
	levels    []string          // of a category
	low, high float64           // the codebook's range; 0 and 1 for yes_no
	must      bool              // a row without it is not used, whatever [model] missing says
	where     map[string]string // of a site: the institution that holds it
}

// The forms in which a source enters a term.
const (
	asItIs   = "value"
	asLevel  = "level"
	asSpline = "spline"
	asGap    = "gap"
)

// factor is one source in one form.
type factor struct {
	source int // index in Plan.sources
	form   string
	level  int // of asLevel: which level it is 1 for; of asSpline: which function of the basis
	basis  *spline.Basis
	knots  []float64 // of the basis
}

// term is one column of the design: a product of factors, named as R names it.
type term struct {
	name      string
	column    string // of the codebook; for a product, as in the formula
	level     string // of a term that stands for one level of a category
	factors   []factor
	low, high float64 // between which the term lies, from the codebook
	group     bool    // it is 0 or 1, and so splits the rows in two
	of        int     // index of the formula's term that it belongs to
}

// print is what of a plan enters its fingerprint: every name and bound that
// changes a number.
type print struct {
	Name    string      `json:"name"`
	Low     float64     `json:"low"`
	High    float64     `json:"high"`
	Factors []formPrint `json:"factors"`
}

type formPrint struct {
	Column string    `json:"column"`
	Kind   string    `json:"kind"`
	Form   string    `json:"form"`
	Levels []string  `json:"levels,omitempty"`
	Level  int       `json:"level"`
	Knots  []float64 `json:"knots,omitempty"`
}

func (p *Plan) prints() []print {
	var out []print
	for _, t := range p.all() {
		one := print{Name: t.name, Low: t.low, High: t.high}
		for _, f := range t.factors {
			s := p.sources[f.source]
			form := formPrint{Column: s.name, Kind: s.kind, Form: f.form, Levels: s.levels, Level: f.level}
			form.Knots = f.knots
			one.Factors = append(one.Factors, form)
		}
		out = append(out, one)
	}
	return out
}

func find(cb *configs.Codebook, name, part string) (*configs.Column, error) {
	c, ok := cb.Column(name)
	if ok {
		return c, nil
	}
	remedy := "describe it in the codebook, or leave it out of the study"
	if near := configs.Nearest(name, cb.Names()); near != "" {
		remedy = "the nearest column of the codebook is \"" + near + "\"; or describe this one there"
	}
	return nil, fail(CodeUnknownColumn, remedy, "study file: [model] %s names the column %q, which is not in the codebook", part, name).about(name)
}

// use adds a column to the sources, once.
func (p *Plan) use(c *configs.Column, must bool) int {
	for i := range p.sources {
		if p.sources[i].name == c.Name {
			p.sources[i].must = p.sources[i].must || must
			return i
		}
	}
	s := source{name: c.Name, kind: c.Kind, levels: c.Levels, must: must}
	s.low, s.high = c.Range()
	if c.Kind == configs.Site {
		s.where = map[string]string{}
		for institution, sites := range c.Sites {
			for _, site := range sites {
				s.where[site] = institution
			}
		}
	}
	p.sources = append(p.sources, s)
	return len(p.sources) - 1
}

// predictors expands the formula's terms, as R's model.matrix does with
// treatment contrasts.
func (p *Plan) predictors(cb *configs.Codebook, m *configs.Model, f *formula.Formula) error {
	for n, ft := range f.Terms {
		product := []term{{low: 1, high: 1, group: true, of: n}}
		for _, fc := range ft.Factors {
			forms, err := p.forms(cb, m, fc)
			if err != nil {
				return err
			}
			// The first factor's columns run fastest, as in R.
			var next []term
			for _, right := range forms {
				for _, left := range product {
					next = append(next, left.times(right))
				}
			}
			product = next
		}
		for i := range product {
			product[i].column = ft.String()
			if len(ft.Factors) == 1 {
				product[i].column = ft.Factors[0].Column
			}
		}
		p.labels = append(p.labels, ft.String())
		if p.terms = append(p.terms, product...); len(p.terms) > MaxParameters {
			break
		}
	}
	for _, name := range m.Indicators {
		i := slices.IndexFunc(p.sources, func(s source) bool { return s.name == name && !s.must })
		if i < 0 {
			return fail(CodeUnknownColumn, "name columns of features", "study file: [model] indicators names %q, which is no feature", name).about(name)
		}
		p.terms = append(p.terms, term{name: name + "_missing", column: name, low: 0, high: 1, group: true, of: len(p.labels),
			factors: []factor{{source: i, form: asGap}}})
		p.labels = append(p.labels, name+"_missing")
	}
	return nil
}

// times multiplies two terms.
func (t term) times(o term) term {
	ends := []float64{float64(t.low * o.low), float64(t.low * o.high), float64(t.high * o.low), float64(t.high * o.high)}
	out := term{name: t.name + ":" + o.name, low: slices.Min(ends), high: slices.Max(ends), group: t.group && o.group, of: t.of,
		factors: append(t.factors[:len(t.factors):len(t.factors)], o.factors...)}
	if len(t.factors) == 0 {
		out.name, out.level = o.name, o.level
	}
	return out
}

// forms returns the columns that one factor of a formula stands for.
func (p *Plan) forms(cb *configs.Codebook, m *configs.Model, f formula.Factor) ([]term, error) {
	c, err := find(cb, f.Column, "features")
	if err != nil {
		return nil, err
	}
	if c.AuditOnly {
		return nil, fail(CodeAuditOnly, "leave it out of features; it stays available for fairness tables",
			"column %q is marked audit_only in the codebook and is not used to predict", c.Name).about(c.Name)
	}
	low, high := c.Range()
	switch {
	case f.Spline > 0:
		return p.splines(c, f)
	case c.Kind == configs.Number || c.Kind == configs.Integer || c.Kind == configs.YesNo:
		// An imputed yes_no is a mean, neither 0 nor 1.
		whole := c.Kind == configs.YesNo && m.Missing != configs.MissingMean
		return []term{{name: c.Name, low: low, high: high, group: whole, factors: []factor{{source: p.use(c, false), form: asItIs}}}}, nil
	case c.Kind == configs.Category:
		return p.contrasts(c, m)
	}
	return nil, fail(CodeKind, "use a number, integer, yes_no or category column",
		"column %q is of kind %s and cannot explain an outcome", c.Name, c.Kind).about(c.Name)
}

func (p *Plan) contrasts(c *configs.Column, m *configs.Model) (terms []term, err error) {
	reference := 0
	if name, given := m.Reference[c.Name]; given {
		if reference = slices.Index(c.Levels, name); reference < 0 {
			return nil, fail(CodeKind, "choose one of: "+list(c.Levels),
				"study file: [model.reference] gives %q for column %q, which is none of its levels", name, c.Name).about(c.Name)
		}
	}
	for i, level := range c.Levels {
		if i != reference {
			terms = append(terms, term{name: c.Name + level, level: level, low: 0, high: 1, group: true,
				factors: []factor{{source: p.use(c, false), form: asLevel, level: i}}})
		}
	}
	return terms, nil
}

func (p *Plan) splines(c *configs.Column, f formula.Factor) (terms []term, err error) {
	if c.Kind != configs.Number && c.Kind != configs.Integer {
		return nil, fail(CodeKind, "use it as it is", "column %q is of kind %s; ns() bends numbers", c.Name, c.Kind).about(c.Name)
	}
	if len(c.Knots) != f.Spline-1 {
		return nil, fail(CodeKind, "list "+strconv.Itoa(f.Spline-1)+" knots for it in the codebook, or write ns("+c.Name+", "+strconv.Itoa(len(c.Knots)+1)+")",
			"ns(%s, %d) needs %d knots and the codebook lists %d: knots come from the codebook, because quantiles of the data are children's values", c.Name, f.Spline, f.Spline-1, len(c.Knots)).about(c.Name)
	}
	low, high := c.Range()
	basis, err := spline.New(c.Knots, low, high)
	if err != nil {
		return nil, fail(CodeKind, "look at its knots in the codebook", "column %q: %v", c.Name, err).about(c.Name)
	}
	name := formula.Term{Factors: []formula.Factor{f}}.String()
	for i, bound := range basis.Bounds() {
		terms = append(terms, term{name: name + strconv.Itoa(i+1), low: -bound, high: bound,
			factors: []factor{{source: p.use(c, false), form: asSpline, level: i, basis: basis, knots: c.Knots}}})
	}
	return terms, nil
}

func (p *Plan) explained(c *configs.Column) (term, error) {
	none := term{}
	if c.AuditOnly {
		return none, fail(CodeAuditOnly, "choose another outcome",
			"column %q is marked audit_only in the codebook and is not an outcome", c.Name).about(c.Name)
	}
	if c.Sensitivity == configs.Criminal {
		return none, fail(CodeOffending, "choose another outcome",
			"column %q is marked criminal in the codebook; studies whose outcome is offending by a child or parent are refused", c.Name).about(c.Name)
	}
	low, high := c.Range()
	t := term{name: c.Name, column: c.Name, low: low, high: high, group: c.Kind == configs.YesNo, of: -1}
	numeric := slices.Contains([]string{configs.Number, configs.Integer, configs.YesNo}, c.Kind)
	switch p.kind {
	case configs.KindLogistic:
		if c.Kind != configs.YesNo {
			return none, fail(CodeKind, "choose a yes_no column, or kind = \"linear\"",
				"column %q is of kind %s; a logistic model needs a yes_no outcome", c.Name, c.Kind).about(c.Name)
		}
	case configs.KindPoisson:
		if c.Kind != configs.Integer && c.Kind != configs.YesNo || low < 0 || high > 1e6 {
			return none, fail(CodeKind, "choose an integer column whose codebook range lies within 0 to 1,000,000",
				"column %q (%s, %g to %g) holds no counts; a poisson model needs them", c.Name, c.Kind, low, high).about(c.Name)
		}
		t.group = false
	default:
		if !numeric {
			return none, fail(CodeKind, "choose a number, integer or yes_no column",
				"column %q is of kind %s; a linear model needs a numeric outcome", c.Name, c.Kind).about(c.Name)
		}
	}
	t.factors = []factor{{source: p.use(c, true), form: asItIs}}
	return t, nil
}

// reach is the largest distance of a value of the term from m.
func (t *term) reach(m float64) float64 {
	return math.Max(math.Abs(t.low-m), math.Abs(t.high-m))
}
