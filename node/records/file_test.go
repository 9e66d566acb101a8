package records

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
)

// TestSelectNamesEveryRow: the text of the pseudonym column, in the order of
// the table's rows, or the whole row when there is none.
func TestSelectNamesEveryRow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pupils.csv")
	text := "who,girl,iq,years,school\nA1,1,1,1,open\n\"B,2\",0,,2,closed\n,1,3,3,open\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &File{Path: path, Codebook: book(t)}
	table, who, err := f.Select(t.Context(), asked, configs.OutOfRangeError, "who")
	if err != nil || table.Rows() != 3 || strings.Join(who, "|") != "A1|B,2|" {
		t.Fatalf("%q, %v", who, err)
	}
	plain, err := f.Table(t.Context(), asked, configs.OutOfRangeError)
	if err != nil || plain.Rows() != 3 {
		t.Fatal(err)
	}
	for i, c := range table.Columns() {
		if p := plain.Columns()[i]; c.Name != p.Name || c.Values[2] != p.Values[2] || c.Missing[1] != p.Missing[1] {
			t.Errorf("column %s is another with names than without", c.Name)
		}
	}
	// Rows that differ only in how their text is cut are different rows.
	_, one, err := SelectCSV(strings.NewReader("girl,iq,years,school,a,b\n1,1,1,open,\"x,y\",z\n"), "f", book(t), asked, "")
	if err != nil {
		t.Fatal(err)
	}
	_, two, err := SelectCSV(strings.NewReader("girl,iq,years,school,a,b\n1,1,1,open,x,\"y,z\"\n"), "f", book(t), asked, "")
	if err != nil || one[0] == two[0] {
		t.Errorf("two rows have one text, %v", err)
	}
	_, _, err = f.Select(t.Context(), asked, configs.OutOfRangeError, "whom")
	refused(t, "no such column", err, CodeColumn, `no column "whom"`)
	if _, err := (&File{Path: path + "x", Codebook: book(t)}).Table(t.Context(), asked, configs.OutOfRangeError); err == nil {
		t.Error("a file that is not there was read")
	}
}
