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
// takes three rounds: how many institutions hold each indicator, how many tell of
// each of its cells, and the cells. The first is of columns, whatever stands in
// them: else it would be known of an institution that alone holds a column in
// which areas it has min_cell children, before it could refuse (see Filling).
//
// Three things are protected. Children: a cell of an institution with fewer than
// min_cell children with a yes, or without one, is added to the institution's
// other small cells before anything is encrypted, and every count is rounded
// (see areas.Guard). Institutions: a cell that fewer than min_institutions of
// them hold or tell of is, or nearly is, one institution's own number; after the
// first two rounds each knows which these are, and goes on only if its approver
// accepted that (see Filling). The budget: what an institution's rows enter is held
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
	Held     []int64   `json:"held"`               // by indicator: institutions that hold its columns
	Holders  [][]int64 `json:"holders,omitempty"`  // by indicator and cell: institutions that tell of it
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
	if err := p.cohortByArea(); err != nil {
		return err
	}
	if err := p.evaluator(); err != nil {
		return err
	}
	return p.printSources()
}

// cohortByArea holds the cohort to what indicators are held to: a table of those
// who were arrested, or of those of one origin, is a table of how many they are.
func (p *Plan) cohortByArea() error {
	if p.rules.cohort == nil {
		return nil
	}
	for _, name := range p.rules.cohort.Columns() {
		switch c, ok := p.codebook.Column(name); {
		case ok && c.AuditOnly:
			return fail(CodeAuditOnly, "choose the cohort by other columns", "[cohort] where reads the column %q, which is marked audit_only in the codebook; areas are not told apart by it", name).about(name)
		case ok && c.Sensitivity == configs.Criminal:
			return fail(CodeOffending, "choose the cohort by other columns", "[cohort] where reads the column %q, which is marked criminal in the codebook; offending is not compared between areas", name).about(name)
		}
	}
	return nil
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

// areasFilling lists the indicators that an institution holds beside how many do,
// and then the cells with what it tells of each beside how many tell of it.
func (p *Plan) areasFilling(s *state, v *view) (filled []Filled) {
	names, least := p.areaNames(), int64(p.study.Privacy.MinInstitutions)
	for k, source := range p.described {
		if p.holds(v, source) {
			filled = append(filled, Filled{What: "indicator \"" + p.sources[source].name + "\"", Rows: 1, All: math.MaxInt64, Institutions: s.Areas.Held[k], Least: least})
		}
		if len(s.Areas.Holders) == 0 {
			continue // how many tell of each cell is not known yet
		}
		own, _ := p.told(v, source)
		for i, c := range own {
			what := "the rest of"
			if i < len(names) {
				what = "area \"" + names[i] + "\" of"
			}
			filled = append(filled, Filled{
				What: what + " indicator \"" + p.sources[source].name + "\"", Rows: c.Children, All: math.MaxInt64,
				Institutions: s.Areas.Holders[k][i], Least: least,
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
	if s.Phase == phaseHeld {
		numbers = 1 // the rows
		for _, source := range p.described {
			if p.holds(v, source) {
				numbers++
			}
		}
		return numbers, max(1, p.Rows(t)), true, nil
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
		more = 0
	}
	rows = p.Rows(t)
	share += float64(more) / float64(max(1, rows))
	if share == 0 {
		return 0, max(1, rows), true, nil
	}
	return numbers + more, min(rows, int(float64(numbers+more)/share)), true, nil
}
