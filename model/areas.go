package model

import (
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/areas"
	"github.com/smartstart-federation/smartstart/model/disclosure"
)

// A table by area joins what different institutions hold: each counts, by area,
// the children whose record has a value in an indicator and those with a yes. It
// takes two rounds: how many institutions tell of each cell, and the cells.
//
// Three things are protected. Children: a cell of an institution with fewer than
// min_cell children with a yes, or without one, is added to the institution's
// other small cells before anything is encrypted, and every count is rounded
// (see areas.Guard). Institutions: a cell that fewer than min_institutions of
// them tell of is, or nearly is, one institution's own number; after the first
// round each knows which these are, and goes on only if its approver accepted
// that (see Filling). The budget: what an institution's rows enter is held
// against its own rows, not those of all, of which most lack the column (see
// Charged).
//
// A rate is of the children whose record has a value, at the institutions that
// hold it; or, with [model] children, of the yes of that indicator, such as being
// in the municipality's register: then only counts of a yes are opened, and an
// indicator may be of those who are in an institution's file at all.
//
// An indicator is held by some institutions only. A table without the column
// tells nothing of it.

// joined is what the rounds have opened. The last cell of an indicator is the
// rest: areas that institutions added together.
type joined struct {
	Rows     int64     `json:"rows"`
	Holders  [][]int64 `json:"holders"`            // by indicator and cell: institutions that tell of it
	Count    [][]int64 `json:"count,omitempty"`    // by indicator and cell: a yes
	Children [][]int64 `json:"children,omitempty"` // by indicator and cell: a value
	Merged   []int64   `json:"merged,omitempty"`   // by indicator: areas that went into the rest
}

func (p *Plan) joining() bool { return p.kind == configs.KindAreas }

// join finds the columns of a study by area.
func (p *Plan) join() error {
	m := &p.study.Model
	c, err := find(p.codebook, m.Area, "area")
	if err != nil {
		return err
	}
	if c.Kind != configs.Category {
		return fail(CodeKind, "use a category whose levels are the areas", "column %q is of kind %s and divides nothing into areas", c.Name, c.Kind).about(c.Name)
	}
	if c.AuditOnly {
		return fail(CodeAuditOnly, "name the column of the areas", "column %q is marked audit_only in the codebook; its levels are no areas to hold beside each other", c.Name).about(c.Name)
	}
	if c.Sensitivity == configs.Criminal {
		return fail(CodeOffending, "name the column of the areas", "column %q is marked criminal in the codebook; its levels are no areas to hold beside each other", c.Name).about(c.Name)
	}
	p.group = p.use(c, true)
	p.guard = areas.Guard{Least: int64(max(p.study.Privacy.MinCell, disclosure.Smallest))}
	for _, name := range m.Indicators {
		c, err := find(p.codebook, name, "indicators")
		switch {
		case err != nil:
			return err
		case c.Kind != configs.YesNo:
			return fail(CodeKind, "derive a yes_no column, such as value = \"noshow >= 4\"", "column %q is of kind %s; by area, children with a yes are counted", name, c.Kind).about(name)
		case c.AuditOnly:
			return fail(CodeAuditOnly, "leave it out", "column %q is marked audit_only in the codebook; areas are not told apart by it", name).about(name)
		case c.Sensitivity == configs.Criminal:
			return fail(CodeOffending, "leave it out", "column %q is marked criminal in the codebook; offending is not compared between areas", name).about(name)
		}
		p.described = append(p.described, p.use(c, false))
	}
	if err := p.evaluator(); err != nil {
		return err
	}
	return p.printSources()
}

// Optional returns the columns of the records that an institution may lack:
// those that indicators are made of, and that nothing else reads.
func (p *Plan) Optional() (names []string) {
	if !p.joining() {
		return nil
	}
	must := p.MadeOf(p.study.Model.Area)
	if p.rules.cohort != nil {
		for _, c := range p.rules.cohort.Columns() {
			must = append(must, p.MadeOf(c)...)
		}
	}
	for _, name := range p.study.Model.Indicators {
		for _, base := range p.MadeOf(name) {
			if !slices.Contains(must, base) && !slices.Contains(names, base) {
				names = append(names, base)
			}
		}
	}
	return names
}

// Lacks returns the study's indicators of which a prepared table has no value,
// because the institution does not hold their columns or because they are empty.
func (p *Plan) Lacks(t *Table) (indicators []string) {
	if !p.joining() {
		return nil
	}
	for _, name := range p.study.Model.Indicators {
		if c, ok := t.Column(name); !ok || !slices.Contains(c.Missing, false) {
			indicators = append(indicators, name)
		}
	}
	return indicators
}

// addLacking gives a table the indicators that its institution does not hold,
// without any value.
func (p *Plan) addLacking(t *Table) (*Table, error) {
	columns := slices.Clone(t.columns)
	for _, name := range p.study.Model.Indicators {
		if _, ok := t.index[name]; ok || !p.joining() {
			continue
		}
		empty := Column{Name: name, Kind: configs.YesNo, Values: make([]float64, t.rows), Missing: make([]bool, t.rows)}
		for i := range empty.Missing {
			empty.Missing[i] = true
		}
		columns = append(columns, empty)
	}
	out, err := NewTable(columns)
	if err != nil {
		return nil, err
	}
	out.Institution, out.heldOut = t.Institution, t.heldOut
	return out, nil
}

// areasFilling lists the cells with what an institution tells of each, beside how
// many tell of it.
func (p *Plan) areasFilling(s *state, v *view) (filled []Filled) {
	names := p.areaNames()
	for k, source := range p.described {
		own, _ := p.told(v, source)
		for i, c := range own {
			what := "the rest of"
			if i < len(names) {
				what = "area \"" + names[i] + "\" of"
			}
			filled = append(filled, Filled{
				What: what + " indicator \"" + p.sources[source].name + "\"", Rows: c.Children, All: math.MaxInt64,
				Institutions: s.Areas.Holders[k][i], Least: int64(p.study.Privacy.MinInstitutions),
			})
		}
	}
	return filled
}

// Charged returns how many numbers of a round an institution's rows enter, and
// how many rows those are, where that is not the shape and the rows of all: in a
// table by area most institutions lack most indicators, and their rows hide
// nothing of those that have them. So do its own rows without a value: rows are as
// many as make the numbers a row those of each indicator, over the rows with a
// value in it, added up. ok is false for other kinds.
func (p *Plan) Charged(stateBytes []byte, t *Table) (numbers, rows int, ok bool, err error) {
	if !p.joining() {
		return 0, 0, false, nil
	}
	s, err := p.parse(stateBytes)
	if err != nil {
		return 0, 0, false, err
	}
	v, err := p.view(s, t)
	if err != nil {
		return 0, 0, false, err
	}
	share := 0.0
	for _, source := range p.described {
		cells, _ := p.told(v, source)
		enter, valued := 0, 0
		for _, c := range cells {
			switch {
			case c.Children == 0:
			case s.Phase == phaseHolders, p.counted() >= 0:
				enter++
			default:
				enter += 2
			}
		}
		for i := range v.rows {
			if v.used(i) && !v.columns[source].Missing[i] {
				valued++
			}
		}
		numbers, share = numbers+enter, share+float64(enter)/float64(max(1, valued))
	}
	more := len(p.described)
	if s.Phase == phaseHolders {
		more = 1 // the rows
	}
	rows = p.Rows(t)
	share += float64(more) / float64(max(1, rows))
	return numbers + more, min(rows, int(float64(numbers+more)/share)), true, nil
}
