package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// Beside the counts, a study that is evaluated asks how many institutions can
// fill each part of the evaluation; beside the moments, how many rows the sets
// have that enough of them fill.

func (p *Plan) ableShape() []Tensor {
	if n := len(p.parts()); n > 0 {
		return []Tensor{{"institutions that can judge", n, exact.CountBits}}
	}
	return nil
}

func (p *Plan) ableLocal(v *view) (a []exact.Sum, err error) {
	parts := p.parts()
	a = make([]exact.Sum, len(parts))
	var sites []units
	if p.study.Evaluate.Curve != "" {
		if sites, err = p.sitesOf(v); err != nil {
			return nil, err
		}
	}
	fold := p.folds[v.table.Institution]
	for i, part := range parts {
		can := false
		switch part.of {
		case "held out":
			can = v.enough(v.heldOut)
		case "fold":
			can = fold == part.number && v.enough(v.used)
		case "short":
			can = fold == part.number && v.any(v.used) && !v.enough(v.used)
		case "curve":
			can = len(p.draws(v, sites, part.number)) > 0
		}
		if can {
			a[i].Inc()
		}
	}
	return a, nil
}

func (p *Plan) ableGlobal(s *state, sums []*big.Int) {
	if s.Phase == phaseFailed || len(sums) == 0 {
		return
	}
	e := &evaluation{}
	for _, v := range sums {
		if exact.Count(v) < 0 {
			s.refuse(contradiction())
			return
		}
		e.Able = append(e.Able, v.Int64())
	}
	if !p.peopled(e, s.Counts) {
		s.refuse(contradiction())
		return
	}
	s.Evaluate = e
}

// peopled holds the numbers of institutions to what there can be: no more than
// a roster has, or a fold lists, and each that fills a part of the fit's rows
// with as many of them as that takes.
func (p *Plan) peopled(e *evaluation, c *counts) bool {
	in, rows := make([]int64, p.together()), int64(0)
	all := int64(0)
	for i, part := range p.parts() {
		n := e.Able[i]
		if n < 0 || n > mostInstitutions || part.of != "held out" && n > c.Complete {
			return false
		}
		switch part.of {
		case "fold":
			least := n * (disclosure.Smallest + disclosure.Smallest)
			in[part.number], rows = in[part.number]+n, rows+least
		case "short":
			in[part.number], rows = in[part.number]+n, rows+n
		case "curve": // rows that test, of either outcome
			if n*2*disclosure.Smallest > c.Complete {
				return false
			}
		}
	}
	for f, n := range in {
		if all += n; f > 0 && n > int64(len(p.study.Evaluate.Folds[f-1])) {
			return false
		}
	}
	return all <= mostInstitutions && rows <= c.Complete
}

// allowed lists the sets that may be opened: rows kept aside by at least
// min_institutions institutions, and folds.
func (p *Plan) allowed(e *evaluation) (numbers []int) {
	least := int64(p.study.Privacy.MinInstitutions)
	if p.holdsOut() && p.able(e, "held out", 0) >= least {
		numbers = append(numbers, 0)
	}
	folds, _ := p.foldsToOpen(e)
	return append(numbers, folds...)
}

// foldsToOpen lists folds that at least min_institutions institutions fill, or
// all that are listed where a smaller one was accepted, and that leave at least
// as many outside.
//
// What is opened with and without a fold tells of it, and of it and its judged
// rows, of an institution that has rows in it and does not fill it: such a fold
// stays closed. What no fold judges follows from all rows and those judged, and
// is a fold like the others: nobody's, or of at least min_institutions that
// would fill it. Otherwise no fold is opened, and exposed is true. A study that
// isolates was accepted by every institution as it is.
func (p *Plan) foldsToOpen(e *evaluation) (numbers []int, exposed bool) {
	if len(p.folds) == 0 {
		return nil, false
	}
	least, accepted := int64(p.study.Privacy.MinInstitutions), p.Isolates()
	all := int64(0)
	for f := range p.together() {
		all += p.able(e, "fold", f)
	}
	filling, short := p.able(e, "fold", 0), p.able(e, "short", 0) // of what is not judged
	for i, fold := range p.study.Evaluate.Folds {
		n, few := p.able(e, "fold", i+1), p.able(e, "short", i+1)
		full := n >= least || p.isolates(fold) && n == int64(len(fold))
		if full && all-n >= least && (few == 0 || accepted) {
			numbers = append(numbers, i+1)
			continue
		}
		filling, short = filling+n, short+few
	}
	if len(numbers) > 0 && filling+short > 0 && filling < least && !accepted {
		return nil, true
	}
	return numbers, false
}

// setNumbers is what is opened of each allowed set: rows, events, and for a
// learning curve with folds, sites.
func (p *Plan) setNumbers() int {
	if p.sitesInFolds() {
		return 3
	}
	return 2
}

// sitesInFolds says that the sites of folds are counted.
func (p *Plan) sitesInFolds() bool { return len(p.folds) > 0 && p.study.Evaluate.Curve != "" }

func (p *Plan) setsShape(s *state) (t []Tensor) {
	if s.Evaluate == nil {
		return nil
	}
	if n := len(p.allowed(s.Evaluate)); n > 0 {
		t = append(t, Tensor{"rows that judge", n * p.setNumbers(), exact.CountBits})
	}
	if p.sitesInFolds() {
		t = append(t, Tensor{"sites", 1, exact.CountBits})
	}
	return t
}

func (p *Plan) setsLocal(s *state, v *view) (a []exact.Sum, err error) {
	if s.Evaluate == nil {
		return nil, nil
	}
	sites := 0
	if p.sitesInFolds() {
		bySite, err := p.sitesOf(v)
		if err != nil {
			return nil, err
		}
		sites = len(bySite)
	}
	numbers := p.allowed(s.Evaluate)
	x := make([]float64, len(p.terms))
	for _, number := range numbers {
		one := make([]exact.Sum, p.setNumbers())
		in := v.heldOut
		if number > 0 {
			in = v.used
		}
		if (number == 0 || p.folds[v.table.Institution] == number) && v.enough(in) {
			for i := range v.rows {
				if in(i) {
					one[0].Inc()
					one[1].Add(v.row(i, x), 0)
				}
			}
			if p.sitesInFolds() && number > 0 {
				one[2].Add(float64(sites), 0)
			}
		}
		a = append(a, one...)
	}
	if p.sitesInFolds() {
		total := exact.Sum{}
		total.Add(float64(sites), 0)
		a = append(a, total)
	}
	return a, nil
}

// setsGlobal begins the sets that are large enough, and keeps of the moments
// what the cuts are made of.
func (p *Plan) setsGlobal(s *state, moments, sums []*big.Int) {
	e := s.Evaluate
	if s.Phase == phaseFailed || e == nil {
		return
	}
	for _, v := range sums {
		if exact.Count(v) < 0 {
			s.refuse(contradiction())
			return
		}
	}
	k := len(p.terms)
	values := exact.Integers(moments)
	e.Square, e.Product = values[:mp.Packed(k)], values[mp.Packed(k):mp.Packed(k)+k]
	for n, number := range p.allowed(e) {
		at := sums[n*p.setNumbers():]
		j := &judging{Number: number, Rows: at[0].Int64(), Events: at[1].Int64(), Residual: exact.Integer{V: new(big.Int)}, Brier: exact.Integer{V: new(big.Int)}}
		of := "held out"
		if number > 0 {
			of = "fold"
		}
		j.Institutions = p.able(e, of, number)
		if j.Events > j.Rows || number > 0 && (j.Rows > s.Counts.Complete || j.Events > s.Counts.events()) {
			s.refuse(contradiction())
			return
		}
		if p.sitesInFolds() {
			j.Sites = at[2].Int64()
		}
		if p.large(j.Events, j.others()) {
			e.Sets = append(e.Sets, j)
		}
	}
	if p.sitesInFolds() {
		e.Sites = sums[len(sums)-1].Int64()
	}
}
