package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/examples/language"
	"github.com/smartstart-federation/smartstart/model/plots"
	"github.com/smartstart-federation/smartstart/node"
)

func newDemo(o *output) *cobra.Command {
	var f struct {
		out, lang       string
		details, tamper bool
	}
	c := &cobra.Command{
		Use:   "demo",
		Short: "See it work: a real study on bundled public data, told in plain words",
		Long: `demo runs the bundled study of Dutch primary schools the way simulate does: six
school boards, each a node of its own; a coordinator that holds no key; real
encrypted sums; and a record that is verified at the end. One computer is
switched off halfway. When the study is over the coordinator rewrites its log
with its own key, and everybody who looks notices. Every number it prints is
measured in that run.

With --tamper it prints what the auditor finds in the rewritten log, and ends
with 5.

` + exitCodes,
		Example: "  smartstart demo --lang nl --out demo-out",
		Args:    arguments(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			words, lang, err := textsIn(f.lang)
			if err != nil {
				return err
			}
			r, err := bundled()
			if err != nil {
				return err
			}
			r.out = f.out
			if err := emptyFolder(f.out); err != nil {
				return err
			}
			return newShow(r, words, lang).run(c.Context(), o, f.details, f.tamper)
		},
	}
	c.Flags().StringVar(&f.out, "out", "", "a new folder for results.json, pictures and the audit bundles")
	c.Flags().StringVar(&f.lang, "lang", "", "nl or en; the language of your system when not given")
	c.Flags().BoolVar(&f.details, "details", false, "also print the coefficients, the evaluation and the rounds")
	c.Flags().BoolVar(&f.tamper, "tamper", false, "end with the findings in the rewritten log, and exit code 5")
	return c
}

// bundled is the study of examples/language.
func bundled() (*rehearsal, error) {
	study, err := configs.ParseStudy(language.Demo)
	if err != nil {
		return nil, err
	}
	codebook, err := configs.ParseCodebook(language.Codebook)
	if err != nil {
		return nil, err
	}
	d, err := pooled("pupils.csv", language.Pupils, language.By)
	if err != nil {
		return nil, err
	}
	return &rehearsal{study: study, studyText: language.Demo, codebook: language.Codebook, data: d,
		institutions: d.institutions(codebook), isolated: true}, nil
}

// show is one run of the demo.
type show struct {
	*rehearsal
	words *texts
	lang  string

	absence
	cheat   *federation.Cheat
	forged  *verify.Report // what an auditor finds in the rewritten log
	largest float64        // difference from R
	same    bool           // bit for bit as without encryption
}

// Who does what in the story.
const (
	switchedOff = "board5"
	victim      = "board2"
	awayFrom    = 4 // the round from which the computer is switched off
)

func newShow(r *rehearsal, words *texts, lang string) *show {
	s := &show{rehearsal: r, words: words, lang: lang}
	s.absence = absence{name: switchedOff, from: awayFrom}
	r.during = s.watch
	r.after = s.afterwards
	return s
}

func (s *show) run(ctx context.Context, o *output, details, tamper bool) error {
	done, err := s.rehearsal.run(ctx, o)
	if err := errors.Join(err, s.absence.failed()); err != nil {
		return err
	}
	if s.same, err = s.asPooledBits(done); err != nil {
		return err
	}
	if s.largest, err = fromR(done.document); err != nil {
		return err
	}
	if s.out != "" {
		if _, err := plots.Write(filepath.Join(s.out, "pictures"), done.document.Result, done.document.Evaluation, s.lang); err != nil {
			return err
		}
	}
	if o.json {
		if _, err := o.out.Write(done.document.bytes()); err != nil {
			return err
		}
	} else {
		s.tell(o, done)
		if details {
			o.print("")
			done.document.print(o)
		}
	}
	if tamper {
		return s.tampered(o)
	}
	return done.document.verdict(done.bundle)
}

// afterwards lets the coordinator cheat while everybody is still running.
func (s *show) afterwards(ctx context.Context, f *federation.Federation, done *outcome) (err error) {
	dir := filepath.Join(filepath.Dir(done.bundle), "bundle-rewritten")
	if s.cheat, err = f.LeaveOut(ctx, s.study.About.ID, victim, dir); err != nil {
		return err
	}
	s.forged, err = verify.Bundle(ctx, os.DirFS(dir), node.Methods{})
	return err
}

// tampered prints what the auditor finds, and returns the error for it.
func (s *show) tampered(o *output) error {
	for _, f := range s.forged.Findings {
		o.print("%v", f)
	}
	if len(s.forged.Findings) == 0 {
		return errors.New("the rewritten log was not found out")
	}
	return &Error{codeFailedVerification, plural(len(s.forged.Findings), "finding") + " in the log that the coordinator rewrote", "this is what --tamper shows; without it the demo ends with 0"}
}

// absence switches one institution's computer off as soon as its list of a
// round is in the log, and on again when that round is over.
type absence struct {
	name string
	from int

	mu    sync.Mutex
	wg    sync.WaitGroup
	off   bool
	round int // the round that ended without it; 0 before
	err   error
}

func (a *absence) watch(f *federation.Federation, e loop.Applied) {
	if e.Statement == nil || e.Finding != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	s := e.Statement
	switch b := s.Body.(type) {
	case *audit.Update:
		if s.Signer == a.name && s.Round >= a.from && a.round == 0 && !a.off {
			a.off = true
			a.act(func() error { return f.SwitchOff(a.name) })
		}
	case *audit.Result:
		if !a.off {
			return
		}
		a.off = false
		if b.Valid && f.Node(a.name) == nil && silent(f, s, a.name) {
			a.round = s.Round
		}
		a.act(func() error { return f.SwitchOn(a.name) })
	}
}

// act does one thing after the other, none of them in the way of the log.
func (a *absence) act(what func() error) {
	a.wg.Wait()
	a.wg.Go(func() {
		if err := what(); err != nil {
			a.mu.Lock()
			a.err = errors.Join(a.err, err)
			a.mu.Unlock()
		}
	})
}

func (a *absence) failed() error {
	a.wg.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// silent reports whether an institution said nothing in an attempt after its
// update.
func silent(f *federation.Federation, result *audit.Statement, name string) bool {
	quiet := true
	f.View(func(st *audit.State) {
		at := st.Attempt(result.Study, result.Round, result.Attempt)
		quiet = at != nil && at.Votes[name] == nil && at.Releases[name] == nil
	})
	return quiet
}

// fromR returns the largest difference of estimates and standard errors from
// R's on all rows in one place, relative where they are above 1.
func fromR(d *Document) (float64, error) {
	var r map[string]struct {
		Estimate float64 `json:"estimate"`
		StdError float64 `json:"std_error"`
	}
	if err := json.Unmarshal(language.Reference, &r); err != nil {
		return 0, err
	}
	if len(r) != len(d.Coefficients) {
		return 0, fmt.Errorf("the study has %d terms, R %d", len(d.Coefficients), len(r))
	}
	largest := 0.0
	for _, c := range d.Coefficients {
		want, ok := r[c.Term]
		if !ok {
			return 0, fmt.Errorf("the term %q is none of R's", c.Term)
		}
		largest = max(largest, math.Abs(c.Estimate-want.Estimate)/max(1, math.Abs(want.Estimate)),
			math.Abs(c.StdError-want.StdError)/max(1, math.Abs(want.StdError)))
	}
	return largest, nil
}
