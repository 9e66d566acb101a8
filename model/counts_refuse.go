package model

import "github.com/smartstart-federation/smartstart/model/disclosure"

func contradiction() *Error {
	return fail(CodeContradiction, "the institutions check their software and the study starts again",
		"the opened sums contradict each other: no records can give them, so at least one institution sent a wrong number")
}

// afterCounts refuses what no later round can mend.
func (p *Plan) afterCounts(c *counts) *Error {
	if c.Rows == 0 {
		return fail(CodeNoRows, "check the files and the cohort", "no institution has a row in this study")
	}
	for j, src := range p.sources {
		if c.Present[j] == 0 {
			return fail(CodeAllMissing, "leave it out of the study, or fill it in the records",
				"column %q is missing in every row", src.name).about(src.name)
		}
	}
	if c.Complete == 0 {
		return fail(CodeNoRows, "leave out the columns that are missing most",
			"no row has every column of the study")
	}
	if least := int64(p.study.Privacy.MinInstitutions); p.ownIntercepts() && c.Institutions < least {
		return fail(CodeTooFewRows, "use intercepts = \"common\", or ask more institutions",
			"with an intercept for each institution, only those whose outcome varies say anything: %d of them, and at least %d are needed", c.Institutions, least)
	}
	if least := int64(max(leastSites, p.size()+1)); p.cluster >= 0 && c.Sites < least {
		return fail(CodeTooFewRows, "leave cluster out, choose fewer features, or ask more institutions",
			"%d sites of %q are too few for standard errors by site, and their sums would describe sites one by one; with %d parameters at least %d are needed",
			c.Sites, p.sources[p.cluster].name, p.size(), least).about(p.sources[p.cluster].name)
	}
	if least := int64(p.size()) + 1 + c.Institutions; c.Complete < least {
		return fail(CodeTooFewRows, "choose fewer features, or ask more institutions",
			"%d complete rows are too few for %d parameters; at least %d are needed", c.Complete, p.size(), least)
	}
	if e := p.refuseSites(c); e != nil {
		return e
	}
	if least := int64(p.size()) + 1; p.survives() && c.Children < least {
		return fail(CodeTooFewRows, "choose fewer features, or ask more institutions",
			"%d children are too few for %d parameters; at least %d are needed", c.Children, p.size(), least)
	}
	for j, t := range p.all() {
		if !t.group {
			continue
		}
		if e := p.refuseGroup(t, c.Ones[j], c.Complete, j == len(p.terms)); e != nil {
			return e
		}
	}
	return p.refuseReference(c)
}

// refuseGroup looks at the two groups that a 0/1 term makes.
func (p *Plan) refuseGroup(t term, ones, n int64, outcome bool) *Error {
	zeros := n - ones
	what := "column \"" + t.column + "\""
	switch {
	case len(t.factors) > 1:
		what = "the combination \"" + t.name + "\""
	case t.factors[0].form == asGap:
		what = "a gap in column \"" + t.column + "\""
	case t.level != "":
		what = "level \"" + t.level + "\" of column \"" + t.column + "\""
	}
	switch {
	case outcome && (ones == 0 || zeros == 0):
		return fail(CodeOneValue, "choose another outcome, or ask more institutions",
			"the outcome %q has one value only among the complete rows", t.column).about(t.column)
	case t.level != "" && ones == 0:
		return fail(CodeConstant, "remove the level from the codebook, or merge it with another",
			"no complete row has %s", what).about(t.column)
	case ones == 0 || zeros == 0:
		return fail(CodeConstant, "leave it out of the features",
			"%s has the same value in every complete row", what).about(t.column)
	case ones < disclosure.Smallest || zeros < disclosure.Smallest:
		return fail(CodeSmallGroup, "leave it out, merge levels, or ask more institutions",
			"%s sets fewer than %d complete rows apart; their sums would describe single records", what, disclosure.Smallest).about(t.column)
	}
	return nil
}

// contrast is a category in the design: its terms, and the level that has none.
type contrast struct {
	column, reference string
	terms             []int
}

func (p *Plan) contrastsOf() (all []contrast) {
	for j, t := range p.terms {
		if len(t.factors) != 1 || t.factors[0].form != asLevel {
			continue
		}
		if n := len(all); n > 0 && all[n-1].column == t.column {
			all[n-1].terms = append(all[n-1].terms, j)
			continue
		}
		all = append(all, contrast{column: t.column, terms: []int{j}})
	}
	for i := range all {
		named := map[string]bool{}
		for _, j := range all[i].terms {
			named[p.terms[j].level] = true
		}
		for _, l := range p.sources[p.terms[all[i].terms[0]].factors[0].source].levels {
			if !named[l] {
				all[i].reference = l
			}
		}
	}
	return all
}

// refuseReference looks at the rows in a category's reference level, which has
// no term of its own.
func (p *Plan) refuseReference(c *counts) *Error {
	for _, k := range p.contrastsOf() {
		n := c.Complete
		for _, j := range k.terms {
			n -= c.Ones[j]
		}
		switch {
		case n < 0:
			return contradiction()
		case n == 0:
			return fail(CodeConstant, "put a level that occurs first in the codebook, or name it in [model.reference]",
				"no complete row has the reference level \"%s\" of column %q", k.reference, k.column).about(k.column)
		case n < disclosure.Smallest:
			return fail(CodeSmallGroup, "merge it with another level, or ask more institutions",
				"the reference level \"%s\" of column %q has fewer than %d complete rows", k.reference, k.column, disclosure.Smallest).about(k.column)
		}
	}
	return nil
}
