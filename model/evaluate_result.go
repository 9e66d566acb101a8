package model

import (
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
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
	cells := j.Bins.filled(j)
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

// filled returns the cells; a table without cuts is its set.
func (b *tally) filled(j *judging) [2][]int64 {
	if len(b.Cuts) == 0 {
		return [2][]int64{{j.others()}, {j.Events}}
	}
	return b.Cells
}

// topShares are the shares that a ranking is judged at.
var topShares = [...]float64{0.01, 0.05, 0.1, 0.2}

// ranking works out what a score is worth.
//
// From bins alone, a pair of an event and another row counts half where both lie
// in one bin, and is then wrong by at most that. A row that was moved to a
// neighbouring bin to hide it can make a pair wrong with every row of the bin
// that it came from; crossed bounds how many such moves there were. So the exact
// area lies within what follows.
//
// Where in a bin the rows lie is estimated: with F the distribution of the
// score among events, G among others, and hats for those of the guide, the area
// is the integral of G dF, which is that of Ĝ dF + (1-F̂) dG less that of Ĝ dF̂,
// but for the integral of (G-Ĝ) d(F-F̂), a product of two small differences (the
// first terms of von Mises' expansion, Annals of Mathematical Statistics 18,
// 1947). The first two are means over the set's own rows.
func (p *Plan) ranking(j *judging, b *tally, g *guide) (r Ranking) {
	cells := b.filled(j)
	var total, largest [2]float64
	for at := range cells[0] {
		for y := range total {
			n := float64(cells[y][at])
			total[y] += n
			largest[y] = max(largest[y], n)
		}
	}
	pairs := total[0] * total[1]
	tied, right, below := 0.0, 0.0, 0.0
	for at := range cells[0] {
		f, e := float64(cells[0][at]), float64(cells[1][at])
		right += e * (below + f/2)
		tied += e * f
		below += f
	}
	moved := [2]float64{float64(b.Crossed[0]), float64(b.Crossed[1])}
	r.Binned = right / pairs
	off := (tied/2 + moved[1]*largest[0] + moved[0]*largest[1] + moved[0]*moved[1]) / pairs
	low, high := max(0, r.Binned-off), min(1, r.Binned+off)
	r.AUC = r.Binned
	if len(b.Cuts) > 0 {
		o := g.outline()
		r.AUC = mp.Float64(mp.Scaled(b.Placed[1].V, exact.GridBits))/total[1] + mp.Float64(mp.Scaled(b.Placed[0].V, exact.GridBits))/total[0] - o.area()
	}
	r.AUC = max(low, min(high, r.AUC))
	r.BinError = max(high-r.AUC, r.AUC-low)
	rows, hits := b.fromTheTop(g, cells)
	for _, share := range topShares {
		want := share * (total[0] + total[1])
		if want < 2*float64(p.study.Privacy.MinCell) {
			continue
		}
		events := 0.0
		for i := 1; i < len(rows) && rows[i-1] < want; i++ {
			part := 1.0
			if rows[i] > want {
				part = (want - rows[i-1]) / (rows[i] - rows[i-1])
			}
			events = hits[i-1] + part*(hits[i]-hits[i-1])
		}
		r.Top = append(r.Top, Top{Fraction: share, Precision: events / want, Recall: events / total[1]})
	}
	return r
}

// fromTheTop returns how many rows and how many events lie above falling scores:
// as counted at the cuts, and between them as the rows of the guide lie.
func (b *tally) fromTheTop(g *guide, cells [2][]int64) (rows, events []float64) {
	var o outline
	if len(b.Cuts) > 0 {
		o = g.outline()
	}
	rows, events = []float64{0}, []float64{0}
	var above [2]float64
	upper := len(o.at)
	for at := len(b.Cuts); at >= 0; at-- {
		lower := -1
		if at > 0 {
			lower = slices.Index(o.at, b.Cuts[at-1])
		}
		for i := upper - 1; i >= lower; i-- {
			var here [2]float64
			for y := range here {
				part := 1.0
				if of := o.share(y, upper) - o.share(y, lower); i > lower && of > 0 {
					part = (o.share(y, upper) - o.share(y, i)) / of
				}
				here[y] = above[y] + part*float64(cells[y][at])
			}
			rows, events = append(rows, here[0]+here[1]), append(events, here[1])
		}
		for y := range above {
			above[y] += float64(cells[y][at])
		}
		upper = lower
	}
	return rows, events
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
			out = Group{Level: name, Rows: f + e, Events: e, Selected: wilson(wrong+right, f+e),
				FPR: wilson(wrong, f), FNR: wilson(e-right, e), Precision: wilson(right, wrong+right)}
		}
		groups = append(groups, out)
	}
	return groups
}

// wilson is a proportion with Wilson's interval (JASA 22, 1927), level 95%;
// nil of nothing.
func wilson(k, n int64) *Share {
	if n == 0 {
		return nil
	}
	z := normal().half
	share, of := float64(k)/float64(n), float64(n)
	middle := (share + z*z/(2*of)) / (1 + z*z/of)
	half := z / (1 + z*z/of) * math.Sqrt(share*(1-share)/of+z*z/(4*of*of))
	return &Share{Of: n, Estimate: share, ConfLow: max(0, middle-half), ConfHigh: min(1, middle+half)}
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
