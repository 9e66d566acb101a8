package node

import (
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/configs"
)

// twoCohorts are records in which a study without the column girl counts three
// children more than one with it.
func twoCohorts(t testing.TB) Records {
	children := many(60)
	for i := range 3 {
		children[i] = child(i, "1,0.5,")
	}
	return school(t, children...)
}

// TestTwoStudiesOpenedAtOnce: of two studies a few children apart whose first
// rounds begin in one page of the log, one gets this node's numbers. With
// judging and writing apart, both get them.
func TestTwoStudiesOpenedAtOnce(t *testing.T) {
	for _, off := range []bool{false, true} {
		w := newTown(t, 4, map[string]string{"a": studyText("a", "iq_verbal"), "b": studyText("b", "iq_verbal", "girl")})
		cfg := w.configOf("board01", t.TempDir(), twoCohorts(t))
		cfg.Policy = Policy{Openness: configs.OpenSynthetic}
		if off {
			cfg.Policy = cfg.Policy.Off(ruleOneAct)
		}
		r := w.open(cfg)
		// Between judging and writing there is time for the other study.
		both := make(chan string, 2)
		r.judged = func(task audit.Task) {
			both <- task.Study
			wait := 300 * time.Millisecond
			if off {
				wait = 20 * time.Second
			}
			for limit := time.Now().Add(wait); len(both) < 2 && time.Now().Before(limit); {
				time.Sleep(time.Millisecond)
			}
		}
		r.run()
		for _, study := range []string{"a", "b"} {
			w.ready(r, study, boards(2, 3, 4)...)
		}
		w.says(func(f *audittest.Federation) {
			f.Open("a")
			f.Open("b")
		})
		gave := func(st *audit.State) (n int) {
			for _, study := range []string{"a", "b"} {
				if st.Attempt(study, 1, 1).Updates["board01"] != nil {
					n++
				}
			}
			return n
		}
		if off {
			w.until("both studies got numbers, with the defence off", func(st *audit.State) bool { return gave(st) == 2 })
			continue
		}
		w.until("one study is refused and the other served", func(st *audit.State) bool { return r.refusedBy(CodeCohort) && gave(st) > 0 })
		w.until("only one is served", func(st *audit.State) bool { return gave(st) == 1 })
		if n := len(r.uploads()); n != 3 { // frames, boxes and projection of one
			t.Errorf("%d files were made: %s", n, strings.Join(r.uploads(), " "))
		}
	}
}
