package region

import (
	"slices"
)

// Child is one child with its truth and what is recorded of it. A value that
// is passed to a callback is used again for the next child.
type Child struct {
	Index     int
	Pseudonym string
	Household int
	Area      int // places in World.Areas and World.Schools
	School    int
	Board     int // from 1
	Team      int // the youth health team, from 1

	Oracle   float64 // the linear predictor of becoming a case
	Case     bool
	Onset    int  // age in months at which it became one, when it did
	Reported bool // before 144 months
	Report   int  // age in months at the report, when reported
	ToldBack bool
	Anomaly  bool // an implausible combination is planted in its test results

	plan    *plan
	x       []float64 // by link: what would be recorded
	missing []bool
	known   []bool // by group, in the order of Everybody
}

// Value returns what is or would be recorded under the name of a link; ok is
// false where it is missing, or where the name is no link's.
func (c *Child) Value(link string) (v float64, ok bool) {
	at, known := c.plan.at[link]
	if !known {
		return 0, false
	}
	return c.x[at], !c.missing[at]
}

// Known says whether a group of holders has a file of the child.
func (c *Child) Known(group string) bool {
	i := slices.Index(Everybody, group)
	return i >= 0 && c.known[i]
}

// Institution is the group's institution that holds the child's file.
func (c *Child) Institution(group string) string {
	switch group {
	case Boards:
		return Members(group)[c.Board-1]
	case JGZ:
		return Members(group)[c.Team-1]
	}
	return group
}

func (c *Child) set(link string, v float64) { c.x[c.plan.at[link]] = v }

func (c *Child) get(link string) float64 { return c.x[c.plan.at[link]] }

// household is what its children share.
type household struct {
	children, area, school, team int
	x                            []float64
	missing                      []bool
	known                        []bool
}

// Each draws the children one after another and calls yield with each; the
// first error ends it.
func (w *World) Each(yield func(*Child) error) error {
	n := len(w.plan.links)
	h := &household{x: make([]float64, n), missing: make([]bool, n), known: make([]bool, len(Everybody))}
	c := &Child{plan: w.plan, x: make([]float64, n), missing: make([]bool, n), known: make([]bool, len(Everybody))}
	next := 0
	for i := 0; next < w.Preset.Children; i++ {
		w.drawHousehold(h, i)
		for range min(h.children, w.Preset.Children-next) {
			w.drawChild(c, h, i, next)
			if err := yield(c); err != nil {
				return err
			}
			next++
		}
	}
	return nil
}

// drawHousehold draws household i.
func (w *World) drawHousehold(h *household, i int) {
	s := newStream(w.Seed, "household", i)
	p := w.plan
	u := s.uniform()
	h.area, _ = slices.BinarySearchFunc(w.Areas, u, func(a Area, u float64) int {
		if a.upTo < u {
			return -1
		}
		return 1
	})
	a := &w.Areas[h.area]
	h.children = 1
	size := s.uniform()
	for _, up := range [3]float64{0.25, 0.70, 0.92} {
		if size > up {
			h.children++
		}
	}
	own, near, far := s.chance(0.55), s.below(len(a.schools)), s.below(len(w.Schools))
	h.school = far
	if own {
		h.school = a.schools[near]
	}
	h.team = a.District
	if moved, other := s.chance(0.12), s.below(districts-1); moved {
		h.team = (a.District+other)%districts + 1
	}
	set := func(name string, v float64) { h.x[p.at[name]] = v }
	set("area_effect", a.Effect)
	set("excess", one(a.Excess))
	set("area", float64(h.area))
	set("deprivation", float64(a.Deprivation))
	set("children_home", float64(h.children))
	for k := range p.links {
		if l := &p.links[k]; l.Level == ofHousehold {
			l.draw(s, h.x, h.missing, k, 0)
		}
	}
	for g, holder := range Everybody {
		switch holder {
		case Municipality:
			h.known[g] = true
		case Police:
			h.known[g] = h.x[p.at["calls"]] > 0
		case Welfare, Treatment, Housing:
			h.known[g] = s.chance(p.coverage[g].logistic(h.x))
		}
	}
}

// drawChild draws child i of household number home.
func (w *World) drawChild(c *Child, h *household, home, i int) {
	s := newStream(w.Seed, "child", i)
	p := w.plan
	copy(c.x, h.x)
	copy(c.missing, h.missing)
	copy(c.known, h.known)
	school := &w.Schools[h.school]
	c.Index, c.Household, c.Area, c.School, c.Board, c.Team = i, home, h.area, h.school, school.Board, h.team
	c.Pseudonym = w.Pseudonym(i)
	c.Anomaly = s.chance(implausible)
	c.set("school_delay", school.Delay)
	c.set("school_language", school.Language)
	c.set("girl", one(s.chance(0.488)))
	c.set("birth_month", float64(1+s.below(12)))
	year := firstYear + s.below(lastYear-firstYear+1)
	c.set("cohort_year", float64(year))
	c.set("school", float64(h.school))
	c.set("programme", one(school.Start > 0 && year >= school.Start))
	c.set("district", float64(h.team-1))
	last := p.odd[len(p.odd)-1].at
	for k := range p.links {
		if l := &p.links[k]; l.Level == ofChild {
			l.draw(s, c.x, c.missing, k, l.board[c.Board]+l.team[c.Team])
			if k == last && c.Anomaly {
				p.makeOdd(newStream(w.Seed, "anomaly", i), c.x, c.missing)
			}
		}
	}
	for g, holder := range Everybody {
		if holder == Boards || holder == JGZ || holder == YouthCare {
			c.known[g] = s.chance(p.coverage[g].logistic(c.x))
		}
	}
	c.drawReport(newStream(w.Seed, "report", i))
}
