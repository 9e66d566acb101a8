package model

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"strconv"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/areas"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/formula"
)

// Tensor is one named run of integers that a state asks for. Every value of
// one institution lies strictly within +-2^Bits.
type Tensor struct {
	Name string
	Len  int
	Bits int
}

// Plan is a study that has been checked against a codebook: everything that is
// known before the first row is read. It is immutable and safe for concurrent
// use.
type Plan struct {
	study     *configs.Study
	codebook  *configs.Codebook // with the study's derived columns
	kind      string
	rounds    int
	digest    string
	rules     *rules   // cohort, derived columns, held-out rows
	sources   []source // columns that the model reads
	labels    []string // terms of the formula
	terms     []term   // columns of the design, without the intercept
	outcome   term
	offset    int // index of a source, or -1
	weights   int
	cluster   int
	random    int            // of kind mixed: the source that names the site
	described []int          // of kinds descriptives and areas: the sources in the study's order
	group     int            // of kinds descriptives and areas: the source that makes groups, or -1
	guard     areas.Guard    // of kind areas: which cells an institution merges
	least     int64          // of kind descriptives: the fewest rows that an institution counts in a cell
	drop      [][]int        // for each test, the labels that are left out
	folds     map[string]int // institution to fold, from 1
	priors    []prior        // of the fit with what was believed beforehand
	unmerged  bool           // for tests only: small cells stay as they are
}

// New checks the study's columns against the codebook. Both are validated on
// their own first, because a bound that the codebook gets wrong is a sum that
// overflows.
func New(s *configs.Study, cb *configs.Codebook) (*Plan, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if err := cb.Validate(); err != nil {
		return nil, err
	}
	s = withStatements(s)
	p := &Plan{study: s, kind: fittedAs(s.Model.Kind), rounds: s.Rounds.Max, offset: -1, weights: -1, cluster: -1, random: -1}
	var err error
	if p.rules, p.codebook, err = newRules(s, cb); err != nil {
		return nil, err
	}
	if p.describing() {
		return p, p.describe()
	}
	if p.joining() {
		return p, p.join()
	}
	if err := p.comparable(); err != nil {
		return nil, err
	}
	f, err := p.formula()
	if err != nil {
		return nil, err
	}
	if err := p.predictors(p.codebook, &s.Model, f); err != nil {
		return nil, err
	}
	c, err := find(p.codebook, f.Outcome, "outcome")
	if err != nil {
		return nil, err
	}
	if p.outcome, err = p.explained(c); err != nil {
		return nil, err
	}
	if err := p.others(f); err != nil {
		return nil, err
	}
	if err := p.known(); err != nil {
		return nil, err
	}
	if err := p.bindPriors(); err != nil {
		return nil, err
	}
	if p.size() > MaxParameters {
		return nil, fail(CodeKind, "choose fewer features, or merge levels",
			"the model has more than %d parameters, which is the most that are fitted", MaxParameters)
	}
	if err := p.evaluator(); err != nil {
		return nil, err
	}
	p.digest, err = p.fingerprint()
	return p, err
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

// MaxParameters bounds the parameters of a model, the intercept included.
const MaxParameters = 201

// MaxRows is the largest number of rows of one institution: every bound of a
// tensor is its bound for one row times this.
const MaxRows = 1 << exact.RowBits

// size is the number of parameters, the intercept included.
func (p *Plan) size() int { return len(p.terms) + 1 }

// Columns returns the names of the columns to read from the records: those of
// the model, and those that cohort, derived columns and evaluation are made of.
func (p *Plan) Columns() []string { return p.rules.columns(p) }

// Used returns the columns that the model itself reads, after cohort and
// derived columns were made: the features in the study's order, the outcome,
// and offset, weights and cluster if there are.
func (p *Plan) Used() []string {
	names := make([]string, len(p.sources))
	for i := range p.sources {
		names[i] = p.sources[i].name
	}
	return names
}

// Outcome returns the column that is explained; empty for kinds that explain
// none.
func (p *Plan) Outcome() string {
	if p.comparing() {
		return "" // the last column stands in its place, and is one like the others
	}
	return p.outcome.column
}

// Codebook returns the codebook with the study's derived columns.
func (p *Plan) Codebook() *configs.Codebook { return p.codebook }

// MadeOf returns the columns of the records that a column is made of: itself,
// or for a derived one all that its expression reads.
func (p *Plan) MadeOf(name string) []string { return p.rules.madeOf(name) }

// Kind returns the kind of model as the study names it, such as "logistic".
func (p *Plan) Kind() string { return p.study.Model.Kind }

// fingerprint binds a state to everything in study and codebook that changes
// a number.
func (p *Plan) fingerprint() (string, error) {
	sources := make([]any, len(p.sources))
	for i, s := range p.sources {
		sources[i] = []any{s.name, s.kind, s.levels, s.low, s.high, s.must, s.where}
	}
	b, err := canonical(struct {
		Version  string             `json:"version"`
		Study    string             `json:"study"`
		Rounds   int                `json:"rounds"`
		Cohort   configs.Cohort     `json:"cohort"`
		Derive   []configs.Derive   `json:"derive"`
		Model    configs.Model      `json:"model"`
		Evaluate configs.Evaluate   `json:"evaluate"`
		Privacy  configs.Privacy    `json:"privacy"`
		Sources  []any              `json:"sources"`
		Terms    []print            `json:"terms"`
		Priors   []prior            `json:"priors,omitempty"`
		Texts    []configs.FreeText `json:"texts,omitempty"`
		Reading  string             `json:"reading,omitempty"`
	}{stateVersion, p.study.About.ID, p.rounds, p.study.Cohort, p.study.Derive, p.study.Model, p.study.Evaluate, p.study.Privacy, sources, p.prints(), p.priors, p.study.Texts, p.textVersion()})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Start returns the state that the first round begins with.
func (p *Plan) Start() ([]byte, error) {
	s := &state{Version: stateVersion, Plan: p.digest, Phase: phaseCounts}
	switch {
	case p.describing():
		s.Phase = phaseColumns
	case p.joining():
		s.Phase = phaseHolders
	case p.imputes():
		s.Phase = phaseImpute
	}
	return canonical(s)
}

// Rows returns how many rows of a prepared table the model is fitted on: those
// with every column present, or with every column that is not imputed. Of
// person-periods it returns how many children they are of. A table without the
// study's columns has none.
func (p *Plan) Rows(t *Table) int {
	v, err := p.view(nil, t)
	if err != nil {
		return 0
	}
	return t.childrenIn(v.used)
}

// Shape returns what the next round asks for. more is false when the study has
// ended, with a result or with a refusal; then there are no tensors.
func (p *Plan) Shape(stateBytes []byte) (tensors []Tensor, more bool, err error) {
	s, err := p.parse(stateBytes)
	if err != nil {
		return nil, false, err
	}
	tensors = p.shape(s)
	return tensors, len(tensors) > 0, nil
}

func (p *Plan) shape(s *state) []Tensor {
	switch s.Phase {
	case phaseImpute:
		return p.imputeShape()
	case phaseCounts:
		return append(p.countsShape(), p.ableShape()...)
	case phaseMoments:
		return append(p.momentsShape(), p.setsShape(s)...)
	case phaseFit:
		return p.fitShape(s)
	case phaseRobust:
		return p.robustShape(s)
	case phaseMixed:
		return p.mixedShape()
	case phaseColumns, phaseSpread, phaseBins, phaseFiner:
		return p.tableShape(s)
	case phaseHolders, phaseAreas:
		return p.areasShape(s)
	case phaseTails, phaseReweigh, phaseFarther:
		return p.comparedShape(s)
	case phaseEvaluate:
		return p.evaluateShape(s)
	}
	return nil
}

// Local computes one institution's integers for the state's tensors, end to
// end in their order, from a prepared table (see Prepare). The sum over
// institutions does not depend on how the rows are divided between them, but
// for methods that treat institutions or sites as such.
func (p *Plan) Local(stateBytes []byte, t *Table) ([]*big.Int, error) {
	s, err := p.parse(stateBytes)
	if err != nil {
		return nil, err
	}
	v, err := p.view(s, t)
	if err != nil {
		return nil, err
	}
	if err := v.check(); err != nil {
		return nil, err
	}
	return p.local(s, v)
}

func (p *Plan) local(s *state, v *view) ([]*big.Int, error) {
	var sums, more []exact.Sum
	var err error
	switch s.Phase {
	case phaseImpute:
		sums = p.imputeLocal(v)
	case phaseCounts:
		sums = p.countsLocal(v)
		more, err = p.ableLocal(v)
	case phaseMoments:
		sums = p.momentsLocal(s, v)
		more, err = p.setsLocal(s, v)
	case phaseFit:
		sums = p.fitLocal(s, v)
	case phaseRobust:
		sums = p.robustLocal(s, v)
	case phaseMixed:
		sums = p.mixedLocal(s, v)
	case phaseColumns, phaseSpread, phaseBins, phaseFiner:
		sums = p.tableLocal(s, v)
	case phaseHolders, phaseAreas:
		sums = p.areasLocal(s, v)
	case phaseTails, phaseReweigh, phaseFarther:
		sums = p.comparedLocal(s, v)
	case phaseEvaluate:
		sums, err = p.evaluateLocal(s, v)
	default:
		return nil, fail(CodeFinished, "", "the study has ended; nothing more is asked")
	}
	if err != nil {
		return nil, err
	}
	return bounded(p.shape(s), append(sums, more...))
}

// inAll is how many integers tensors hold.
func inAll(tensors []Tensor) (n int) {
	for _, t := range tensors {
		n += t.Len
	}
	return n
}

// bounded turns sums into integers and holds each to its tensor.
func bounded(tensors []Tensor, sums []exact.Sum) ([]*big.Int, error) {
	values := make([]*big.Int, 0, len(sums))
	for _, t := range tensors {
		for range t.Len {
			v := sums[len(values)].Int()
			if v.BitLen() > t.Bits {
				return nil, fail(CodeTensor, "check the codebook's ranges",
					"a sum in the tensor %q needs more than its %d bits", t.Name, t.Bits)
			}
			values = append(values, v)
		}
	}
	return values, nil
}

// Global takes the opened sums and returns the next state. Sums that no data
// can give end the study with a refusal; an error means that the call itself
// was wrong.
func (p *Plan) Global(stateBytes []byte, sums []*big.Int) ([]byte, error) {
	s, err := p.parse(stateBytes)
	if err != nil {
		return nil, err
	}
	tensors := p.shape(s)
	if len(tensors) == 0 {
		return nil, fail(CodeFinished, "", "the study has ended; there is nothing to add to it")
	}
	want := inAll(tensors)
	if len(sums) != want {
		return nil, fail(CodeSums, "", "the state asks for %d sums, not %d", want, len(sums))
	}
	for _, v := range sums {
		if v == nil || v.BitLen() > exact.MaxSumBits {
			return nil, fail(CodeSums, "", "a sum is missing or beyond %d bits", exact.MaxSumBits)
		}
	}
	s.Round++
	s.Opened += want
	p.global(s, sums)
	return canonical(s)
}

func (p *Plan) global(s *state, sums []*big.Int) {
	switch s.Phase {
	case phaseImpute:
		p.imputeGlobal(s, sums)
	case phaseCounts:
		n := len(sums) - len(p.parts())
		p.countsGlobal(s, sums[:n])
		p.ableGlobal(s, sums[n:])
	case phaseMoments:
		n := inAll(p.momentsShape())
		p.momentsGlobal(s, sums[:n])
		p.setsGlobal(s, sums[:n], sums[n:])
	case phaseFit:
		p.fitGlobal(s, sums)
	case phaseRobust:
		p.robustGlobal(s, sums)
	case phaseMixed:
		p.mixedGlobal(s, sums)
	case phaseColumns, phaseSpread, phaseBins, phaseFiner:
		p.tableGlobal(s, sums)
	case phaseHolders, phaseAreas:
		p.areasGlobal(s, sums)
	case phaseTails, phaseReweigh, phaseFarther:
		p.comparedGlobal(s, sums)
	case phaseEvaluate:
		p.evaluateGlobal(s, sums)
	}
}
