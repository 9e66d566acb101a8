package tamper

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// listed are the tampering cases of the protocol, in its order. Nothing here
// may be left out of the table.
var listed = []string{
	"dropped update", "doubled update", "swapped update", "copied update", "negated update", "replayed update",
	"two updates of one node", "round replayed under a new number",
	"fork shown to one node, same size", "fork shown to one node, size + 1",
	"back-dated entry", "truncated tile", "flipped bit in an entry", "flipped bit in a tile", "flipped bit in a blob",
	"wrong roster", "extra node", "revoked node", "three keys of one institution",
	"coordinator signs for a node", "node's statement suppressed",
	"release for another set", "release without certificate", "release twice", "release shifted by a constant with exactly t answers",
	"sum altered", "votes for two sets", "closed attempt opened later", "attempt restarted without abort certificate",
	"restored snapshot asked again", "contributor with one off-polynomial share", "contributor with another key than it encrypted with",
	"honest contributor framed by one answer", "honest contributor framed by exactly t answers", "honest contributor framed by a shifted decoder",
	"shares of one contributor opened up to t", "two opens on one ready", "roster of `open` smaller than approved",
	"restarted node's abort", "release bytes before the journal", "identical retry with one changed row",
	"vote whose `seen` lies before `set`", "ride-along `ready` with a stale state",
	"numbers budget omitted", "numbers budget too small", "numbers budget over the cap",
	"unapproved study", "expired researcher", "expired approval", "withdrawal ignored",
	"two sets one institution apart", "two cohorts one child apart", "another state given to one node",
	"duplicate JSON key", "stale checkpoint",
}

// How a case is played.
const (
	inBundle = "bundle" // an honest bundle is changed, or made by a party that lies; played in audit/verify
	inLog    = "log"    // somebody signs it and a coordinator sequences it all the same
	live     = "live"   // a party lies to real nodes over gRPC and TLS
)

// row is one tampering case.
type row struct {
	name  string // as listed
	liar  string
	how   string // one sentence
	play  string
	code  string   // of the check that must fire
	also  []string // checks that stand behind it and are switched off with it
	party string   // whom the finding names; "" for nobody in particular
	reads string   // part of what a person reads
	ends  string   // live: what became of the study; the scene holds it

	see     string                                 // inBundle: its name in audit/verify
	leaf    func(f *audittest.Federation) []byte   // inLog: the bad entry
	leaves  func(f *audittest.Federation) [][]byte // inLog: the bad log
	scene   func(t *testing.T, off []string)       // live; off is empty, or what is switched off
	lenient func(t *testing.T, leaf []byte)        // inLog, for a check that cannot be switched off: what passes without it
}

func (r row) off() []string { return append([]string{r.code}, r.also...) }

func rows() []row { return slices.Concat(updateRows(), logRows(), roundRows(), ruleRows()) }

// inOrder returns the rows as they are listed.
func inOrder(t *testing.T) []row {
	t.Helper()
	all := rows()
	var out []row
	for _, name := range listed {
		i := slices.IndexFunc(all, func(r row) bool { return r.name == name })
		if i < 0 {
			t.Errorf("no row plays %q", name)
			continue
		}
		out = append(out, all[i])
	}
	if len(all) != len(listed) {
		t.Errorf("%d rows for %d cases", len(all), len(listed))
	}
	return out
}

// TestTamperCases plays every case twice: with all checks, which must find it
// with its code, and with exactly its check switched off, where it must pass.
func TestTamperCases(t *testing.T) {
	list := inOrder(t)
	played := map[string]int{}
	var caught, passed atomic.Int32
	counted := func(n *atomic.Int32, play func(t *testing.T)) func(t *testing.T) {
		return func(t *testing.T) {
			t.Parallel()
			play(t)
			if !t.Failed() {
				n.Add(1)
			}
		}
	}
	t.Run("cases", func(t *testing.T) {
		for _, r := range list {
			played[r.play]++
			t.Run(r.code+" "+r.name, func(t *testing.T) {
				find, pass := r.inTheLog, r.passesInTheLog
				switch r.play {
				case inBundle: // TestTampering of audit/verify plays it both ways
					find, pass = r.elsewhere, r.elsewhere
				case live:
					find = func(t *testing.T) { r.scene(t, nil) }
					pass = func(t *testing.T) { r.scene(t, r.off()) }
				}
				t.Run("caught", counted(&caught, find))
				t.Run("passes with the check off", counted(&passed, pass))
			})
		}
	})
	if t.Failed() {
		return
	}
	for _, r := range list {
		t.Logf("%-58s %-6s %-7s %s", r.name, r.play, r.code, r.reads)
	}
	t.Logf("%d cases (%d live, %d in the log, %d in the bundle): %d caught with their code, %d pass with the check off",
		len(list), played[live], played[inLog], played[inBundle], caught.Load(), passed.Load())
}

// elsewhere holds that TestTampering of audit/verify plays the case: that test
// proves code and teeth of each of its own.
func (r row) elsewhere(t *testing.T) {
	t.Helper()
	source, err := os.ReadFile("../verify/tamper_test.go")
	if err != nil {
		t.Fatal(err)
	}
	text := string(source)
	i := strings.Index(text, fmt.Sprintf("{name: %q", r.see))
	if i < 0 {
		t.Fatalf("audit/verify plays no %q", r.see)
	}
	constant := regexp.MustCompile(`code: audit\.(\w+)`).FindStringSubmatch(text[i:])
	codes, err := os.ReadFile("../code.go")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^\s+` + constant[1] + `\s+Code = "` + r.code + `"`).Match(codes) {
		t.Errorf("audit/verify plays it with %s, which is not %s", constant[1], r.code)
	}
}
