package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const madeUpNotes = "child,note\n1,\"Jan Jansen (06-12345678) heeft geen schulden, maar wel ruzie.\"\n2,\n3,Moeder belt.\n"

// TestDataTextStaysOnTheScreen: what is left of notes goes to no file and to no
// document.
func TestDataTextStaysOnTheScreen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notes.csv")
	if err := os.WriteFile(file, []byte(madeUpNotes), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]string{nil, {"--json"}, {"--lang", "de"}, {"--rows", "101"}, {"--column", ""}} {
		var out, stderr bytes.Buffer // no terminal
		code := Main(append([]string{"data", "text", file, "--column", "note"}, more...), &out, &stderr)
		if code != 2 || strings.Contains(out.String(), "Moeder") {
			t.Errorf("%v ends with %d and writes %q", more, code, out.String())
		}
	}
}

func TestDataTextShows(t *testing.T) {
	var out bytes.Buffer
	s := &noteShow{column: "note", from: 1, rows: 2}
	if err := s.print(&output{out: &out}, strings.NewReader(madeUpNotes), "notes.csv"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"row 1: [name] ([number]) heeft geen schulden, maar wel ruzie.", "stems: -schuld ruzie", "row 2: no note"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "Jan") || strings.Contains(out.String(), "row 3") {
		t.Errorf("shows too much:\n%s", &out)
	}
	if err := s.print(&output{out: &out}, strings.NewReader("a\n"), "notes.csv"); err == nil {
		t.Error("a column that is not there is shown")
	}
}
