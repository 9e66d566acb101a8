package node

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// cast is one vote that left a node.
type cast struct {
	name  string
	start int
	vote  *audit.Vote
	leaf  []byte
}

// outgoing is one release that left a node.
type outgoing struct {
	name    string
	start   int
	attempt crypto.Digest
	points  []int
	bytes   crypto.Digest
	lawful  bool
}

// breaks notes what must never happen.
func (g *gate) breaks(format string, args ...any) {
	g.watch.Lock()
	defer g.watch.Unlock()
	if what := g.now + ": " + fmt.Sprintf(format, args...); !slices.Contains(g.broken, what) {
		g.broken = append(g.broken, what)
	}
}

// is says which request is made from now on.
func (g *gate) is(a attack) {
	g.watch.Lock()
	defer g.watch.Unlock()
	g.now = a.kind + ", " + a.name
}

func (g *gate) castBy(name string, attempt crypto.Digest) bool {
	g.watch.Lock()
	defer g.watch.Unlock()
	return slices.ContainsFunc(g.cast, func(c cast) bool { return c.name == name && c.vote.Open == attempt })
}

// said judges a statement of a node as it leaves. A node votes for one thing in
// an attempt, whatever the sequencer does with the vote, and states only
// releases whose bytes it may send.
func (g *gate) said(s *spy, m *audit.Statement) {
	if !slices.Contains(g.honest, s.name) {
		return
	}
	switch b := m.Body.(type) {
	case *audit.Vote:
		g.watch.Lock()
		defer g.watch.Unlock()
		for _, c := range g.cast {
			if c.start == s.start && bytes.Equal(c.leaf, m.Leaf) { // it is sent until it is taken
				return
			}
			same := slices.Equal(c.vote.Points, b.Points) && c.vote.Root == b.Root
			if c.name == s.name && c.vote.Open == b.Open && !same && s.name != g.forgets {
				g.broken = append(g.broken, g.now+": "+fmt.Sprintf("%s voted for %v and for %v in one attempt", s.name, c.vote.Points, b.Points))
			}
		}
		g.cast = append(g.cast, cast{s.name, s.start, b, m.Leaf})
	case *audit.Release:
		g.watch.Lock()
		known := slices.ContainsFunc(g.out, func(o outgoing) bool {
			return o.name == s.name && o.attempt == b.Open && o.bytes == b.Sum.Digest && o.lawful
		})
		g.watch.Unlock()
		if !known {
			g.breaks("%s states a release that it may not give", s.name)
		}
	}
}

// sent looks at the bytes that leave a node: a release is known by its magic,
// whatever it is sent as.
func (g *gate) sent(s *spy, b []byte) {
	if !slices.Contains(g.honest, s.name) || len(b) < crypto.HeaderSize+8 || string(b[:4]) != "SSRL" {
		return
	}
	o := outgoing{name: s.name, start: s.start, attempt: crypto.Digest(b[12:44]), bytes: crypto.DigestOf(b)}
	for bits, p := binary.LittleEndian.Uint64(b[crypto.HeaderSize:]), 1; p <= 64; p++ {
		if bits>>(p-1)&1 == 1 {
			o.points = append(o.points, p)
		}
	}
	why := g.unlawful(s, o)
	o.lawful = why == ""
	g.watch.Lock()
	g.out = append(g.out, o)
	g.watch.Unlock()
	if why != "" {
		g.breaks("a release of %s for %v left: %s", s.name, o.points, why)
	}
}

// unlawful says why a release may not leave; "" when it may. It counts the
// votes itself in the history that the node was shown, and holds its count
// against a State that folds the same entries with every rule on.
func (g *gate) unlawful(s *spy, o outgoing) string {
	g.watch.Lock()
	cast, before := slices.Clone(g.cast), slices.Clone(g.out)
	g.watch.Unlock()
	for _, b := range before {
		if b.name == o.name && b.attempt == o.attempt && b.bytes != o.bytes && o.name != g.forgets {
			return "it gave another one in this attempt before"
		}
	}
	var mine *audit.Vote
	for _, c := range cast {
		again := slices.ContainsFunc(before, func(b outgoing) bool { return b.name == o.name && b.bytes == o.bytes })
		if c.name == o.name && c.vote.Open == o.attempt && slices.Equal(c.vote.Points, o.points) && (c.start == s.start || again) {
			mine = c.vote
		}
	}
	if mine == nil {
		return "this start did not vote for it"
	}
	if need := g.thresholds.MinInstitutions; len(o.points) < need {
		return fmt.Sprintf("it is over fewer than %d institutions", need)
	}
	w, _ := s.shown()
	var leaves [][]byte
	w.says(func(f *audittest.Federation) { leaves = slices.Clone(f.Leaves) })
	st := audit.NewState(audittest.Origin, g.f.Coordinator.Party.Key)
	for _, leaf := range leaves {
		st.Apply(leaf)
	}
	var at *audit.Attempt
	for _, round := range st.Studies["a"].Rounds {
		for _, a := range round {
			if a.ID == o.attempt {
				at = a
			}
		}
	}
	if at == nil || at.Set == nil {
		return "no such attempt with a set is in the log"
	}
	if n := g.voters(st, at, mine, leaves); n < g.thresholds.T {
		return fmt.Sprintf("%d institutions voted for it, not %d", n, g.thresholds.T)
	}
	c, ok := at.Certificate()
	if !ok {
		return "its log holds no certificate"
	}
	if err := c.Check(at.Crypto(st), crypto.Set(mine.Points), mine.Root); err != nil {
		return err.Error()
	}
	return ""
}

// voters counts the institutions whose own key signed exactly this vote, in the
// start that offered the attempt's key, having seen the set in this history.
func (g *gate) voters(st *audit.State, at *audit.Attempt, want *audit.Vote, leaves [][]byte) int {
	voters := map[string]bool{}
	for _, leaf := range leaves {
		m, err := audit.Parse(leaf)
		if err != nil || !slices.Contains(g.everybody, m.Signer) {
			continue
		}
		v, ok := m.Body.(*audit.Vote)
		if !ok || v.Open != want.Open || v.Root != want.Root || !slices.Equal(v.Points, want.Points) {
			continue
		}
		verifier, err := note.NewVerifier(g.f.Nodes[m.Signer].Party.Key)
		if err != nil {
			g.t.Fatal(err)
		}
		if _, err := note.Open(leaf, note.VerifierList(verifier)); err != nil {
			continue
		}
		root, ok := st.RootAt(m.Seen.Size)
		ready := at.Readys[m.Signer]
		if ok && root == m.Seen.Root && m.Seen.Size > at.Set.Index && ready != nil && ready.Boot == m.Boot {
			voters[m.Signer] = true
		}
	}
	return len(voters)
}

// judge looks at all that left in an attack: which sums the attacker can open
// with it and with what the colluders hold. There is at most one set.
func (g *gate) judge() []string {
	g.watch.Lock()
	defer g.watch.Unlock()
	type sum struct {
		attempt crypto.Digest
		points  string
	}
	helpers := map[sum]map[string]bool{}
	for _, o := range g.out {
		k := sum{o.attempt, fmt.Sprint(o.points)}
		if helpers[k] == nil {
			helpers[k] = map[string]bool{}
		}
		helpers[k][o.name] = true
	}
	open := map[string]bool{}
	for k, names := range helpers {
		if len(names)+g.thresholds.C >= g.thresholds.T {
			open[k.points] = true
		}
	}
	if len(open) > 1 {
		g.broken = append(g.broken, fmt.Sprintf("sums over %d different sets can be opened", len(open)))
	}
	return g.broken
}

// given counts the releases that left; the same bytes again are one.
func (g *gate) given() int {
	g.watch.Lock()
	defer g.watch.Unlock()
	distinct := map[crypto.Digest]bool{}
	for _, o := range g.out {
		distinct[o.bytes] = true
	}
	return len(distinct)
}
