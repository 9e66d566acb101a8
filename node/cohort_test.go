package node

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// written opens a study of which only the tables after [study] are given.
func written(t testing.TB, tables string) *Method {
	t.Helper()
	m, err := OpenMethod("[study]\nid = \"s\"\n"+tables, []byte(testBook))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// iqOf is what pupils writes for a child.
func iqOf(number int) float64 {
	v := float64(number%9 - 4)
	return v + math.Copysign(.5, v)
}

const simple = "[model]\nkind = \"logistic\"\noutcome = \"delay\"\nfeatures = [\"iq_verbal\", \"girl\"]\n"

// TestCohortExpression: objections come first, then the study's own expression;
// rows and pseudonyms stay together.
func TestCohortExpression(t *testing.T) {
	m := written(t, "[cohort]\nwhere = \"bright || girl\"\n[[derive]]\nname = \"bright\"\nvalue = \"iq_verbal > 2.0\"\n"+
		"[model]\nkind = \"logistic\"\nformula = \"delay ~ iq_verbal + bright\"\n")
	policy := &Policy{Openness: configs.OpenConfidential, Objections: write(t, "o.csv", "pseudonym\nP0003\nP0004\n")}
	p, err := selectRows(t.Context(), policy, pupils(t, 40), "board01", m)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	outside := 0
	for i := range 40 { // as pupils writes them
		switch bright, girl := iqOf(i) > 2, i/2%2 == 1; {
		case i == 3 || i == 4:
		case bright || girl:
			want = append(want, fmt.Sprintf("P%04d", i))
		default:
			outside++
		}
	}
	if !slices.Equal(p.who, want) || p.objected != 2 || p.outside != outside || p.table.Rows() != len(want) || p.table.Institution != "board01" {
		t.Errorf("%d rows of %v, %d left out, %d outside; want %v and %d", p.table.Rows(), p.who, p.objected, p.outside, want, outside)
	}
	bright, ok := p.table.Column("bright")
	iq, _ := p.table.Column("iq_verbal")
	if !ok {
		t.Fatal("the derived column is not there")
	}
	for i, who := range p.who {
		var number int
		if _, err := fmt.Sscanf(who, "P%d", &number); err != nil {
			t.Fatal(err)
		}
		if want := iqOf(number); iq.Values[i] != want || (bright.Values[i] == 1) != (iq.Values[i] > 2) {
			t.Errorf("%s has the values of somebody else", who)
		}
	}
}

// TestCohortsAreDifferenced: two studies whose expressions differ by one child
// are refused, whatever decides who is in: the cohort, or who is kept aside.
func TestCohortsAreDifferenced(t *testing.T) {
	key := secret.NewNodeKey()
	policy := &Policy{Openness: configs.OpenConfidential, Objections: write(t, "o.csv", "pseudonym\n")}
	children := append(many(100), child(900, "1,9.5,1"))
	for i := range 40 { // enter no sum
		children = append(children, child(1000+i, "1,,1"))
	}
	children = append(children, child(2000, "0,,1"))
	of := func(t *testing.T, study, tables string) *part {
		m := written(t, tables)
		p, err := selectRows(t.Context(), policy, school(t, children...), "board01", m)
		if err == nil {
			p.cohort, err = cohortOf(key, study, m.Plan, p)
		}
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, c := range []struct {
		what, tables string
		sides        bool // only the rows on either side tell it
	}{
		{"the cohort", "[cohort]\nwhere = \"iq_verbal < 9.0\"\n", false},
		{"a derived column that is missing", "", false},
		{"the rows kept aside", "[evaluate]\nwhere = \"iq_verbal > 9.0\"\n", true},
		{"the rows of the fit", "[evaluate]\nwhere = \"iq_verbal < 9.0\"\n", true},
		{"one row kept aside among many that enter no sum", "[evaluate]\nwhere = \"girl\"\n", true},
		{"one row kept aside that enters no sum, but is counted", "[evaluate]\nwhere = \"girl && !delay\"\n", true},
	} {
		t.Run(c.what, func(t *testing.T) {
			before := of(t, "earlier", simple)
			tables := c.tables + simple
			if c.what == "a derived column that is missing" { // a row is lost by a division by zero
				tables = "[[derive]]\nname = \"x\"\nkind = \"number\"\nmin = -1.0\nmax = 9.0\nvalue = \"1.0 / (iq_verbal - 9.5)\"\n" + strings.Replace(simple, `"girl"`, `"girl", "x"`, 1)
			}
			p := of(t, "s", tables)
			if n := p.cohort.near(before.cohort, 30); n != 1 {
				t.Errorf("%d apart, want 1", n)
			}
			if c.sides {
				blind := p.cohort
				blind.readSides, blind.usedSides = nil, nil
				if n := blind.near(before.cohort, 30); n != 0 {
					t.Errorf("the widest sets differ by %d; the sides are not needed for this", n)
				}
			}
			judge := func(off ...string) error {
				q := honest(t)
				changed := policy.Off(off...)
				q.policy = &changed
				j := &judgement{off: changed.off}
				o := opening{study: "earlier", cohort: before.cohort.id(), content: before.cohort.values}
				if err := q.judgeCohort(j, p, []opening{o}, func(crypto.Digest) (cohort, error) { return before.cohort, nil }); err != nil {
					t.Fatal(err)
				}
				return j.first()
			}
			coded(t, c.what, judge(CodeMinRows), CodeCohort)
			if err := judge(CodeMinRows, CodeCohort); err != nil {
				t.Errorf("with the rule off: %v", err)
			}
			if c.sides { // too few of its own on one side
				coded(t, c.what, judge(CodeCohort), CodeMinRows)
			}
		})
	}
}

// TestSidesSurvive: the ledger gives back every set of a cohort, and takes a
// cohort without sides as it always did.
func TestSidesSurvive(t *testing.T) {
	set := func(rows ...byte) (m marks) {
		for _, r := range rows {
			m = append(m, bytes.Repeat([]byte{r}, markSize)...)
		}
		return m
	}
	s := ledger(t, t.TempDir())
	var ids []crypto.Digest
	for i, c := range []cohort{
		{read: set(1, 2, 3), used: set(1, 2)},
		{read: set(1, 2, 3), used: set(1, 2), usedSides: []marks{set(1), set(2)}},
		{read: set(1, 2, 3), used: set(1, 2), readSides: []marks{set(1), set(2)}},
		{read: set(1, 2, 3), used: set(1, 2), readSides: []marks{set(1, 3), set(2)}, usedSides: []marks{set(1), set(2)}},
	} {
		if slices.Contains(ids, c.id()) {
			t.Errorf("cohort %d has the id of another", i)
		}
		ids = append(ids, c.id())
		o := opening{attempt: audittest.Digest(fmt.Sprint(i)), study: "a", round: 1, cohort: c.id()}
		if err := s.offer(o, c); err != nil {
			t.Fatal(err)
		}
		got, err := s.kept(c.id())
		if err != nil || got.id() != c.id() {
			t.Errorf("cohort %d came back as %+v, %v", i, got, err)
		}
	}
	if _, err := s.sure.Exec(`UPDATE side SET rows = x'00'`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.kept(ids[3]); err == nil {
		t.Error("a damaged side was read")
	}
}

// TestSitesInContent: a row's content says the name of its site, because the
// number of one that the codebook does not list goes by the order of the rows.
func TestSitesInContent(t *testing.T) {
	book := strings.Replace(testBook, "[[column]]\nname = \"girl\"", "[[column]]\nname = \"home\"\nkind = \"site\"\n[[column]]\nname = \"girl\"", 1)
	cb, err := configs.ParseCodebook([]byte(book))
	if err != nil {
		t.Fatal(err)
	}
	read := func(rows ...string) marks {
		f := fileOf(t, "home,girl\n"+strings.Join(rows, "\n")+"\n")
		f.Codebook = cb
		table, err := f.Table(t.Context(), []string{"home", "girl"}, configs.OutOfRangeError)
		if err != nil {
			t.Fatal(err)
		}
		var list [][markSize]byte
		for i := range table.Rows() {
			digest := crypto.DigestOf(content(table.Columns(), i))
			list = append(list, [markSize]byte(digest[:]))
		}
		return sortMarks(list)
	}
	if n := read("h1,0", "h2,1").differs(read("h2,1", "h1,0")); n != 0 {
		t.Errorf("the same rows in another order: %d differ", n)
	}
	if n := read("h1,0", "h2,1").differs(read("h2,0", "h1,1")); n == 0 {
		t.Error("two children who changed homes are not seen")
	}
}
