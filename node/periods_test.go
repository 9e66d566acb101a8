package node

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto/secret"
	"github.com/smartstart-federation/smartstart/node/records"
)

const periodBook = `
[[column]]
name = "report_age"
kind = "number"
min = 0.0
max = 200.0
[[column]]
name = "reported"
kind = "yes_no"
[[column]]
name = "girl"
kind = "yes_no"
`

// periodStudy opens a study over the columns of followed.
func periodStudy(t testing.TB, tables string) *Method {
	t.Helper()
	m, err := OpenMethod("[study]\nid = \"s\"\n"+tables, []byte(periodBook))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const overPeriods = "[model]\nkind = \"discrete_time\"\ntime = \"report_age\"\nevent = \"reported\"\ncuts = [48.0, 72.0, 96.0]\nfeatures = [\"girl\"]\n"

// followed are n children: reported at 60, at 80, or followed to 96, in turn;
// the last never comes under risk.
func followed(t testing.TB, n int) *records.File {
	t.Helper()
	cb, err := configs.ParseCodebook([]byte(periodBook))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("pseudonym,report_age,reported,girl\n")
	for i := range n {
		fmt.Fprintf(&b, "P%04d,%d,%d,%d\n", i, []int{60, 80, 96}[i%3], []int{1, 1, 0}[i%3], i/3%2)
	}
	fmt.Fprintf(&b, "P%04d,20,1,0\n", n)
	return &records.File{Path: write(t, "followed.csv", b.String()), Codebook: cb}
}

// TestPersonPeriodsOfPseudonyms: a child's rows carry its pseudonym, and all
// that is counted of them is children.
func TestPersonPeriodsOfPseudonyms(t *testing.T) {
	policy := &Policy{Openness: configs.OpenConfidential, Objections: write(t, "o.csv", "pseudonym\nP0000\n")}
	m := periodStudy(t, overPeriods)
	p, err := selectRows(t.Context(), policy, followed(t, 6), "board01", m)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"P0001", "P0001", "P0002", "P0002", "P0003", "P0004", "P0004", "P0005", "P0005"}; !slices.Equal(p.who, want) {
		t.Errorf("rows of %v, want %v", p.who, want)
	}
	if p.objected != 1 || p.outside != 1 || p.table.Rows() != 9 || p.table.Children() != 5 || m.Plan.Rows(p.table) != 5 {
		t.Errorf("%d objected, %d outside, %d rows of %d children", p.objected, p.outside, p.table.Rows(), p.table.Children())
	}
}

// TestMinRowsAreChildren: twenty children in two periods each are twenty.
func TestMinRowsAreChildren(t *testing.T) {
	policy := &Policy{MinRows: 30}
	m := periodStudy(t, overPeriods)
	for n, refused := range map[int]bool{28: true, 30: false} {
		p, err := selectRows(t.Context(), policy, followed(t, n), "board01", m)
		if err != nil {
			t.Fatal(err)
		}
		if p.table.Rows() < 40 {
			t.Fatalf("%d rows show nothing", p.table.Rows())
		}
		j := &judgement{}
		q := &question{institution: "board01", id: "s", study: m.Study, policy: policy}
		if err := q.judgeRows(j, m, p); err != nil {
			t.Fatal(err)
		}
		if got := len(j.broken) > 0 && j.broken[0].code == CodeMinRows; got != refused {
			t.Errorf("%d children: refused %v, want %v (%v)", n, got, refused, j.broken)
		}
	}
}

// TestBudgetCountsChildren: what a state says of person-periods is no more rows
// than there are children.
func TestBudgetCountsChildren(t *testing.T) {
	state := []byte(`{"counts":{"complete":5000,"children":1200}}`)
	if n := rowsAtLeast(100, 2, 30, openedIn(state)); n != 1200 {
		t.Errorf("%d rows, want 1200", n)
	}
	if n := rowsAtLeast(100, 2, 30, openedIn([]byte(`{"counts":{"complete":5000}}`))); n != 5000 {
		t.Errorf("%d rows, want 5000", n)
	}
}

// TestPeriodsAndChildrenApart: a study of children as they are and one of their
// periods, of which the first has all of them but one, are one child apart.
func TestPeriodsAndChildrenApart(t *testing.T) {
	policy := &Policy{Openness: configs.OpenConfidential, Objections: write(t, "o.csv", "pseudonym\n")}
	key := secret.NewNodeKey()
	source := followed(t, 60)
	of := func(tables string) *part {
		m := periodStudy(t, tables)
		p, err := selectRows(t.Context(), policy, source, "board01", m)
		if err == nil {
			p.cohort, err = cohortOf(key, "s", m.Plan, p)
		}
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	periods := of(overPeriods)
	every := of("[model]\nkind = \"logistic\"\noutcome = \"reported\"\nfeatures = [\"girl\"]\n") // with the child that is never at risk
	if n := every.cohort.near(periods.cohort, 30); n != 1 {
		t.Errorf("%d apart, want 1", n)
	}
	blind := periods.cohort
	blind.usedSides, blind.periods = nil, nil
	if n := every.cohort.near(blind, 30); n != 0 {
		t.Errorf("without the first period they are %d apart: the test shows nothing", n)
	}
	same := of("[cohort]\nwhere = \"report_age > 48\"\n" + "[model]\nkind = \"logistic\"\noutcome = \"reported\"\nfeatures = [\"girl\"]\n")
	if n := same.cohort.near(periods.cohort, 30); n != 0 {
		t.Errorf("the same children are %d apart", n)
	}
	if n := of(overPeriods).cohort.near(periods.cohort, 30); n != 0 {
		t.Errorf("the same study is %d apart", n)
	}
}

// TestStatementsAreExplained: an approver reads what is stated, in the words of
// whoever says it, and whose rule it is; and a protected column in a rule is
// refused as a predictor is.
func TestStatementsAreExplained(t *testing.T) {
	a := ask(t)
	a.Proposal.Study = studyText("s", "iq_verbal", "girl") + "\n[[statement]]\nid = \"low_iq\"\nwho = \"parent\"\nsays = \"It costs them more.\"\nrule = \"iq_verbal < 0.0\"\nodds_ratio = 2.0\nlow = 1.2\nhigh = 3.5\n"
	e, err := Explain(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(e.Derived, Derived{"low_iq", "It costs them more.", "iq_verbal < 0.0"}) {
		t.Errorf("explained: %+v", e.Derived)
	}
	for _, c := range e.Columns {
		if c.Name == "iq_verbal" && !strings.Contains(c.Role, "low_iq") {
			t.Errorf("the role of %s is %q", c.Name, c.Role)
		}
	}
}

// TestOtherCuts: two studies over the same children, of which one cuts a month
// later, tell of those who left in that month.
func TestOtherCuts(t *testing.T) {
	policy := &Policy{Openness: configs.OpenConfidential, Objections: write(t, "o.csv", "pseudonym\n")}
	key := secret.NewNodeKey()
	cb, err := configs.ParseCodebook([]byte(periodBook))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("pseudonym,report_age,reported,girl\n")
	for i := range 240 {
		fmt.Fprintf(&b, "P%04d,%d,%d,%d\n", i, []int{60, 80, 96, 90}[i%4], []int{1, 1, 0, 1}[i%4], i/4%2)
	}
	b.WriteString("P9999,72.5,1,1\n")
	source := &records.File{Path: write(t, "f.csv", b.String()), Codebook: cb}
	of := func(cuts string) cohort {
		m := periodStudy(t, strings.Replace(overPeriods, "48.0, 72.0, 96.0", cuts, 1))
		p, err := selectRows(t.Context(), policy, source, "board01", m)
		if err != nil {
			t.Fatal(err)
		}
		c, err := cohortOf(key, "s", m.Plan, p)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	x, y := of("48.0, 72.0, 96.0"), of("48.0, 73.0, 85.0, 96.0")
	for _, pair := range [][2]cohort{{x, y}, {y, x}} {
		if n := pair[0].near(pair[1], 30); n != 1 {
			t.Errorf("%d apart, want 1", n)
		}
	}
	if n := of("48.0, 72.0, 96.0").near(x, 30); n != 0 || of("48.0, 72.0, 96.0").id() != x.id() {
		t.Errorf("the same cuts are %d apart", n)
	}
	blind := y
	blind.periods = nil
	if n := blind.near(cohort{read: x.read, used: x.used, readSides: x.readSides, usedSides: x.usedSides}, 30); n != 0 || blind.id() == y.id() {
		t.Errorf("the periods are not needed for this: %d apart", n)
	}
	s := ledger(t, t.TempDir())
	if err := s.offer(opening{study: "a", cohort: y.id()}, y); err != nil {
		t.Fatal(err)
	}
	if got, err := s.kept(y.id()); err != nil || got.id() != y.id() {
		t.Errorf("the ledger gives back %v, %v", got.id(), err)
	}
}
