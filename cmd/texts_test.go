package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// TestNotesInAStudy runs a table of terms, takes its frequent ones, and fits them,
// all through the pipe; no word of a note is in anything that is written.
func TestNotesInAStudy(t *testing.T) {
	if testing.Short() {
		t.Skip("runs two federations")
	}
	dir := t.TempDir()
	var csv strings.Builder
	csv.WriteString("child,board,late,note\n")
	r := rand.New(rand.NewPCG(4, 2))
	want := 0
	for i := range 600 {
		debt := r.Float64() < 0.4
		late := 0
		if r.Float64() < map[bool]float64{true: 0.6, false: 0.2}[debt] {
			late = 1
		}
		note := "Gesprek met Wendela Vossenaar. Er zijn geen schulden, wel zorgen."
		if debt {
			note = "Moeder (06-12345678) vertelt over haar schulden. Vader ontkent ruzie."
			want++
		}
		if i%20 == 0 {
			if note = ""; debt {
				want--
			}
		}
		fmt.Fprintf(&csv, "c%d,board%d,%d,%q\n", i, 1+i%3, late, note)
	}
	texts := "[[text]]\ncolumn = \"note\"\nterms = [\"schuld\", \"ruzie\", \"brand\"]\n"
	for name, content := range map[string]string{
		"notes.csv": csv.String(),
		"codebook.toml": "[[column]]\nname = \"late\"\nkind = \"yes_no\"\n[[column]]\nname = \"board\"\nkind = \"category\"\nlevels = [\"board1\", \"board2\", \"board3\"]\n" +
			"[[column]]\nname = \"note\"\nkind = \"text\"\n",
		"table.toml": "[study]\nid = \"terms\"\nquestion = \"Which words do notes use?\"\npurpose = \"a test\"\n[model]\nkind = \"descriptives\"\nfeatures = [\"note_schuld\", \"note_ruzie\", \"note_brand\"]\n" + texts,
		"model.toml": "[study]\nid = \"fit\"\nquestion = \"Do debts go with lateness?\"\npurpose = \"a test\"\n[cohort]\nwhere = \"!note_brand\"\n[model]\nkind = \"logistic\"\noutcome = \"late\"\nfeatures = [\"note_schuld\"]\n" + texts,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	simulate := func(study string) *Document {
		t.Helper()
		var out, stderr bytes.Buffer
		to := filepath.Join(dir, "out-"+study)
		args := []string{"simulate", "--study", filepath.Join(dir, study), "--data", filepath.Join(dir, "notes.csv"), "--by", "board", "--codebook", filepath.Join(dir, "codebook.toml"), "--out", to, "--json"}
		if code := Main(args, &out, &stderr); code != 0 {
			t.Fatalf("%s: exit code %d\n%s", study, code, &stderr)
		}
		d := &Document{}
		if err := json.Unmarshal(out.Bytes(), d); err != nil {
			t.Fatal(err)
		}
		err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() || filepath.Dir(path) == dir {
				return err
			}
			text, err := os.ReadFile(path)
			for _, word := range []string{"Wendela", "Vossenaar", "vertelt", "06-12345678"} {
				if bytes.Contains(text, []byte(word)) {
					t.Errorf("%s holds %q", path, word)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	table := simulate("table.toml")
	s, err := configs.ParseStudy([]byte("[study]\nid = \"terms\"\nquestion = \"Which words do notes use?\"\npurpose = \"a test\"\n[model]\nkind = \"descriptives\"\nfeatures = [\"note_schuld\"]\n" + texts))
	if err != nil {
		t.Fatal(err)
	}
	frequent := model.Frequent(s, table.Result, 10)
	if len(frequent) != 1 || frequent[0].Term != "schuld" || frequent[0].Notes != int64(want) || frequent[0].Of != 570 {
		t.Errorf("frequent terms %+v, want schuld in %d of 570", frequent, want)
	}
	fit := simulate("model.toml")
	for _, c := range fit.Result.Coefficients {
		if c.Term == "note_schuld" && (c.Estimate < 1 || c.Estimate > 2.7) {
			t.Errorf("note_schuld has the coefficient %g; the notes were made with 1.79", c.Estimate)
		}
	}
	if fit.Result.RowsUsed != 570 || len(fit.Result.Coefficients) != 2 {
		t.Errorf("fitted on %d rows, %d coefficients", fit.Result.RowsUsed, len(fit.Result.Coefficients))
	}
}
