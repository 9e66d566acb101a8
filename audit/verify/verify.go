package verify

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Option narrows what a verification accepts.
type Option func(*verifier)

// Pinned verifies the log of this origin under this coordinator key, which the
// caller had before, instead of the key that the bundle itself names.
func Pinned(origin, coordinatorKey string) Option {
	return func(v *verifier) { v.origin, v.key, v.pinned = origin, coordinatorKey, true }
}

// Held gives signed checkpoints that the caller got earlier. The bundle must
// extend each of them.
func Held(checkpoints ...[]byte) Option {
	return func(v *verifier) { v.held = append(v.held, checkpoints...) }
}

// At judges retention as on that day, instead of today: what may lawfully be
// deleted by then is no finding.
func At(now time.Time) Option { return func(v *verifier) { v.now = now } }

// Watching calls f with every entry in order, as it is folded; the statement is
// nil when it cannot be read, the finding when the entry is not void.
func Watching(f func(index int64, s *audit.Statement, finding *Finding)) Option {
	return func(v *verifier) { v.watch = f }
}

// Bundle verifies the audit bundle in fsys. methods computes models again. An
// error means that there is no bundle to verify or that ctx ended; whatever is
// wrong inside a bundle is a finding of the report.
func Bundle(ctx context.Context, fsys fs.FS, methods audit.Methods, options ...Option) (*Report, error) {
	r, err := bundle.Open(fsys)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	v := &verifier{
		ctx: ctx, bundle: r, methods: methods, now: began, watch: func(int64, *audit.Statement, *Finding) {},
		checks: map[byte]int{}, readys: map[string][]ready{}, deleted: map[*audit.Attempt]bool{},
	}
	for _, o := range options {
		o(v)
	}
	report, err := v.run()
	if err != nil {
		return nil, err
	}
	report.Seconds = time.Since(began).Seconds()
	report.Rate = float64(report.Size) / max(report.Seconds, 1e-9)
	return report, nil
}

// verifier is the work of one verification.
type verifier struct {
	ctx     context.Context
	bundle  *bundle.Reader
	methods audit.Methods
	origin  string
	key     string
	pinned  bool
	held    [][]byte
	now     time.Time // retention is judged by it, and nothing else
	watch   func(int64, *audit.Statement, *Finding)

	requireCosigned bool
	cosigned        Cosigned

	checkpoint []byte
	buffers    buffers
	st         *audit.State
	head       audit.Head // of the checkpoint
	codebook   []byte
	readys     map[string][]ready // by study, in log order
	findings   []Finding
	notes      []Note
	deleted    map[*audit.Attempt]bool // whose blobs are lawfully gone
	studies    []Study
	checks     map[byte]int // by family letter

	off map[audit.Code]bool // checks switched off by tests, to prove their teeth
}

// ready is what a node said of the model before a round.
type ready struct {
	index  int64
	signer string
	round  int
	state  crypto.Digest
	shape  crypto.Shape
}

func (v *verifier) run() (*Report, error) {
	sound := v.log()
	sound = sound && v.st.Charter != nil
	if sound {
		v.readCodebook()
	}
	if sound && v.bundle.Kind() == bundle.Sealed {
		v.arithmetic()
	} else if v.st != nil {
		for _, s := range v.sortedStudies() {
			v.studies = append(v.studies, v.summary(s))
		}
	}
	if err := v.ctx.Err(); err != nil {
		return nil, err
	}
	return v.report(), nil
}

// check counts one check of the code's family and records a finding when it
// is broken. It reports whether to go on as if it were not.
func (v *verifier) check(broken bool, code audit.Code, at place, args ...any) bool {
	v.checks[code.Short()[0]]++
	if !broken || v.off[code] {
		return true
	}
	v.find(audit.FindingOf(audit.Refuse(code, args...), at.index, at.party, at.study))
	return false
}

func (v *verifier) find(f *Finding) { v.findings = append(v.findings, *f) }

// place is where in the log a check looks.
type place struct {
	index        int64
	party, study string
}

// placeOf is the place of a statement.
func placeOf(s *audit.Statement) place { return place{s.Index, s.Signer, s.Study} }

// whole is the log as a whole.
func whole() place { return place{index: -1} }

// report puts the answer together.
func (v *verifier) report() *Report {
	r := &Report{
		Kind: v.bundle.Kind(), Origin: v.origin, Findings: v.findings, Notes: v.notes,
		Studies: v.studies, NotProved: v.notProved(), Cosigned: v.cosigned,
		State: v.st, Pinned: v.pinned, Checkpoint: v.checkpoint,
	}
	if r.Notes == nil {
		r.Notes = []Note{}
	}
	if v.st != nil {
		h := v.st.Head()
		r.Size, r.Root, r.Void = h.Size, h.Root, len(v.st.Findings)
	}
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return int(a.Index - b.Index) })
	for _, f := range []Family{
		{Letter: "L", Name: "log"}, {Letter: "S", Name: "statements"}, {Letter: "P", Name: "permission"},
		{Letter: "R", Name: "rounds"}, {Letter: "A", Name: "arithmetic"}, {Letter: "D", Name: "opening"},
		{Letter: "E", Name: "budget"}, {Letter: "M", Name: "model"},
	} {
		f.Checks = v.checks[f.Letter[0]]
		for _, x := range v.findings {
			if x.Check[:1] == f.Letter {
				f.Findings++
			}
		}
		if v.bundle.Kind() == bundle.Public && slices.Contains([]string{"A", "D", "M"}, f.Letter) {
			f.Skipped = "needs a sealed bundle"
		}
		r.Families = append(r.Families, f)
	}
	r.Verified = len(r.Findings) == 0
	return r
}

func (v *verifier) sortedStudies() []*audit.Study {
	var list []*audit.Study
	for _, s := range v.st.Studies {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *audit.Study) int { return int(a.Proposal.Index - b.Proposal.Index) })
	return list
}

func (v *verifier) summary(s *audit.Study) Study {
	out := Study{
		ID: s.ID, Institutions: len(s.Roster), Colluders: s.Thresholds.C, Threshold: s.Thresholds.T,
		Opened: s.Round - 1,
	}
	for _, attempts := range s.Rounds {
		out.Attempts += len(attempts)
	}
	if s.Close != nil {
		out.Closed = s.Close.Body.(*audit.Close).Reason
	}
	if book, err := v.codebookOf(s); err == nil {
		out.Codebook = book
	}
	if from := v.deletable(s); !from.IsZero() {
		out.Deletable = from.Format(time.DateOnly)
	}
	return out
}

// missing reports whether a bundle error means that a file is not there.
func missing(err error) bool {
	var e *bundle.Error
	return errors.As(err, &e) && e.Missing()
}
