package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node/records"
)

// pupils writes a file of n children and returns it as records.
func pupils(t testing.TB, n int) *records.File {
	t.Helper()
	var b strings.Builder
	b.WriteString("pseudonym,delay,iq_verbal,girl\n")
	for i := range n {
		fmt.Fprintf(&b, "P%04d,%d,%d.5,%d\n", i, i%3&1, i%9-4, i/2%2)
	}
	return fileOf(t, b.String())
}

func fileOf(t testing.TB, text string) *records.File {
	t.Helper()
	f := &records.File{Path: write(t, "pupils.csv", text), Codebook: book(t)}
	return f
}

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func method(t testing.TB, features ...string) *Method {
	t.Helper()
	m, err := OpenMethod(studyText("s", features...), []byte(testBook))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func studyText(id string, features ...string) string {
	return fmt.Sprintf("[study]\nid = %q\npurpose = \"to learn\"\n[model]\nkind = \"logistic\"\noutcome = \"delay\"\nfeatures = [\"%s\"]\n", id, strings.Join(features, `", "`))
}

func coded(t testing.TB, what string, err error, code string) {
	t.Helper()
	var r *RefusalError
	if !errors.As(err, &r) || r.Code() != code || r.Remedy() == "" {
		t.Errorf("%s: got %v, want %s with a remedy", what, err, code)
	}
	if err != nil && strings.Contains(err.Error(), "P00") {
		t.Errorf("%s: a pseudonym stands in %q", what, err)
	}
}

// TestObjectionsLeaveRowsOut: the rows of those who object are in no table.
func TestObjectionsLeaveRowsOut(t *testing.T) {
	m := method(t, "iq_verbal", "girl")
	policy := &Policy{Openness: configs.OpenConfidential, Objections: write(t, "o.csv", "pseudonym\nP0003\n P0017\nP9999\n\nP0003\n")}
	p, err := selectRows(t.Context(), policy, pupils(t, 40), "board01", m)
	if err != nil {
		t.Fatal(err)
	}
	if p.objected != 2 || p.table.Rows() != 38 || len(p.who) != 38 || !p.named {
		t.Fatalf("%d left out, %d rows, %d named", p.objected, p.table.Rows(), len(p.who))
	}
	for _, who := range p.who {
		if who == "P0003" || who == "P0017" {
			t.Error("the row of somebody who objected is still there")
		}
	}
	// The table lost exactly the rows that the names lost: the others keep theirs.
	whole, err := selectRows(t.Context(), &Policy{}, pupils(t, 40), "board01", m)
	if err != nil {
		t.Fatal(err)
	}
	iq, all := p.table.Columns()[0], whole.table.Columns()[0]
	for i, who := range p.who {
		var number int
		if _, err := fmt.Sscanf(who, "P%d", &number); err != nil {
			t.Fatal(err)
		}
		if iq.Values[i] != all.Values[number] {
			t.Errorf("row %d carries the values of somebody else", i)
		}
	}
	off := policy.Off(CodeObjections)
	if p, err = selectRows(t.Context(), &off, pupils(t, 40), "board01", m); err != nil || p.objected != 0 || p.table.Rows() != 40 {
		t.Errorf("with the rule off: %v, %d left out", err, p.objected)
	}
}

// plain are records that cannot say whose row a row is.
type plain struct{ table *records.File }

func (p plain) Table(ctx context.Context, columns []string, rule string, texts ...configs.TextColumn) (*model.Table, error) {
	return p.table.Table(ctx, columns, rule, texts...)
}

// TestNoListNoRun: confidential records without a list that can be applied to
// every row are refused before a row is used.
func TestNoListNoRun(t *testing.T) {
	m := method(t, "iq_verbal", "girl")
	header := write(t, "o.csv", "pseudonym\n")
	nameless := fileOf(t, "pseudonym,delay,iq_verbal,girl\nP0001,1,1,1\n,0,2,0\n")
	for _, c := range []struct {
		what, code, list string
		source           Records
	}{
		{"no list", CodeNoObjections, "", pupils(t, 40)},
		{"no file", CodeObjections, filepath.Join(t.TempDir(), "gone.csv"), pupils(t, 40)},
		{"empty file", CodeObjections, write(t, "o.csv", ""), pupils(t, 40)},
		{"two columns", CodeObjections, write(t, "o.csv", "pseudonym,name\nP0001,x\n"), pupils(t, 40)},
		{"empty header", CodeObjections, write(t, "o.csv", "\"\"\nP0001\n"), pupils(t, 40)},
		{"broken quote", CodeObjections, write(t, "o.csv", "pseudonym\n\"P0001\n"), pupils(t, 40)},
		{"a row without a pseudonym", CodeObjections, header, nameless},
		{"nameless source", CodeUnnamedRows, header, plain{pupils(t, 40)}},
	} {
		policy := &Policy{Openness: configs.OpenConfidential, Objections: c.list}
		_, err := selectRows(t.Context(), policy, c.source, "board01", m)
		coded(t, c.what, err, c.code)
		off := policy.Off(CodeNoObjections, CodeObjections, CodeUnnamedRows)
		if _, err := selectRows(t.Context(), &off, c.source, "board01", m); err != nil {
			t.Errorf("%s: with the rules off: %v", c.what, err)
		}
	}
	// The column that the list names must be in the records.
	policy := &Policy{Openness: configs.OpenConfidential, Objections: write(t, "o.csv", "bsn\nP0001\n")}
	if _, err := selectRows(t.Context(), policy, pupils(t, 40), "board01", m); err == nil {
		t.Error("a list of another column was applied")
	}
	for _, open := range []string{"", configs.OpenPublic, configs.OpenSynthetic} {
		p, err := selectRows(t.Context(), &Policy{Openness: open}, plain{pupils(t, 40)}, "board01", m)
		if err != nil || p.table.Rows() != 40 {
			t.Errorf("openness %q without a list: %v", open, err)
		}
	}
	if _, err := selectRows(t.Context(), &Policy{Openness: configs.OpenConfidential, Objections: header}, pupils(t, 40), "board01", m); err != nil {
		t.Errorf("a list on which nobody stands: %v", err)
	}
}
