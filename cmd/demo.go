package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

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
		region          bool
		preset          string
		seed            uint64
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

With --region it makes up a region of 19 organisations whose truth is known, runs
the programme's own question on it as one federation, holds what it finds against
what was planted, and writes factsheet and council report in Dutch and English.

` + exitCodes,
		Example: "  smartstart demo --lang nl --out demo-out\n  smartstart demo --region --lang nl --out region-out",
		Args:    arguments(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			words, lang, err := textsIn(f.lang)
			if err != nil {
				return err
			}
			if f.region {
				if f.details || f.tamper {
					return usage("--details and --tamper are of the demo without --region", "leave them out")
				}
				return (&demoRegion{preset: f.preset, seed: f.seed, lang: lang, out: f.out}).run(c.Context(), o)
			}
			if c.Flags().Changed("preset") || c.Flags().Changed("seed") {
				return usage("--preset and --seed are of demo --region", "add --region")
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
	c.Flags().BoolVar(&f.region, "region", false, "a made-up region of 19 organisations, with factsheet and council report")
	c.Flags().StringVar(&f.preset, "preset", "demo", "with --region, how large it is: tiny, demo or region")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "with --region: another number is another region")
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

	*absence
	cheat   *federation.Cheat
	forged  *verify.Report // what an auditor finds in the rewritten log
	largest float64        // difference from R
	same    bool           // bit for bit as without encryption, and as on one table
}

// Who does what in the story.
const (
	switchedOff = "board5"
	victim      = "board2"
	awayFrom    = 4 // the round from which the computer is switched off
)

func newShow(r *rehearsal, words *texts, lang string) *show {
	s := &show{rehearsal: r, words: words, lang: lang, absence: newAbsence(switchedOff, awayFrom)}
	r.during = func(f *federation.Federation, e loop.Applied) { s.watch(f, e) }
	r.settle = s.absence.end
	r.after = s.afterwards
	return s
}

func (s *show) run(ctx context.Context, o *output, details, tamper bool) error {
	defer s.absence.end()
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
		b, err := indented(s.document(done.document, tamper))
		if err != nil {
			return err
		}
		if _, err := o.out.Write(b); err != nil {
			return err
		}
	} else {
		s.tell(o, done)
		if details {
			s.detail(o, done.document)
		}
	}
	if tamper {
		return s.tampered(o)
	}
	return done.document.verdict(done.bundle)
}

// detail prints what a statistician asks for.
func (s *show) detail(o *output, d *Document) {
	const width = 110
	o.print("")
	d.print(o)
	o.print("")
	o.print("%s", plots.Terminal(d.Result, d.Evaluation, width, s.lang))
	o.print("%s", roundTable(d.Rounds))
}

// afterwards lets the coordinator cheat while everybody is still running.
func (s *show) afterwards(ctx context.Context, f *federation.Federation, done *outcome) (err error) {
	s.absence.end() // a computer that is being switched on is not in the way
	dir := filepath.Join(filepath.Dir(done.bundle), "bundle-rewritten")
	if s.cheat, err = f.LeaveOut(ctx, s.study.About.ID, victim, dir); err != nil {
		return err
	}
	s.forged, err = verify.Bundle(ctx, os.DirFS(dir), node.Methods{})
	return err
}

// accused returns the findings in the rewritten log, the coordinator's first:
// the others are what an honest party's statements look like after it.
func (s *show) accused() []verify.Finding {
	all := slices.Clone(s.forged.Findings)
	slices.SortStableFunc(all, func(a, b verify.Finding) int {
		return cmp.Compare(btoi(a.Party != federation.CoordinatorName), btoi(b.Party != federation.CoordinatorName))
	})
	return all
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// tampered prints what the auditor finds, and returns the error for it.
func (s *show) tampered(o *output) error {
	all := s.accused()
	if len(all) == 0 {
		return errors.New("the rewritten log was not found out")
	}
	o.print("")
	o.print("FINDINGS")
	for i := range all {
		o.print("  %s", &all[i])
	}
	return &Error{codeFailedVerification, plural(len(all), "finding") + " in the log that the coordinator rewrote", "this is what --tamper shows; without it the demo ends with 0"}
}

// demoDocument is the result document with what only the demo shows.
type demoDocument struct {
	*Document
	Demo demoBlock `json:"demo"`
}

type demoBlock struct {
	SwitchedOff *demoAbsence     `json:"switched_off"` // null when it did not succeed
	Cheat       demoCheat        `json:"cheat"`
	SameBits    bool             `json:"same_bits"`
	Largest     float64          `json:"largest_difference_from_r"`
	Findings    []verify.Finding `json:"findings,omitempty"` // with --tamper: in the rewritten log
}

type demoAbsence struct {
	Institution string `json:"institution"`
	Round       int    `json:"round"`
}

type demoCheat struct {
	Victim  string   `json:"victim"`
	Entry   int64    `json:"entry"`
	Noticed []string `json:"noticed"`
	Code    string   `json:"code"` // of the auditor's finding; empty without one
}

func (s *show) document(d *Document, tamper bool) *demoDocument {
	out := &demoDocument{d, demoBlock{SameBits: s.same, Largest: s.largest,
		Cheat: demoCheat{Victim: s.cheat.Victim, Entry: s.cheat.Entry, Noticed: append([]string{}, s.cheat.Noticed...)}}}
	if round := s.absence.missed(); round > 0 {
		out.Demo.SwitchedOff = &demoAbsence{s.absence.name, round}
	}
	all := s.accused()
	if len(all) > 0 {
		out.Demo.Cheat.Code = all[0].Code
	}
	if tamper {
		out.Demo.Findings = all
	}
	return out
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
