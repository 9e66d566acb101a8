package node

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// setup is the federation of an attack.
type setup struct {
	n         int    // institutions; 0 is four
	forgetful int    // nodes that may forget, by the charter
	forgets   string // stands in for those that may forget
	least     int    // min_institutions of the study; 0 leaves it to the charter
	text      string // of the study; "" is the usual one
	idle      bool   // the colluders run no node, not even to take part
}

// gate is a federation whose coordinator and colluders are hostile. Honest
// institutions run whole nodes. Everything else is said by the attack, with the
// keys of the coordinator, the researcher and the colluders.
type gate struct {
	*town // the history that nodes are shown unless an attack shows another
	setup
	off        lifted
	thresholds crypto.Thresholds // of everybody who approved, computed here
	everybody  []string
	honest     []string
	colluders  []string
	rows       Records
	nodes      map[string]*resident
	spies      map[string]*spy
	keys       map[string]secret.NodeKey
	dirs       map[string]string
	histories  []*town
	before     map[string]memory // of the honest nodes when everybody had uploaded
	founded    int               // entries before the study was proposed

	vouching sync.Mutex
	vouched  map[*town]*heard

	watch  sync.Mutex
	now    string            // the request that is made
	mood   map[string]string // what becomes of a statement, by node and type: hold, refuse, or let through
	starts map[string]int
	cast   []cast     // every vote that left a node
	out    []outgoing // every release that left a node
	broken []string   // what must never happen and did
}

// The moods of a hostile sequencer.
const (
	hold   = "hold"   // it has the bytes and logs nothing
	refuse = "refuse" // it has the bytes, and says that it will never log them
)

func newGate(t *testing.T, s setup, off lifted) *gate {
	t.Helper()
	s.n = max(s.n, 4)
	if s.text == "" {
		s.text = studyText("a", "iq_verbal")
	}
	if s.least > 0 {
		s.text += fmt.Sprintf("[privacy]\nmin_institutions = %d\n", s.least)
	}
	if off.forgetful {
		s.forgetful = 0
	}
	g := &gate{
		setup: s, off: off, nodes: map[string]*resident{}, spies: map[string]*spy{}, rows: pupils(t, 40),
		keys: map[string]secret.NodeKey{}, dirs: map[string]string{},
		mood: map[string]string{}, before: map[string]memory{}, vouched: map[*town]*heard{}, starts: map[string]int{},
	}
	var err error
	if g.thresholds, err = crypto.ThresholdsFor(s.n, s.forgetful, max(3, s.least), false); err != nil {
		t.Fatal(err)
	}
	g.town = newTown(t, s.n, nil)
	if s.forgetful > 0 {
		g.town.f = forgetfulFederation(t, g.town.f, s.forgetful)
	}
	g.histories = []*town{g.town}
	g.everybody = slices.Clone(g.f.Institutions)
	g.honest, g.colluders = g.everybody[:s.n-g.thresholds.C], g.everybody[s.n-g.thresholds.C:]
	off.lift(g.f.State)
	for _, name := range g.everybody {
		g.keys[name], g.dirs[name] = secret.NewNodeKey(), filepath.Join(t.TempDir(), "node")
	}
	g.founded = g.size()
	g.propose("a", s.text)
	return g
}

// forgetfulFederation is like f, with a charter that counts on nodes that forget.
func forgetfulFederation(t *testing.T, f *audittest.Federation, forgetful int) *audittest.Federation {
	again := audittest.Plan(t, len(f.Institutions))
	again.CharterBody.MinInstitutions, again.CharterBody.Codebook = f.CharterBody.MinInstitutions, f.CharterBody.Codebook
	again.CharterBody.Forgetful = forgetful
	again.Charter()
	for _, name := range again.Institutions {
		again.Enrol(name)
	}
	return again
}

// start starts the node of an institution in a folder and shows it a history.
func (g *gate) start(name, dir string, w *town) *resident {
	g.t.Helper()
	g.watch.Lock()
	g.starts[name]++
	s := &spy{town: w, now: w, g: g, name: name, start: g.starts[name], moved: make(chan struct{})}
	g.watch.Unlock()
	cfg := g.configOf(name, dir, g.rows)
	cfg.Key, cfg.Coordinator, cfg.Policy = g.keys[name], s, Policy{}.Off(g.off.policy...)
	r := g.town.open(cfg)
	g.off.node(r)
	g.nodes[name], g.spies[name] = r, s
	return r
}

// halt ends a node's process, as a power cut or its operator does. Its secrets
// are gone; a node may have stopped by itself before.
func (g *gate) halt(name string) {
	if r := g.nodes[name]; r.cancel != nil {
		r.cancel()
		<-r.ended
		r.cancel = nil
	}
}

// restart starts a node again on the folder it had. A mutant finds the
// attempt's secrets there.
func (g *gate) restart(name string, w *town) {
	m := g.nodes[name].memory()
	g.halt(name)
	r := g.start(name, g.dirs[name], w)
	if g.off.memory {
		r.remember(m, false)
	}
	r.run()
}

// keep copies a node's folder as a backup of a sleeping machine does.
func (g *gate) keep(name string) (copied string) {
	g.t.Helper()
	time.Sleep(time.Second) // until it has kept what the log has
	copied = filepath.Join(g.t.TempDir(), "copy")
	if err := os.CopyFS(copied, os.DirFS(g.dirs[name])); err != nil {
		g.t.Fatal(err)
	}
	return copied
}

// fork begins another history with the first size entries of this one.
func (w *town) fork(g *gate, size int) *town {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := *w.f
	f.State, f.Leaves = audit.NewState(audittest.Origin, f.Coordinator.Party.Key), slices.Clone(w.f.Leaves[:size])
	g.off.lift(f.State)
	for _, leaf := range f.Leaves {
		f.State.Apply(leaf)
	}
	other := &town{t: w.t, born: w.born, f: &f, blobs: maps.Clone(w.blobs), grown: make(chan struct{})}
	g.watch.Lock()
	defer g.watch.Unlock()
	g.histories = append(g.histories, other)
	return other
}

// all is every history.
func (g *gate) all() []*town {
	g.watch.Lock()
	defer g.watch.Unlock()
	return slices.Clone(g.histories)
}

// size is how many entries a history has.
func (w *town) size() (n int) {
	w.says(func(f *audittest.Federation) { n = len(f.Leaves) })
	return n
}

// pass moves everybody's clock.
func (g *gate) pass(d time.Duration) {
	for _, w := range g.histories {
		w.later(d)
	}
	for _, r := range g.nodes {
		r.Party().Wake()
	}
}

// feels says what becomes of the statements of one type by these nodes.
func (g *gate) feels(mood, typ string, names ...string) {
	g.watch.Lock()
	defer g.watch.Unlock()
	for _, name := range names {
		g.mood[name+" "+typ] = mood
	}
}

// offered runs the nodes until each of them is ready for the next attempt.
func (g *gate) offered() {
	g.t.Helper()
	var last *resident
	for _, name := range g.everybody {
		if !g.idle || slices.Contains(g.honest, name) {
			last = g.start(name, g.dirs[name], g.town).run()
		}
	}
	for _, r := range g.nodes {
		g.ready(r, "a")
	}
	if g.idle {
		g.ready(last, "a", g.colluders...)
	}
}

// uploaded opens the next attempt and waits until every running node gave its
// numbers. From then on the colluders' keys are the attack's.
func (g *gate) uploaded() *audit.Attempt {
	g.t.Helper()
	g.offered()
	g.says(func(f *audittest.Federation) { f.Open("a") })
	g.until("everybody gave numbers", func(st *audit.State) bool { return len(st.Attempt("a", 1, 1).Updates) == len(g.nodes) })
	return g.corrupt()
}

// corrupt ends the colluders' nodes, and lets the attack speak as if they ran on.
func (g *gate) corrupt() (at *audit.Attempt) {
	for _, name := range g.colluders {
		if g.nodes[name] != nil {
			g.halt(name)
			delete(g.nodes, name)
		}
	}
	for _, name := range g.honest {
		g.before[name] = g.nodes[name].memory()
	}
	g.says(func(f *audittest.Federation) {
		at = f.At("a")
		for _, name := range g.colluders {
			f.Nodes[name].Boot = at.Readys[name].Boot
		}
	})
	return at
}

// voted brings the attempt to where every honest node has voted for the set
// and only the votes of some are in the log.
func (g *gate) voted(logged ...string) *audit.Attempt {
	g.t.Helper()
	g.uploaded()
	return g.fixed(g.town, g.honest, logged...)
}

// fixed signs the set in a history and waits for the votes of those who see it.
func (g *gate) fixed(w *town, voters []string, logged ...string) (at *audit.Attempt) {
	g.t.Helper()
	for _, name := range voters {
		if !slices.Contains(logged, name) && g.mood[name+" "+audit.TypeVote] == "" {
			g.feels(hold, audit.TypeVote, name)
		}
	}
	w.says(func(f *audittest.Federation) { at = f.Set("a") })
	return g.votes(w, at, voters, logged...)
}

// votes waits until voters signed a vote in the attempt, and those of logged
// are in the log.
func (g *gate) votes(w *town, at *audit.Attempt, voters []string, logged ...string) *audit.Attempt {
	g.t.Helper()
	w.until("the votes are signed", func(st *audit.State) bool {
		return !slices.ContainsFunc(voters, func(name string) bool { return !g.castBy(name, at.ID) })
	})
	w.until("the votes are logged", func(st *audit.State) bool {
		at = st.Attempt("a", at.Round, at.Number)
		return !slices.ContainsFunc(logged, func(name string) bool { return at.Votes[name] == nil })
	})
	return at
}

// settle gives every node time, asks each for what the attack wants, lets the
// attempts time out, and asks again.
func (g *gate) settle() {
	time.Sleep(12 * time.Second)
	g.ask()
	g.pass(11 * time.Minute)
	time.Sleep(12 * time.Second)
	g.ask()
}

// ask makes the request for a release at each running node itself, whatever it
// thinks is expected of it.
func (g *gate) ask() {
	for _, name := range slices.Sorted(maps.Keys(g.nodes)) {
		r := g.nodes[name]
		if r.cancel == nil || !slices.Contains(g.honest, r.cfg.Name) {
			continue
		}
		var tasks, votes []audit.Task
		r.Party().View(func(st *audit.State) {
			for _, round := range st.Studies["a"].Rounds {
				for _, at := range round {
					t := audit.Task{Kind: audit.TaskRelease, Study: "a", Round: at.Round, Attempt: at.Number}
					tasks = append(tasks, t)
					if t.Kind = audit.TaskVote; at.Set != nil {
						votes = append(votes, t)
					}
				}
			}
		})
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		for _, t := range votes {
			g.off.again(r, g.before[r.cfg.Name])
			_ = r.vote(ctx, t) // that it refuses is what this is about; whether it does, the spy sees
		}
		for _, t := range tasks {
			_ = r.release(ctx, t)
			g.off.ask(ctx, r, t)
		}
		cancel()
	}
}

// end stops everything; a node that found the log inconsistent stopped itself.
func (g *gate) end() {
	for name := range g.nodes {
		g.halt(name)
	}
}
