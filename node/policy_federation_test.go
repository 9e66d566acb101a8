package node_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/cmd/federationtest"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/examples/language"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
	"github.com/smartstart-federation/smartstart/node/records"
)

// sixBoards writes the example's records to a file for each board.
func sixBoards(t *testing.T, dir string) (list []federation.Institution) {
	t.Helper()
	parts, err := records.SplitCSV(bytes.NewReader(language.Pupils), "pupils", "node")
	if err != nil {
		t.Fatal(err)
	}
	cb, err := configs.ParseCodebook(language.Codebook)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		path := filepath.Join(dir, p.Institution+".csv")
		if err := os.WriteFile(path, p.CSV, 0o600); err != nil {
			t.Fatal(err)
		}
		list = append(list, federation.Institution{Name: p.Institution, Records: &records.File{Path: path, Codebook: cb}})
	}
	return list
}

// run runs the example's study over six boards whose nodes have this policy,
// and then, if there is one, a second study over records that again changes.
func run(t *testing.T, policy node.Policy, study []byte, again func(dir string)) error {
	t.Helper()
	dir := t.TempDir()
	list := sixBoards(t, dir)
	f := federationtest.Start(t, federation.Config{Institutions: list, Codebook: language.Codebook, Policy: policy})
	_, err := f.Run(study, "language-delay", 2*time.Minute)
	if err != nil || again == nil {
		return err
	}
	again(dir)
	_, err = f.Run(bytes.Replace(study, []byte(`id = "language-delay"`), []byte(`id = "again"`), 1), "again", 2*time.Minute)
	return err
}

// TestRulesForConfidentialRecords runs whole federations over records that are
// called confidential, with the rule off that keeps those out of a rehearsal:
// each further rule stops the study, and with that one off too it finishes.
func TestRulesForConfidentialRecords(t *testing.T) {
	list := filepath.Join(t.TempDir(), "objections.csv")
	if err := os.WriteFile(list, []byte("pupil\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	drop := func(dir string) { // the second row of board1's file is complete, the first is not
		path := filepath.Join(dir, "board1.csv")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.SplitAfter(b, []byte("\n"))
		for i, line := range lines[1:] {
			if !bytes.Contains(line, []byte(",,")) {
				lines = append(lines[:i+1], lines[i+2:]...)
				break
			}
		}
		if err := os.WriteFile(path, bytes.Join(lines, nil), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	strict := bytes.Replace(language.Study, []byte("numbers_per_row = 0.15"), []byte("numbers_per_row = 0.05"), 1)
	if bytes.Equal(strict, language.Study) {
		t.Fatal("the example's study file states no numbers_per_row")
	}
	for _, c := range []struct {
		what, code string
		policy     node.Policy
		study      []byte
		again      func(string)
	}{
		{"rehearsal", node.CodeRehearsal, node.Policy{Objections: list}, language.Study, nil},
		{"no list", node.CodeNoObjections, node.Policy{}.Off(node.CodeRehearsal), language.Study, nil},
		{"study's budget", node.CodeBudget, node.Policy{Objections: list}.Off(node.CodeRehearsal), strict, nil},
		{"policy's budget", node.CodeBudget, node.Policy{Objections: list, NumbersPerRow: 0.05}.Off(node.CodeRehearsal), language.Study, nil},
		{"one child apart", node.CodeCohort, node.Policy{Objections: list}.Off(node.CodeRehearsal, node.CodeBudget), language.Study, drop},
	} {
		if testing.Short() && c.code != node.CodeCohort {
			continue
		}
		c.policy.Openness = configs.OpenConfidential
		t.Run(c.what, func(t *testing.T) {
			err := run(t, c.policy, c.study, c.again)
			var r *node.RefusalError
			if !errors.As(err, &r) || r.Code() != c.code {
				t.Errorf("ended with %v, want %s", err, c.code)
			}
		})
		t.Run(c.what+" off", func(t *testing.T) {
			if err := run(t, c.policy.Off(c.code), c.study, c.again); err != nil {
				t.Errorf("with the rule off it ended with %v", err)
			}
		})
	}
}

// sleeper are records that can be read a few times more and then sleep.
type sleeper struct {
	*records.File
	left atomic.Int64
}

func (s *sleeper) Select(ctx context.Context, columns []string, outOfRange, pseudonym string, texts ...configs.TextColumn) (*model.Table, []string, error) {
	if s.left.Add(-1) < 0 {
		<-ctx.Done()
		return nil, nil, ctx.Err()
	}
	return s.File.Select(ctx, columns, outOfRange, pseudonym, texts...)
}

// TestNoSumWithoutOne: after a study over six boards, a second one may not be
// summed over five of them because the sixth sleeps: the two results together
// would be the sixth board's numbers. With the nodes' rule off, the log's holds.
func TestNoSumWithoutOne(t *testing.T) {
	second := language.Study
	for old, changed := range map[string]string{`id = "language-delay"`: `id = "again"`, `on_late = "ask"`: `on_late = "proceed"`, `wait = "10m"`: `wait = "1s"`} {
		next := bytes.Replace(second, []byte(old), []byte(changed), 1)
		if bytes.Equal(next, second) {
			t.Fatalf("the example's study file does not say %s", old)
		}
		second = next
	}
	for _, c := range []struct {
		what  string
		reads int64 // of the sixth board before it sleeps
		off   bool
	}{
		{"never ready", 0, false}, {"never ready, rule off", 0, true},
		{"ready and then late", 1, false}, {"ready and then late, rule off", 1, true},
	} {
		if testing.Short() && c.reads > 0 {
			continue
		}
		t.Run(c.what, func(t *testing.T) {
			t.Parallel() // waits most of the time
			list := sixBoards(t, t.TempDir())
			sixth := &sleeper{File: list[5].Records.(*records.File)}
			sixth.left.Store(1 << 20)
			list[5].Records = sixth
			policy := node.Policy{}
			if c.off {
				policy = policy.Off(node.CodeIsolated)
			}
			f := federationtest.Start(t, federation.Config{Institutions: list, Codebook: language.Codebook, Policy: policy, Timeout: 20 * time.Second})
			if _, err := f.Run(language.Study, "language-delay", 2*time.Minute); err != nil {
				t.Fatal(err)
			}
			sixth.left.Store(c.reads)
			// The log refuses such a sum as well (SS2232), so the study waits.
			if _, err := f.Run(second, "again", 15*time.Second); err == nil {
				t.Error("the second study was summed without the sixth board")
			}
			f.View(func(st *audit.State) {
				for _, at := range federation.Attempts(st) {
					if at.Study == "again" && at.Certified() {
						t.Errorf("round %d attempt %d of the second study could be opened", at.Round, at.Number)
					}
				}
			})
		})
	}
}
