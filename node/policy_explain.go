package node

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Ask is a proposed study together with what an institution holds it against.
type Ask struct {
	Institution  string
	Study        string // its id in the log
	Federation   string // origin of the log
	Researcher   string
	Charter      *audit.Charter // in force when it was proposed
	Institutions []string       // of the federation then
	Proposal     *audit.Proposal
	Decision     *audit.Decision // this institution's newest; nil before it decides
	Approved     []string        // institutions that approved so far
	Roster       []string        // who takes part, once that is fixed
	Codebook     []byte          // TOML, as the charter names it
	Policy       Policy
	Records      Records // nil when the rows are not to be read
	Budget       Budget  // what is open already; Node.Budget or ReadBudget
	Now          time.Time
}

// AskFrom fills in what the log says: all but the codebook and the
// institution's own policy, records and budget.
func AskFrom(st *audit.State, study, institution string) (*Ask, error) {
	s := st.Studies[study]
	if s == nil {
		return nil, fmt.Errorf("study %s is not in the log", study)
	}
	a := &Ask{
		Institution: institution, Study: study, Federation: st.Origin(), Researcher: s.Proposer(),
		Charter: s.Charter.Body.(*audit.Charter), Institutions: s.Institutions, Proposal: s.Proposal.Body.(*audit.Proposal), Roster: s.Roster, Now: time.Now(),
	}
	for _, name := range s.Institutions {
		if s.Approved(name) {
			a.Approved = append(a.Approved, name)
		}
	}
	if d := s.Decisions[institution]; d != nil {
		a.Decision = d.Body.(*audit.Decision)
	}
	return a, nil
}

// Explanation is what an approver should know before deciding: for the
// institution's own eyes, because it says how many rows there are.
type Explanation struct {
	Institution string `json:"institution"`
	Study       string `json:"study"`
	Federation  string `json:"federation"`
	Rehearsal   bool   `json:"rehearsal"`
	Openness    string `json:"openness"`

	AskedBy  string `json:"asked_by"`
	Question string `json:"question"`
	Purpose  string `json:"purpose"`
	Until    string `json:"until"` // date; "" when the study states none
	Method   string `json:"method"`

	Rows    *RowUse     `json:"rows"`             // null when the records were not read
	Cohort  string      `json:"cohort,omitempty"` // the study's expression; "" when every row is in it
	Derived []Derived   `json:"derived,omitempty"`
	Columns []ColumnUse `json:"columns"`
	Never   []string    `json:"columns_never_read"`
	NotHeld []string    `json:"columns_not_held,omitempty"` // of the study; this institution's records lack them, which this kind of study allows

	Leaves   []Leaving `json:"leaves"`
	Rounds   int       `json:"rounds_at_most"`
	Estimate bool      `json:"rounds_estimated"` // Leaves was tried on these rows alone; other rows may need other rounds
	Numbers  int64     `json:"numbers_at_most"`  // that may be opened in all, over all rounds
	Opens    Opens     `json:"opens"`
	Budget   Cost      `json:"budget"`

	Refusals     []Refused `json:"refusals"` // empty when this institution's node would take part
	NotProtected []string  `json:"not_protected"`

	own struct{ numbers, rows int } // what Leaves takes of the budget, where it is held against this institution's rows alone
}

// RowUse counts rows, for the institution's own eyes.
type RowUse struct {
	Held     int `json:"held"`
	Objected int `json:"left_out_by_objection"`
	Outside  int `json:"outside_cohort"`
	Aside    int `json:"kept_aside,omitempty"` // to judge the model
	Used     int `json:"used"`                 // with all that the model needs
	Least    int `json:"least"`
}

// Derived is a column that the study makes of others, row by row.
type Derived struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Value string `json:"value"` // its expression
}

// ColumnUse is one column that the study reads.
type ColumnUse struct {
	Name        string `json:"name"`
	Label       string `json:"label"`
	Role        string `json:"role"` // as Plan.Roles says, such as "outcome" or "predictor, cohort"
	Sensitivity string `json:"sensitivity"`
}

// Leaving is what leaves the institution, encrypted, in some rounds.
type Leaving struct {
	From, To int             `json:"-"`
	Rounds   string          `json:"rounds"` // "1", "3 to 8"
	Tensors  []crypto.Tensor `json:"tensors"`
	Numbers  int             `json:"numbers"` // in each round
	Bytes    int64           `json:"bytes"`   // of the encrypted upload in each round
}

// Opens says who can read the sum.
type Opens struct {
	Institutions int      `json:"institutions"`
	Needed       int      `json:"needed"`   // that must release together
	Collude      int      `json:"collude"`  // may do anything without a single number coming out
	Smallest     int      `json:"smallest"` // institutions in any sum
	Known        []string `json:"known"`    // who approved, or takes part
}

// Cost is the numbers budget with this study.
type Cost struct {
	Before   float64 `json:"numbers_per_row_before"`
	Study    float64 `json:"numbers_per_row_study"` // as far as Leaves says
	Allowed  float64 `json:"allowed"`
	Enforced bool    `json:"enforced"`
	Epoch    string  `json:"epoch"`
}

// Refused is one rule by which the node would not take part.
type Refused struct {
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
	Remedy   string `json:"remedy"`
}

// Explain says what a study asks of an institution. Beside reading the records
// it does nothing and changes nothing: rules that need the node's ledger or
// the running log are judged by the node, when it comes to it.
func Explain(ctx context.Context, a *Ask) (*Explanation, error) {
	m, err := OpenMethod(a.Proposal.Study, a.Codebook)
	if err != nil {
		return nil, err
	}
	if a.Now.IsZero() {
		a.Now = time.Now()
	}
	q := &question{a.Institution, a.Study, m.Study, m.Codebook, usesOf(m.Plan), a.Charter, a.Institutions, a.Proposal, a.Decision, &a.Policy, a.Now}
	asked := q.uses.read
	if q.uses.read, err = columnsHeld(ctx, a.Records, asked, m.Plan.Optional()); err != nil {
		return nil, err
	}
	about := m.Study.About
	e := &Explanation{
		Institution: a.Institution, Study: a.Study, Federation: a.Federation, Rehearsal: a.Charter.Rehearsal, Openness: a.Policy.openness(),
		AskedBy: a.Researcher, Question: about.Question, Purpose: about.Purpose, Until: string(about.Expires), Method: m.Study.Model.Kind,
		Rounds: m.Study.Rounds.Max, Numbers: a.Proposal.Numbers, Refusals: []Refused{},
	}
	e.Cohort = m.Study.Cohort.Where
	for _, d := range m.Study.Derive {
		e.Derived = append(e.Derived, Derived{d.Name, d.Label, d.Value})
	}
	for _, s := range m.Study.Statements {
		e.Derived = append(e.Derived, Derived{s.ID, s.Says, s.Rule})
	}
	for i := range m.Study.Texts {
		name, value := m.Study.Texts[i].InWords()
		e.Derived = append(e.Derived, Derived{name, "", value})
	}
	for _, name := range asked {
		if !slices.Contains(q.uses.read, name) {
			e.NotHeld = append(e.NotHeld, name)
		}
	}
	e.columns(q)
	e.opens(a, m)
	j := &judgement{off: a.Policy.off}
	q.judge(j)
	if err := e.rows(ctx, a, q, j, m); err != nil {
		return nil, err
	}
	e.cost(a, m)
	for _, r := range j.broken {
		e.Refusals = append(e.Refusals, Refused{r.code, r.sentence, r.remedy})
	}
	e.NotProtected = notProtected(e)
	return e, nil
}

func (e *Explanation) columns(q *question) {
	used := q.uses.read
	for _, name := range used {
		use := ColumnUse{Name: name, Role: strings.Join(q.uses.roles[name], ", "), Sensitivity: configs.Ordinary}
		if c, ok := q.codebook.Column(name); ok {
			use.Label = c.Label
			if c.Sensitivity != "" {
				use.Sensitivity = c.Sensitivity
			}
		}
		e.Columns = append(e.Columns, use)
	}
	e.Never = slices.DeleteFunc(q.codebook.Names(), func(name string) bool {
		return slices.Contains(used, name) || slices.Contains(e.NotHeld, name)
	})
}

// opens computes the thresholds of the institutions that take part, or of the
// whole federation while that is open.
func (e *Explanation) opens(a *Ask, m *Method) {
	n, known := len(a.Institutions), a.Approved
	if a.Roster != nil {
		n, known = len(a.Roster), a.Roster
	}
	e.Opens = Opens{Institutions: n, Known: append([]string{}, known...)}
	least := max(a.Charter.MinInstitutions, m.Study.Privacy.MinInstitutions)
	if th, err := crypto.ThresholdsFor(n, a.Charter.Forgetful, least, a.Charter.AllowPair); err == nil {
		e.Opens.Needed, e.Opens.Collude, e.Opens.Smallest = th.T, th.C, th.MinInstitutions
	}
}

// rows reads the records when it may, and tries the method on them.
func (e *Explanation) rows(ctx context.Context, a *Ask, q *question, j *judgement, m *Method) error {
	state, err := m.Start()
	if err != nil {
		return err
	}
	if a.Records == nil || len(j.broken) > 0 {
		return e.leaves(a, m, state, nil) // a refused study reads nothing
	}
	p, err := selectRows(ctx, &a.Policy, a.Records, a.Institution, m)
	if r := new(RefusalError); errors.As(err, &r) {
		j.broken = append(j.broken, r)
		return e.leaves(a, m, state, nil)
	}
	if err != nil {
		return err
	}
	if err := q.judgeRows(j, m, p); err != nil {
		return err
	}
	e.Rows = &RowUse{
		Held: p.table.Children() + p.objected + p.outside, Objected: p.objected, Outside: p.outside, Aside: p.table.HeldOut(),
		Used: m.Plan.Rows(p.table), Least: a.Policy.leastRows(m.Study),
	}
	return e.leaves(a, m, state, p)
}

// leaves lists what each round asks for. Later rounds follow from opened sums,
// which nobody has yet; so the method is tried on this institution's rows
// alone. Names and sizes do not depend on whose rows they are; how many rounds
// there are does.
func (e *Explanation) leaves(a *Ask, m *Method, state []byte, p *part) error {
	seats := e.Opens.Institutions
	for round := 1; round <= m.Study.Rounds.Max; round++ {
		shape, more, err := m.Shape(state)
		if err != nil || !more {
			return err
		}
		e.leaving(round, shape, seats)
		if p == nil {
			e.Estimate = true
			return nil
		}
		e.Estimate = round > 1
		numbers, rows, own, err := m.Plan.Charged(state, p.table)
		if err != nil {
			return err
		}
		if own {
			e.own.numbers, e.own.rows = e.own.numbers+numbers, rows
		}
		var sums []*big.Int
		if sums, err = m.Plan.Local(state, p.table); err != nil {
			return err
		}
		if state, err = m.Global(state, sums); err != nil {
			return err
		}
	}
	return nil
}

func (e *Explanation) leaving(round int, shape crypto.Shape, seats int) {
	if n := len(e.Leaves); n > 0 && slices.Equal(e.Leaves[n-1].Tensors, shape.Tensors) {
		last := &e.Leaves[n-1]
		last.To = round
		last.Rounds = fmt.Sprintf("%d to %d", last.From, round)
		return
	}
	e.Leaves = append(e.Leaves, Leaving{
		From: round, To: round, Rounds: fmt.Sprint(round), Tensors: shape.Tensors, Numbers: shape.Values(),
		Bytes: crypto.UploadSize(shape, seats, e.Opens.Needed),
	})
}

func (e *Explanation) cost(a *Ask, m *Method) {
	e.Budget = Cost{
		Before: a.Budget.PerRow, Allowed: a.Policy.numbersPerRow(m.Study), Enforced: a.Policy.confidential(), Epoch: a.Policy.Epoch,
	}
	if e.Rows == nil {
		return
	}
	numbers := 0
	for _, l := range e.Leaves {
		numbers += l.Numbers * (l.To - l.From + 1)
	}
	if e.own.rows > 0 {
		e.Budget.Study = float64(e.own.numbers) / float64(e.own.rows)
		return
	}
	// No institution says how many rows it has; each promises min_rows.
	if rows := e.Rows.Used + (e.Opens.Smallest-1)*m.Study.Privacy.MinRows; rows > 0 {
		e.Budget.Study = float64(numbers) / float64(rows)
	}
}
