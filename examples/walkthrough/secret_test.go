//go:build unix

package walkthrough

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// keptSecret looks through every byte that the walk-through printed and left on
// the disk: databases, logs, uploads, bundle. A private key may stand in its own
// file only, a token's secret in its token, and a pupil's row in the data files
// that the reader made.
func keptSecret(t *testing.T, dir, printed string) {
	t.Helper()
	files := map[string][]byte{"what was printed": []byte(printed)}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.Contains(filepath.Base(path), "smartstart") {
			return err
		}
		files[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	keys, rows := 0, 0
	for path, content := range files {
		switch {
		case strings.HasSuffix(path, ".key"), strings.HasSuffix(path, ".token"):
			for _, secret := range secretsIn(content) {
				keys++
				for other, b := range files {
					if other != path && bytes.Contains(b, secret) {
						t.Errorf("a secret of %s stands in %s", filepath.Base(path), other)
					}
				}
			}
		case filepath.Base(filepath.Dir(path)) == "data":
			for i, row := range bytes.Split(content, []byte("\n")) {
				if i == 0 || i%50 != 1 || len(row) < 40 {
					continue
				}
				rows++
				for other, b := range files {
					if bytes.Contains(b, row) && other != path && filepath.Base(filepath.Dir(other)) != "language" {
						t.Errorf("row %d of %s stands in %s", i, filepath.Base(path), other)
					}
				}
			}
		}
	}
	// Proof that the search would find something: there is something to find.
	if keys < 30 || rows < 60 || len(files) < 100 {
		t.Errorf("looked for %d secrets and %d rows in %d files: that is too few to mean anything", keys, rows, len(files))
	}
	t.Logf("looked for %d secrets and %d rows in %d files", keys, rows, len(files))
}

// secretsIn lists the secret parts of a key or token file, as they are written
// and as the bytes that this stands for.
func secretsIn(content []byte) (list [][]byte) {
	text := strings.ReplaceAll(string(content), `\n`, "\n")
	add := func(written string, decode func(string) ([]byte, error)) {
		list = append(list, []byte(written))
		if b, err := decode(written); err == nil && len(b) >= 16 {
			list = append(list, b)
		}
	}
	base := base64.StdEncoding.DecodeString
	for pattern, decode := range map[string]func(string) ([]byte, error){
		`PRIVATE\+KEY\+[^+]+\+[0-9a-f]+\+([A-Za-z0-9+/=]{40,})`: func(s string) ([]byte, error) {
			b, err := base(s)
			return b[min(1, len(b)):], err // the first byte names the algorithm
		},
		`node_key = "([0-9a-f]{64})"`: hex.DecodeString,
		`"secret": "([^"]{40,})"`:     base,
		// Of the second line of a key on P-256 the first 20 bytes are the end of
		// the secret number; what follows is the public key.
		`-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/]{64}\n([A-Za-z0-9+/]{24})`: base,
	} {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			add(m[1], decode)
		}
	}
	return list
}
