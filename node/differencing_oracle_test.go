package node

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// oracle looks at what the log accepted and says which pairs of sums tell too
// much. It is written from the rules as documented and asks neither the state
// machine nor a ledger what it thinks of a set.
type oracle struct {
	epoch    map[string]string
	studies  map[string]*facts
	attempts map[crypto.Digest]*sum
	sums     []*sum // those with a set, in order
	suspects []suspect
	pairs    int // of sums under one codebook
	accepted int // pairs that differ by too few, each of whom accepted it
	equal    int // pairs of equal sets
	rows     int // pairs of one institution's rows
	far      int // of these, cohorts that differ, by enough
}

// facts are what a study was asked and approved with.
type facts struct {
	codebook   crypto.Digest
	forgetful  int
	least      int   // min_institutions
	numbers    int64 // that it may open
	seconds    map[string]bool
	half       map[string]map[string]audit.Decision // by institution and signer: approvals that wait for the other
	accepts    map[string]bool                      // approved with accept_isolated
	ever       map[string]bool                      // or did so once
	n, c, t    int                                  // of the roster
	withRoster bool
}

// sum is one attempt.
type sum struct {
	study  string
	facts  *facts
	round  int
	asks   string // the question: state and shape
	values int
	seats  int
	roster []string
	gave   map[string]*gift
	set    map[string]string // institution to the epoch of its rows; nil before the set
	aborts map[string]bool
}

// closed: so many seats aborted that it never opens: those that did not, with
// the colluders and the forgetful among those that did, are fewer than t.
func (s *sum) closed() bool {
	return s.seats-len(s.aborts)+s.facts.c+s.facts.forgetful < s.facts.t
}

// gift are the rows that an institution put into an attempt.
type gift struct {
	of      *sum
	order   int
	epoch   string     // of the institution's records
	named   string     // of the ledger when it was given
	counted []childSet // the widest, and each side
	summed  []childSet
	values  crypto.Digest
	own     int // min_rows of the institution
	asked   int // and of the study
}

// suspect is a pair that tells too much if both may have been opened.
type suspect struct {
	kind string
	a, b *sum
	what string
}

func newOracle() *oracle {
	return &oracle{epoch: map[string]string{}, studies: map[string]*facts{}, attempts: map[crypto.Digest]*sum{}}
}

// hear takes an accepted statement; by is the institution that it is of, and
// seconds are those that have a second approver. charter is the one in force.
func (o *oracle) hear(s *audit.Statement, by string, seconds map[string]bool, charter *audit.Charter, given *gift) {
	switch b := s.Body.(type) {
	case *audit.Proposal:
		o.studies[s.Study] = &facts{
			codebook: charter.Codebook, forgetful: charter.Forgetful, numbers: b.Numbers,
			least: max(charter.MinInstitutions, b.MinInstitutions), seconds: seconds,
			half: map[string]map[string]audit.Decision{}, accepts: map[string]bool{}, ever: map[string]bool{},
		}
	case *audit.Decision:
		o.studies[s.Study].decide(b, s.Signer)
	case *audit.Epoch:
		o.epoch[by] = b.Epoch
	case *audit.Open:
		f := o.studies[s.Study]
		if !f.withRoster {
			f.withRoster, f.n = true, len(b.Roster)
			f.c = max(0, (f.n-1-f.forgetful)/3)
			for 2*f.t < f.n+f.c+f.forgetful+1 { // the smallest t with two certificates sharing an honest node that remembers
				f.t++
			}
		}
		at := &sum{
			study: s.Study, facts: f, round: s.Round, asks: fmt.Sprint(b.State, b.Shape), roster: b.Roster, seats: len(b.Seats),
			gave: map[string]*gift{}, aborts: map[string]bool{},
		}
		for _, t := range b.Shape.Tensors {
			at.values += t.Len
		}
		o.attempts[s.Hash] = at
	case *audit.Update:
		at := o.attempts[b.Open]
		given.of, given.order, given.epoch = at, int(s.Index), o.epoch[by]
		for _, before := range o.sums { // rows of a study stay those of its first sum
			if e, ok := before.set[by]; ok && before.study == s.Study && !before.closed() {
				given.epoch = e
				break
			}
		}
		at.gave[by] = given
	case *audit.Set:
		o.fix(o.attempts[b.Open], b.Points)
	case *audit.Abort:
		o.attempts[b.Open].aborts[by] = true
	}
}

// decide follows who accepted to stand alone, by the approval in force.
func (f *facts) decide(d *audit.Decision, signer string) {
	who := d.Institution
	defer func() { f.ever[who] = f.ever[who] || f.accepts[who] }()
	if d.Verdict != "approve" {
		f.accepts[who], f.half[who] = false, nil
		return
	}
	if f.seconds[who] {
		if f.half[who] == nil {
			f.half[who] = map[string]audit.Decision{}
		}
		f.half[who][signer] = *d
		for other, half := range f.half[who] {
			if other != signer && half == *d {
				f.accepts[who], f.half[who] = d.AcceptAlone, nil
				return
			}
		}
		// The other approver's unlike answer no longer waits.
		maps.DeleteFunc(f.half[who], func(other string, _ audit.Decision) bool { return other != signer })
		return
	}
	f.accepts[who] = d.AcceptAlone
}

// fix holds a fixed set against every sum that may have been opened by now.
func (o *oracle) fix(at *sum, points []int) {
	f := at.facts
	at.set = map[string]string{}
	for _, p := range points {
		name := at.roster[p-1]
		at.set[name] = "nothing was given"
		if g := at.gave[name]; g != nil {
			at.set[name] = g.epoch
		}
	}
	if need := max(f.least, f.c+2, f.t); len(at.set) < need {
		o.suspects = append(o.suspects, suspect{"small", at, at, fmt.Sprintf("%d institutions, %d needed", len(at.set), need)})
	}
	for _, before := range o.sums {
		if before.closed() {
			continue
		}
		if before.study == at.study {
			if !maps.Equal(before.set, at.set) {
				o.suspects = append(o.suspects, suspect{"study", before, at, fmt.Sprintf("%v and %v", before.set, at.set)})
			}
			continue
		}
		if before.facts.codebook != f.codebook {
			continue
		}
		o.pairs++
		var alone []string
		for _, name := range union(before.set, at.set) {
			x, in := before.set[name]
			y, too := at.set[name]
			if in != too || x != y {
				alone = append(alone, name)
			}
		}
		if len(alone) == 0 {
			o.equal++
			continue
		}
		// c colluders subtract what they gave themselves.
		least := max(f.least, f.c+2, before.facts.least, before.facts.c+2)
		if len(alone) >= least {
			continue
		}
		willing := !slices.ContainsFunc(alone, func(name string) bool {
			_, in := before.set[name]
			_, too := at.set[name]
			// Who takes no part in a study that has opened a sum does not stop it
			// by taking back what it accepted in the other.
			outside := at.round > 1 && !too && before.facts.ever[name]
			return !(outside || in && before.facts.accepts[name] || too && f.accepts[name])
		})
		if willing {
			o.accepted++
			continue
		}
		o.suspects = append(o.suspects, suspect{"institutions", before, at,
			fmt.Sprintf("%v alone, at least %d needed: %s %v, %s %v", alone, least, before.study, before.set, at.study, at.set)})
	}
	o.sums = append(o.sums, at)
}

func union(a, b map[string]string) (names []string) {
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if _, both := a[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// verdict returns everything that is wrong, now that it is known which
// attempts were closed.
func (o *oracle) verdict() (wrong []suspect) {
	for _, s := range o.suspects {
		if !s.a.closed() && !s.b.closed() {
			wrong = append(wrong, s)
		}
	}
	given := map[string][]*gift{}
	type round struct {
		study string
		round int
	}
	asked := map[round]map[string]int{}
	last := map[string]*sum{}
	for _, at := range o.sums {
		if at.closed() {
			continue
		}
		for name := range at.set {
			if g := at.gave[name]; g != nil {
				given[name] = append(given[name], g)
			}
		}
		r := round{at.study, at.round}
		if asked[r] == nil {
			asked[r] = map[string]int{}
		}
		asked[r][at.asks] = at.values
		last[at.study] = at
	}
	numbers := map[string]int64{}
	for r, questions := range asked {
		if len(questions) > 1 {
			wrong = append(wrong, suspect{"question", last[r.study], last[r.study], fmt.Sprintf("round %d has %d", r.round, len(questions))})
		}
		for _, n := range questions {
			numbers[r.study] += int64(n)
		}
	}
	for study, n := range numbers {
		if most := o.studies[study].numbers; n > most {
			wrong = append(wrong, suspect{"numbers", last[study], last[study], fmt.Sprintf("%d of %d", n, most)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		list := given[name]
		slices.SortFunc(list, func(a, b *gift) int { return a.order - b.order })
		for i, b := range list {
			if n := b.apart(b, max(b.own, b.asked)); n > 0 {
				wrong = append(wrong, suspect{"sides", b.of, b.of, fmt.Sprintf("%s: %d apart", name, n)})
			}
			for _, a := range list[:i] {
				if kind, what := o.compare(a, b); kind != "" {
					wrong = append(wrong, suspect{kind, a.of, b.of, name + ": " + what})
				}
			}
		}
	}
	return wrong
}

// compare holds what one institution gave against what it gave before.
func (o *oracle) compare(a, b *gift) (kind, what string) {
	if a.of.study == b.of.study {
		if !slices.Equal(a.counted, b.counted) || !slices.Equal(a.summed, b.summed) || a.values != b.values {
			return "rows of a study", "the rows changed"
		}
		return "", ""
	}
	if a.named != b.named {
		return "", ""
	}
	o.rows++
	least := max(a.own, a.asked, b.own, b.asked)
	if n := a.apart(b, least); n > 0 {
		return "rows", fmt.Sprintf("%d apart, at least %d needed", n, least)
	}
	if !slices.Equal(a.counted, b.counted) || !slices.Equal(a.summed, b.summed) {
		o.far++
	}
	return "", ""
}

// apart returns by how many children, from 1 to least-1, a sum over one differs
// from a sum over the other; 0 if none does.
func (g *gift) apart(other *gift, least int) int {
	for _, sets := range [][2][]childSet{{g.counted, other.counted}, {g.summed, other.summed}} {
		for _, x := range sets[0] {
			for _, y := range sets[1] {
				if n := x.apart(y); n > 0 && n < least {
					return n
				}
			}
		}
	}
	return 0
}

// childSet is a set of the children 0 to 200.
type childSet [4]uint64

const children = 201

func (r childSet) has(child int) bool { return r[child/64]>>(child%64)&1 == 1 }

func (r *childSet) flip(child int) { r[child/64] ^= 1 << (child % 64) }

func (r childSet) and(other childSet) childSet {
	for i := range r {
		r[i] &= other[i]
	}
	return r
}

func (r childSet) without(other childSet) childSet {
	for i := range r {
		r[i] &^= other[i]
	}
	return r
}

func (r childSet) size() int { return r.apart(childSet{}) }

// apart counts the children in exactly one of the two.
func (r childSet) apart(other childSet) (n int) {
	for i := range r {
		n += bits.OnesCount64(r[i] ^ other[i])
	}
	return n
}
