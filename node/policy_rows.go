package node

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/crypto"
)

// judgeRows holds the rows themselves to the policy. How many there are is
// never told to anybody.
func (q *question) judgeRows(j *judgement, m *Method, p *part) error {
	id := q.id
	lacks := m.Plan.Lacks(p.table)
	for _, c := range p.table.Columns() {
		if slices.ContainsFunc(lacks, func(name string) bool { return slices.Contains(m.Plan.MadeOf(name), c.Name) || name == c.Name }) {
			continue // indicators are held by some institutions only
		}
		j.refuse(!slices.Contains(c.Missing, false), CodeEmptyColumn, "leave the column out of the study, or this institution",
			"%s has no value at all in column %q, which study %s uses", q.institution, c.Name, id)
	}
	j.refuse(len(lacks) > 0 && len(lacks) == len(q.study.Model.Indicators), CodeEmptyColumn, "leave this institution out of the study",
		"%s holds none of the indicators of study %s", q.institution, id)
	least := q.policy.leastRows(q.study)
	j.refuse(m.Plan.Rows(p.table) < least, CodeMinRows, "ask for fewer columns, or leave this institution out",
		"%s has fewer than %d complete rows for study %s and does not take part", q.institution, least, id)
	return q.judgeCells(j, m, p)
}

// judgeCells refuses, for confidential records, sums over one or two children:
// sums with a 0/1 column are counts, sums with a number or weight that stands
// out are those of the child it stands out for, and what is opened can be read by
// whoever holds it, whatever is shown afterwards. A cell is none of these rows,
// or at least three.
func (q *question) judgeCells(j *judgement, m *Method, p *part) error {
	if !q.policy.confidential() || j.off[CodeSmallCell] {
		return nil
	}
	small, err := m.Plan.SmallCells(p.table)
	if err != nil {
		return err
	}
	j.refuse(len(small) > 0, CodeSmallCell, "leave the columns or interactions out, merge levels in the codebook, choose other weights, or leave this institution out",
		"the sums of study %s would describe one or two children of %s, too few to hide each other: %s", q.id, q.institution, strings.Join(small, "; "))
	rare, err := m.Plan.RareSizes(p.table)
	j.refuse(rare > 0, CodeSmallCell, "merge sites in the codebook, lower [rounds] max of the study, or leave this institution out",
		"%s has sites of a size that only one or two of them have, and few sizes in all: the rounds of the mixed model of study %s could be solved for those sites", q.institution, q.id)
	return err
}

// judgeFit refuses, for confidential records, a round of a fit at a point at which
// one or two children outweigh all others: a study may choose its priors or its
// offset so that there is such a point, and only the state says where it is.
func (q *question) judgeFit(j *judgement, m *Method, p *part, state []byte) error {
	if !q.policy.confidential() || j.off[CodeSmallCell] {
		return nil
	}
	few, err := m.Plan.FewCount(state, p.table)
	if err != nil {
		return err
	}
	j.refuse(len(few) > 0, CodeSmallCell, "choose wider priors, a flatter offset or other columns, or leave this institution out",
		"the next sums of study %s would describe one or two children of %s: at the point where it stands, %s counts hardly anybody else", q.id, q.institution, strings.Join(few, " and "))
	return nil
}

// judgeAlone refuses what only this institution fills: once the first sum is
// open, a group in which all rows are its own is known to it, and the sums of
// the next rounds over that group would be its own numbers. Where the study
// opened how many institutions fill it, it refuses too few as well.
func (q *question) judgeAlone(j *judgement, m *Method, p *part, state []byte) error {
	if q.acceptsAlone() {
		return nil
	}
	filling, err := m.Plan.Filling(state, p.table)
	if err != nil {
		return err
	}
	for _, f := range filling {
		j.refuse(f.Alone(), CodeAlone, "leave the column out, merge the level, or approve with accept_isolated that these numbers are read as this institution's",
			"study %s: %s is filled by %s, so its sums would be this institution's own", q.id, f.What, alone(q.institution, f.Institutions, f.Least))
	}
	return nil
}

// alone says by whom something is filled.
func alone(institution string, institutions, least int64) string {
	if institutions < 2 {
		return institution + " alone"
	}
	return fmt.Sprintf("%s and %d others, fewer than the %d that hide each other", institution, institutions-1, least)
}

// judgeCohort holds the cohort against itself and the ledger: rows kept aside
// are none or enough, and so are the others; within a study exactly the same
// rows with the same values; across studies the same rows or far apart, by the
// larger of the two studies' figures, so that a later study with a smaller one
// does not undercut what an earlier one was approved with.
func (q *question) judgeCohort(j *judgement, p *part, list []opening, kept func(crypto.Digest) (cohort, error)) error {
	id, own := q.id, p.cohort.id()
	least := q.policy.leastApart(q.study)
	j.refuse(q.policy.holdsCohorts() && p.cohort.near(p.cohort, least) > 0, CodeMinRows, "keep more or fewer rows aside, or leave this institution out",
		"%s has fewer than %d rows on one side of the rows that study %s keeps aside: the difference of two of its sums would describe those few", q.institution, least, id)
	others := map[crypto.Digest]int{} // the largest figure that each was judged with
	for _, o := range q.policy.lineage(list, id) {
		if o.study == id {
			j.refuse(o.cohort != own || o.content != p.cohort.values, CodeRowsChanged,
				"close the study and propose it again once the corrections and objections of a period are in",
				"the rows of %s are not those of the earlier rounds of study %s: a record or an objection was added or changed", q.institution, id)
			continue
		}
		if o.cohort != own && q.policy.holdsCohorts() && !j.off[CodeCohort] {
			others[o.cohort] = max(least, o.least, others[o.cohort])
		}
	}
	near := 0 // the largest figure that is not kept
	for id, least := range others {
		earlier, err := kept(id)
		if err != nil {
			return err
		}
		if p.cohort.near(earlier, least) > 0 {
			near = max(near, least)
		}
	}
	j.refuse(near > 0, CodeCohort,
		"use the same cohort, columns and held-out rows as before, bring corrections and objections in batches, or begin a new epoch when the records are those of a new period",
		"the rows of %s for study %s differ from those of an earlier study by 1 to %d: the difference of the two results would describe those few", q.institution, id, near-1)
	return nil
}
