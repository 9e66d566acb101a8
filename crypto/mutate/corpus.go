package mutate

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// corpusHead is the first line of a file in Go's corpus format.
const corpusHead = "go test fuzz v1\n"

// corpus reads what testdata/fuzz holds for a target of one []byte.
func corpus(t testing.TB, target string) [][]byte {
	t.Helper()
	dir := filepath.Join("testdata", "fuzz", target)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var out [][]byte
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		b, err := fromCorpus(string(text))
		if err != nil {
			t.Fatalf("%s: %v", filepath.Join(dir, e.Name()), err)
		}
		out = append(out, b)
	}
	return out
}

func fromCorpus(text string) ([]byte, error) {
	rest, head := strings.CutPrefix(text, corpusHead)
	quoted, open := strings.CutPrefix(strings.TrimSpace(rest), "[]byte(")
	quoted, closed := strings.CutSuffix(quoted, ")")
	if !head || !open || !closed {
		return nil, errors.New("not one []byte in Go's corpus format")
	}
	s, err := strconv.Unquote(quoted)
	return []byte(s), err
}

func toCorpus(b []byte) string { return corpusHead + "[]byte(" + strconv.Quote(string(b)) + ")\n" }

// describe saves an input for go test to repeat, and says where and what it is.
func describe(target string, b []byte) string {
	shown := fmt.Sprintf("%q", b[:min(len(b), 2000)])
	if len(b) > 2000 {
		shown += " and more"
	}
	digest := sha256.Sum256(b)
	path := filepath.Join("testdata", "fuzz", target, fmt.Sprintf("%x", digest[:8]))
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(toCorpus(b)), 0o644)
	}
	if err != nil {
		return fmt.Sprintf("input of %d bytes, which could not be saved (%v): %s", len(b), err, shown)
	}
	return fmt.Sprintf("input of %d bytes, saved as %s; to repeat: go test -run '^%s$/%s'\n%s", len(b), path, target, filepath.Base(path), shown)
}
