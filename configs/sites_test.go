package configs

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const site = "[[column]]\nname = \"school\"\nkind = \"site\"\n"

// TestSitesRefused: a register in which somebody could not know where a site
// lies is refused, each fault by its own words.
func TestSitesRefused(t *testing.T) {
	var many strings.Builder
	many.WriteString(site + "[column.sites]\nboard1 = [")
	for i := range MaxSites + 1 {
		fmt.Fprintf(&many, "\"%d\",", i)
	}
	many.WriteString("]\n")
	for _, c := range []struct{ what, text, says string }{
		{"two institutions", site + "[column.sites]\nboard1 = [\"1\", \"2\"]\nboard2 = [\"2\"]\n", `lists "2" at board1 and at board2: a site must lie wholly at one institution`},
		{"twice", site + "[column.sites]\nboard1 = [\"1\", \"1\"]\n", `lists "1" twice at board1`},
		{"no institution's name", site + "[column.sites]\n\"board 1\" = [\"1\"]\n", "of an institution without a usable name"},
		{"no site's name", site + "[column.sites]\nboard1 = [\" 1\"]\n", "lists a site of board1 without a usable name"},
		{"too many", many.String(), fmt.Sprintf("lists %d sites, at most %d", MaxSites+1, MaxSites)},
		{"of a category", strings.Replace(site, "\"site\"", "\"category\"\nlevels = [\"1\", \"2\"]", 1) + "[column.sites]\nboard1 = [\"1\"]\n", "takes no sites"},
		{"levels", site + "levels = [\"1\", \"2\"]\n", "takes no levels"},
		{"a range", site + "min = 0.0\nmax = 1.0\n", "takes no min or max"},
	} {
		_, err := ParseCodebook([]byte(c.text))
		refused(t, c.what, err, CodeValue, `column "school"`, c.says)
	}
}

func TestSites(t *testing.T) {
	c, err := ParseCodebook([]byte(site + "[column.sites]\nboard2 = [\"10\", \"2\"]\nboard1 = [\"1\"]\nboard3 = []\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Columns[0].SiteNames(); !slices.Equal(got, []string{"1", "10", "2"}) {
		t.Errorf("sites in the order %q", got)
	}
	again, err := ParseCodebook(c.TOML())
	if err != nil || !reflect.DeepEqual(c, again) {
		t.Errorf("written back: %v\n%s", err, c.TOML())
	}
	// Without a register nobody knows where a site lies; a split needs no more.
	if c, err = ParseCodebook([]byte(site + "[column.sites]\n")); err != nil || c.Columns[0].SiteNames() != nil {
		t.Errorf("without a register: %v", err)
	}
}

func TestKnots(t *testing.T) {
	column := func(kind, knots string) string {
		return "[[column]]\nname = \"age\"\nkind = \"" + kind + "\"\n" + knots
	}
	number := func(knots string) string { return column("number", "min = 0.0\nmax = 10.0\nknots = "+knots+"\n") }
	for _, c := range []struct{ what, text, says string }{
		{"outside", number("[2.0, 11.0]"), "in order and inside its range"},
		{"at the end", number("[0.0, 5.0]"), "in order and inside its range"},
		{"not in order", number("[5.0, 2.0]"), "in order and inside its range"},
		{"twice", number("[5.0, 5.0]"), "in order and inside its range"},
		{"not a number", number("[nan]"), "in order and inside its range"},
		{"too many", number("[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]"), "in order and inside its range"},
		{"of a yes_no", column("yes_no", "knots = [0.5]\n"), "takes no knots"},
		{"of a category", column("category", "levels = [\"a\", \"b\"]\nknots = [0.5]\n"), "takes no knots"},
	} {
		_, err := ParseCodebook([]byte(c.text))
		refused(t, c.what, err, CodeValue, `column "age"`, c.says)
	}
	c, err := ParseCodebook([]byte(number("[2.0, 5.0]")))
	if err != nil || !slices.Equal(c.Columns[0].Knots, []float64{2, 5}) {
		t.Errorf("%+v, %v", c, err)
	}
}
