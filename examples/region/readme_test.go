package region_test

import (
	"os"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/examples/region"
)

// TestReadmeShowsTheTable: the table in README.md is printed from the links that
// the generator draws from.
func TestReadmeShowsTheTable(t *testing.T) {
	const begin, end = "<!-- table -->\n", "<!-- end -->"
	text := string(read(t, "README.md"))
	before, rest, ok1 := strings.Cut(text, begin)
	shown, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatal("README.md has no place for the table")
	}
	if want := "\n" + region.LinkTable() + "\n"; shown != want {
		if *update {
			if err := os.WriteFile("README.md", []byte(before+begin+want+end+after), 0o644); err != nil { //nolint:gosec // a page of the repository
				t.Fatal(err)
			}
			return
		}
		t.Error("the table in README.md is another one than the generator's; run the test with -update")
	}
}
