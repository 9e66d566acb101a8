package federationtest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/examples/language"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
	"github.com/smartstart-federation/smartstart/node/records"
)

// boards are the six boards of the example, each with a file on disk.
type boards struct {
	t    testing.TB
	dir  string
	list []federation.Institution
}

func newBoards(t testing.TB) *boards {
	t.Helper()
	parts, err := records.SplitCSV(bytes.NewReader(language.Pupils), "pupils", "node")
	if err != nil {
		t.Fatal(err)
	}
	cb, err := configs.ParseCodebook(language.Codebook)
	if err != nil {
		t.Fatal(err)
	}
	b := &boards{t: t, dir: t.TempDir()}
	for _, p := range parts {
		b.write(p.Institution+".csv", string(p.CSV))
		b.list = append(b.list, federation.Institution{Name: p.Institution, Records: &records.File{Path: b.path(p.Institution + ".csv"), Codebook: cb}})
	}
	return b
}

func (b *boards) path(name string) string { return filepath.Join(b.dir, name) }

func (b *boards) write(name, text string) {
	if err := os.WriteFile(b.path(name), []byte(text), 0o600); err != nil {
		b.t.Error(err)
	}
}

// drop removes the first n complete rows of a board's file.
func (b *boards) drop(board string, n int) {
	b.t.Helper()
	text, err := os.ReadFile(b.path(board + ".csv"))
	if err != nil {
		b.t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool {
		complete := !strings.Contains(line, ",,") && !strings.HasPrefix(line, "school") && strings.TrimSpace(line) != ""
		if complete {
			n--
		}
		return complete && n >= 0
	})
	b.write(board+".csv", strings.Join(lines, ""))
}

func (b *boards) start(policy node.Policy) *Federation {
	b.t.Helper()
	return Start(b.t, federation.Config{Institutions: b.list, Codebook: language.Codebook, Policy: policy})
}

// refused checks that a study ended by a node's own refusal.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	coded, ok := err.(interface {
		Code() string
		Remedy() string
	})
	if !ok || coded.Code() != code || coded.Remedy() == "" {
		t.Errorf("ended with %v, want %s and a remedy", err, code)
	}
}

// TestPolicyRefuses runs the same study over the same boards under policies
// that each forbid one thing; the policy that forbids nothing of it fits.
func TestPolicyRefuses(t *testing.T) {
	t.Parallel()
	allowed := node.Policy{
		AllowColumns: []string{"iq_*", "girl", "ses", "repeated", "lang_*", "arith_*"}, DenyColumns: []string{"minority", "name"},
		AllowMethods: []string{"logistic"}, MinRows: 30, MinInstitutions: 3, Openness: configs.OpenPublic, NumbersPerRow: 0.15, Epoch: "1989",
	}
	for _, c := range []struct {
		code   string
		forbid func(*node.Policy)
	}{
		{"", func(*node.Policy) {}},
		{node.CodeColumnDenied, func(p *node.Policy) { p.DenyColumns = append(p.DenyColumns, "LANG_DELAY") }},
		{node.CodeColumnUnlisted, func(p *node.Policy) { p.AllowColumns = p.AllowColumns[1:] }},
		{node.CodeMethodDenied, func(p *node.Policy) { p.AllowMethods = []string{"linear"} }},
		{node.CodeMinRows, func(p *node.Policy) { p.MinRows = 100_000 }},
		{node.CodeMinInstitutions, func(p *node.Policy) { p.MinInstitutions = 4 }},
		{node.CodeRehearsal, func(p *node.Policy) { p.Openness, p.Objections = configs.OpenConfidential, "any.csv" }},
		{node.CodeObjections, func(p *node.Policy) { p.Objections = "gone.csv" }},
	} {
		p := allowed
		c.forbid(&p)
		t.Run("forbids "+c.code, func(t *testing.T) {
			b := newBoards(t)
			got, err := b.start(p).Run(language.Study, "language-delay", patience)
			if c.code == "" {
				if err != nil || got.RowsUsed != 3449 {
					t.Errorf("the allowed study: %v, %+v", err, got)
				}
				return
			}
			refused(t, err, c.code)
		})
	}
}

// TestClosedWindowWaits: outside run_between nothing runs and nothing is
// refused; the open window of the other half of the day lets the study finish.
func TestClosedWindowWaits(t *testing.T) {
	t.Parallel()
	clock := func(d time.Duration) string { return time.Now().Add(d).Format("15:04") }
	closed := node.Policy{RunBetween: clock(2*time.Hour) + "-" + clock(4*time.Hour)}
	f := newBoards(t).start(closed)
	if _, err := f.Run(language.Study, "language-delay", 2*time.Second); err == nil || !strings.Contains(err.Error(), "still under way") {
		t.Errorf("in a closed window the study ended with %v", err)
	}
	open := node.Policy{RunBetween: clock(-2*time.Hour) + "-" + clock(2*time.Hour)}
	if _, err := newBoards(t).start(open).Run(language.Study, "language-delay", patience); err != nil {
		t.Errorf("in an open window: %v", err)
	}
}

// TestObjectionsStayOut: the rows of those on the list are in no sum. Pupils 1
// and 4106 have a missing value and never counted; 2 is incomplete too.
func TestObjectionsStayOut(t *testing.T) {
	t.Parallel()
	run := func(list string) *model.Result {
		b := newBoards(t)
		b.write("objections.csv", list)
		got, err := b.start(node.Policy{Openness: configs.OpenSynthetic, Objections: b.path("objections.csv")}).Run(language.Study, "language-delay", patience)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	nobody, three := run("pupil\n"), run("pupil\n3\n5\n7\n999999\n")
	if nobody.RowsUsed-three.RowsUsed != 3 {
		t.Errorf("%d rows without objections, %d with three", nobody.RowsUsed, three.RowsUsed)
	}
}

// TestObjectionActsBeforeTheNextUpload: somebody objects while the study runs.
// Not one more number of that board leaves: the rounds before were over other
// rows, so the board stops.
func TestObjectionActsBeforeTheNextUpload(t *testing.T) {
	t.Parallel()
	b := newBoards(t)
	b.write("objections.csv", "pupil\n")
	var once sync.Once
	f := Start(t, federation.Config{
		Institutions: b.list, Codebook: language.Codebook, Policy: node.Policy{Openness: configs.OpenPublic, Objections: b.path("objections.csv")},
		Applied: func(a loop.Applied) {
			if a.Statement != nil && a.Statement.Type == audit.TypeUpdate && a.Statement.Signer == "board1" {
				once.Do(func() { b.write("objections.csv", "pupil\n3\n") }) // a pupil of board1, complete
			}
		},
	})
	_, err := f.Run(language.Study, "language-delay", patience)
	refused(t, err, node.CodeRowsChanged)
	f.mu.Lock()
	defer f.mu.Unlock()
	uploads := 0
	for _, byNode := range f.inputs {
		if byNode["board1"] != nil {
			uploads++
		}
	}
	if uploads != 1 {
		t.Errorf("board1 encrypted %d times, want once: before the objection", uploads)
	}
}

// TestTwoCohortsOneChildApart: two studies over rows that differ by one child
// would tell that child's values. Records marked public are only reported.
func TestTwoCohortsOneChildApart(t *testing.T) {
	first, second := study("first", configs.KindLinear, "lang_post", "ses"), study("again", configs.KindLinear, "lang_post", "ses")
	for _, c := range []struct {
		what     string
		openness string
		drop     int
		code     string
	}{
		{"the same rows", configs.OpenSynthetic, 0, ""},
		{"one child apart", configs.OpenSynthetic, 1, node.CodeCohort},
		{"29 children apart", configs.OpenSynthetic, 29, node.CodeCohort},
		{"30 children apart", configs.OpenSynthetic, 30, ""},
		{"one child apart, public", configs.OpenPublic, 1, ""},
	} {
		if testing.Short() && c.drop != 1 {
			continue
		}
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			b := newBoards(t)
			b.write("objections.csv", "pupil\n")
			f := b.start(node.Policy{Openness: c.openness, Objections: b.path("objections.csv")})
			if _, err := f.Run(first, "first", patience); err != nil {
				t.Fatal(err)
			}
			b.drop("board3", c.drop)
			_, err := f.Run(second, "again", patience)
			if c.code != "" {
				refused(t, err, c.code)
			} else if err != nil {
				t.Error(err)
			}
			account, err := f.Node("board3").Budget()
			if want := 2; c.code != "" {
				want = 1
				if err != nil || len(account.Studies) != want {
					t.Errorf("the account of board3: %+v, %v", account, err)
				}
			} else if err != nil || len(account.Studies) != want || account.PerRow <= 0 || account.Enforced {
				t.Errorf("the account of board3: %+v, %v", account, err)
			}
		})
	}
}

// TestApproverReadsItFirst explains a study of the running federation's log.
func TestApproverReadsItFirst(t *testing.T) {
	t.Parallel()
	b := newBoards(t)
	b.write("objections.csv", "pupil\n3\n")
	policy := node.Policy{Openness: configs.OpenPublic, Objections: b.path("objections.csv"), Epoch: "1989"}
	f := b.start(policy)
	result, err := f.Run(language.Study, "language-delay", patience)
	if err != nil {
		t.Fatal(err)
	}
	e := explain(t, f, policy, b.list[0])
	if len(e.Refusals) > 0 {
		t.Errorf("what ran is refused: %+v", e.Refusals)
	}
	if e.Opens.Institutions != 6 || e.Opens.Needed < 4 || len(e.Opens.Known) != 6 || e.AskedBy != federation.ResearcherName {
		t.Errorf("who asks and opens: %+v", e)
	}
	if e.Rows.Objected != 1 || e.Rows.Used < 100 || int64(e.Rows.Used) >= result.RowsUsed {
		t.Errorf("rows: %+v of %d", e.Rows, result.RowsUsed)
	}
	if e.Budget.Before <= 0 {
		t.Errorf("nothing was opened before: %+v", e.Budget)
	}
}

func explain(t *testing.T, f *Federation, policy node.Policy, in federation.Institution) *node.Explanation {
	t.Helper()
	var a *node.Ask
	var err error
	f.View(func(st *audit.State) { a, err = node.AskFrom(st, "language-delay", in.Name) })
	if err != nil {
		t.Fatal(err)
	}
	a.Codebook, a.Policy, a.Records = language.Codebook, policy, in.Records
	if a.Budget, err = f.Node(in.Name).Budget(); err != nil {
		t.Fatal(err)
	}
	e, err := node.Explain(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
