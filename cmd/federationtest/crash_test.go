package federationtest

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/examples/language"
)

const languageStudy = "language-delay"

// disturbance is one crash: in a round, when a statement of a type is about to
// leave a node, has been taken, or is read.
type disturbance struct{ when, typ string }

var everyStep = []disturbance{
	{"after", audit.TypeReady}, {"before", audit.TypeUpdate}, {"after", audit.TypeUpdate}, {"read", audit.TypeSet},
	{"before", audit.TypeVote}, {"after", audit.TypeVote}, {"before", audit.TypeRelease}, {"after", audit.TypeRelease},
}

// crash makes do happen once, at a step of a round, as node m sees it. The
// node's own statement is lost with the answer when the node is to stop.
func (m *rigNode) crash(d disturbance, study string, round int, stops bool, do func()) {
	var once sync.Once
	m.on(func(when string, s *audit.Statement) (err error) {
		if when != d.when || s.Type != d.typ || s.Study != study || s.Round != round || s.Attempt != 1 || when != "read" && s.Signer != m.name {
			return nil
		}
		once.Do(func() {
			m.rig.t.Logf("round %d: crash %s %s", round, d.when, d.typ)
			m.rig.wg.Go(do)
			if stops {
				err = errGone
			}
		})
		return err
	})
}

// TestRestartsEndWithTheSameBits stops one party at every step of a round, one
// step a round, and starts it again with its folder and an empty memory. The
// study ends in the state that the rows give in the clear. Short runs come to
// five of the steps, and let everybody stop at them.
func TestRestartsEndWithTheSameBits(t *testing.T) {
	steps := everyStep
	if testing.Short() {
		steps = everyStep[:5]
	}
	for _, c := range []struct {
		name string
		hit  func(r *rig, m *rigNode)
		stop bool
	}{
		{"node", func(_ *rig, m *rigNode) { m.restart() }, true},
		{"coordinator", func(r *rig, _ *rigNode) { r.restartCoordinator() }, false},
		{"everybody", func(r *rig, _ *rigNode) {
			var all sync.WaitGroup
			for _, m := range r.nodes {
				all.Go(m.restart)
			}
			all.Wait()
		}, true},
	} {
		if testing.Short() && c.name != "everybody" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 6, 6*time.Second)
			done := 0
			for number := 1; done < len(steps) && number < 5 && !t.Failed(); number++ {
				id := fmt.Sprint("study", number)
				done += r.disturb(bytes.Replace(language.Study, []byte(languageStudy), []byte(id), 1), id, steps[done:], c.stop, c.hit)
			}
			if done < len(steps) {
				t.Errorf("steps that never came: %v", steps[done:])
			}
		})
	}
}

// disturb runs one study with one crash a round and returns how many steps it
// came to. The first round is left alone: until a sum is opened, an absent node
// may be left out of all, which would be another result.
func (r *rig) disturb(study []byte, id string, steps []disturbance, stops bool, hit func(*rig, *rigNode)) int {
	r.t.Helper()
	var done atomic.Int32
	var next func(round int)
	next = func(round int) {
		i := int(done.Load())
		if i == len(steps) {
			return
		}
		m := r.nodes[r.names[round%len(r.names)]]
		m.crash(steps[i], id, round, stops, func() { done.Add(1); hit(r, m); next(round + 1) })
	}
	next(2)
	r.begin(study, id)
	r.finished(study, id, 4*time.Minute)
	for _, m := range r.nodes {
		m.hook.Store(nil)
	}
	return int(done.Load())
}
