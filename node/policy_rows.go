package node

import (
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
)

// judgeRows holds the rows themselves to the policy. How many there are is
// never told to anybody.
func (q *question) judgeRows(j *judgement, m *Method, p *part) {
	id := q.id
	for _, c := range p.table.Columns() {
		j.refuse(!slices.Contains(c.Missing, false), CodeEmptyColumn, "leave the column out of the study, or this institution",
			"%s has no value at all in column %q, which study %s uses", q.institution, c.Name, id)
	}
	least := q.policy.leastRows(q.study)
	j.refuse(m.Plan.Rows(p.table) < least, CodeMinRows, "ask for fewer columns, or leave this institution out",
		"%s has fewer than %d complete rows for study %s and does not take part", q.institution, least, id)
}

// judgeAlone refuses what only this institution fills: once the first sum is
// open, a group in which all rows are its own is known to it, and the sums of
// the next rounds over that group would be its own numbers. It sees groups of
// the linear and logistic methods; another method's state says nothing.
func (q *question) judgeAlone(j *judgement, p *part, state []byte) {
	global := openedIn(state).Counts
	if global == nil || q.acceptsAlone() {
		return
	}
	own := q.groups(p)
	if len(own.present) != len(global.Present) || len(own.ones) != len(global.Ones) {
		return
	}
	alone := func(mine, all int64) bool { return mine > 0 && mine >= all }
	refuse := func(mine, all int64, what string) {
		j.refuse(alone(mine, all), CodeAlone, "leave the column out, merge the level, or approve with accept_isolated that these numbers are read as this institution's",
			"study %s: %s is filled by %s alone, so its sums would be this institution's own", q.id, what, q.institution)
	}
	refuse(own.complete, global.Complete, "every sum")
	for i, n := range own.present {
		refuse(n, global.Present[i], "column \""+q.used()[i]+"\"")
	}
	rest := map[string][2]int64{} // of a category, rows outside its reference level
	for i, g := range own.ones {
		if g.column == "" {
			continue
		}
		all := global.Ones[i]
		if g.level == "" { // yes_no: both sides are groups
			refuse(g.rows, all, "column \""+g.column+"\" = 1")
			refuse(own.complete-g.rows, global.Complete-all, "column \""+g.column+"\" = 0")
			continue
		}
		refuse(g.rows, all, "level \""+g.level+"\" of column \""+g.column+"\"")
		r := rest[g.column]
		rest[g.column] = [2]int64{r[0] + g.rows, r[1] + all}
	}
	for column, r := range rest {
		refuse(own.complete-r[0], global.Complete-r[1], "the reference level of column \""+column+"\"")
	}
}

// groups are this institution's own parts of the first sums, in their order.
type groups struct {
	complete int64
	present  []int64
	ones     []group
}

// group is the rows in which a 0/1 term is 1; a term that is none has no
// column.
type group struct {
	column, level string
	rows          int64
}

func (q *question) groups(p *part) (g groups) {
	columns := p.table.Columns()
	whole := make([]bool, p.table.Rows())
	for i := range whole {
		if whole[i] = complete(columns, i); whole[i] {
			g.complete++
		}
	}
	for _, name := range q.used() {
		c, ok := p.table.Column(name)
		if !ok {
			return groups{}
		}
		var present int64
		for _, missing := range c.Missing {
			if !missing {
				present++
			}
		}
		g.present = append(g.present, present)
		count := func(value float64) (rows int64) {
			for i, v := range c.Values {
				if whole[i] && v == value {
					rows++
				}
			}
			return rows
		}
		switch c.Kind {
		case configs.YesNo:
			g.ones = append(g.ones, group{column: name, rows: count(1)})
		case configs.Category:
			for i, level := range c.Levels[1:] {
				g.ones = append(g.ones, group{name, level, count(float64(i + 1))})
			}
		default:
			g.ones = append(g.ones, group{})
		}
	}
	return g
}

// judgeCohort holds the cohort against the ledger: within a study exactly the
// same rows with the same values, across studies the same rows or far apart.
func (q *question) judgeCohort(j *judgement, p *part, list []opening, kept func(crypto.Digest) (cohort, error)) error {
	id, own := q.id, p.cohort.id()
	least := q.policy.leastRows(q.study)
	near, seen := 0, map[crypto.Digest]bool{}
	for _, o := range q.policy.lineage(list, id) {
		if o.study == id {
			j.refuse(o.cohort != own || o.content != p.cohort.values, CodeRowsChanged,
				"close the study and propose it again once the corrections and objections of a period are in",
				"the rows of %s are not those of the earlier rounds of study %s: a record or an objection was added or changed", q.institution, id)
			continue
		}
		if o.cohort == own || seen[o.cohort] || !q.policy.holdsCohorts() || j.off[CodeCohort] {
			continue
		}
		seen[o.cohort] = true
		earlier, err := kept(o.cohort)
		if err != nil {
			return err
		}
		if n := p.cohort.near(earlier, least); n > 0 && (near == 0 || n < near) {
			near = n
		}
	}
	j.refuse(near > 0, CodeCohort,
		"use the same columns and rows as before, bring corrections and objections in batches, or begin a new epoch when the records are those of a new period",
		"the rows of %s for study %s differ from those of an earlier study by 1 to %d: the difference of the two results would describe those few", q.institution, id, least-1)
	return nil
}
