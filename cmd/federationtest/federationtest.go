// Package federationtest gives a test a whole running federation and checks at
// cleanup what must hold in every one: the log, folded again from its bytes,
// has no void entry; every opened sum equals, integer by integer, the sum of
// what the nodes put in before encryption; and the audit bundle verifies. No
// test can forget it.
package federationtest

import (
	"context"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/replay"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
)

// Federation is a federation under test.
type Federation struct {
	*federation.Federation
	t testing.TB

	mu     sync.Mutex
	inputs map[crypto.Digest]map[string][]*big.Int // by attempt, by node
}

// Start runs a federation over the given institutions for the time of a test.
func Start(t testing.TB, cfg federation.Config) *Federation {
	t.Helper()
	f := &Federation{t: t, inputs: map[crypto.Digest]map[string][]*big.Int{}}
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	if cfg.Name == "" {
		cfg.Name = "test.example/log"
	}
	cfg.Summed = f.summed
	var err error
	f.Federation, err = federation.Start(context.Background(), cfg)
	if err != nil {
		t.Fatalf("starting the federation: %v", err)
	}
	t.Cleanup(f.check)
	return f
}

// Run submits a study and returns its result; it fails the test after limit.
func (f *Federation) Run(study []byte, id string, limit time.Duration) (*model.Result, error) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := f.Submit(ctx, study, 1<<20); err != nil {
		return nil, err
	}
	return f.Wait(ctx, id)
}

func (f *Federation) summed(in node.RoundInput) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.inputs[in.Attempt] == nil {
		f.inputs[in.Attempt] = map[string][]*big.Int{}
	}
	f.inputs[in.Attempt][in.Node] = in.Values
}

// check is the invariant of every federation in every test.
func (f *Federation) check() {
	dir := filepath.Join(f.t.TempDir(), "bundle")
	if err := f.Bundle(context.Background(), dir); err != nil {
		f.t.Errorf("writing the bundle: %v", err)
	}
	if err := f.checkSums(); err != nil {
		f.t.Errorf("sum of the inputs = opened sum: %v", err)
	}
	if err := f.Close(); err != nil {
		f.t.Errorf("the federation ended with: %v", err)
	}
	report, err := verify.Bundle(context.Background(), os.DirFS(dir), node.Methods{})
	if err != nil {
		f.t.Errorf("verifying the bundle: %v", err)
		return
	}
	for _, finding := range report.Findings {
		f.t.Errorf("finding: %v", finding)
	}
}

// checkSums adds the inputs of every opened attempt in the clear and compares.
func (f *Federation) checkSums() error {
	type opened struct {
		study          string
		round, attempt int
		roster         []string
	}
	var attempts []opened
	f.View(func(st *audit.State) {
		for _, a := range federation.Attempts(st) {
			if a.Result != nil && a.Result.Body.(*audit.Result).Valid {
				h := a.Open.Header
				attempts = append(attempts, opened{h.Study, h.Round, h.Attempt, a.Open.Body.(*audit.Open).Roster})
			}
		}
	})
	for _, a := range attempts {
		r, err := replay.Read(f, a.study, a.round, a.attempt)
		if err != nil {
			return err
		}
		o, err := r.Open(context.Background(), f.Blobs())
		if err != nil {
			return err
		}
		if err := f.compare(r, a.roster, o.Stat()); err != nil {
			return fmt.Errorf("study %s round %d: %w", a.study, a.round, err)
		}
	}
	return nil
}

func (f *Federation) compare(r *replay.Round, roster []string, sums []*big.Int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	total := make([]*big.Int, len(sums))
	for i := range total {
		total[i] = new(big.Int)
	}
	for _, point := range r.Set {
		values, ok := f.inputs[r.Attempt.ID][roster[point-1]]
		if !ok {
			return fmt.Errorf("no input of %s was seen", roster[point-1])
		}
		for i, v := range values {
			total[i].Add(total[i], v)
		}
	}
	for i := range sums {
		if sums[i].Cmp(total[i]) != 0 {
			return fmt.Errorf("value %d: the inputs sum to %v, opened was %v", i, total[i], sums[i])
		}
	}
	return nil
}
