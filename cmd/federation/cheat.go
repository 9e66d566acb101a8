package federation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/coordinator"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/coordinator/store"
)

// Cheat is what a coordinator did that rewrote its log, and who noticed.
type Cheat struct {
	Victim  string   // the institution it left out
	Entry   int64    // the place of the false statement
	Bundle  string   // its log as it shows it now, for an auditor who never saw the other
	Noticed []string // running parties that refused the log, by name
	Why     error    // what the first who noticed said
}

// LeaveOut makes the coordinator cheat, with its own key and its own disk: it
// replaces the last set of the study by one that leaves the victim out, and
// serves that log from its old address. Running parties refuse
// it, because it does not extend the log they hold; an auditor who holds
// nothing gets it as a bundle in dir. The federation is of no use afterwards.
func (f *Federation) LeaveOut(ctx context.Context, study, victim, dir string) (*Cheat, error) {
	f.cheating.Store(true)
	f.serving.stop()
	if err := f.coordinator.Close(); err != nil {
		return nil, err
	}
	leaves, err := f.kept(ctx)
	if err != nil {
		return nil, err
	}
	c := &Cheat{Victim: victim, Bundle: dir}
	forged, err := f.forge(leaves, study, c)
	if err != nil {
		return nil, err
	}
	if err := f.serveForged(ctx, forged, c); err != nil {
		return nil, err
	}
	return c, f.notice(ctx, c)
}

// kept reads the coordinator's log from its disk.
func (f *Federation) kept(ctx context.Context) (leaves [][]byte, err error) {
	s, err := store.OpenSQLite(ctx, filepath.Join(f.cfg.Dir, CoordinatorName, "log"), f.cfg.Name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for {
		more, err := s.Leaves(ctx, int64(len(leaves)), 1000, 16<<20)
		if err != nil || len(more) == 0 {
			return leaves, err
		}
		leaves = append(leaves, more...)
	}
}

// forge replaces the last set of the study by another one, with the
// coordinator's signature; what others said after it stays as they signed it.
func (f *Federation) forge(leaves [][]byte, study string, c *Cheat) ([][]byte, error) {
	for i := len(leaves) - 1; i >= 0; i-- {
		s, err := audit.Parse(leaves[i])
		if err != nil {
			return nil, err
		}
		body, is := s.Body.(*audit.Set)
		if !is || s.Study != study {
			continue
		}
		var point int
		f.View(func(st *audit.State) {
			at := st.Attempt(s.Study, s.Round, s.Attempt)
			for _, p := range body.Points {
				if at != nil && at.Name(p) == c.Victim {
					point = p
				}
			}
		})
		if point == 0 {
			return nil, fmt.Errorf("%s is not in the last sum of study %s", c.Victim, study)
		}
		forged := *body
		forged.Points = slices.DeleteFunc(slices.Clone(body.Points), func(p int) bool { return p == point })
		forged.Absent = append(slices.Clone(body.Absent), audit.Absence{Point: point, Reason: "no_update"})
		leaf, err := audit.Sign(s.Header, &forged, f.sequencer.Signer)
		if err != nil {
			return nil, err
		}
		c.Entry = int64(i)
		return slices.Replace(slices.Clone(leaves), i, i+1, leaf), nil
	}
	return nil, fmt.Errorf("study %s has no sum", study)
}

// serveForged starts a coordinator on the forged log and the honest blobs, at
// the address that everybody knows, and writes the bundle.
func (f *Federation) serveForged(ctx context.Context, leaves [][]byte, c *Cheat) error {
	root := filepath.Join(f.cfg.Dir, CoordinatorName)
	if err := os.Rename(filepath.Join(root, "log"), filepath.Join(root, "log.honest")); err != nil {
		return err
	}
	s, err := store.OpenSQLite(ctx, filepath.Join(root, "log"), f.cfg.Name)
	if err != nil {
		return err
	}
	var entries []store.Entry
	for i, leaf := range leaves {
		said, err := audit.Parse(leaf)
		if err != nil {
			return errors.Join(err, s.Close())
		}
		entries = append(entries, store.Entry{Index: int64(i), Leaf: leaf, Hash: said.Hash, Signer: said.Signer, Seq: said.Seq})
	}
	// Nobody counts the false statement, the coordinator's own program neither:
	// the number that it took must stay free.
	entries[c.Entry].Seq = math.MaxInt32
	if err := errors.Join(s.Append(ctx, entries), s.Close()); err != nil {
		return err
	}
	cert, err := f.authority.IssueServer(serverName, "127.0.0.1")
	if err != nil {
		return err
	}
	f.coordinator, err = coordinator.Open(coordinator.Config{
		Origin: f.cfg.Name, Dir: root, Signer: f.sequencer.Signer, Key: f.sequencer.Party.Key,
		TLS: ca.TLSServer(f.authority.Pool(), cert), Logger: f.cfg.Logger.Named(CoordinatorName), Timeout: f.cfg.Timeout,
	})
	if err != nil {
		return err
	}
	checkpoint, err := f.coordinator.Checkpoint(ctx)
	if err != nil {
		return err
	}
	if err := bundle.Write(ctx, c.Bundle, bundle.Public, leaves, checkpoint, f.coordinator); err != nil {
		return err
	}
	l, err := net.Listen("tcp", f.address)
	if err != nil {
		return fmt.Errorf("listening where the coordinator was: %w", err)
	}
	f.serving = f.run(func(ctx context.Context) error { return f.coordinator.Serve(ctx, l) })
	return nil
}

// notice waits until running parties have refused the forged log.
func (f *Federation) notice(ctx context.Context, c *Cheat) error {
	f.mu.Lock()
	watching := map[string]*daemon{ResearcherName: f.researcher.daemon}
	for name, m := range f.machines {
		watching[name] = m.daemon
	}
	f.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	return await(ctx, watching, c)
}

// await takes the daemons in the order in which they end, and notes those that
// end because the log was rewritten.
func await(ctx context.Context, watching map[string]*daemon, c *Cheat) error {
	ended := make(chan string, len(watching))
	for name, d := range watching {
		go func() { // ends with ctx at the latest
			select {
			case <-d.ended:
				ended <- name
			case <-ctx.Done():
			}
		}()
	}
	left := maps.Clone(watching)
	for len(left) > 0 {
		select {
		case name := <-ended:
			var fork *loop.InconsistentError
			if errors.As(left[name].err, &fork) {
				c.Noticed = append(c.Noticed, name)
				if c.Why == nil {
					c.Why = fork
				}
			}
			delete(left, name)
		case <-ctx.Done():
			names := slices.Sorted(maps.Keys(left))
			return fmt.Errorf("%s has not noticed that the coordinator's log was rewritten", strings.Join(names, ", "))
		}
	}
	slices.Sort(c.Noticed)
	return nil
}
