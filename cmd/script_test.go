package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/examples/language"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"smartstart": func() { os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr)) },
		"flip":       flip,
		"split":      split,
		"edit":       edit,
		"motion":     motionOfKind,
		"embellish":  embellish,
		"sparse":     sparse,
	})
}

var wholeRegion = flag.Bool("region", false, "run the script of demo --region too, a federation of 19 institutions")

// TestScript runs what a person types, in testdata/script.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PORT", freePort(t))
			return errors.Join(
				os.WriteFile(filepath.Join(e.WorkDir, "pupils.csv"), language.Pupils, 0o600),
				os.WriteFile(filepath.Join(e.WorkDir, "study.toml"), language.Study, 0o600),
				os.WriteFile(filepath.Join(e.WorkDir, "codebook.toml"), language.Codebook, 0o600),
				os.WriteFile(filepath.Join(e.WorkDir, "odd.csv"), oddColumns(), 0o600),
			)
		},
		Condition: func(name string) (bool, error) {
			if name != "region" {
				return false, fmt.Errorf("no condition is called %q", name)
			}
			return *wholeRegion, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "forkedlog": forkedLog(t)},
	})
}

// freePort is a port of loopback on which nothing listened a moment ago.
func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// oddColumns is a file of three sites of 60 rows, whose columns are each wrong
// in their own way: the same everywhere, empty, twice another, or the outcome
// itself.
func oddColumns() []byte {
	b := []byte("site,late,age,constant,empty,twice,tells\n")
	for i := range 180 {
		age := 40 + i*i%37
		late := (i * i % 7) / 4
		b = fmt.Appendf(b, "site%d,%d,%d,7,,%d,%d\n", i%3+1, late, age, 2*age, 10*late+i%5)
	}
	return b
}

// exits runs `exits CODE program args...`, fails unless the program ends with
// that exit code, and fails when it explains itself in more than three lines.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE program args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("%v ended with exit code %d, want %d", args[1:], got, want)
	}
}

// flip flips one bit in the middle of the largest blob of a bundle.
func flip() {
	var path string
	var size int64
	err := filepath.WalkDir(filepath.Join(os.Args[1], "blobs"), func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err == nil && info.Size() > size {
			path, size = p, info.Size()
		}
		return nil
	})
	b, readErr := os.ReadFile(path)
	if err = errors.Join(err, readErr); err == nil {
		b[size/2] ^= 1
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		panic(err)
	}
}

// split writes a pooled file as a folder with one file per value of its first
// column.
func split() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	header, rows, _ := strings.Cut(string(text), "\n")
	files := map[string]string{}
	for line := range strings.Lines(rows) {
		site, _, _ := strings.Cut(line, ",")
		if files[site] == "" {
			files[site] = header + "\n"
		}
		files[site] += line
	}
	err = os.Mkdir(os.Args[2], 0o700)
	for site, text := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join(os.Args[2], site+".csv"), []byte(text), 0o600))
	}
	if err != nil {
		panic(err)
	}
}

// motionOfKind prints the id of the newest change of a kind in what node requests
// --json says.
func motionOfKind() {
	var list requested
	if err := json.NewDecoder(os.Stdin).Decode(&list); err != nil {
		panic(err)
	}
	for _, m := range list.Changes {
		if m.Kind == os.Args[1] {
			fmt.Println(m.ID)
			return
		}
	}
}

// embellish asks, as the researcher of a party file, to make other results of a
// study public than its sums give.
func embellish() {
	seat, _, err := party.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	err = seat.Act(context.Background(), func(ctx context.Context, s *party.Session) error {
		document, err := publication(ctx, s, os.Args[2])
		if err != nil {
			return err
		}
		document = bytes.Replace(document, []byte(`"estimate":`), []byte(`"estimate":1`), 1)
		body := &audit.Publish{Document: audit.BlobRef{Digest: crypto.DigestOf(document), Size: int64(len(document))}}
		s.View(func(st *audit.State) { body.Close = st.Studies[os.Args[2]].Close.Hash })
		if err := s.Client.PutBlob(ctx, body.Document.Digest, body.Document.Size, bytes.NewReader(document)); err != nil {
			return err
		}
		_, err = s.Say(ctx, audit.Header{Study: os.Args[2]}, body, nil)
		return err
	})
	if err != nil {
		panic(err)
	}
}

// edit replaces one text by another in a file, in which it must stand once.
func edit() {
	text, err := os.ReadFile(os.Args[1])
	if err == nil && strings.Count(string(text), os.Args[2]) != 1 {
		err = fmt.Errorf("%q does not stand once in %s", os.Args[2], os.Args[1])
	}
	if err == nil {
		err = os.WriteFile(os.Args[1], []byte(strings.Replace(string(text), os.Args[2], os.Args[3], 1)), 0o600)
	}
	if err != nil {
		panic(err)
	}
}
