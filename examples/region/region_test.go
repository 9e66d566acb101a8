package region_test

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"flag"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/examples/region"
)

var update = flag.Bool("update", false, "write testdata and the table in README.md anew")

func read(t testing.TB, path ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// digests are the SHA-256 of all files in a folder.
func digests(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		sum := sha256.Sum256(read(t, path))
		all[filepath.ToSlash(name)] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestGolden: the same seed gives the same bytes on every machine, another
// seed other ones. Run with -update after a change that is meant.
func TestGolden(t *testing.T) {
	dir, _, _ := written(t, world(t, "tiny", 1))
	got := digests(t, dir)
	name := filepath.Join("testdata", "tiny-1.json")
	if *update {
		b, err := json.MarshalIndent(got, "", " ")
		if err == nil {
			err = os.WriteFile(name, append(b, '\n'), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var want map[string]string
	if err := json.Unmarshal(read(t, name), &want); err != nil {
		t.Fatal(err)
	}
	if len(want) != 19+5 || len(got) != len(want) {
		t.Errorf("%d files, %d in %s", len(got), len(want), name)
	}
	for file, digest := range want {
		if got[file] != digest {
			t.Errorf("%s is another file than on the machine that wrote %s", file, name)
		}
	}
	other, _, _ := written(t, world(t, "tiny", 2))
	for file, digest := range digests(t, other) {
		if digest == got[file] && file != region.CodebookFile { // which goes by the preset
			t.Errorf("%s is the same for another seed", file)
		}
	}
}

// TestEveryFileSaysSynthetic: by its name or in its first line.
func TestEveryFileSaysSynthetic(t *testing.T) {
	dir, _, _ := written(t, world(t, "tiny", 1))
	for file := range digests(t, dir) {
		start := string(read(t, dir, filepath.FromSlash(file)))
		start = start[:min(200, len(start))]
		if !strings.Contains(file, "SYNTHETIC") && !strings.Contains(start, "SYNTHETIC") {
			t.Errorf("%s does not say what it is", file)
		}
	}
}

// lines reads a CSV file by its header.
func lines(t *testing.T, path ...string) (header []string, rows [][]string) {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(string(read(t, path...)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[0], all[1:]
}

// TestFiles holds shares of what is planted, over the files: coverage, double
// lines, wrong pseudonyms; and that a known line is about a child that exists.
func TestFiles(t *testing.T) {
	w := world(t, "demo", 5)
	dir, s, book := written(t, w)
	if len(book.Columns) != 60 || s.Columns != 60 || book.Note != region.Synthetic {
		t.Errorf("%d columns", len(book.Columns))
	}
	if len(s.Files) != 19 || !slices.Equal(region.Institutions(), filesOf(s)) {
		t.Errorf("files of %v", filesOf(s))
	}
	header, children := lines(t, dir, region.TruthFolder, region.ChildrenFile)
	index := slices.Index(header, "pseudonym")
	exists := map[string]bool{}
	for _, c := range children {
		if exists[c[index]] {
			t.Fatalf("two children are called %s", c[index])
		}
		exists[c[index]] = true
	}
	if len(exists) != s.Children || s.Children != w.Preset.Children {
		t.Errorf("%d children", len(exists))
	}
	columns := map[string]bool{"pseudonym": true}
	rows, double, strange := 0, 0, 0
	covered := map[string]int{}
	for _, f := range s.Files {
		header, records := lines(t, dir, f.Institution, region.RecordsFile)
		for _, h := range header {
			columns[h] = true
		}
		if len(records) != f.Rows {
			t.Errorf("%s: %d lines, the summary says %d", f.Institution, len(records), f.Rows)
		}
		seen := map[string]bool{}
		for _, r := range records {
			if seen[r[0]] {
				double++
			} else {
				covered[strings.TrimRight(f.Institution, "123456")]++
			}
			seen[r[0]] = true
			if !exists[r[0]] {
				strange++
			}
		}
		rows += len(records)
	}
	if len(columns) != 61 {
		t.Errorf("%d columns stand in files", len(columns))
	}
	near := func(what string, got, want, off float64) {
		if math.Abs(got-want) > off {
			t.Errorf("%s: %.4f, want %.4f", what, got, want)
		}
	}
	near("double lines", float64(double)/float64(rows), 0.005, 0.0015)
	near("wrong pseudonyms", float64(strange)/float64(rows), 0.003, 0.0012)
	n := float64(s.Children)
	for group, want := range map[string]float64{region.Boards: 0.96, region.JGZ: 0.98, region.Municipality: 1, region.YouthCare: 0.10, region.Welfare: 0.21,
		region.Treatment: 0.09, region.Housing: 0.52, region.Police: 0.105, region.VeiligThuis: 0.047} {
		near("coverage of "+group, float64(covered[group])/n, want, 0.02)
	}
	near("reported", float64(s.Reports)/n, 0.03, 0.005)
	near("developmental delay", float64(s.Delays)/n, 0.08, 0.01)
	near("anomalies", float64(s.Anomalies)/n, 0.005, 0.002)
}

func filesOf(s *region.Summary) []string {
	var names []string
	for _, f := range s.Files {
		names = append(names, f.Institution)
	}
	return names
}

// TestEveryFileIsRead: every column that a method can use is read from every
// file without a value that the codebook refuses.
func TestEveryFileIsRead(t *testing.T) {
	dir, s, book := written(t, world(t, "demo", 7))
	for _, f := range s.Files {
		header, _ := lines(t, dir, f.Institution, region.RecordsFile)
		var columns []string
		for _, h := range header[1:] {
			if c, ok := book.Column(h); !ok {
				t.Errorf("%s: the codebook has no %q", f.Institution, h)
			} else if c.Kind != configs.Text {
				columns = append(columns, h)
			}
		}
		table := tables(t, dir, book, []string{f.Institution}, columns)[0]
		for _, c := range table.Columns() {
			if c.UnknownLevels > 0 || c.OutOfRange > 0 {
				t.Errorf("%s: %s holds what the codebook does not know", f.Institution, c.Name)
			}
		}
	}
}

// TestNotesInFiles: the truth about notes is about the notes in the files, and
// says of every figure of four or more in them what it is.
func TestNotesInFiles(t *testing.T) {
	dir, s, _ := written(t, world(t, "demo", 1))
	notes := map[[2]string]string{}
	with, holders := 0, 0
	for _, f := range s.Files {
		header, records := lines(t, dir, f.Institution, region.RecordsFile)
		at := slices.Index(header, "note")
		if at < 0 {
			continue
		}
		for _, r := range records {
			holders++
			notes[[2]string{r[0], f.Institution}] = r[at]
			if r[at] != "" {
				with++
			}
		}
	}
	if share := float64(with) / float64(holders); math.Abs(share-0.7) > 0.02 {
		t.Errorf("%.3f of the files hold a note", share)
	}
	_, truth := lines(t, dir, region.TruthFolder, region.NotesFile)
	if len(truth) < 10_000 {
		t.Errorf("%d lines of truth", len(truth))
	}
	rest := maps.Clone(notes)
	for _, r := range truth {
		key := [2]string{r[0], r[1]}
		start, err1 := strconv.Atoi(r[3])
		end, err2 := strconv.Atoi(r[4])
		if err1 != nil || err2 != nil || end > len(notes[key]) || notes[key][start:end] != r[5] {
			t.Fatalf("%v of %q", r, notes[key])
		}
		if !strings.HasPrefix(r[2], "term:") {
			rest[key] = rest[key][:start] + strings.Repeat("-", end-start) + rest[key][end:]
		}
	}
	for key, text := range rest {
		if strings.ContainsAny(text, "0123456789@") {
			t.Fatalf("%v: %q holds a number that the truth does not name", key, text)
		}
	}
}

// TestOddShapes: what no region can be is refused; a folder with files is not
// written over; a context that ended ends the writing.
func TestOddShapes(t *testing.T) {
	for _, p := range []region.Preset{{}, {Children: 5, Areas: 5, Schools: 9}, {Children: 5, Areas: 12, Schools: 9}, {Children: 5, Areas: 12, Schools: 12, Excess: 13}} {
		if _, err := region.New(p, 1); err == nil {
			t.Errorf("%+v is a region", p)
		}
	}
	if _, err := region.PresetNamed("huge"); err == nil || !strings.Contains(err.Error(), "tiny, demo, region, scale") {
		t.Errorf("no preset: %v", err)
	}
	w := world(t, "tiny", 1)
	dir, _, _ := written(t, w)
	if _, err := w.Write(t.Context(), dir); err == nil {
		t.Error("files were written over")
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := w.Write(stopped, t.TempDir()); err == nil {
		t.Error("nothing stopped it")
	}
}
