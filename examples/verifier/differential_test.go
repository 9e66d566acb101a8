package verifier

import (
	"flag"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
)

var (
	histories   = flag.Int("histories", 200, "logs with damaged statements that both programs judge")
	fromHistory = flag.Uint64("fromhistory", 0, "the seed of the first of them")
)

// differ returns the first entry of which the two say something else, -1 if
// they agree. Which rule an entry broke first may differ: only whether it counts
// is asked.
func differ(log []judged, said []string) int {
	for i, e := range log {
		if i >= len(said) || strings.HasPrefix(said[i], "crash:") || (e.finding == nil) != (said[i] == "") {
			return i
		}
	}
	return -1
}

// tell is what a person needs to see which of the two is wrong.
func tell(e judged, said string) string {
	product := "it counts"
	if e.finding != nil {
		product = e.finding.String()
	}
	if said == "" {
		said = "it counts"
	}
	return fmt.Sprintf("type %q\nthe product: %s\nthe second:  %s\n%.3000s", e.typ, product, said, e.leaf)
}

// perhaps returns the i-th, "nothing more" after the end.
func perhaps(said []string, i int) string {
	if i < len(said) {
		return said[i]
	}
	return "nothing more"
}

// tally counts what happened.
type tally struct {
	logs, entries, different int
	counted, void            map[string]int     // by type
	codes, checks            map[string]int     // of void entries
	sampled                  map[string]int     // by finding
	samples                  map[string][]asked // by check: logs up to an entry that it refused, with that check off
}

// add counts one log.
func (c *tally) add(log []judged, said []string) {
	c.logs++
	c.entries += len(log)
	for i, e := range log {
		if e.finding == nil {
			c.counted[e.typ]++
			continue
		}
		c.void[e.typ]++
		c.codes[e.finding.Code]++
		finding := perhaps(said, i)
		check, _, _ := strings.Cut(finding, ":")
		c.checks[check]++
		if finding = named.ReplaceAllString(finding, ""); c.sampled[finding] < samples {
			c.sampled[finding]++
			c.samples[check] = append(c.samples[check], asked{log[:i+1], []string{check}})
		}
	}
}

// samples of each finding are enough for each check to matter once: often a
// second check would refuse the same entry.
const samples = 4

// named are the names and numbers in a finding.
var named = regexp.MustCompile(`\S*[0-9]\S*`)

// batch is how many logs the second verifier gets at once.
const batch = 25

// compare lets both judge so many logs.
func compare(t *testing.T, v *second, from uint64, n int) *tally {
	c := &tally{counted: map[string]int{}, void: map[string]int{}, codes: map[string]int{}, checks: map[string]int{}, sampled: map[string]int{}, samples: map[string][]asked{}}
	var long []int
	for story := range stories {
		long = append(long, len(undamaged(t, 0, story)))
	}
	for c.logs < n {
		var logs []asked
		for i := c.logs; i < min(n, c.logs+batch); i++ {
			seed := from + uint64(i)
			logs = append(logs, asked{log: spoilt(t, seed, long[seed%uint64(len(long))])})
		}
		for k, said := range v.fold(logs...) {
			log, seed := logs[k].log, from+uint64(c.logs)
			if i := differ(log, said); i >= 0 {
				if c.different++; c.different <= 20 {
					t.Errorf("log %d, entry %d (again: -fromhistory %d -histories 1): %s", seed, i, seed, tell(log[i], perhaps(said, i)))
				}
			}
			c.add(log, said)
		}
	}
	return c
}

// TestBothVerifiersAgree: over many logs with damaged statements, the product
// and the second verifier take and refuse the same entries.
func TestBothVerifiersAgree(t *testing.T) {
	v := startSecond(t)
	n := *histories
	if testing.Short() {
		n = min(n, 40)
	}
	c := compare(t, v, *fromHistory, n)
	t.Logf("%d of %d logs differ; %d entries, %d of them void, by %d codes of the product and %d checks of the second",
		c.different, c.logs, c.entries, sum(c.void), len(c.codes), len(c.checks))
	t.Logf("codes: %v", c.codes)
	t.Logf("checks: %v", c.checks)
	t.Logf("void: %v", c.void)
	if c.logs < enough {
		return
	}
	if len(c.codes) < enoughCodes {
		t.Errorf("only %d codes came up", len(c.codes))
	}
	for _, typ := range types {
		if c.void[typ] == 0 || c.counted[typ] == 0 {
			t.Errorf("of %s statements %d were void and %d counted", typ, c.void[typ], c.counted[typ])
		}
	}
	t.Run("a check of the second is off", func(t *testing.T) { checksMatter(t, v, c.samples) })
}

// enough logs have every type, void and not, enoughCodes of the log's rules, and
// entries that enoughChecks of the second verifier alone refuse.
const (
	enough       = 200
	enoughCodes  = 55
	enoughChecks = 35
)

// checksMatter: with one of its checks off, the second verifier says something
// else than the product. Not of all checks: what one lets pass, another may refuse.
func checksMatter(t *testing.T, v *second, list map[string][]asked) {
	bites := 0
	var without []string
	for _, check := range slices.Sorted(maps.Keys(list)) {
		found := slices.ContainsFunc(list[check], func(a asked) bool { return differ(a.log, v.fold(a)[0]) >= 0 })
		if found {
			bites++
		} else {
			without = append(without, check)
		}
	}
	t.Logf("%d checks switched off one at a time: with %d the two differ, not with %v", len(list), bites, without)
	if bites < enoughChecks {
		t.Errorf("only %d checks matter", bites)
	}
}

func sum(m map[string]int) (n int) {
	for x := range maps.Values(m) {
		n += x
	}
	return n
}

// types are all types of statements.
var types = []string{
	audit.TypeCharter, audit.TypeMember, audit.TypeProposal, audit.TypeDecision, audit.TypeReady, audit.TypeOpen, audit.TypeUpdate, audit.TypeSet,
	audit.TypeVote, audit.TypeAbort, audit.TypeRelease, audit.TypeResult, audit.TypeProceed, audit.TypeClose, audit.TypeEndorse, audit.TypeAdvice,
	audit.TypeEpoch, audit.TypeDispute, audit.TypePublish,
}

// TestStories: what is damaged is whole before: both verifiers take every entry
// of the stories, which have every type of statement. One `open` in them is void,
// and comes again later.
func TestStories(t *testing.T) {
	v := startSecond(t)
	seen := map[string]bool{}
	var logs []asked
	for seed := range uint64(3) {
		for story := range stories {
			logs = append(logs, asked{log: undamaged(t, seed, story)})
		}
	}
	for k, said := range v.fold(logs...) {
		log := logs[k].log
		if i := differ(log, said); i >= 0 {
			t.Errorf("story %d, entry %d: %s", k%len(stories), i, tell(log[i], perhaps(said, i)))
		}
		for _, e := range log {
			seen[e.typ] = seen[e.typ] || e.finding == nil
			if e.finding != nil && e.typ != audit.TypeOpen {
				t.Errorf("story %d: %v", k%len(stories), e.finding)
			}
		}
	}
	for _, typ := range types {
		if !seen[typ] {
			t.Errorf("no story has a %s", typ)
		}
	}
}
