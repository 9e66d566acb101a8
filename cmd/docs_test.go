package cmd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// TestAuditFormatNamesEveryKey: another verifier is written from the page, and
// refuses a statement with a key that the page lacks.
func TestAuditFormatNamesEveryKey(t *testing.T) {
	text, err := os.ReadFile("../docs/audit-format.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []audit.Body{
		&audit.Charter{}, &audit.Member{}, &audit.Proposal{}, &audit.Decision{}, &audit.Ready{}, &audit.Open{}, &audit.Update{}, &audit.Set{},
		&audit.Vote{}, &audit.Abort{}, &audit.Release{}, &audit.Result{}, &audit.Proceed{}, &audit.Close{},
		&audit.Endorse{}, &audit.Advice{}, &audit.Epoch{}, &audit.Dispute{}, &audit.Publish{},
	} {
		if missing := keysMissing(string(text), body); len(missing) > 0 {
			t.Errorf("docs/audit-format.md lacks, in this order, of %s: %s", body.Type(), strings.Join(missing, ", "))
		}
	}
	without := strings.Replace(string(text), "`on_late`? ", "", 1)
	if missing := keysMissing(without, &audit.Proposal{}); len(missing) != 1 || missing[0] != "`on_late`?" {
		t.Errorf("a page without on_late: %v", missing)
	}
}

// keysMissing lists the keys of a body that do not stand in its line of the
// table, each after the one before.
func keysMissing(page string, body audit.Body) (missing []string) {
	line := regexp.MustCompile("(?m)^\\| `" + body.Type() + "` \\| (.*) \\|$").FindString(page)
	_, line, _ = strings.Cut(line, "` |")
	v := reflect.TypeOf(body).Elem()
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Field(i).Tag.Get("json"), ",")
		key := "`" + name + "`"
		if options == "omitempty" || options == "omitzero" {
			key += "?"
		}
		_, after, found := strings.Cut(line, key)
		if !found {
			missing = append(missing, key)
			continue
		}
		line = after
	}
	return missing
}

// TestPairsAreNotPromised: no command, file or page offers two institutions.
func TestPairsAreNotPromised(t *testing.T) {
	for _, page := range []string{"../README.md", "../docs/operating.md", "../docs/policy.md", "coordinator_init.go"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"charter can allow two", "allow-pair", "allow_pair"} {
			if bytes.Contains(text, []byte(word)) {
				t.Errorf("%s offers %q, which no node admits", page, word)
			}
		}
	}
}

// pouring is a coordinator that sends as much as it likes.
type pouring struct {
	text  string
	times int
	sent  int
}

func (p *pouring) GetBlob(_ context.Context, _ [32]byte, _, _ int64, w io.Writer) error {
	for range p.times {
		if _, err := io.WriteString(w, p.text); err != nil {
			return err
		}
		p.sent += len(p.text)
	}
	return nil
}

// TestCodebookIsBounded: what comes as the codebook takes no more memory than a
// codebook, and is the one that the charter names.
func TestCodebookIsBounded(t *testing.T) {
	honest := &pouring{text: "codebook", times: 1}
	b, err := codebookFrom(t.Context(), honest, crypto.DigestOf([]byte("codebook")))
	if err != nil || string(b) != "codebook" {
		t.Errorf("the codebook: %q, %v", b, err)
	}
	flood := &pouring{text: strings.Repeat("x", 64<<10), times: 1 << 10}
	if _, err = codebookFrom(t.Context(), flood, crypto.Digest{1}); codeOf(err) != codeNotCodebook || flood.sent > maxCodebook {
		t.Errorf("64 MiB: %v after %d bytes", err, flood.sent)
	}
	for _, other := range []*pouring{{text: "other", times: 1}, {}} {
		if _, err = codebookFrom(t.Context(), other, crypto.DigestOf([]byte("codebook"))); codeOf(err) != codeNotCodebook {
			t.Errorf("%q as the codebook: %v", other.text, err)
		}
	}
	broken := errors.New("broken")
	if _, err = codebookFrom(t.Context(), failing{broken}, crypto.Digest{}); !errors.Is(err, broken) {
		t.Errorf("a failure of the way: %v", err)
	}
}

type failing struct{ err error }

func (f failing) GetBlob(context.Context, [32]byte, int64, int64, io.Writer) error { return f.err }

// TestOutFolderIsPrivate: what --out makes is for whoever asked for it.
func TestOutFolderIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := emptyFolder(dir); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(dir)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}
