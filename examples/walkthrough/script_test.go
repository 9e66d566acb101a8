//go:build unix

package walkthrough

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// block is one block of commands of the README.
type block struct {
	commands   string
	background bool // the text says: in a terminal of its own
}

// blocks reads the README's commands as a reader would.
func blocks(t *testing.T) []block {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var list []block
	for rest := string(text); ; {
		prose, after, found := strings.Cut(rest, "\n```sh\n")
		if !found {
			return list
		}
		commands, behind, closed := strings.Cut(after, "\n```\n")
		if !closed {
			t.Fatalf("a block of commands is not closed: %.60s", after)
		}
		paragraphs := strings.Split(strings.TrimSpace(prose), "\n\n")
		last := strings.Join(strings.Fields(paragraphs[len(paragraphs)-1]), " ")
		list = append(list, block{commands, strings.Contains(last, "terminal of its own")})
		rest = behind
	}
}

// script makes one bash script of the blocks: each in turn, those for another
// terminal in the background, all of which are stopped with SIGTERM at the end.
// afterFirst runs when the first block has built the program.
func script(list []block, afterFirst string) string {
	var b strings.Builder
	b.WriteString("set -eu\nlogs=$PWD/logs; started=\n")
	b.WriteString("trap 'for p in $started; do kill -KILL -- -$p 2>/dev/null || true; done' EXIT\n")
	b.WriteString("cd \"$REPOSITORY\"\n")
	for i, x := range list {
		if x.background {
			// The group outlives SIGTERM until its programs have stopped.
			fmt.Fprintf(&b, "set -m\n( trap true TERM; set +e\n%s\nwait ) >$logs/%d.out 2>&1 &\nstarted=\"$started $!\"\nset +m\n", x.commands, i)
		} else {
			b.WriteString(x.commands + "\n")
		}
		if i == 0 {
			b.WriteString(afterFirst + "\n")
		}
	}
	b.WriteString("for p in $started; do kill -TERM -- -$p; done\nfor p in $started; do wait $p || true; done\necho WALKED TO THE END\n")
	return b.String()
}

// walk runs the script and returns what it printed, and what the programs in
// the background did.
func walk(t *testing.T, list []block, afterFirst string, environment ...string) (out, logs string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("bash", "-c", script(list, afterFirst))
	c.Dir = dir
	c.Env = append(os.Environ(), "TMPDIR="+dir, "REPOSITORY="+repository)
	c.Env = append(c.Env, environment...)
	var b bytes.Buffer
	c.Stdout, c.Stderr = &b, &b
	began := time.Now()
	if err := start(c, 4*time.Minute); err != nil {
		t.Errorf("the walk-through broke off: %v", err)
	}
	t.Logf("walked in %v", time.Since(began).Round(time.Millisecond))
	if !t.Failed() {
		keptSecret(t, dir, b.String())
	}
	files, err := filepath.Glob(filepath.Join(dir, "logs", "*.out"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	if t.Failed() {
		t.Logf("printed:\n%s\nin the background:\n%s", b.String(), all.String())
	}
	return b.String(), all.String()
}

// check holds what was printed against what the README promises.
func check(t *testing.T, out, logs string) {
	t.Helper()
	for _, want := range []string{
		`(?m)^waiting for .*board6|missing: board2, board3, board4, board5, board6 \(SS8001\)`,
		`CHARTER of walkthrough\.example/log`,
		`Nothing was signed\.`,
		`ok +membership +board1 is a member with the key that is here`,
		`language-delay is proposed`,
		`never read +.*minority`,
		`board6 has approved language-delay until 2027-07-31`,
		`language-delay is closed: finished`,
		`(?m)^iq_verbal +-0\.32163 +0\.038729 `,
		`residual deviance 1921\.067 on 3441 degrees of freedom`, // R's glm on the pooled rows
		`no finding`,
		`researcher +close +language-delay`,
		`sealed bundle of walkthrough\.example/log`,
		`verified: everything that this bundle lets one check`,
		`WALKED TO THE END`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("nothing printed matches %s", want)
		}
	}
	if n := strings.Count(out, "The approver of board"); n != 6 {
		t.Errorf("%d approvers accepted the charter, want 6", n)
	}
	if strings.Contains(out, "FAILED") {
		t.Error("node doctor found something")
	}
	if n := len(regexp.MustCompile(`(?m)stopped$`).FindAllString(logs, -1)); n != 7 {
		t.Errorf("%d programs in the background stopped gracefully, want 7", n)
	}
	if t.Failed() {
		t.Logf("printed:\n%s\nin the background:\n%s", out, logs)
	}
}
