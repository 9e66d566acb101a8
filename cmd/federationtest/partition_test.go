package federationtest

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/examples/language"
)

var partitions = flag.Int("partitions", 2, "partitions, each in the middle of a study; the first two are short")

// healed is how soon after the network is whole again every node must hold what
// the coordinator holds.
const healed = 30 * time.Second

// partition is one outage: of whom, in a round when a node is about to say
// something, and for how long.
type partition struct {
	outage
	nodes int
	typ   string
	round int
	lasts time.Duration
}

// TestPartitionsHeal cuts nodes off in the middle of rounds, a few, most, or all
// of them, in every way that a network fails. Within 30 seconds of its being
// whole again every node holds the coordinator's log, and the study ends in the
// state that the rows give in the clear, bit for bit.
func TestPartitionsHeal(t *testing.T) {
	if testing.Short() {
		t.Skip("waits while nodes are cut off; run without -short")
	}
	const n = 5
	list := []partition{
		{reset, 1, audit.TypeUpdate, 2, time.Second / 2},
		{silent, n, audit.TypeVote, 1, time.Second},
		{forgotten, n, audit.TypeReady, 2, time.Second}, // the hardest: nothing has failed yet when the network is whole again
	}
	rng := rand.New(rand.NewSource(1))
	for len(list) < *partitions {
		list = append(list, partition{
			outages[len(list)%len(outages)], []int{2, 3, n}[rng.Intn(3)],
			[]string{audit.TypeReady, audit.TypeUpdate, audit.TypeVote, audit.TypeRelease}[rng.Intn(4)], 1 + rng.Intn(4),
			time.Duration(1+rng.Intn(50)) * time.Second,
		})
	}
	for i, c := range list[:*partitions] {
		t.Run(fmt.Sprintf("%d", i), func(t *testing.T) {
			t.Parallel()
			newPartitioned(t, n).survives(c)
		})
	}
}

// partitioned is a federation in which every node has a cable of its own.
type partitioned struct {
	*rig
	cables map[string]*cable
}

func newPartitioned(t *testing.T, n int) *partitioned {
	t.Helper()
	p := &partitioned{newRig(t, n, 12*time.Second), map[string]*cable{}}
	for name, m := range p.nodes {
		p.cables[name] = newCable(t, p.address)
		m.kill()
		m.seat.Address = p.cables[name].address()
		m.start()
	}
	return p
}

// survives runs one study through one partition.
func (p *partitioned) survives(c partition) {
	p.t.Helper()
	off := p.names[:c.nodes]
	begun := make(chan struct{})
	// The statement itself is the first that the outage hits.
	p.nodes[off[0]].on(func(when string, s *audit.Statement) error {
		if when == "before" && s.Type == c.typ && s.Round == c.round {
			p.nodes[off[0]].hook.Store(nil)
			p.fail(off, c.outage)
			close(begun)
		}
		return nil
	})
	p.submit(language.Study)
	select {
	case <-begun:
	case <-time.After(2 * time.Minute):
		p.t.Fatalf("no %s in round %d", c.typ, c.round)
	}
	during := p.news("during")
	time.Sleep(c.lasts)
	if c.down {
		// Proof that the cut is one.
		for _, name := range off {
			if p.nodes[name].holds(during) {
				p.t.Errorf("%s hears of what happens while it is cut off", name)
			}
		}
	}
	p.mend(off)
	began := time.Now()
	// Something new, so that a node that still hears nothing cannot hold it.
	p.reach(p.names, p.news("after"), healed)
	p.t.Logf("%d of %d nodes, %s, at %s of round %d, for %v: all held the log %v after the end of it",
		c.nodes, len(p.names), c.name, c.typ, c.round, c.lasts, time.Since(began).Round(time.Millisecond))
	p.finished(language.Study, languageStudy, 3*time.Minute)
}

func (p *partitioned) fail(names []string, o outage) {
	for _, name := range names {
		p.cables[name].fail(o)
	}
}

func (p *partitioned) mend(names []string) {
	for _, name := range names {
		p.cables[name].mend()
	}
}

// news puts an entry into the log, over the researcher's own connection: a
// study that nobody will decide on. It returns the log's head with it.
func (p *partitioned) news(id string) audit.Head {
	p.t.Helper()
	s, err := party.Propose(p.t.Context(), p.research.Party, bytes.Replace(language.Study, []byte(`"language-delay"`), fmt.Appendf(nil, "%q", id), 1), 1<<20)
	p.must(err)
	h := audit.Head{Size: s.Index + 1}
	p.coordinator.View(func(st *audit.State) { h.Root, _ = st.RootAt(h.Size) })
	return h
}

// reach waits until all named nodes hold head, and fails the test after limit.
func (p *partitioned) reach(names []string, head audit.Head, limit time.Duration) {
	p.t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		late := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return p.nodes[name].holds(head) })
		if len(late) == 0 {
			return
		}
		if time.Now().After(deadline) {
			p.t.Errorf("%v after the network was whole again %v do not hold the coordinator's log", limit, late)
			return
		}
	}
}

// holds reports whether the node's log covers head and is the same log.
func (m *rigNode) holds(head audit.Head) (is bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.node.Party().View(func(st *audit.State) {
		root, ok := st.RootAt(head.Size)
		is = ok && root == head.Root
	})
	return is
}

// TestPartitionIsSeen shows that the measure has teeth: while the cables stay
// cut, in any of the ways that keep the log from a node, the node does not hold
// what is new, and its neighbour, whose cable is whole, does.
func TestPartitionIsSeen(t *testing.T) {
	p := newPartitioned(t, 3)
	for _, o := range outages {
		if !o.down || o.forgets {
			continue // a forgotten connection takes its time to be missed
		}
		p.reach(p.names, p.news("before-"+string(o.name[0])), healed)
		p.fail(p.names[:1], o)
		head := p.news("cut-" + string(o.name[0]))
		p.reach(p.names[1:], head, healed)
		time.Sleep(200 * time.Millisecond)
		if p.nodes[p.names[0]].holds(head) {
			t.Errorf("%s: a node that is cut off holds what is new", o.name)
		}
		p.mend(p.names[:1])
	}
}
