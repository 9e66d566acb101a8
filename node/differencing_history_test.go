package node

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// history is one random federation under way: everybody's part is played by
// chance, and whatever the state machine accepts is done.
type history struct {
	t                       testing.TB
	rnd                     *rand.Rand
	st                      *audit.State
	oracle                  *oracle
	count                   *tally
	clock                   time.Time
	serial                  uint64
	charter                 *audit.Charter
	researcher, coordinator *audittest.Signer
	desks                   []*desk
	studies                 []*asked
	nodeOff                 []string
	trace                   func(string)
}

// people sign for an institution.
type people struct {
	approver, second, node *audittest.Signer // second may be nil
	keys                   int               // pairs made so far
}

// asked is one study, with what the history knows beside the log.
type asked struct {
	asking
	lengths []int                    // numbers asked in each round
	readys  map[string]crypto.Digest // of the next attempt
	ever    map[string]crypto.Digest // the newest of all
	odd     int                      // another question than the round's own
}

// tally counts what happened in all histories.
type tally struct {
	histories, statements, attempts, sets, opened, repeats, closed, epochs, amended, moved int
	pairs, accepted, equal, rows, far                                                      int
	refused                                                                                map[string]int // by the state machine
	ledger                                                                                 map[string]int // by a node's ledger
	wrong                                                                                  map[string]int // by the oracle
}

// unjudged are rules about keys and sizes, which cost time and say nothing of
// who is in a sum.
func unjudged() []audit.Code {
	return []audit.Code{audit.CodeSignature, audit.CodeProof, audit.CodeAttemptKey, audit.CodeSizes, audit.CodeProjection}
}

// switchOff reaches into a state: only the tests of its own package may switch
// rules off by a method, so that nothing else ever does.
func switchOff(st *audit.State, codes ...audit.Code) {
	off := map[audit.Code]bool{}
	for _, c := range codes {
		off[c] = true
	}
	f := reflect.ValueOf(st).Elem().FieldByName("off")
	reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem().Set(reflect.ValueOf(off))
}

var signers = map[string]*audittest.Signer{}

// signer returns a party's key, made once for all histories.
func signer(name, salt string) *audittest.Signer {
	s := signers[name+" "+salt]
	if s == nil {
		s = audittest.NewSigner(name, salt)
		signers[name+" "+salt] = s
	}
	own := *s
	return &own
}

// chance is true in so many of a hundred cases.
func (h *history) chance(percent int) bool { return h.rnd.IntN(100) < percent }

// fresh is a digest that nobody used.
func (h *history) fresh() crypto.Digest {
	h.serial++
	return crypto.DigestOf(binary.LittleEndian.AppendUint64(nil, h.serial))
}

// key stands for an attempt key that nobody used.
func (h *history) key() []byte {
	d := h.fresh()
	return d[:8]
}

// say adds a statement to the log, as of its signer. It is accepted, or void
// and counted.
func (h *history) say(s *audittest.Signer, hd audit.Header, b audit.Body, given *gift) *audit.Statement {
	hd = h.st.Next(s.Name(), s.Boot, hd)
	hd.Type, hd.Version, hd.Time = b.Type(), audit.Version, h.clock.Format(time.RFC3339)
	h.clock = h.clock.Add(time.Second)
	var leaf bytes.Buffer
	fmt.Fprintf(&leaf, "smartstart/%s/v%d\n", hd.Type, audit.Version)
	enc := json.NewEncoder(&leaf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(struct {
		audit.Header
		Body audit.Body `json:"body"`
	}{hd, b}); err != nil {
		h.t.Fatal(err)
	}
	fmt.Fprintf(&leaf, "\n\u2014 %s %s\n", s.Name(), unsigned)
	charter := h.charter
	if h.st.Charter != nil {
		charter = h.st.Charter.Body.(*audit.Charter)
	}
	m, finding := h.st.Apply(leaf.Bytes())
	h.count.statements++
	if h.trace != nil {
		body, _ := json.Marshal(b)
		h.trace(fmt.Sprintf("%s: %s %s %d/%d %.3000s %v", s.Name(), hd.Type, hd.Study, hd.Round, hd.Attempt, body, finding))
	}
	if finding != nil {
		if strings.HasPrefix(finding.Code, "SS21") && finding.Code != string(audit.CodeBody) {
			h.t.Fatalf("the generator makes statements that nobody could read: %v", finding)
		}
		h.count.refused[finding.Code]++
		return nil
	}
	by, seconds := "", map[string]bool{}
	for _, d := range h.desks {
		if s == d.people.approver || s == d.people.second || s == d.people.node {
			by = d.name
		}
		seconds[d.name] = d.people.second != nil
	}
	h.oracle.hear(m, by, seconds, charter, given)
	return m
}

// unsigned stands where a signature would; CodeSignature is off, and another
// key's hash spares the arithmetic.
var unsigned = base64.StdEncoding.EncodeToString(make([]byte, 4+64))

// newHistory founds a federation of 3 to 9 institutions, of which some have a
// second approver.
func newHistory(t testing.TB, seed uint64, count *tally, off []audit.Code, nodeOff []string) *history {
	h := &history{
		t: t, rnd: rand.New(rand.NewPCG(seed, 5)), oracle: newOracle(), count: count, nodeOff: nodeOff,
		clock:      time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC),
		researcher: signer("researcher", ""), coordinator: signer(audittest.Origin, ""),
	}
	h.st = audit.NewState(audittest.Origin, h.coordinator.Party.Key)
	switchOff(h.st, append(unjudged(), off...)...)
	n := 3 + h.rnd.IntN(7)
	h.charter = &audit.Charter{
		Protocol: audit.Protocol, Name: "A random federation", Coordinator: h.coordinator.Party, Founders: []audit.Founder{},
		Researchers: []audit.Party{h.researcher.Party}, Auditors: []audit.Party{}, Parameters: crypto.Parameters,
		MinInstitutions: 2 + h.rnd.IntN(min(3, n-1)), Codebook: crypto.DigestOf([]byte("A")), Rehearsal: true, Retention: "one year",
	}
	if n > 4 && h.chance(30) {
		h.charter.Forgetful = 1
	}
	for range n {
		h.charter.Founders = append(h.charter.Founders, *h.newDesk().founder())
	}
	ledgers := seed%500 == 0
	h.say(h.coordinator, audit.Header{}, h.charter, nil)
	for _, d := range h.desks {
		h.enrol(d)
		if ledgers {
			d.onDisk(t)
		}
	}
	return h
}

// newDesk is an institution that is not of the federation yet.
func (h *history) newDesk() *desk {
	d := &desk{name: fmt.Sprintf("board%02d", len(h.desks)+1), people: &people{}, in: true, cohorts: map[crypto.Digest]cohort{}, made: map[[3]childSet]cohort{}}
	h.rekey(d, h.chance(25))
	for child := range children {
		if h.chance(90) {
			d.here.flip(child)
		}
		if h.chance(3) {
			d.objected.flip(child)
		}
	}
	for column := range d.missing {
		for range h.rnd.IntN(3) * h.rnd.IntN(30) {
			d.missing[column].flip(h.rnd.IntN(children))
		}
	}
	d.policy = Policy{MinRows: 10 + h.rnd.IntN(3)*10, Openness: "confidential"}
	if h.chance(30) {
		d.policy.Openness = "synthetic"
	}
	d.policy = d.policy.Off(h.nodeOff...)
	h.desks = append(h.desks, d)
	return d
}

// rekey gives an institution's people and node keys that nobody had.
func (h *history) rekey(d *desk, second bool) {
	p := d.people
	p.keys++
	salt := fmt.Sprint("differencing ", p.keys)
	p.approver, p.node = signer(d.name+".approver", salt), signer(d.name, salt)
	p.approver.Boot, p.node.Boot = h.fresh(), h.fresh()
	p.second = nil
	if second {
		p.second = signer(d.name+".approver2", salt)
		p.second.Boot = h.fresh()
	}
}

func (d *desk) founder() *audit.Founder {
	f := &audit.Founder{Institution: d.name, Approver: d.people.approver.Party}
	if d.people.second != nil {
		f.Second = d.people.second.Party
	}
	return f
}

func (h *history) enrol(d *desk) {
	h.say(d.people.approver, audit.Header{}, &audit.Member{
		Charter: h.st.Charter.Hash, Act: audit.ActEnrol, Institution: d.name, Node: d.people.node.Party, Proof: []byte("unproved"),
	}, nil)
}

// desk returns an institution by its name.
func (h *history) desk(name string) *desk {
	for _, d := range h.desks {
		if d.name == name {
			return d
		}
	}
	h.t.Fatalf("there is no institution %s", name)
	return nil
}

// some is a random institution of the federation.
func (h *history) some() *desk {
	for range 20 {
		if d := h.desks[h.rnd.IntN(len(h.desks))]; d.in {
			return d
		}
	}
	return h.desks[0]
}

// carry moves something and lets the others endorse it until it is in force.
func (h *history) carry(mover *desk, b audit.Body) bool {
	m := h.say(mover.people.approver, audit.Header{}, b, nil)
	if m == nil {
		return false
	}
	for _, d := range h.desks {
		if h.st.Motions[m.Hash].InForce != nil {
			return true
		}
		if d.in && d != mover {
			h.say(d.people.approver, audit.Header{}, &audit.Endorse{Motion: m.Hash}, nil)
		}
	}
	return h.st.Motions[m.Hash].InForce != nil
}
