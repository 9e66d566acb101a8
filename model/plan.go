package model

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/areas"
	"github.com/smartstart-federation/smartstart/model/exact"
)

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
	if err := p.method().bind(p); err != nil {
		return nil, err
	}
	return p, nil
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
		Robust   string             `json:"robust,omitempty"`
	}{stateVersion, p.study.About.ID, p.rounds, p.study.Cohort, p.study.Derive, p.study.Model, p.study.Evaluate, p.study.Privacy, sources, p.prints(), p.priors, p.study.Texts, p.textVersion(), p.robustMethod()})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
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
