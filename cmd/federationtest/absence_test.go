package federationtest

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/examples/language"
)

// leave makes nodes stop when their statement of a type in a round is about to
// leave. The group is done when all have stopped.
func (r *rig) leave(names []string, typ string, round int) *sync.WaitGroup {
	left := new(sync.WaitGroup)
	for _, name := range names {
		m := r.nodes[name]
		left.Add(1)
		m.on(func(when string, s *audit.Statement) error {
			if when != "before" || s.Type != typ || s.Round != round || s.Attempt != 1 {
				return nil
			}
			m.hook.Store(nil)
			go func() { defer left.Done(); m.kill() }()
			return errGone
		})
	}
	return left
}

// says waits until the researcher is told of exactly these names, since when,
// and what to do.
func (r *rig) says(names []string, words string) audit.Wait {
	r.t.Helper()
	var found audit.Wait
	r.wait("it says that it waits for "+strings.Join(names, ", ")+" "+words, time.Minute, func() bool {
		return slices.ContainsFunc(r.research.Party.Waiting(), func(w audit.Wait) bool {
			found = w
			return slices.Equal(w.Who, names) && strings.Contains(w.What, words) && !w.Since.IsZero() && w.Remedy != ""
		})
	})
	return found
}

// inTheSum returns who was in the sum of a round.
func (r *rig) inTheSum(study string, round int) (names []string) {
	r.research.Party.View(func(st *audit.State) {
		at := st.Studies[study].Opened(round)
		for _, p := range at.Set.Body.(*audit.Set).Points {
			names = append(names, at.Name(p))
		}
	})
	return names
}

// TestAbsentAtEachStep lets two of seven nodes stop at a step of a round and
// come back later, or never where the study may go on without them. Short runs
// take the two that wait for no time-out.
func TestAbsentAtEachStep(t *testing.T) {
	for _, c := range []struct {
		name  string
		typ   string
		round int
		study []byte
		alone bool // the study ends without them
		words string
	}{
		{"ready, and the researcher goes on", audit.TypeReady, 1, language.Study, true, "to be ready for round 1"},
		{"ready, and the study goes on", audit.TypeReady, 1, onLate("2s"), true, ""},
		{"update, and the study goes on", audit.TypeUpdate, 1, onLate("1m"), true, ""},
		{"update before anything was opened", audit.TypeUpdate, 1, language.Study, false, "to be ready for round 1"},
		{"vote before anything was opened", audit.TypeVote, 1, language.Study, false, "to be ready for round 2"},
		{"ready after the first opening", audit.TypeReady, 3, onLate("1s"), false, "to be ready for round 3"},
		{"update after the first opening", audit.TypeUpdate, 3, language.Study, false, "to be ready for round 3"},
		{"release after the first opening", audit.TypeRelease, 3, language.Study, false, "to be ready for round 4"},
	} {
		if testing.Short() && c.name != "ready, and the researcher goes on" && c.name != "release after the first opening" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			timeout := 30 * time.Second // long enough for a busy machine
			if c.typ == audit.TypeUpdate {
				timeout = 12 * time.Second // half of it or all is waited for
			}
			r := newRig(t, 7, timeout)
			away := []string{r.names[1], r.names[4]}
			left := r.leave(away, c.typ, c.round)
			r.submit(c.study)
			if c.words != "" {
				r.says(away, c.words)
			}
			left.Wait()
			switch {
			case !c.alone:
				for _, name := range away {
					r.nodes[name].start()
				}
			case c.words != "":
				_, err := r.research.Party.Say(context.Background(), audit.Header{Study: languageStudy}, &audit.Proceed{Without: away}, nil)
				r.must(err)
			}
			r.finished(c.study, languageStudy, 2*time.Minute)
			for _, name := range r.inTheSum(languageStudy, 1) {
				if c.alone && slices.Contains(away, name) {
					t.Errorf("%s is in the sums and was never there", name)
				}
			}
		})
	}
}

// onLate is the bundled study that begins without late institutions.
func onLate(wait string) []byte {
	s := bytes.Replace(language.Study, []byte(`on_late = "ask"`), []byte(`on_late = "proceed"`), 1)
	return bytes.Replace(s, []byte(`wait = "10m"`), []byte(`wait = "`+wait+`"`), 1)
}
