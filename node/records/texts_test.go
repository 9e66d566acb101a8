package records

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/text"
)

func madeOf(t testing.TB, ft ...configs.FreeText) []configs.TextColumn {
	s := configs.DefaultStudy()
	s.Texts = ft
	return s.TextColumns()
}

const notesCSV = "girl,remark\n1,\"Er zijn schulden, geen ruzie.\nJan belde.\"\n0,\n1,\"  \"\n0,Niets bijzonders.\n"

func TestTexts(t *testing.T) {
	list := madeOf(t, configs.FreeText{Column: "remark", Terms: []string{"schuld", "ruzie"}, Negated: true}, configs.FreeText{Column: "remark", Buckets: 8, Language: "nl"})
	table, err := ReadCSV(strings.NewReader(notesCSV), "x.csv", book(t), []string{"remark", "girl"}, Texts(list...))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := table.Column("remark"); ok || len(table.Columns()) != 1+4+8 {
		t.Fatalf("the table has %d columns; the note must not be one", len(table.Columns()))
	}
	for name, want := range map[string][]float64{
		"girl": {1, 0, 1, 0}, "remark_schuld": {1, 0, 0, 0}, "remark_schuld_negated": {0, 0, 0, 0}, "remark_ruzie": {0, 0, 0, 0}, "remark_ruzie_negated": {1, 0, 0, 0},
	} {
		if c, ok := table.Column(name); !ok || !slices.Equal(c.Values, want) {
			t.Errorf("%s is %+v, want %v", name, c, want)
		}
	}
	c, _ := table.Column("remark_schuld")
	if want := []bool{false, true, true, false}; !slices.Equal(c.Missing, want) {
		t.Errorf("missing %v, want %v: no note is not none", c.Missing, want)
	}
	h, _ := table.Column(list[4+text.Bucket(text.Stem("schulden", "nl"), 8)].Name)
	if h.Values[0] != 1 {
		t.Error("a bucket misses its stem")
	}
	// Of a column that is not asked for nothing is made; and without Texts a note
	// is refused as before.
	table, err = ReadCSV(strings.NewReader(notesCSV), "x.csv", book(t), []string{"girl"}, Texts(list...))
	if err != nil || len(table.Columns()) != 1 {
		t.Errorf("%v, %v", table, err)
	}
	_, err = ReadCSV(strings.NewReader(notesCSV), "x.csv", book(t), []string{"remark"})
	refused(t, "a note as a column", err, CodeColumn, "remark")
	_, err = ReadCSV(strings.NewReader("girl,remark\n1,"+strings.Repeat("a", text.MaxNote+1)+"\n"), "x.csv", book(t), []string{"remark"}, Texts(list...))
	refused(t, "a long note", err, CodeLimit, "remark")
}

// TestNoNoteIsKept: neither table nor rows' names hold a word of a note.
func TestNoNoteIsKept(t *testing.T) {
	_, who, err := SelectCSV(strings.NewReader(notesCSV), "x.csv", book(t), []string{"girl", "remark"}, "", Texts(madeOf(t, configs.FreeText{Column: "remark", Terms: []string{"schuld"}})...))
	if err != nil || len(who) != 4 {
		t.Fatalf("%v, %v", who, err)
	}
	for i, w := range who {
		if strings.Contains(w, "ruzie") || strings.Contains(w, "Jan") || len(w) > 100 {
			t.Errorf("row %d is named %q", i+1, w)
		}
	}
	if who[1] == who[3] || who[0] == who[3] {
		t.Error("rows with other notes have one name")
	}
}

func TestDraftOfTexts(t *testing.T) {
	cb, err := DraftCodebook(strings.NewReader("note,girl\nja,1\nnee,0\nja,0\n"), "x.csv", Units{Texts: []string{"note"}})
	if err != nil || cb.Columns[0].Kind != configs.Text || cb.Columns[1].Kind != configs.YesNo {
		t.Errorf("%+v, %v", cb, err)
	}
}

func FuzzTexts(f *testing.F) {
	f.Add([]byte(notesCSV))
	f.Add([]byte("girl,remark\n1,\xff\n"))
	list := madeOf(f, configs.FreeText{Column: "remark", Terms: []string{"schuld"}, Negated: true}, configs.FreeText{Column: "remark", Buckets: 8})
	f.Fuzz(func(t *testing.T, csv []byte) {
		table, err := ReadCSV(bytes.NewReader(csv), "x.csv", book(t), []string{"girl", "remark"}, Texts(list...))
		if err != nil {
			return
		}
		for _, c := range table.Columns() {
			if c.Kind != configs.YesNo || len(c.Values) != table.Rows() || len(c.Missing) != table.Rows() {
				t.Fatalf("column %s is no yes_no column of %d rows", c.Name, table.Rows())
			}
		}
	})
}
