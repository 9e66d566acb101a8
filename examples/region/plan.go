package region

import (
	"fmt"
	"slices"

	"github.com/smartstart-federation/smartstart/model/elementary"
)

// plan is the link table made ready to draw from: names have become places in
// a list of values.
type plan struct {
	links    []drawn
	at       map[string]int
	coverage []predictor // by group, in the order of Everybody; nil loads with a rule of their own
	abuse    Abuse
	cases    predictor
	advice   predictor
	files    map[string][]int // by group: the links of its columns
	odd      []oddColumn
}

type predictor struct {
	intercept float64
	loads     []load
}

type load struct {
	at int
	by float64
}

// drawn is a link with its places.
type drawn struct {
	Link
	eta    predictor
	gap    *predictor
	board  [boards + 1]float64 // shifts by board and by youth health team, from 1
	team   [districts + 1]float64
	factor float64 // 10^Digits
}

func (p predictor) of(x []float64) float64 {
	eta := p.intercept
	for _, l := range p.loads {
		eta += float64(l.by * x[l.at])
	}
	return eta
}

func (p predictor) logistic(x []float64) float64 { return elementary.Logistic(p.of(x)) }

func newPlan(w *World) (*plan, error) {
	p := &plan{at: map[string]int{}, files: map[string][]int{}, abuse: TheAbuse()}
	for i, l := range w.links() {
		eta, err := p.predictor(l.Name, l.Intercept, l.Loadings)
		if err != nil {
			return nil, err
		}
		d := drawn{Link: l, eta: eta, factor: 1}
		for range l.Digits {
			d.factor *= 10
		}
		if _, again := p.at[l.Name]; again {
			return nil, fmt.Errorf("two links are named %q", l.Name)
		}
		p.at[l.Name] = i // before its gap, which may depend on the value itself
		if l.Missing != nil {
			g, err := p.predictor(l.Name, l.Missing.Intercept, l.Missing.Loadings)
			if err != nil {
				return nil, err
			}
			d.gap = &g
		}
		p.links = append(p.links, d)
		for _, g := range l.Holders {
			p.files[g] = append(p.files[g], i)
		}
	}
	return p, p.rest()
}

// rest makes everything ready that is not a link.
func (p *plan) rest() (err error) {
	for _, s := range Shifts() {
		l := &p.links[p.at[s.Column]]
		if i := slices.Index(Members(Boards), s.Institution); i >= 0 {
			l.board[i+1] = s.By
		} else if i := slices.Index(Members(JGZ), s.Institution); i >= 0 {
			l.team[i+1] = s.By
		}
	}
	for _, c := range Coverages() {
		one, err := p.predictor(c.Holder, c.Intercept, c.Loadings)
		if err != nil {
			return err
		}
		p.coverage = append(p.coverage, one)
	}
	for _, o := range OddColumns() {
		p.odd = append(p.odd, oddColumn{p.at[o.Column], o.Centre, o.Spread})
	}
	if p.cases, err = p.predictor("abuse", 0, p.abuse.Loadings); err != nil {
		return err
	}
	p.advice, err = p.predictor("advice", p.abuse.Advice, p.abuse.AdviceOn)
	return err
}

// predictor finds the places of loadings, which must have been drawn before.
func (p *plan) predictor(of string, intercept float64, loadings []Loading) (predictor, error) {
	out := predictor{intercept: intercept}
	for _, l := range loadings {
		at, ok := p.at[l.On]
		if !ok {
			return out, fmt.Errorf("%q depends on %q, which is not drawn before it", of, l.On)
		}
		out.loads = append(out.loads, load{at, l.By})
	}
	return out, nil
}

// links is the table with the one effect that a preset chooses.
func (w *World) links() []Link {
	all := Links()
	for i := range all {
		for k := range all[i].Loadings {
			if l := &all[i].Loadings[k]; all[i].Name == "language_score" && l.On == "programme" {
				l.By = w.Preset.Programme
			}
		}
	}
	return all
}
