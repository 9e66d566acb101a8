package cmd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/node"
)

// regionRun is the studies of demo --region over one made-up region.
type regionRun struct {
	data string // folder that the generator wrote
	out  string // folder of the bundle
	log  hclog.Logger

	codebook     []byte
	institutions []federation.Institution
	programme    []string // schools that ever had the programme
	studies      []*regionStudy

	head     audit.Head
	origin   string
	entries  map[string]int64 // of each study: the entry that holds its last opened sum
	closes   map[string]int64
	findings []verify.Finding
	took     time.Duration
}

// run does all studies for real and verifies the log.
func (r *regionRun) run(ctx context.Context, o *output) error {
	began := time.Now()
	parts, codebook, err := readRegion(r.data)
	if err != nil {
		return err
	}
	cb, err := configs.ParseCodebook(codebook)
	if err != nil {
		return err
	}
	r.codebook, r.institutions = codebook, federation.Institutions(parts, cb)
	if r.programme, err = programmeSchools(parts); err != nil {
		return err
	}
	if r.studies == nil {
		r.studies = regionStudies()
	}
	var invitations []federation.Invitation
	for _, s := range r.studies {
		if err := s.prepare(ctx, r); err != nil {
			return err
		}
		if s.none != nil {
			o.event(false, "%s: no answer: %v", s.id, s.none)
			continue
		}
		numbers, _, err := numbersAsked(s.method, s.takes)
		if err != nil {
			return err
		}
		invitations = append(invitations, federation.Invitation{Study: s.text, Numbers: numbers, Institutions: s.takes, AcceptIsolated: s.isolated})
	}
	o.event(false, "%d studies are ready (%.0f s)", len(invitations), time.Since(began).Seconds())
	dir, err := os.MkdirTemp("", "smartstart-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	f, err := federation.Start(ctx, federation.Config{
		Name: "rehearsal.smartstart/region", Institutions: r.institutions, Codebook: codebook, Dir: dir, Logger: r.log,
		Applied: func(a loop.Applied) { regionProgress(o, a) },
	})
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // its cause is in Wait's error
	o.event(false, "a coordinator and %d nodes are running on loopback with mutual TLS 1.3 (%.0f s)", len(r.institutions), time.Since(began).Seconds())
	if err := f.Invite(ctx, invitations...); err != nil {
		return err
	}
	o.event(false, "every institution has decided on every study (%.0f s)", time.Since(began).Seconds())
	if err := r.collect(ctx, f); err != nil {
		return err
	}
	o.event(false, "all studies are closed (%.0f s)", time.Since(began).Seconds())
	if err := r.check(ctx, f); err != nil {
		return err
	}
	r.took = time.Since(began)
	o.event(false, "log of %d entries verified (%.0f s)", r.head.Size, r.took.Seconds())
	return nil
}

// collect waits for each study's result. A study that ends with a refusal of
// its method has no answer, which is told as such.
func (r *regionRun) collect(ctx context.Context, f *federation.Federation) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go standstill(ctx, f, stop)
	for _, s := range r.studies {
		if s.none != nil {
			continue
		}
		result, err := f.Wait(ctx, s.id)
		closed := false
		f.View(func(st *audit.State) { closed = st.Studies[s.id] != nil && st.Studies[s.id].Close != nil })
		if err != nil && !closed {
			return fmt.Errorf("study %s: %w", s.id, err)
		}
		s.result, s.none = result, err
	}
	return nil
}

// patience is how long nothing may enter the log before the studies are taken to
// wait for what will not come.
const patience = 2 * time.Minute

// standstill ends with ctx, or ends it when the log has stopped growing, and says
// what the studies wait for.
func standstill(ctx context.Context, f *federation.Federation, stop context.CancelCauseFunc) {
	size, since := int64(0), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
		var lines []string
		f.View(func(st *audit.State) {
			if now := st.Head().Size; now != size {
				size, since = now, time.Now()
			}
			if time.Since(since) < patience {
				return
			}
			_, waits := st.Expect(st.Charter.Body.(*audit.Charter).Coordinator.Name, audit.Local{}, time.Now())
			for _, w := range waits {
				lines = append(lines, w.Study+": "+waitLine(w))
			}
		})
		if time.Since(since) >= patience {
			stop(&Error{codeStandstill, fmt.Sprintf("nothing has happened for %.0f minutes: %s", patience.Minutes(), strings.Join(lines, "; ")), "tell who maintains this: on one machine nobody should have to be waited for"})
			return
		}
	}
}

// check writes the bundle and verifies it as an auditor would.
func (r *regionRun) check(ctx context.Context, f *federation.Federation) error {
	bundle := filepath.Join(r.out, "bundle")
	if err := fetchPatiently(ctx, f, bundle); err != nil {
		return err
	}
	report, err := verify.Bundle(ctx, os.DirFS(bundle), node.Methods{})
	if err != nil {
		return err
	}
	r.findings, r.entries, r.closes = report.Findings, map[string]int64{}, map[string]int64{}
	f.View(func(st *audit.State) {
		r.head, r.origin = st.Head(), st.Origin()
		for _, a := range federation.Attempts(st) {
			if a.Result != nil {
				r.entries[a.Open.Study] = a.Result.Index
			}
		}
		for id, s := range st.Studies {
			if s.Close != nil {
				r.closes[id] = s.Close.Index
			}
		}
	})
	return nil
}

// fetchPatiently writes the bundle; on a busy machine the coordinator may answer
// one of thousands of calls too late, so it is asked again.
func fetchPatiently(ctx context.Context, f *federation.Federation, dir string) (err error) {
	for range 3 {
		if err = f.Bundle(ctx, dir); err == nil || ctx.Err() != nil {
			return err
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return err
}

// regionProgress prints what happens in the log.
func regionProgress(o *output, a loop.Applied) {
	if a.Statement == nil || a.Finding != nil {
		return
	}
	switch a.Statement.Body.(type) {
	case *audit.Result:
		o.event(true, "%s: round %d opened", a.Statement.Study, a.Statement.Round)
	case *audit.Close:
		o.event(false, "%s: closed", a.Statement.Study)
	}
}
