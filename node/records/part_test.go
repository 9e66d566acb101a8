package records

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"pgregory.net/rapid"
)

func TestSplitCSV(t *testing.T) {
	text := "\ufeffboard,x,remark\nb,1,\"a, b\"\na,2,\nb,3,\"say \"\"hi\"\"\"\n"
	parts, err := SplitCSV(strings.NewReader(text), "pooled.csv", "board")
	if err != nil {
		t.Fatal(err)
	}
	want := []Part{
		{"a", []byte("board,x,remark\na,2,\n"), 1},
		{"b", []byte("board,x,remark\nb,1,\"a, b\"\nb,3,\"say \"\"hi\"\"\"\n"), 2},
	}
	if len(parts) != 2 {
		t.Fatalf("%d parts", len(parts))
	}
	for i := range want {
		if parts[i].Institution != want[i].Institution || parts[i].Rows != want[i].Rows || !bytes.Equal(parts[i].CSV, want[i].CSV) {
			t.Errorf("part %d: %s %d\n%s", i, parts[i].Institution, parts[i].Rows, parts[i].CSV)
		}
	}
}

func TestSplitRefuses(t *testing.T) {
	var many strings.Builder
	many.WriteString("board\n")
	for i := range maxParts + 1 {
		many.WriteString("b" + strings.Repeat("x", i%60) + string(rune('0'+i/600)) + string(rune('0'+i/60%10)) + "\n")
	}
	for _, c := range []struct{ what, text, code, says string }{
		{"no such column", "bord,x\na,1\n", CodeColumn, `no column "board"`},
		{"empty name", "board,x\na,1\n,2\n", CodeName, "line 3"},
		{"path", "board,x\n../SECRET,1\n", CodeName, "line 2"},
		{"hidden", "board,x\n.SECRET,1\n", CodeName, "line 2"},
		{"space", "board,x\nSECRET board,1\n", CodeName, "line 2"},
		{"no rows", "board,x\n", CodeFile, "no rows"},
		{"too many", many.String(), CodeLimit, "different values"},
	} {
		_, err := SplitCSV(strings.NewReader(c.text), "pooled.csv", "board")
		refused(t, c.what, err, c.code, "pooled.csv", c.says)
	}
}

// TestSplitKeepsEveryRow: the parts hold the rows of the whole, each once and
// in order, whatever stands in the cells.
func TestSplitKeepsEveryRow(t *testing.T) {
	cell := rapid.StringMatching("[a-z ,\"\n;\u00e9]{0,6}")
	rapid.Check(t, func(t *rapid.T) {
		type row struct{ who, a, b string }
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) row {
			return row{rapid.SampledFrom([]string{"p", "q", "r-1"}).Draw(t, "who"), cell.Draw(t, "a"), cell.Draw(t, "b")}
		}), 1, 30).Draw(t, "rows")
		quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
		var text strings.Builder
		text.WriteString("a,who,b\n")
		for _, r := range rows {
			text.WriteString(quote(r.a) + "," + r.who + "," + quote(r.b) + "\n")
		}
		parts, err := SplitCSV(strings.NewReader(text.String()), "f", "who")
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, p := range parts {
			f, err := newRows(bytes.NewReader(p.CSV), "part")
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range rows {
				if want.who != p.Institution {
					continue
				}
				got, err := f.next()
				if err != nil || got[0] != want.a || got[1] != want.who || got[2] != want.b {
					t.Fatalf("%q %v, want %v", got, err, want)
				}
				total++
			}
		}
		if total != len(rows) {
			t.Fatalf("%d rows of %d", total, len(rows))
		}
	})
}

func TestReadFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := ReadFolder(dir)
	refused(t, "empty folder", err, CodeFile, "holds no CSV file")
	_, err = ReadFolder(filepath.Join(dir, "nowhere"))
	refused(t, "no folder", err, CodeFile, "no such file")
	write("west.csv", "x\n1\n2\n")
	write("east.csv", "x\n3\n")
	write("notes.txt", "left alone")
	parts, err := ReadFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) != 2 || parts[0].Institution != "east" || parts[1].Institution != "west" || parts[1].Rows != 2 {
		t.Errorf("%+v", parts)
	}
	write("bad name.csv", "x\n")
	_, err = ReadFolder(dir)
	refused(t, "bad name", err, CodeName, "bad name.csv")
}

func TestDraftCodebook(t *testing.T) {
	text := "yes,whole,real,word,same,none,mixed,spaced\n" +
		"0,1,0.5,pear,7,,1,a \n1,12,-2,apple,7,,x,b\n,,,,,,,\n"
	cb, err := DraftCodebook(strings.NewReader(text), "f", Units{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		kind      string
		low, high float64
	}{
		"yes": {configs.YesNo, 0, 1}, "whole": {configs.Integer, 0, 14}, "real": {configs.Number, -2.25, 0.75},
		"word": {configs.Category, 0, 1}, "same": {configs.Integer, 6, 8}, "none": {configs.Text, 0, 0},
		"mixed": {configs.Category, 0, 1}, "spaced": {configs.Text, 0, 0},
	} {
		c, ok := cb.Column(name)
		if !ok {
			t.Fatalf("no column %s", name)
		}
		if low, high := c.Range(); c.Kind != want.kind || low != want.low || high != want.high {
			t.Errorf("%s: %s from %g to %g, want %+v", name, c.Kind, low, high, want)
		}
	}
	if c, _ := cb.Column("word"); c.Levels[0] != "apple" {
		t.Errorf("levels %v are not in bytewise order", c.Levels)
	}
	if !strings.Contains(cb.Note, "only for rehearsal") {
		t.Errorf("the note is %q", cb.Note)
	}
	again, err := configs.ParseCodebook(cb.TOML())
	if err != nil {
		t.Fatalf("the draft cannot be read: %v\n%s", err, cb.TOML())
	}
	if !bytes.Equal(again.TOML(), cb.TOML()) {
		t.Error("written twice, it differs")
	}
}

// TestDraftReadsItsOwnFile: a file passes the codebook that was drafted from
// it, whole or in parts.
func TestDraftReadsItsOwnFile(t *testing.T) {
	text := mustRead(t, "../../examples/language/pupils.csv")
	cb, err := DraftCodebook(bytes.NewReader(text), "pupils.csv", Units{})
	if err != nil {
		t.Fatal(err)
	}
	table, err := ReadCSV(bytes.NewReader(text), "pupils.csv", cb, cb.Names())
	if err != nil {
		t.Fatal(err)
	}
	if table.Rows() != 4106 {
		t.Errorf("%d rows", table.Rows())
	}
	parts, err := SplitCSV(bytes.NewReader(text), "pupils.csv", "node")
	if err != nil {
		t.Fatal(err)
	}
	pooled, err := DraftFromParts(parts, Units{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(pooled.TOML(), cb.TOML()) {
		t.Error("the draft depends on the division")
	}
	for name, kind := range map[string]string{"node": configs.Category, "girl": configs.YesNo, "repeated": configs.Integer, "iq_verbal": configs.Number, "denomination": configs.Category} {
		if c, _ := cb.Column(name); c.Kind != kind {
			t.Errorf("%s is drafted as %s", name, c.Kind)
		}
	}
}
