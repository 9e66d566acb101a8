package records

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
)

func siteBook(t testing.TB, lists string) *configs.Codebook {
	t.Helper()
	cb, err := configs.ParseCodebook([]byte("[[column]]\nname = \"school\"\nkind = \"site\"\n" + lists))
	if err != nil {
		t.Fatal(err)
	}
	return cb
}

// TestRegisteredSites: every institution numbers all sites of the register in
// the same way, whichever of them its own file holds.
func TestRegisteredSites(t *testing.T) {
	cb := siteBook(t, "[column.sites]\nboard1 = [\"s2\", \"s1\"]\nboard2 = [\"s10\"]\n")
	table, err := ReadCSV(strings.NewReader("school,x\ns2,\n,\ns10,\n"), "f", cb, []string{"school"})
	if err != nil {
		t.Fatal(err)
	}
	c := table.Columns()[0]
	if !slices.Equal(c.Levels, []string{"s1", "s10", "s2"}) || !slices.Equal(c.Values, []float64{2, 0, 1}) || !slices.Equal(c.Missing, []bool{false, true, false}) {
		t.Errorf("%+v", c)
	}
	// A name that is not listed is a slip in one row of a hundred, and another
	// coding in two.
	many := "school,x\nSECRET,\n" + strings.Repeat("s1,\n", 99)
	if table, err = ReadCSV(strings.NewReader(many), "f", cb, []string{"school"}); err != nil {
		t.Fatal(err)
	}
	if c := table.Columns()[0]; c.UnknownLevels != 1 || !c.Missing[0] || c.Missing[1] {
		t.Errorf("%d unknown", c.UnknownLevels)
	}
	_, err = ReadCSV(strings.NewReader(many+"SECRET,\n"), "f", cb, []string{"school"})
	refused(t, "two unknown sites", err, CodeLevels, `column "school"`, "2 of 101 rows")
}

// TestUnregisteredSites: without a register the file's own names count, so that
// a split can keep the rows of a household together.
func TestUnregisteredSites(t *testing.T) {
	cb := siteBook(t, "")
	table, err := ReadCSV(strings.NewReader("school,x\nb,\na,\n,\nb,\n"), "f", cb, []string{"school"})
	if err != nil {
		t.Fatal(err)
	}
	if c := table.Columns()[0]; !slices.Equal(c.Levels, []string{"b", "a"}) || !slices.Equal(c.Values, []float64{0, 1, 0, 0}) {
		t.Errorf("%+v", c)
	}
	for what, name := range map[string]string{
		"a space": "SECRET ", "long": strings.Repeat("SECRET", 30), "hidden": "\"SECRET\x07\"",
	} {
		_, err := ReadCSV(strings.NewReader("school,x\n"+name+",\n"), "f", cb, []string{"school"})
		refused(t, what, err, CodeValue, "line 2", "cannot name a site")
	}
	u := &units{index: map[string]int{}, names: make([]string, maxUnits)}
	if _, state := u.number("one more"); state != cellMany {
		t.Error("the names of a file are not bounded")
	}
}

// TestDraftSites: a draft says which institution holds which site, the same from
// a pooled file and from its parts, and refuses a site of two by its name.
func TestDraftSites(t *testing.T) {
	text := "board,school,home,age,visits\nb,3,h 1,4,1\na,10,h 2,5,2\na,2,h 1,6,3\nb,3,,7,4\na,,h 3,8,5\n"
	u := Units{By: "board", Sites: []string{"school", "absent"}, Splits: []string{"home", "age"}}
	cb, err := DraftCodebook(strings.NewReader(text), "f", u)
	if err != nil {
		t.Fatal(err)
	}
	school, _ := cb.Column("school")
	if want := map[string][]string{"a": {"10", "2"}, "b": {"3"}}; school.Kind != configs.Site || !reflect.DeepEqual(school.Sites, want) {
		t.Errorf("%+v", school)
	}
	for name, kind := range map[string]string{"home": configs.Category, "age": configs.Integer, "visits": configs.Integer} {
		if c, _ := cb.Column(name); c.Kind != kind { // as it would be anyway
			t.Errorf("%s is drafted as %s", name, c.Kind)
		}
	}
	parts, err := SplitCSV(strings.NewReader(text), "f", "board")
	if err != nil {
		t.Fatal(err)
	}
	// Columns come in the order of the parts' headers, which is the file's.
	if again, err := DraftFromParts(parts, Units{Sites: u.Sites, Splits: u.Splits}); err != nil || !bytes.Equal(again.TOML(), cb.TOML()) {
		t.Errorf("from parts: %v\n%s\n%s", err, again.TOML(), cb.TOML())
	}
	_, err = DraftCodebook(strings.NewReader(text+"b,10,h 1,4,1\n"), "f", u)
	var wrong *configs.Error
	if !errors.As(err, &wrong) || wrong.Code() != configs.CodeValue || !strings.Contains(err.Error(), `"10" at a and at b: a site must lie wholly at one institution`) {
		t.Errorf("a school of two boards: %v", err)
	}
	// Names that would be text, and numbers with a letter among them, are units.
	var homes strings.Builder
	homes.WriteString("board,school,home\n")
	for i := range configs.MaxLevels + 1 {
		fmt.Fprintf(&homes, "a,%d,home %d\n", i, i)
	}
	homes.WriteString("a,12b,home\n")
	if cb, err = DraftCodebook(strings.NewReader(homes.String()), "f", u); err != nil {
		t.Fatal(err)
	}
	if home, _ := cb.Column("home"); home.Kind != configs.Site || home.Sites != nil {
		t.Errorf("%+v", home)
	}
	if table, err := ReadCSV(strings.NewReader(homes.String()), "f", cb, []string{"school", "home"}); err != nil || len(table.Columns()[1].Levels) != configs.MaxLevels+2 {
		t.Errorf("the file does not pass its own draft: %v", err)
	}
}
