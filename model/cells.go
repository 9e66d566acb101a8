package model

import "github.com/smartstart-federation/smartstart/configs"

// smallestCell is the fewest rows, other than none, that a cell of one
// institution may have where cells can be read off opened sums: a cell of one or
// two would describe them.
const smallestCell = 3

// SmallCells names the groups of a prepared table with one or two rows that the
// fit would sum over: the sides of every 0/1 term, and of a logistic model each
// side by outcome, because products with a 0/1 outcome are counts. It looks at
// this institution's rows alone; where no institution has such a cell, no opened
// sum is over fewer than three rows.
func (p *Plan) SmallCells(t *Table) ([]string, error) {
	v, err := p.view(nil, t)
	if err != nil {
		return nil, err
	}
	type cells [2][2]int // by side of the term, by outcome
	counts := make([]cells, len(p.terms))
	reference := map[string]*cells{}
	contrasts := p.contrastsOf()
	for _, k := range contrasts {
		reference[k.column] = &cells{}
	}
	x := make([]float64, len(p.terms))
	for i := range v.rows {
		if !v.used(i) {
			continue
		}
		outcome := 0
		if y := v.row(i, x); p.kind == configs.KindLogistic && y == 1 {
			outcome = 1
		}
		for j, term := range p.terms {
			if term.group {
				counts[j][int(x[j])][outcome]++
			}
		}
		for _, k := range contrasts {
			other := 0.0
			for _, j := range k.terms {
				other += x[j]
			}
			if other == 0 {
				reference[k.column][1][outcome]++
			}
		}
	}
	small := func(c cells, side int) bool {
		for _, n := range append(c[side][:], c[side][0]+c[side][1]) {
			if n > 0 && n < smallestCell {
				return true
			}
		}
		return false
	}
	var names []string
	for j, term := range p.terms {
		if !term.group {
			continue
		}
		what := "\"" + term.name + "\""
		if small(counts[j], 1) {
			names = append(names, what+" = 1")
		} else if len(term.factors) == 1 && term.level == "" && small(counts[j], 0) {
			names = append(names, what+" = 0")
		}
	}
	for _, k := range contrasts {
		if small(*reference[k.column], 1) {
			names = append(names, "level \""+k.reference+"\" of \""+k.column+"\"")
		}
	}
	return names, nil
}
