package region

import (
	"cmp"
	"fmt"
	"slices"
)

// Area is one area of the region.
type Area struct {
	Name        string  `json:"name"`
	District    int     `json:"district"` // from 1
	Deprivation int     `json:"deprivation"`
	Effect      float64 `json:"effect"` // area_effect
	Excess      bool    `json:"excess"`

	upTo    float64 // cumulative share of the households
	schools []int
}

// School is one school. Start is the first school year of the programme, 0 for
// never.
type School struct {
	Name     string  `json:"name"`
	Board    int     `json:"board"` // from 1
	Area     string  `json:"area"`
	Start    int     `json:"start"`
	Delay    float64 `json:"school_delay"`
	Language float64 `json:"school_language"`
}

// World is a region: areas and schools are held, households and children are
// drawn when they are asked for.
type World struct {
	Preset  Preset
	Seed    uint64
	Areas   []Area
	Schools []School

	// Progress, when set, is told during Write how many children are written.
	Progress func(children int)

	plan *plan
}

// Years of language_score, and the first in which a school can have the programme.
const (
	firstYear = 2016
	lastYear  = 2021
)

// New draws areas and schools. It fails for a preset that no region can have.
func New(p Preset, seed uint64) (*World, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	w := &World{Preset: p, Seed: seed}
	w.drawAreas()
	w.drawSchools()
	var err error
	w.plan, err = newPlan(w)
	return w, err
}

func (w *World) drawAreas() {
	n := w.Preset.Areas
	w.Areas = make([]Area, n)
	total := 0.0
	for i := range w.Areas {
		s := newStream(w.Seed, "area", i)
		a := &w.Areas[i]
		a.Name, a.District, a.Effect = fmt.Sprintf("a%03d", i+1), i*districts/n+1, s.normal()
		total += s.uniform() + 0.5
		a.upTo = total
	}
	byEffect := make([]int, n)
	for i := range byEffect {
		w.Areas[i].upTo /= total
		byEffect[i] = i
	}
	w.Areas[n-1].upTo = 1
	slices.SortFunc(byEffect, func(a, b int) int {
		return cmp.Or(cmp.Compare(w.Areas[a].Effect, w.Areas[b].Effect), cmp.Compare(a, b))
	})
	for rank, i := range byEffect {
		w.Areas[i].Deprivation = rank*5/n + 1
	}
	// The excess is spread over the ranks, so that deprivation does not explain it.
	for k := range w.Preset.Excess {
		w.Areas[byEffect[(2*k+1)*n/(2*w.Preset.Excess)]].Excess = true
	}
}

// drawSchools spreads schools over areas and boards. The programme comes to the
// more deprived areas more often, so that schools with and without it cannot
// simply be compared.
func (w *World) drawSchools() {
	n := len(w.Areas)
	w.Schools = make([]School, w.Preset.Schools)
	for i := range w.Schools {
		s := newStream(w.Seed, "school", i)
		a := &w.Areas[i%n]
		school := School{Name: fmt.Sprintf("s%04d", i+1), Board: (i+i/n)%boards + 1, Area: a.Name}
		school.Delay, school.Language = float64(schoolDelay*s.normal()), float64(schoolLanguage*s.normal())
		takesPart, year := s.uniform(), s.below(lastYear-firstYear)
		if takesPart < 0.45+float64(0.1*float64(a.Deprivation)) {
			school.Start = firstYear + 1 + year
		}
		w.Schools[i] = school
		a.schools = append(a.schools, i)
	}
}

// Standard deviations of the school effects.
const (
	schoolDelay    = 0.15 // on the logit of developmental_delay
	schoolLanguage = 1.5  // in points of language_score
)

// Pseudonym is the pseudonym of child i, 17 letters and figures.
func (w *World) Pseudonym(i int) string { return pseudonym(w.Seed, "pseudonym", i) }

const letters = "abcdefghijklmnopqrstuvwxyz234567"

// pseudonym holds 80 bits, so that among a million two are equal with a
// probability of 4e-13.
func pseudonym(seed uint64, kind string, i int) string {
	s := newStream(seed, kind, i)
	name := make([]byte, 17)
	name[0] = 'p'
	bits, rest := s.source.Uint64(), s.source.Uint64()
	for k := 1; k < len(name); k++ {
		if k == 9 {
			bits = rest
		}
		name[k] = letters[bits>>59]
		bits <<= 5
	}
	return string(name)
}
