package model

import (
	"math"

	"github.com/smartstart-federation/smartstart/model/decide"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
	"github.com/smartstart-federation/smartstart/model/validation"
)

// evaluated reads an evaluation from the end of a study.
func (p *Plan) evaluated(s *state) *Evaluation {
	e := s.Evaluate
	if e == nil {
		return nil
	}
	out := &Evaluation{Notes: p.notes(s)}
	for _, j := range e.Sets {
		judged := p.judged(e, j)
		if j.Number == 0 {
			out.HeldOut = &judged
			continue
		}
		for _, number := range p.modelsOf(e, j) {
			judged.Institutions = append(judged.Institutions, p.study.Evaluate.Folds[number-1]...)
		}
		out.LeftOut = append(out.LeftOut, judged)
	}
	for i, g := range e.Groups {
		if out.Groups == nil {
			out.Groups = map[string][]Group{}
		}
		out.Groups[p.study.Evaluate.Groups[i]] = p.fairness(i, g)
	}
	out.Curve = p.curve(e)
	return out
}

// notes says why a part that was asked has no numbers.
func (p *Plan) notes(s *state) (notes []string) {
	e, least := s.Evaluate, p.study.Privacy.MinInstitutions
	opened := map[int]bool{}
	for _, n := range p.allowed(e) {
		opened[n] = true
	}
	why := func(what string, number int) {
		switch f := s.model(number); {
		case e.set(number) != nil:
		case e.Guide == nil && e.Step == 1 && s.Phase == phaseDone && s.Round+openingSteps > p.rounds:
			notes = append(notes, what+" did not judge the model: the rounds that the study allows were used up")
		case !opened[number]:
			notes = append(notes, what+" did not judge the model: at least "+itoa(least)+" institutions must have enough of them, and as many be left outside a fold, in which every institution has none or enough")
		case f != nil && f.Refusal != nil:
			notes = append(notes, what+" did not judge the model: "+f.Refusal.Message)
		default:
			notes = append(notes, what+" did not judge the model: too few of them with or without the outcome to say")
		}
	}
	if p.holdsOut() {
		why("the rows kept aside", 0)
	}
	if _, exposed := p.foldsToOpen(e); exposed {
		notes = append(notes, "no fold judged the model: too few institutions would be left that no fold judges, and what is opened would tell of them by subtraction; "+
			"they must be none, or at least "+itoa(least)+" with enough rows")
	} else {
		for i, fold := range p.study.Evaluate.Folds {
			why("the rows of fold "+itoa(i+1), i+1)
			if n := int(p.able(e, "fold", i+1)); e.set(i+1) != nil && n < len(fold) {
				notes = append(notes, itoa(len(fold)-n)+" of the "+itoa(len(fold))+" institutions of fold "+itoa(i+1)+
					" have no rows, or too few with or without the outcome, and did not judge the model")
			}
		}
	}
	if len(e.Sets) > 0 && e.Rule == nil {
		notes = append(notes, "no rule of one column beside the model: none of its number, integer and yes_no columns ranks the rows")
	}
	for _, j := range e.Sets {
		if j.Calibration.Failed {
			notes = append(notes, "the calibration"+p.nameOf(j)+" has no finite estimate, or the rounds were used up")
		}
	}
	if p.study.Evaluate.Curve != "" && len(e.Curve) == 0 {
		notes = append(notes, "no learning curve: fewer than "+itoa(least)+" institutions have sites enough")
	}
	return notes
}

// judged reads one set.
func (p *Plan) judged(e *evaluation, j *judging) Judged {
	out := Judged{Rows: j.Rows, Events: j.Events}
	n := float64(j.Rows)
	expected := float64(j.Events) - mp.Float64(mp.Scaled(j.Residual.V, exact.GridBits))
	out.Brier = mp.Float64(mp.Scaled(j.Brier.V, exact.GridBits)) / n
	out.OE = float64(j.Events) / expected
	if c := j.Calibration; c.Estimate != nil {
		out.Intercept, out.Slope = c.Estimate[0], c.Estimate[1]
	}
	cells := j.Bins.Filled(j.others(), j.Events)
	out.Ranking = p.ranking(j, j.Bins, e.Guide)
	out.Moved = j.Bins.Crossed[0] + j.Bins.Crossed[1]
	for b := range cells[0] {
		bin := Bin{Rows: cells[0][b] + cells[1][b], Events: cells[1][b], Expected: expected}
		if len(j.Bins.Expected) > 0 {
			bin.Expected = mp.Float64(mp.Scaled(j.Bins.Expected[b].V, exact.GridBits))
		}
		out.Bins = append(out.Bins, bin)
	}
	if e.Rule != nil {
		t := p.terms[e.Rule.Term]
		out.Rule = &Rule{Column: t.column, Ascending: e.Rule.Ascending, Ranking: p.ranking(j, j.Rule, e.Rule.Guide)}
	}
	return out
}

// ranking is what a score is worth on the rows of a set.
func (p *Plan) ranking(j *judging, b *validation.Tally, g *validation.Guide) Ranking {
	return b.Ranking(g, j.others(), j.Events, p.study.Privacy.MinCell)
}

// fairness reads one column of groups.
func (p *Plan) fairness(i int, g *grouping) (groups []Group) {
	for l, name := range p.levelsOf(i) {
		out := Group{Level: name, TooFew: true}
		for n, which := range g.Levels {
			if which != l || len(g.Selected[0]) == 0 {
				continue
			}
			f, e := g.Cells[0][l], g.Cells[1][l]
			wrong, right := g.Selected[0][n], g.Selected[1][n]
			out = Group{Level: name, Rows: f + e, Events: e, Selected: shareOf(wrong+right, f+e),
				FPR: shareOf(wrong, f), FNR: shareOf(e-right, e), Precision: shareOf(right, wrong+right)}
		}
		groups = append(groups, out)
	}
	return groups
}

// shareOf is a proportion with its 95% interval; nil of nothing.
func shareOf(k, n int64) *Share {
	if n == 0 {
		return nil
	}
	low, high := decide.Wilson(float64(k), float64(n))
	return &Share{Of: n, Estimate: float64(k) / float64(n), ConfLow: low, ConfHigh: high}
}

// curve reads the learning curve. Its last point is that of the folds: a model
// of the sites of all other institutions, on average over the folds.
func (p *Plan) curve(e *evaluation) (points []CurvePoint) {
	for _, c := range e.Curve {
		if c.Pairs > 0 {
			points = append(points, CurvePoint{Sites: c.Sites, Models: curveDraws * p.able(e, "curve", c.Sites),
				AUC: float64(c.Right) / 2 / float64(c.Pairs)})
		}
	}
	if !p.sitesInFolds() || len(e.Sets) == 0 || e.Sets[len(e.Sets)-1].Number == 0 {
		return points
	}
	last := e.Sets[len(e.Sets)-1]
	folds, others := int64(0), int64(0)
	for _, number := range p.modelsOf(e, last) {
		folds++
		others += e.Sites - e.set(number).Sites
	}
	sites := math.Round(float64(others) / float64(folds))
	return append(points, CurvePoint{Sites: int(sites), Models: folds, AUC: p.ranking(last, last.Bins, e.Guide).AUC})
}
