package model

import (
	"errors"
	"slices"
	"strconv"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/formula"
)

// bindDesign finds the columns of a study with a design: outcome, predictors and
// what goes with them.
func (p *Plan) bindDesign() error {
	if err := p.comparable(); err != nil {
		return err
	}
	f, err := p.formula()
	if err != nil {
		return err
	}
	if err := p.predictors(p.codebook, &p.study.Model, f); err != nil {
		return err
	}
	c, err := find(p.codebook, f.Outcome, "outcome")
	if err != nil {
		return err
	}
	if p.outcome, err = p.explained(c); err != nil {
		return err
	}
	if err := p.others(f); err != nil {
		return err
	}
	if err := p.known(); err != nil {
		return err
	}
	if err := p.bindPriors(); err != nil {
		return err
	}
	if p.size() > MaxParameters {
		return fail(CodeKind, "choose fewer features, or merge levels",
			"the model has more than %d parameters, which is the most that are fitted", MaxParameters)
	}
	if err := p.evaluator(); err != nil {
		return err
	}
	p.digest, err = p.fingerprint()
	return err
}

// formula reads the model's formula, or makes it of outcome and features.
func (p *Plan) formula() (*formula.Formula, error) {
	m := &p.study.Model
	if n := len(m.Features); p.comparing() {
		return formula.FromFeatures(m.Features[n-1], m.Features[:n-1]), nil
	}
	if m.Formula == "" && p.survives() {
		return formula.FromFeatures(m.Event, withPeriod(m.Features)), nil
	}
	if m.Formula == "" {
		return formula.FromFeatures(m.Outcome, m.Features), nil
	}
	f, err := formula.Parse(m.Formula)
	if wrong := new(formula.Error); errors.As(err, &wrong) {
		return nil, fail(wrong.Code(), wrong.Remedy(), "study file: [model] formula: %s", wrong.Error())
	}
	if err != nil {
		return nil, err
	}
	return p.stating(f)
}

// others binds the columns that are neither predictor nor outcome.
func (p *Plan) others(f *formula.Formula) error {
	m := &p.study.Model
	offsets := f.Offsets
	if m.Offset != "" {
		offsets = append(offsets[:len(offsets):len(offsets)], m.Offset)
	}
	if len(offsets) > 1 {
		return fail(CodeKind, "derive one column that is their sum", "study file: the model has %d offsets, at most one is used", len(offsets))
	}
	numeric := []string{configs.Number, configs.Integer}
	if len(offsets) == 1 {
		c, err := find(p.codebook, offsets[0], "offset")
		if err != nil {
			return err
		}
		low, high := c.Range()
		if !slices.Contains(numeric, c.Kind) || !p.gaussian() && (low < -mostReach || high > mostReach) {
			return fail(CodeKind, "use a number whose codebook range is that of a logarithm, within -"+strconv.Itoa(mostReach)+" to "+strconv.Itoa(mostReach),
				"column %q (%s, %g to %g) cannot be an offset of a %s model", c.Name, c.Kind, low, high, p.kind).about(c.Name)
		}
		if c.AuditOnly {
			return fail(CodeAuditOnly, "leave the offset out", "column %q is marked audit_only in the codebook and is not an offset", c.Name).about(c.Name)
		}
		if c.Sensitivity == configs.Criminal {
			return fail(CodeOffending, "leave the offset out",
				"column %q is marked criminal in the codebook; with it as an offset the study would be about offending by a child or parent, and is refused", c.Name).about(c.Name)
		}
		p.offset = p.use(c, true)
		if p.gaussian() { // the outcome is then what the offset leaves
			p.outcome.low, p.outcome.high, p.outcome.group = p.outcome.low-high, p.outcome.high-low, false
		}
	}
	if m.Weights != "" {
		c, err := find(p.codebook, m.Weights, "weights")
		if err != nil {
			return err
		}
		if low, _ := c.Range(); !slices.Contains(numeric, c.Kind) || low < 0 {
			return fail(CodeKind, "use a number whose codebook range begins at 0 or above",
				"column %q (%s) cannot hold weights", c.Name, c.Kind).about(c.Name)
		}
		if c.AuditOnly {
			return fail(CodeAuditOnly, "leave the weights out", "column %q is marked audit_only in the codebook and does not weigh rows", c.Name).about(c.Name)
		}
		p.weights = p.use(c, true)
	}
	if m.Cluster != "" {
		c, err := p.site(m.Cluster, "cluster")
		if err != nil {
			return err
		}
		p.cluster = p.use(c, true)
	}
	if err := p.bindSite(); err != nil {
		return err
	}
	for _, text := range m.Drop {
		without, err := p.without(text)
		if err != nil {
			return err
		}
		all := make([]int, len(p.terms))
		for j := range all {
			all[j] = j + 1
		}
		if p.ownIntercepts() && len(p.kept(all, without)) == 0 {
			return fail(CodeKind, "keep a term, or use intercepts = \"common\"",
				"study file: [model] drop %q leaves nothing but the institutions' own intercepts", text)
		}
		p.drop = append(p.drop, without)
	}
	p.folds = map[string]int{}
	for i, fold := range p.study.Evaluate.Folds {
		for _, name := range fold {
			p.folds[name] = i + 1
		}
	}
	return nil
}

// site returns a column that names the units in which a method works.
func (p *Plan) site(name, part string) (*configs.Column, error) {
	c, err := find(p.codebook, name, part)
	if err != nil {
		return nil, err
	}
	if c.Kind != configs.Site || len(c.Sites) == 0 {
		return nil, fail(CodeSite, "make it kind = \"site\" in the codebook and list under [column.sites] which institution holds which",
			"column %q does not say which institution holds which site, so nobody can know that none spans two; %s needs that", name, part).about(name)
	}
	return c, nil
}

// without finds the terms of the formula that a test leaves out.
func (p *Plan) without(text string) (labels []int, err error) {
	terms, err := formula.ParseTerms(text)
	if wrong := new(formula.Error); errors.As(err, &wrong) {
		return nil, fail(wrong.Code(), wrong.Remedy(), "study file: [model] drop: %s", wrong.Error())
	} else if err != nil {
		return nil, err
	}
	for _, t := range terms {
		i := slices.Index(p.labels, t.String())
		if i < 0 {
			return nil, fail(CodeUnknownColumn, "choose from: "+list(p.labels), "study file: [model] drop names %q, which is no term of the model", t.String()).about(t.String())
		}
		labels = append(labels, i)
	}
	slices.Sort(labels)
	labels = slices.Compact(labels)
	if len(labels) == 0 {
		return nil, fail(CodeKind, "name a term, or remove the entry", "study file: [model] drop holds an entry without a term")
	}
	return labels, nil
}
