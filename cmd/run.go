package cmd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
)

// rehearsal is one study over one set of institutions on this machine.
type rehearsal struct {
	study        *configs.Study
	studyText    []byte
	codebook     []byte
	data         *data
	institutions []federation.Institution
	out          string // folder for results and bundle; "" keeps nothing
	verbose      bool
	method       *node.Method // of the study, once it was checked

	isolated bool                                                          // every institution accepts that a difference of sums may show it alone
	during   func(*federation.Federation, loop.Applied)                    // told of each entry, in order; must not block
	after    func(context.Context, *federation.Federation, *outcome) error // at the end of a run that succeeds
	settle   func()                                                        // before the federation is closed, however the run ends
}

// outcome is what a rehearsal leaves: the document, and the bundle if kept.
type outcome struct {
	document *Document
	bundle   string // "" when not kept
	received []byte // the first bytes of a contributor's upload, as the coordinator holds them

	receivedFrom string
	lists, notes int           // what that contributor sent in all
	opened       int           // the fewest institutions that opened the sums of a round together
	state        crypto.Digest // of the final model state
	thresholds
}

// thresholds of a study: its institutions, how many of them open a total
// together, and up to how many may collude without harm.
type thresholds struct{ institutions, open, collude int }

// run does the study for real and verifies its own record.
func (r *rehearsal) run(ctx context.Context, o *output) (*outcome, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "smartstart-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)

	rounds := newRounds(o, r.method.Plan.Isolates())
	var running atomic.Pointer[federation.Federation]
	f, err := federation.Start(ctx, federation.Config{
		Name: "rehearsal.smartstart/" + r.study.About.ID, Institutions: r.institutions, Codebook: r.codebook,
		Dir: dir, Logger: r.logger(o), AcceptIsolated: r.isolated,
		Applied: func(a loop.Applied) {
			rounds.applied(a)
			if f := running.Load(); f != nil && r.during != nil {
				r.during(f, a)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	running.Store(f)
	defer f.Close() //nolint:errcheck // its cause is in Wait's error
	if r.settle != nil {
		defer r.settle()
	}
	o.event(false, "a coordinator and %d nodes are running on loopback with mutual TLS 1.3", len(r.institutions))
	names := make([]string, len(r.institutions))
	for i, in := range r.institutions {
		names[i] = in.Name
	}
	numbers, _, err := numbersAsked(r.method, names)
	if err != nil {
		return nil, err
	}
	if err := f.Submit(ctx, r.studyText, numbers); err != nil {
		return nil, err
	}
	result, err := f.Wait(ctx, r.study.About.ID)
	if err != nil {
		return nil, err
	}
	out := &outcome{bundle: filepath.Join(dir, "bundle")}
	if r.out != "" {
		out.bundle = filepath.Join(r.out, "bundle")
	}
	if err := f.Bundle(ctx, out.bundle); err != nil {
		return nil, err
	}
	report, err := verify.Bundle(ctx, os.DirFS(out.bundle), node.Methods{})
	if err != nil {
		return nil, err
	}
	f.View(func(st *audit.State) {
		out.document = newDocument(result, len(r.institutions), rounds.done, st.Head(), st.Origin(), report)
		out.state = f.State(r.study.About.ID)
		out.thresholds = openers(st, r.study.About.ID)
		out.opened = fewest(st.Studies[r.study.About.ID])
	})
	out.receivedFrom, out.received, err = firstUpload(ctx, f, r.study.About.ID)
	if err != nil {
		return nil, err
	}
	if out.lists, out.notes, err = said(out.bundle, out.receivedFrom); err != nil {
		return nil, err
	}
	if r.out != "" {
		if err := r.keep(out.document); err != nil {
			return nil, err
		}
	}
	if r.after != nil {
		if err := r.after(ctx, f, out); err != nil {
			return nil, err
		}
	}
	if r.out == "" {
		out.bundle = ""
	}
	return out, nil
}

// check reads every institution's records once, so that a bad line is said
// before anything starts.
func (r *rehearsal) check(ctx context.Context) error {
	if len(r.institutions) < leastInstitutions {
		return &Error{codeTooFew, plural(len(r.institutions), "institution") + " cannot compute together: with fewer than 3, an institution could subtract its own numbers and read the other's",
			"give a column with at least 3 values to --by, or at least 3 files to --data"}
	}
	if n := len(r.institutions); n > crypto.MaxInstitutions {
		return &Error{codeTooMany, fmt.Sprintf("%d institutions are more than the %d that can hold shares of each other's keys", n, crypto.MaxInstitutions),
			"give --by a coarser column, such as the school board instead of the school"}
	}
	for _, in := range r.institutions {
		if n := in.Name; n == federation.CoordinatorName || n == federation.ResearcherName || strings.HasSuffix(n, ".approver") {
			return &Error{codeReservedName, fmt.Sprintf("an institution cannot be called %q: another party of the rehearsal has that name", n), "rename it in the data"}
		}
	}
	method, err := node.OpenMethod(string(r.studyText), r.codebook)
	if err != nil {
		return err
	}
	codebook, err := configs.ParseCodebook(r.codebook)
	if err != nil {
		return err
	}
	columns, rule := method.Plan.Columns(), method.Study.Privacy.OutOfRange
	if _, err := r.data.table(codebook, columns, rule, method.Plan.Texts()); err != nil {
		return err
	}
	_, err = r.prepared(ctx, method)
	r.method = method
	return err
}

// fewest returns how many institutions' releases opened the sums of a study, of
// the round with the fewest; 0 without rounds.
func fewest(s *audit.Study) (n int) {
	for round := 1; s.Opened(round) != nil; round++ {
		used := len(s.Opened(round).Result.Body.(*audit.Result).Used)
		if round == 1 || used < n {
			n = used
		}
	}
	return n
}

// prepared reads each institution's rows as its node will, and tries the first
// local step on them: it holds every value to the codebook, and every site to
// its institution.
func (r *rehearsal) prepared(ctx context.Context, method *node.Method) ([]*model.Table, error) {
	rule := method.Study.Privacy.OutOfRange
	start, err := method.Start()
	if err != nil {
		return nil, err
	}
	tables := make([]*model.Table, len(r.institutions))
	for i, in := range r.institutions {
		columns, err := node.Columns(ctx, in.Records, method)
		if err != nil {
			return nil, err
		}
		read, err := in.Records.Table(ctx, columns, rule, method.Plan.Texts()...)
		if err != nil {
			return nil, err
		}
		own := *read // the institution keeps its table
		own.Institution = in.Name
		if tables[i], _, err = method.Plan.Prepare(&own); err != nil {
			return nil, fmt.Errorf("%s: %w", in.Name, err)
		}
		if _, err := method.Plan.Local(start, tables[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", in.Name, err)
		}
	}
	return tables, nil
}

// keep writes what the researcher and the auditor need into the out folder.
func (r *rehearsal) keep(d *Document) error {
	results, err := d.bytes()
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"study.toml": r.studyText, "codebook.toml": r.codebook, "results.json": results} {
		if err := os.WriteFile(filepath.Join(r.out, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (r *rehearsal) logger(o *output) hclog.Logger {
	if !r.verbose {
		return hclog.NewNullLogger()
	}
	return hclog.New(&hclog.LoggerOptions{Name: "smartstart", Level: hclog.Info, Output: o.err})
}

// rounds turns the log as it grows into progress and into the result's table.
type rounds struct {
	o     *output
	apart bool // sums of single institutions are opened too, as each accepted
	began map[[2]int]time.Time
	bytes map[[2]int]int64
	done  []Round
}

func newRounds(o *output, apart bool) *rounds {
	return &rounds{o: o, apart: apart, began: map[[2]int]time.Time{}, bytes: map[[2]int]int64{}}
}

// applied is called in log order by one goroutine.
func (r *rounds) applied(a loop.Applied) {
	if a.Statement == nil || a.Finding != nil {
		return
	}
	at := [2]int{a.Statement.Round, a.Statement.Attempt}
	switch b := a.Statement.Body.(type) {
	case *audit.Decision:
		r.o.event(true, "%s: %s", b.Institution, b.Verdict)
	case *audit.Open:
		r.began[at] = time.Now()
		r.o.event(true, "round %d: %d nodes encrypt", at[0], len(b.Seats))
	case *audit.Update:
		r.bytes[at] = max(r.bytes[at], b.Frames.Size+b.Boxes.Size+b.Projection.Size)
	case *audit.Set:
		r.o.event(true, "round %d: %d locked lists added", at[0], len(b.Points))
		r.done = append(r.done, Round{Round: at[0], Attempt: at[1], Included: len(b.Points), BytesPerNode: r.bytes[at]})
	case *audit.Result:
		took := time.Since(r.began[at])
		last := &r.done[len(r.done)-1]
		last.Seconds = took.Seconds()
		what := fmt.Sprintf("only the total of %s was", plural(last.Included, "institution"))
		switch {
		case !b.Valid:
			r.o.event(false, "round %d: what was opened is not valid (%s), %.0f ms", at[0], b.Reason, took.Seconds()*1000)
			return
		case r.apart:
			what = "sums were"
		}
		r.o.event(false, "round %d: %s opened, by %s together, %.0f ms", at[0], what, plural(len(b.Used), "institution"), took.Seconds()*1000)
	}
}
