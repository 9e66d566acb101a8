package node

import (
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
)

// without is a mutant without some rules of the log.
func without(list ...audit.Code) lifted { return lifted{codes: list} }

// mutant is a build without a defence, and an attack on it.
type mutant struct {
	what string
	kind string
	name string // how the name of the attack begins
	off  lifted
}

// twoSets lets the log take two sets in one attempt, and two votes.
var twoSets = []audit.Code{audit.CodeTwice, audit.CodeSetMembers, audit.CodeAbsent, audit.CodeSetFrozen, audit.CodeSetWaits}

// smallerRepeat lets the log take another set in a repeat.
var smallerRepeat = []audit.Code{audit.CodeSetMembers, audit.CodeAbsent, audit.CodeSetFrozen, audit.CodeSetWaits}

// teeth are mutants, each with an attack that it lets pass. Where several
// rules stand behind each other, all of them are off.
var teeth = []mutant{
	{"the certificate check", "missing votes", "[board01 board02] and the colluder false", lifted{careless: true}},
	{"signatures", "forged votes", "rubbish", without(audit.CodeSignature)},
	{"signatures", "forged votes", "another key", without(audit.CodeSignature)},
	{"a vote is for the logged set", "vote for another set", "three of the four", without(audit.CodeOtherSet)},
	{"a vote is for the logged root", "other root", "another root", without(audit.CodeOtherSet)},
	{"a vote has seen the set", "seen before the set", "just before the set", without(audit.CodeSeenSet)},
	{"a vote has seen this history", "void vote counted", "another history", without(audit.CodeSeen)},
	{"the chain of a signer", "void vote counted", "after nothing", without(audit.CodePrev)},
	{"the numbers of a signer", "void vote counted", "a number too many", without(audit.CodeSeq)},
	{"the name of the log", "void vote counted", "another log", without(audit.CodeLog)},
	{"a set is those who gave numbers", "set that the log does not allow", "without board03", without(audit.CodeSetMembers, audit.CodeAbsent, audit.CodeSetWaits)},
	{"a set waits for who is late", "superset", "not waiting for it", without(audit.CodeSetWaits)},
	{"min_institutions", "other thresholds", "four of six", without(audit.CodeThresholds, audit.CodeSetMembers, audit.CodeAbsent, audit.CodeSetWaits)},
	{"the roster is who approved", "smaller roster", "without point 4, thresholds of three", without(audit.CodeRoster, audit.CodeThresholds, audit.CodeSeats)},
	{"the seats follow from the log", "smaller roster", "no seat for point 4", without(audit.CodeSeats)},
	{"the model state is everybody's", "other model state", "another state", without(audit.CodeStates)},
	{"a withdrawal stops the votes", "withdrawn", "board03 after the votes of board01 board02", without(audit.CodeWithdrawn)},
	{"the set is frozen, and a node votes for one set in a round", "repeat with another set", "a smaller set in the lawful open",
		lifted{codes: smallerRepeat, policy: []string{CodeOtherVote}}},
	{"an open repeats the frozen set, and a node votes for one set in a round", "repeat with another set", "an open that has forgotten it all",
		lifted{codes: []audit.Code{audit.CodeRepeat, audit.CodeSeats, audit.CodeSetFrozen}, policy: []string{CodeOtherVote}}},
	{"a vote has seen this history", "votes of another history", "for board01", without(audit.CodeSeen)},
	{"secrets in memory only", "restarted, then asked", "board02 after its vote", lifted{memory: true}},
	{"secrets in memory only, and the boot epoch of the ready", "restored snapshot", "board01 in another one", lifted{memory: true, codes: []audit.Code{audit.CodeRestarted}}},
	{"secrets in memory only, and the boot epoch of the ready", "cloned node", "board03 in another one", lifted{memory: true, codes: []audit.Code{audit.CodeRestarted}}},
	{"thresholds that count on who forgets", "cloned machine, memory and all", "board01", lifted{forgetful: true}},
	{"once-ness of a vote, in memory and journal", "other set than voted", "[1 2 3] after the votes of board01 board02", lifted{codes: twoSets, once: true, journal: true}},
	{"the boot epoch of a vote", "void vote counted", "after a restart", without(audit.CodeRestarted)},
}

// walls are mutants whose attack another rule stops: without the rules of the
// log, the node's own, and the other way round.
var walls = []mutant{
	{"the holder votes once", "other set than voted", "[1 2 3] after the votes of board01 board02", lifted{codes: twoSets}},
	{"the journal remembers the vote", "other set than voted", "[1 2 3] after the votes of board01 board02", lifted{codes: twoSets, once: true}},
	{"the holder remembers the vote", "other set than voted", "[1 2 3] after the votes of board01 board02", lifted{codes: twoSets, journal: true}},
	{"the node votes for one set in a round", "repeat with another set", "a smaller set in the lawful open", lifted{codes: smallerRepeat}},
	{"the log freezes the set", "repeat with another set", "a smaller set in the lawful open", lifted{policy: []string{CodeOtherVote}}},
	{"the boot epoch of the ready", "restored snapshot", "board01 in another one", lifted{memory: true}},
	{"secrets in memory only", "restored snapshot", "board01 in another one", without(audit.CodeRestarted)},
	{"a closed attempt has no certificate", "closed attempt opened later", "the colluder votes after board01 board02",
		lifted{codes: []audit.Code{audit.CodeClosed, audit.CodeAborted}, policy: []string{ruleForget}}},
	{"a certificate counts institutions", "one institution twice", "a second vote after the votes of board01", without(audit.CodeTwice)},
}

// on carries the attack of a mutant out on it.
func (m mutant) on(t *testing.T) []string {
	t.Helper()
	for _, a := range attacks() {
		if a.kind == m.kind && strings.HasPrefix(a.name, m.name) {
			broken, _ := carry(t, m.off, a)
			return broken
		}
	}
	t.Fatal("there is no such attack")
	return nil
}

// TestGateHasTeeth: with a defence off, a release leaves, or a second vote, in
// an attack that it stops.
func TestGateHasTeeth(t *testing.T) {
	for _, m := range teeth {
		t.Run(m.what+"/"+m.kind+"/"+m.name, func(t *testing.T) {
			t.Parallel()
			broken := m.on(t)
			if len(broken) == 0 {
				t.Errorf("nothing left although %s is off", m.what)
			}
			for _, b := range broken {
				t.Log(b)
			}
		})
	}
}

// TestGateHasTwoWalls: with one defence off another one, which is named, still
// holds.
func TestGateHasTwoWalls(t *testing.T) {
	for _, m := range walls {
		t.Run(m.what, func(t *testing.T) {
			t.Parallel()
			for _, b := range m.on(t) {
				t.Error(b)
			}
		})
	}
}

// TestGateOpens: the same federation, asked for what t institutions voted for,
// gives its releases, and nothing is held against them.
func TestGateOpens(t *testing.T) {
	broken, left := carry(t, lifted{}, onItsOwn("", "", setup{}, func(g *gate) {
		g.voted(boards(1, 2)...)
		g.colludes(g.town)
	}))
	if len(broken) > 0 || left != 3 {
		t.Errorf("%d releases left, want those of the three that voted for it; %v", left, broken)
	}
}
