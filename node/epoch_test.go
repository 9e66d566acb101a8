package node

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/configs"
)

// TestEpochInLog: names that the log takes stay, others get one that it takes,
// and no two become one.
func TestEpochInLog(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"", "2026", "school year 2026", "school-year 2026", "school  year 2026", "School year 2026", "2026/2027", "!", "é", strings.Repeat("x", 65), strings.Repeat("y ", 100)} {
		got := epochInLog(name)
		if name != "" && !audit.ValidName(got) || name == "" && got != "" {
			t.Errorf("%q is %q in the log", name, got)
		}
		if other, is := seen[got]; is {
			t.Errorf("%q and %q are both %q", name, other, got)
		}
		seen[got] = name
	}
	if got := epochInLog("school year 2026"); !strings.HasPrefix(got, "school-year-2026-") {
		t.Errorf("nobody recognises %q", got)
	}
}

// TestEpochIsSaid: a node says in the log which epoch its records are of, before
// it offers itself, also one that its folder began long ago; and once.
func TestEpochIsSaid(t *testing.T) {
	w := newTown(t, 3, map[string]string{"s": studyText("s", "iq_verbal", "girl")})
	cfg := w.configOf("board01", t.TempDir(), board(t, 200, 90, 90))
	cfg.Policy = Policy{Openness: configs.OpenSynthetic, Objections: write(t, "o.csv", "pseudonym\n"), Epoch: "school year 2026"}
	said := func() (epochs, readys int) {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, leaf := range w.f.Leaves {
			s, err := audit.Parse(leaf)
			if err != nil {
				t.Fatal(err)
			}
			if s.Type == audit.TypeReady {
				readys++
			}
			if s.Type == audit.TypeEpoch && s.Signer == "board01" {
				epochs++
				if readys > 0 {
					t.Error("it offered itself before it said the epoch")
				}
			}
		}
		return epochs, readys
	}
	for start := range 2 {
		r := w.open(cfg).run()
		w.says(func(f *audittest.Federation) { // the log grows, and so is co-signed anew
			f.Say(f.Nodes["board02"], audit.Header{}, &audit.Epoch{Epoch: fmt.Sprint("other", start)})
		})
		for limit := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
			if _, readys := said(); readys > start { // one at each start: keys are not kept
				break
			}
			if time.Now().After(limit) {
				t.Fatal("the node is not ready")
			}
		}
		r.stop()
	}
	if epochs, _ := said(); epochs != 1 {
		t.Errorf("the epoch was said %d times", epochs)
	}
	if acts, err := w.open(cfg).store.Epochs(); err != nil || len(acts) != 1 {
		t.Errorf("the folder holds %d acts, %v", len(acts), err)
	}
}

// TestEpochIsNotForgotten: once the log has an epoch of this institution, a
// policy without one is refused before anything is offered; with the rule off it
// is ready.
func TestEpochIsNotForgotten(t *testing.T) {
	w := newTown(t, 3, map[string]string{"s": studyText("s", "iq_verbal", "girl")})
	w.says(func(f *audittest.Federation) {
		f.Say(f.Nodes["board01"], audit.Header{}, &audit.Epoch{Epoch: "2026"})
	})
	for _, off := range []bool{false, true} {
		cfg := w.configOf("board01", t.TempDir(), board(t, 200, 90, 90))
		cfg.Policy = Policy{Openness: configs.OpenSynthetic, Objections: write(t, "o.csv", "pseudonym\n")}
		if off {
			cfg.Policy = cfg.Policy.Off(CodePolicy)
			w.ready(w.open(cfg).run(), "s", "board02", "board03") // waits until it is
			continue
		}
		r := w.open(cfg).run()
		w.until("the node refused", func(*audit.State) bool { return r.refusedBy(CodePolicy) })
		r.stop()
	}
}
