package node

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// rowsOf makes what selectRows would return of a file.
func rowsOf(t testing.TB, key secret.NodeKey, policy *Policy, f Records, study string) *part {
	t.Helper()
	p, err := selectRows(t.Context(), policy, f, "board01", method(t, "iq_verbal", "girl"))
	if err == nil {
		p.cohort, err = cohortOf(key, study, method(t, "iq_verbal", "girl").Plan, p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// child is one row of a file.
func child(name int, rest string) string { return fmt.Sprintf("P%04d,%s\n", name, rest) }

func school(t testing.TB, children ...string) Records {
	t.Helper()
	return fileOf(t, "pseudonym,delay,iq_verbal,girl\n"+strings.Join(children, ""))
}

func many(n int) (list []string) {
	for i := range n {
		list = append(list, child(i, "1,0.5,0"))
	}
	return list
}

// TestCohortDistance counts persons, in the counted and in the complete rows.
func TestCohortDistance(t *testing.T) {
	key := secret.NewNodeKey()
	named := &Policy{Openness: configs.OpenSynthetic, Objections: write(t, "o.csv", "pseudonym\n")}
	base := many(100)
	again := rowsOf(t, key, named, school(t, base...), "a").cohort
	for _, c := range []struct {
		what     string
		children []string
		want     int // 0: equal or far enough
	}{
		{"the same", base, 0},
		{"another order", append(append([]string{}, base[50:]...), base[:50]...), 0},
		{"another value of one child", append([]string{child(0, "0,9.5,1")}, base[1:]...), 0},
		{"one less", base[1:], 1},
		{"one more", append(append([]string{}, base...), child(900, "1,1,1")), 1},
		{"one for another", append([]string{child(900, "1,0.5,0")}, base[1:]...), 2},
		{"29 less", base[29:], 29},
		{"30 less", base[30:], 0},
		{"one incomplete", append([]string{child(0, "1,,0")}, base[1:]...), 1},
		{"one child twice", append(append([]string{}, base...), base[0]), 1},
		{"one child forty times", append(append([]string{}, base...), strings.Repeat(base[0], 40)), 1},
	} {
		for _, study := range []string{"a", "b"} { // pseudonyms do not depend on the study
			got := rowsOf(t, key, named, school(t, c.children...), study).cohort
			if n := got.near(again, 30); n != c.want {
				t.Errorf("%s in study %s: %d apart, want %d", c.what, study, n, c.want)
			}
			if n := again.near(got, 30); n != c.want {
				t.Errorf("%s: not the same in the other direction: %d", c.what, n)
			}
		}
	}
	// Without pseudonyms the whole row stands for the child: a changed value
	// counts as one row gone and one come.
	bare := &Policy{Openness: configs.OpenSynthetic}
	a := rowsOf(t, key, bare, school(t, base...), "a").cohort
	b := rowsOf(t, key, bare, school(t, append([]string{child(0, "0,9.5,1")}, base[1:]...)...), "b").cohort
	if n := a.near(b, 30); n != 2 {
		t.Errorf("a changed row without pseudonyms: %d apart", n)
	}
	// Records that name nothing can be held only against the same study.
	c := rowsOf(t, key, &Policy{}, plain{pupils(t, 100)}, "a").cohort
	if d := rowsOf(t, key, &Policy{}, plain{pupils(t, 100)}, "a").cohort; c.id() != d.id() {
		t.Error("the same content in the same study is another cohort")
	}
	if d := rowsOf(t, key, &Policy{}, plain{pupils(t, 100)}, "b").cohort; c.id() == d.id() {
		t.Error("content of two studies was compared")
	}
}

// TestMarksAreKeyed: without the node's key nobody can confirm a guess.
func TestMarksAreKeyed(t *testing.T) {
	policy := &Policy{Openness: configs.OpenSynthetic, Objections: write(t, "o.csv", "pseudonym\n")}
	key := secret.NewNodeKey()
	a := rowsOf(t, key, policy, school(t, many(40)...), "a").cohort
	if b := rowsOf(t, key, policy, school(t, many(40)...), "a").cohort; a.id() != b.id() {
		t.Error("the same key gives another cohort")
	}
	if b := rowsOf(t, secret.NewNodeKey(), policy, school(t, many(40)...), "a").cohort; b.read.differs(a.read) != 80 {
		t.Error("another key gives the same marks")
	}
	dir := t.TempDir()
	s := ledger(t, dir)
	if err := s.offer(opening{attempt: audittest.Digest("x"), study: "a", round: 1, cohort: a.id()}, a); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"node.db", "node.db-wal"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil && bytes.Contains(b, []byte("P0001")) {
			t.Errorf("a pseudonym stands in %s", name)
		}
	}
	if _, err := cohortOf(secret.NodeKey{}, "a", method(t, "iq_verbal", "girl").Plan, rowsOf(t, key, policy, school(t, many(40)...), "a")); err == nil {
		t.Error("a node without a key keeps a ledger")
	}
}

// TestDiffers holds the one-pass count against counting in a map.
func TestDiffers(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for range 2000 {
		count := map[byte][2]int{}
		var sets [2][][markSize]byte
		for side := range sets {
			for range rng.Intn(12) {
				v := byte(rng.Intn(8))
				sets[side] = append(sets[side], [markSize]byte{0, v})
				c := count[v]
				c[side]++
				count[v] = c
			}
		}
		want := 0
		for _, c := range count {
			if c[0] != c[1] {
				want++
			}
		}
		if got := sortMarks(sets[0]).differs(sortMarks(sets[1])); got != want {
			t.Fatalf("%v: %d, want %d", count, got, want)
		}
	}
}

func ledger(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.sure.Exec(ledgerSchema); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLedgerSurvives: what was offered is there after a restart, once.
func TestLedgerSurvives(t *testing.T) {
	dir := t.TempDir()
	s := ledger(t, dir)
	c := cohort{read: bytes.Repeat([]byte{1}, 2*markSize), used: bytes.Repeat([]byte{1}, markSize)}
	o := opening{attempt: audittest.Digest("x"), study: "a", round: 2, epoch: "e", cohort: c.id(), content: audittest.Digest("values"), numbers: 54, rows: 300, least: 30}
	for range 2 {
		if err := s.offer(o, c); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.charge(o.attempt); err != nil {
		t.Fatal(err)
	}
	if err := s.offer(o, c); err != nil { // an offer after the charge must not take it back
		t.Fatal(err)
	}
	s.Close()
	s = ledger(t, dir)
	list, err := s.openings()
	o.charged = true
	if err != nil || len(list) != 1 || list[0] != o {
		t.Fatalf("%+v, %v", list, err)
	}
	got, err := s.kept(c.id())
	if err != nil || got.id() != c.id() {
		t.Errorf("the cohort came back as %v, %v", got, err)
	}
	if _, err := s.kept(crypto.Digest{}); err == nil {
		t.Error("a cohort that is not there was read")
	}
}

// TestCohortRule is the refusal itself, with the ledger of an earlier study.
func TestCohortRule(t *testing.T) {
	key := secret.NewNodeKey()
	for _, c := range []struct {
		what, openness string
		earlier        opening
		children       []string
		code           string // "" passes
	}{
		{"one child apart", configs.OpenConfidential, opening{study: "earlier"}, many(100)[1:], CodeCohort},
		{"one child apart, synthetic", configs.OpenSynthetic, opening{study: "earlier"}, many(100)[1:], CodeCohort},
		{"one child apart, public", configs.OpenPublic, opening{study: "earlier"}, many(100)[1:], ""},
		{"29 apart", configs.OpenConfidential, opening{study: "earlier"}, many(100)[29:], CodeCohort},
		{"30 apart", configs.OpenConfidential, opening{study: "earlier"}, many(100)[30:], ""},
		{"39 apart from what may only be 40 apart", configs.OpenConfidential, opening{study: "earlier", least: 40}, many(100)[39:], CodeCohort},
		{"40 apart", configs.OpenConfidential, opening{study: "earlier", least: 40}, many(100)[40:], ""},
		{"29 apart from what may be 20 apart", configs.OpenConfidential, opening{study: "earlier", least: 20}, many(100)[29:], CodeCohort},
		{"equal", configs.OpenConfidential, opening{study: "earlier"}, many(100), ""},
		{"another epoch", configs.OpenConfidential, opening{study: "earlier", epoch: "school year 2025"}, many(100)[1:], ""},
		{"one child apart within the study", configs.OpenConfidential, opening{study: "s"}, many(100)[1:], CodeRowsChanged},
		{"half the rows gone within the study, public", configs.OpenPublic, opening{study: "s"}, many(100)[50:], CodeRowsChanged},
		{"changed within the study over epochs", configs.OpenPublic, opening{study: "s", epoch: "school year 2025"}, many(100)[1:], CodeRowsChanged},
		{"another value of one child within the study", configs.OpenPublic, opening{study: "s"}, append([]string{child(0, "0,0.5,0")}, many(100)[1:]...), CodeRowsChanged},
		{"another order within the study", configs.OpenPublic, opening{study: "s"}, append(many(100)[50:], many(50)...), ""},
		{"another value of one child across studies", configs.OpenConfidential, opening{study: "earlier"}, append([]string{child(0, "0,0.5,0")}, many(100)[1:]...), ""},
		{"equal within the study", configs.OpenConfidential, opening{study: "s"}, many(100), ""},
	} {
		policy := &Policy{Openness: c.openness, Epoch: "school year 2026", Objections: write(t, "o.csv", "pseudonym\n")}
		before := rowsOf(t, key, policy, school(t, many(100)...), c.earlier.study)
		if c.earlier.epoch == "" {
			c.earlier.epoch = policy.Epoch
		}
		c.earlier.cohort, c.earlier.content = before.cohort.id(), before.cohort.values
		p := rowsOf(t, key, policy, school(t, c.children...), "s")
		judge := func(off ...string) error {
			q := honest(t)
			changed := policy.Off(off...)
			q.policy = &changed
			j := &judgement{off: changed.off}
			err := q.judgeCohort(j, p, []opening{c.earlier}, func(crypto.Digest) (cohort, error) { return before.cohort, nil })
			if err != nil {
				t.Fatal(err)
			}
			return j.first()
		}
		if err := judge(); c.code != "" {
			coded(t, c.what, err, c.code)
			if err := judge(c.code); err != nil {
				t.Errorf("%s: with the rule off: %v", c.what, err)
			}
		} else if err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// TestEpochIsASignedAct: named once, signed by the node, dated, and the same
// after every restart.
func TestEpochIsASignedAct(t *testing.T) {
	dir := t.TempDir()
	signer := audittest.NewSigner("board01", "")
	act := epochAct{Institution: "board01", Log: "log", Epoch: "school year 2026", Began: "2026-09-01T08:00:00Z", Entries: 12}
	s := ledger(t, dir)
	if err := s.beginEpoch("", epochAct{}, signer); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		act.Entries += int64(50 * i) // a later start does not move it
		if err := s.beginEpoch(act.Epoch, act, signer); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	s = ledger(t, dir)
	if n, known, err := s.epochBegan(act.Epoch); n != 12 || !known || err != nil {
		t.Errorf("began at %d, %v, %v", n, known, err)
	}
	if n, known, err := s.epochBegan("another"); n != 0 || known || err != nil {
		t.Errorf("an epoch that never began: %d, %v, %v", n, known, err)
	}
	acts, err := s.Epochs()
	if err != nil || len(acts) != 1 {
		t.Fatalf("%d acts, %v", len(acts), err)
	}
	verifier, err := note.NewVerifier(signer.Party.Key)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(acts[0], note.VerifierList(verifier))
	if err != nil {
		t.Fatal(err)
	}
	var got epochAct
	text, ok := strings.CutPrefix(n.Text, epochType)
	if !ok || json.Unmarshal([]byte(text), &got) != nil || got.Epoch != act.Epoch || got.Began != act.Began || got.Entries != 12 {
		t.Errorf("the act says %q", n.Text)
	}
	if _, err := note.Open(bytes.Replace(acts[0], []byte("2026-09-01"), []byte("2025-09-01"), 1), note.VerifierList(verifier)); err == nil {
		t.Error("an act with another date verifies")
	}
}

// BenchmarkCohort measures what digesting a cohort costs for each row.
func BenchmarkCohort(b *testing.B) {
	key, f := secret.NewNodeKey(), pupils(b, 9999)
	m := method(b, "iq_verbal", "girl")
	p, err := selectRows(b.Context(), &Policy{Objections: write(b, "o.csv", "pseudonym\n")}, f, "board01", m)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := cohortOf(key, "s", m.Plan, p); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/9999, "ns/row")
}
