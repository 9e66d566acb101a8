package model

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"math/big"
	"slices"

	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/validation"
)

// How many sites (schools) are enough? Each institution fits the study's model
// on a few of its own sites, drawn by a keyed hash, ranks the rows of its other
// sites with it, and tells nothing but two sums: of pairs of a row with and one
// without the outcome, and of those that are ranked rightly.

const (
	curveDraws = 10 // models of each number of sites at an institution
	pairBits   = 52 // 2 half-pairs, 2^46 pairs of 2^24 rows, 2^4 models, and one
)

// learnt is one point of a learning curve.
type learnt struct {
	Sites int   `json:"sites"`
	Right int64 `json:"right"` // half-pairs: 2 for a pair that is ranked rightly, 1 for a tie
	Pairs int64 `json:"pairs"`
}

// climbs says that an institution with this many sites can fit models on n of
// them and keep a third to test them.
func climbs(sites, n int) bool { return 3*n <= 2*sites }

// beginCurve lists the points that enough institutions can add to.
func (p *Plan) beginCurve(e *evaluation) {
	if p.study.Evaluate.Curve == "" {
		return
	}
	for _, n := range ladder {
		if p.able(e, "curve", n) >= int64(p.study.Privacy.MinInstitutions) {
			e.Curve = append(e.Curve, learnt{Sites: n})
		}
	}
}

func (p *Plan) curveShape(e *evaluation) (t []Tensor) {
	for _, c := range e.Curve {
		t = append(t, Tensor{"pairs ranked by models of " + itoa(c.Sites) + " sites", 2, pairBits})
	}
	return t
}

func takeCurve(e *evaluation, sums []*big.Int) (rest []*big.Int) {
	for i := range e.Curve {
		c := &e.Curve[i]
		c.Right, c.Pairs = exact.Count(sums[0]), exact.Count(sums[1])
		sums = sums[2:]
	}
	return sums
}

// sound says that the pairs are pairs.
func sound(curve []learnt) bool {
	for _, c := range curve {
		if c.Right < 0 || c.Pairs < 0 || c.Right/2 > c.Pairs {
			return false
		}
	}
	return true
}

func wholeCurve(e *evaluation) bool {
	for i, c := range e.Curve {
		if !slices.Contains(ladder[:], c.Sites) || i > 0 && c.Sites <= e.Curve[i-1].Sites {
			return false
		}
	}
	return true
}

// units is one site and the rows of the fit that lie in it.
type units struct {
	name string
	rows []int
}

// sitesOf lists the sites of an institution, by name, and holds them to the
// codebook's register.
func (p *Plan) sitesOf(v *view) ([]units, error) {
	name := p.study.Evaluate.Curve
	c, ok := v.table.Column(name)
	if !ok {
		return nil, fail(CodeTable, "read it from the records", "the table lacks the column %q", name).about(name)
	}
	book, _ := p.codebook.Column(name)
	src := source{name: name, kind: book.Kind, where: map[string]string{}}
	if c.Kind != book.Kind {
		return nil, fail(CodeTable, "use one codebook everywhere", "the table's column %q is not of the kind that the codebook gives", name).about(name)
	}
	for institution, sites := range book.Sites {
		for _, site := range sites {
			src.where[site] = institution
		}
	}
	if err := v.checkSites(&src, c); err != nil {
		return nil, err
	}
	at := map[string]int{}
	var all []units
	for i := range v.rows {
		if c.Missing[i] || !v.used(i) {
			continue
		}
		site := c.text(i)
		if _, ok := at[site]; !ok {
			at[site] = len(all)
			all = append(all, units{name: site})
		}
		u := &all[at[site]]
		u.rows = append(u.rows, i)
	}
	slices.SortFunc(all, func(a, b units) int { return cmp.Compare(a.name, b.name) })
	return all, nil
}

// draw orders sites by a keyed hash: those that come first are learnt from.
func (p *Plan) draw(all []units, institution string, size, number int) []units {
	key := func(u units) string {
		h := hmac.New(sha256.New, []byte("smartstart/curve/v1 "+p.study.About.ID))
		for _, part := range []string{institution, itoa(size), itoa(number), u.name} {
			h.Write([]byte(part + "\x00"))
		}
		return string(h.Sum(nil))
	}
	out := slices.Clone(all)
	slices.SortFunc(out, func(a, b units) int { return cmp.Compare(key(a), key(b)) })
	return out
}

// split is the rows of a table that a model learns from, and those that test it.
type split struct{ learn, test []int }

// draws divides the sites of an institution into a number to learn from and the
// others, curveDraws times. There are none where a division leaves fewer than
// three rows of either outcome to test: pairs with one or two events tell of
// them, and without any an institution adds nothing that would hide the others.
// What is learnt from may be less, a single school: it leaves only as how it
// ranks hundreds of pairs of other schools, over ten draws.
func (p *Plan) draws(v *view, all []units, sites int) (splits []split) {
	if !climbs(len(all), sites) {
		return nil
	}
	x := make([]float64, len(p.terms))
	for n := range curveDraws {
		var d split
		var tested [2]int // by outcome
		for i, u := range p.draw(all, v.table.Institution, sites, n) {
			if i < sites {
				d.learn = append(d.learn, u.rows...)
				continue
			}
			d.test = append(d.test, u.rows...)
			for _, row := range u.rows {
				tested[int(v.row(row, x))]++
			}
		}
		if tested[0] < disclosure.Smallest || tested[1] < disclosure.Smallest {
			return nil
		}
		splits = append(splits, d)
	}
	return splits
}

func (p *Plan) curveLocal(s *state, v *view) (a []exact.Sum, err error) {
	all, err := p.sitesOf(v)
	if err != nil {
		return nil, err
	}
	d := p.gather(s, v)
	rows := &validation.Rows{K: d.k, Z: d.z, Y: d.y}
	place := make([]int, v.rows) // of a table's row in d
	at := 0
	for i := range v.rows {
		if v.used(i) {
			place[i] = at
			at++
		}
	}
	for _, c := range s.Evaluate.Curve {
		var right, pairs exact.Sum
		for _, one := range p.draws(v, all, c.Sites) {
			for _, which := range [][]int{one.learn, one.test} {
				for i, row := range which {
					which[i] = place[row]
				}
			}
			slices.SortFunc(one.learn, rows.Compare) // float sums have an order
			r, m := rows.Ranks(rows.Learn(one.learn), one.test)
			right.Add(float64(r), 0)
			pairs.Add(float64(m), 0)
		}
		a = append(a, right, pairs)
	}
	return a, nil
}
