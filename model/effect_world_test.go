package model_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// A SYNTHETIC world in which a programme began at some schools in some year and
// its effect is planted: 40 schools of six boards, six years, about 25 pupils a
// school and year, other pupils every year. The outcome's standard deviation is
// 10, a tenth of its variance lies between schools, and it rises year by year
// whatever anybody does.
const (
	effectSchools, effectBoards, effectYears = 40, 6, 6
	effectSD                                 = 10
	plantedEffect                            = 0.20 * effectSD
)

// How the programme came to the schools.
const (
	oneStart   = "one start"     // half of the schools, with lower scores before, all from year 4
	manyStarts = "several"       // the same half, each from year 3, 4 or 5
	fewSchools = "few"           // six schools, from year 4
	wedge      = "stepped wedge" // every school, from year 2 to 6 by lot
)

// effectWorld is what is planted beside the design.
type effectWorld struct {
	design  string
	effect  float64 // of the programme, in points
	shocks  float64 // SD between the years of one school, beyond what all share
	parting float64 // by which programme schools drift away each year without any programme
}

// draw makes each board's rows. The same seed gives the same rows.
func (w effectWorld) draw(t testing.TB, seed uint64) []*model.Table {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 6))
	level := [effectYears]float64{} // of all schools together
	for y := 1; y < effectYears; y++ {
		level[y] = level[y-1] + 0.6 + 0.5*r.NormFloat64()
	}
	parts := make([]*effectRows, effectBoards)
	for b := range parts {
		parts[b] = &effectRows{}
	}
	lot := r.Perm(effectSchools)
	for s := range effectSchools {
		chosen, start := w.start(s, lot[s])
		school := 3.16 * r.NormFloat64()
		if chosen && w.design != wedge {
			school -= 2 // where the need was seen
		}
		size := 18 + 14*r.Float64()
		for y := range effectYears {
			at := school + level[y] + w.shocks*r.NormFloat64()
			if chosen && w.design != wedge {
				at -= w.parting * float64(y)
			}
			for range max(3, int(size+3*r.NormFloat64()+0.5)) {
				p := pupil{school: s, year: y, chosen: chosen, treated: chosen && y+1 >= start, after: y >= 3,
					girl: r.IntN(2) == 1, ses: min(max(r.NormFloat64(), -4), 4)}
				p.score = 100 + at + 2*p.ses + 9.49*r.NormFloat64()
				if p.girl {
					p.score++
				}
				if p.treated {
					p.score += w.effect
				}
				parts[s%effectBoards].add(p)
			}
		}
	}
	tables := make([]*model.Table, effectBoards)
	for b, rows := range parts {
		tables[b] = rows.table(t)
		tables[b].Institution = board(b)
	}
	return tables
}

// start returns whether a school ever has the programme, and from which year.
func (w effectWorld) start(school, lot int) (chosen bool, year int) {
	switch w.design {
	case oneStart:
		return lot%2 == 0, 4
	case manyStarts:
		return lot%2 == 0, 3 + lot/2%3
	case fewSchools:
		return lot < 6, 4
	}
	return true, 2 + lot%5
}

type pupil struct {
	school, year                 int
	chosen, treated, after, girl bool
	ses, score                   float64
}

// effectRows are a board's columns.
type effectRows struct{ school, year, chosen, treated, after, girl, ses, score []float64 }

func (e *effectRows) add(p pupil) {
	yes := func(to *[]float64, v bool) {
		x := 0.0
		if v {
			x = 1
		}
		*to = append(*to, x)
	}
	e.school, e.year = append(e.school, float64(p.school)), append(e.year, float64(p.year))
	e.ses, e.score = append(e.ses, p.ses), append(e.score, p.score)
	yes(&e.chosen, p.chosen)
	yes(&e.treated, p.treated)
	yes(&e.after, p.after)
	yes(&e.girl, p.girl)
}

func (e *effectRows) table(t testing.TB) *model.Table {
	t.Helper()
	n := len(e.score)
	column := func(name, kind string, levels []string, values []float64) model.Column {
		return model.Column{Name: name, Kind: kind, Levels: levels, Values: values, Missing: make([]bool, n)}
	}
	table, err := model.NewTable([]model.Column{
		column("school", configs.Site, schoolNames(), e.school),
		column("year", configs.Category, yearNames(), e.year),
		column("programme_school", configs.YesNo, nil, e.chosen),
		column("programme", configs.YesNo, nil, e.treated),
		column("after", configs.YesNo, nil, e.after),
		column("girl", configs.YesNo, nil, e.girl),
		column("ses", configs.Number, nil, e.ses),
		column("language_score", configs.Number, nil, e.score),
	})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func board(b int) string { return "board" + strconv.Itoa(b+1) }

func schoolNames() (names []string) {
	for s := range effectSchools {
		names = append(names, fmt.Sprintf("s%02d", s+1))
	}
	return names
}

func yearNames() (names []string) {
	for y := range effectYears {
		names = append(names, "y"+strconv.Itoa(y+1))
	}
	return names
}

func effectBook() *configs.Codebook {
	school := configs.Column{Name: "school", Kind: configs.Site, Sites: map[string][]string{}}
	for s, name := range schoolNames() {
		school.Sites[board(s%effectBoards)] = append(school.Sites[board(s%effectBoards)], name)
	}
	return &configs.Codebook{Columns: []configs.Column{
		school, {Name: "year", Kind: configs.Category, Levels: yearNames()},
		yesNo("programme_school"), yesNo("programme"), yesNo("after"), yesNo("girl"),
		ranged("ses", -4, 4), ranged("language_score", 0, 200),
	}}
}
