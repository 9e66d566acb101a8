package tamper

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of docs/tampering.md anew")

const document = "../../docs/tampering.md"

// TestTamperDocument: docs/tampering.md has the table of these tests.
func TestTamperDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString("| case | who lies, and how | played | code | what a person reads | what became of it |\n|---|---|---|---|---|---|\n")
	for _, r := range inOrder(t) {
		ends := r.ends
		switch {
		case r.play == live && ends == "" || r.how == "" || r.reads == "":
			t.Errorf("%s: something is not said", r.name)
		case r.play == inLog:
			ends = "the entry is void for everybody; the study goes on as if it were not there"
			if r.leaves != nil {
				ends = "void for everybody, with all that was signed after it"
			}
		case r.play == inBundle:
			ends = "`audit verify` names the entry and the party"
		}
		fmt.Fprintf(&b, "| %s | %s: %s | %s | %s | \"... %s ...\" | %s |\n", r.name, r.liar, r.how, r.play, r.code, r.reads, ends)
	}
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), "<!-- cases -->\n")
	_, after, end := strings.Cut(rest, "<!-- end -->")
	if !ok || !end {
		t.Fatal("docs/tampering.md has no place for the table")
	}
	want := before + "<!-- cases -->\n" + b.String() + "<!-- end -->" + after
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Error("docs/tampering.md does not have the table of these tests; run `go test ./audit/tamper -run TamperDocument -update`")
	}
}
