package federationtest

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/examples/language"
)

// restored is one accident: the node's folder is copied at one step of a
// round, the node goes on, and at another step its disk is put back.
type restored struct {
	copied, back disturbance
}

// putBack copies the folder at one step and restores the copy at the other.
func (m *rigNode) putBack(a restored, study string, round int, done func()) {
	keep := filepath.Join(m.rig.t.TempDir(), "copy")
	var copied, back atomic.Bool
	m.on(func(when string, s *audit.Statement) error {
		if s.Study != study || s.Round != round || s.Signer != m.name {
			return nil
		}
		step := disturbance{when, s.Type}
		if step == a.copied && copied.CompareAndSwap(false, true) {
			if err := os.CopyFS(keep, os.DirFS(m.dir)); err != nil {
				m.rig.t.Errorf("copying the folder: %v", err)
			}
			return nil
		}
		if step != a.back || !copied.Load() || !back.CompareAndSwap(false, true) {
			return nil
		}
		m.rig.t.Logf("round %d: %s is put back from %v to %v", round, m.name, a.back, a.copied)
		m.rig.wg.Go(func() {
			m.kill()
			if err := os.RemoveAll(m.dir); err != nil {
				m.rig.t.Error(err)
			}
			if err := os.CopyFS(m.dir, os.DirFS(keep)); err != nil {
				m.rig.t.Errorf("restoring the folder: %v", err)
			}
			m.start()
			done()
		})
		return errGone
	})
}

// TestRestoredSnapshotSitsOut puts a node's disk back to before something it
// said. It never says another thing in that attempt (the rig holds every
// update, vote and release against the one before), and gives what is asked in
// the next round, without which the study would not end.
func TestRestoredSnapshotSitsOut(t *testing.T) {
	t.Parallel()
	accidents := []restored{
		{disturbance{"after", audit.TypeReady}, disturbance{"after", audit.TypeUpdate}},
		{disturbance{"after", audit.TypeReady}, disturbance{"after", audit.TypeVote}},
		{disturbance{"after", audit.TypeUpdate}, disturbance{"after", audit.TypeVote}},
		{disturbance{"before", audit.TypeVote}, disturbance{"after", audit.TypeRelease}},
		{disturbance{"after", audit.TypeReady}, disturbance{"after", audit.TypeRelease}},
	}
	if testing.Short() {
		accidents = accidents[1:4]
	}
	r := newRig(t, 6, 6*time.Second)
	m := r.nodes[r.names[3]]
	var came atomic.Int32
	var next func(int)
	next = func(i int) {
		if i < len(accidents) {
			m.putBack(accidents[i], languageStudy, i+2, func() { came.Add(1); next(i + 1) })
		}
	}
	next(0)
	// The others wait a moment for the accident, or the round might end without
	// what this node would have said in it.
	for name, other := range r.nodes {
		if name != m.name {
			other.on(func(when string, s *audit.Statement) error {
				i := s.Round - 2
				if when != "before" || i < 0 || i >= len(accidents) || s.Attempt != 1 || s.Type != accidents[i].back.typ {
					return nil
				}
				for range 50 {
					if int(came.Load()) > i {
						break
					}
					time.Sleep(100 * time.Millisecond)
				}
				return nil
			})
		}
	}
	r.begin(language.Study, languageStudy)
	r.finished(language.Study, languageStudy, 3*time.Minute)
	if int(came.Load()) != len(accidents) {
		t.Errorf("%d of %d accidents came", came.Load(), len(accidents))
	}
	r.research.Party.View(func(st *audit.State) {
		for i, a := range accidents {
			at := st.Attempt(languageStudy, i+2, 1)
			if at.Readys[m.name] == nil {
				continue
			}
			if a.back.typ == audit.TypeUpdate && at.Votes[m.name] != nil || a.back.typ != audit.TypeRelease && at.Releases[m.name] != nil {
				t.Errorf("round %d: %s went on as a holder after its disk was put back", i+2, m.name)
			}
		}
	})
}
