package node

import (
	"flag"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
)

var (
	histories   = flag.Int("histories", 0, "random histories in which no two sums may tell of too few; 0: 2,000, or as many as ten seconds hold")
	fromHistory = flag.Uint64("fromhistory", 0, "the first of them, which is told in full when it is the only one")
)

// ruleEarlierFigure off is a ledger that forgets by how many children a later
// study must differ from an earlier one.
const ruleEarlierFigure = "the earlier study's figure"

// leastHistories are enough for everything that matters to happen often.
const leastHistories = 400

// play runs n histories, or those of a while, and returns what happened; wrong is called with each that
// tells too much, and says whether to go on.
func play(t testing.TB, from uint64, n int, within time.Duration, off []audit.Code, nodeOff []string, wrong func(seed uint64, list []suspect) bool) *tally {
	began := time.Now()
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // a history is short, and nothing of it stays
	c := &tally{refused: map[string]int{}, ledger: map[string]int{}, wrong: map[string]int{}}
	for seed := from; seed < from+uint64(n); seed++ {
		h := newHistory(t, seed, c, off, nodeOff)
		if n == 1 {
			h.trace = func(line string) { t.Log(line) }
		}
		h.run()
		o := h.oracle
		if c.histories++; c.histories%10000 == 0 {
			t.Logf("%d histories, %d pairs of sums, after %s", c.histories, c.pairs, time.Since(began).Round(time.Second))
		}
		list := o.verdict()
		c.pairs, c.accepted, c.equal = c.pairs+o.pairs, c.accepted+o.accepted, c.equal+o.equal
		c.rows, c.far = c.rows+o.rows, c.far+o.far
		for _, s := range list {
			c.wrong[s.kind]++
		}
		for _, d := range h.desks {
			d.close()
		}
		if len(list) > 0 && !wrong(seed, list) || c.histories >= leastHistories && time.Since(began) > within {
			break
		}
	}
	return c
}

func (c *tally) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d histories, %d statements: %d attempts, %d of them repeats, %d closed; %d sets, %d opened; %d epochs, %d amendments, %d came or went\n",
		c.histories, c.statements, c.attempts, c.repeats, c.closed, c.sets, c.opened, c.epochs, c.amended, c.moved)
	fmt.Fprintf(&b, "pairs of sums compared %d: equal sets %d, accepted as isolated %d, far enough apart the others\n", c.pairs, c.equal, c.accepted)
	fmt.Fprintf(&b, "pairs of one institution's rows %d: different and far enough apart %d\n", c.rows, c.far)
	for _, m := range []struct {
		what string
		of   map[string]int
	}{{"refused by the log", c.refused}, {"refused by a ledger", c.ledger}, {"wrong", c.wrong}} {
		fmt.Fprintf(&b, "%s:", m.what)
		for _, code := range slices.Sorted(maps.Keys(m.of)) {
			fmt.Fprintf(&b, " %s %d", code, m.of[code])
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestNoTwoSumsTellOfTooFew: over random histories of rosters, absences,
// retries, studies, epochs and cohorts, whatever a hostile coordinator tries,
// the sums that were or may have been opened tell of no few institutions and no
// few children.
func TestNoTwoSumsTellOfTooFew(t *testing.T) {
	n, within := *histories, time.Hour*24
	if n == 0 {
		n, within = 2000, 10*time.Second
	}
	if testing.Short() {
		n = min(n, 100)
	}
	began := time.Now()
	c := play(t, *fromHistory, n, within, nil, nil, func(seed uint64, list []suspect) bool {
		for _, s := range list {
			t.Errorf("history %d: %s: study %s round %d and study %s round %d: %s", seed, s.kind, s.a.study, s.a.round, s.b.study, s.b.round, s.what)
		}
		return false
	})
	t.Logf("%sin %s", c, time.Since(began).Round(time.Millisecond))
	if n < leastHistories {
		return
	}
	for what, got := range map[string][2]int{
		"refusals SS2232": {c.refused[string(audit.CodeIsolates)], 100}, "repeats": {c.repeats, 20}, "epochs": {c.epochs, 100},
		"cohort refusals": {c.ledger[CodeCohort], 100}, "refusals of changed rows": {c.ledger[CodeRowsChanged], 20},
		"sums": {c.opened, 300}, "pairs": {c.pairs, 300}, "pairs accepted as isolated": {c.accepted, 5}, "pairs of rows": {c.rows, 500},
		"pairs of rows far apart": {c.far, 50}, "refusals of numbers": {c.refused[string(audit.CodeNumbers)], 20}, "changed charters": {c.amended, 50},
		"changed memberships": {c.moved, 20}, "refusals of seats": {c.refused[string(audit.CodeSeats)], 50},
		"refusals of sets": {c.refused[string(audit.CodeSetFrozen)], 5}, "closed attempts": {c.closed, 50},
	} {
		if got[0] < got[1] {
			t.Errorf("only %d %s, want %d: the histories are not what they should be", got[0], what, got[1])
		}
	}
}

// TestOracleHasTeeth: with a rule off, the same histories hold what the rule is
// for, and the oracle says so.
func TestOracleHasTeeth(t *testing.T) {
	for _, c := range []struct {
		kind string
		log  []audit.Code
		node []string
	}{
		{"institutions", []audit.Code{audit.CodeIsolates}, nil},
		{"institutions", []audit.Code{audit.CodeSecond}, nil},
		{"rows", nil, []string{CodeCohort}},
		{"rows", nil, []string{ruleEarlierFigure}},
		{"sides", nil, []string{CodeMinRows}},
		{"rows of a study", nil, []string{CodeRowsChanged}},
		{"study", []audit.Code{audit.CodeSetFrozen}, nil},
		{"study", []audit.Code{audit.CodeSeats, audit.CodeSetFrozen}, nil},
		{"question", []audit.Code{audit.CodeRepeat}, nil},
		{"small", []audit.Code{audit.CodeSetSmall}, nil},
		{"numbers", []audit.Code{audit.CodeNumbers}, nil},
	} {
		found := 0
		n := play(t, 0, 4000, time.Hour, c.log, c.node, func(_ uint64, list []suspect) bool {
			for _, s := range list {
				if s.kind == c.kind {
					found++
				}
			}
			return found == 0
		})
		t.Logf("without %v %v: %q after %d histories", c.log, c.node, c.kind, n.histories)
		if found == 0 {
			t.Errorf("without %v %v the oracle finds nothing of kind %q, only %v", c.log, c.node, c.kind, n.wrong)
		}
	}
}
