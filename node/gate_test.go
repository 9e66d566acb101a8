package node

import (
	"flag"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var everyRequest = flag.Bool("everyrequest", false, "make every crafted request, not every third")

// attacks is every crafted request, in an order that stays.
func attacks() []attack {
	list := slices.Concat(voteAttacks(), setAttacks(), openAttacks(), historyAttacks(), memoryAttacks())
	slices.SortFunc(list, func(a, b attack) int { return strings.Compare(a.kind+"\x00"+a.name, b.kind+"\x00"+b.name) })
	return list
}

// carry makes requests of one stage and returns what happened that must never
// happen, and how many different releases left.
func carry(t *testing.T, off lifted, list ...attack) (broken []string, left int) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, list[0].setup, off)
		defer g.end()
		list[0].begin(g)
		for i, a := range list {
			g.is(a)
			a.run(g)
			if i < len(list)-1 {
				time.Sleep(3 * time.Second)
				g.ask()
			}
		}
		if opens := list[0].opens; opens != nil && !off.mutant() {
			time.Sleep(3 * time.Second)
			g.ask()
			if n := g.given(); n > 0 {
				g.breaks("%d releases left before the lawful request", n)
			}
			opens(g)
			time.Sleep(12 * time.Second)
			if g.given() == 0 {
				g.breaks("no release follows the lawful request: the nodes could give none all the time")
			}
		}
		g.settle()
		broken, left = g.judge(), g.given()
	})
	return broken, left
}

// TestGate: against whole nodes, a coordinator that holds its key and those of
// c institutions makes crafted requests. No release leaves an honest node but
// for the one set that t institutions voted for in the history that the node
// was shown, and nobody votes for two sets.
func TestGate(t *testing.T) {
	list, nth := attacks(), 3
	switch {
	case testing.Short() || raced:
		nth = 5
	case *everyRequest:
		nth = 1
	}
	var asked, left atomic.Int64
	kinds, names := map[string]int{}, map[string]bool{}
	stages := map[string][]attack{}
	for i, a := range list {
		kinds[a.kind]++
		names[a.kind+"/"+a.name] = true
		if i%nth != 0 {
			continue
		}
		stage := a.stage
		if stage == "" {
			stage = a.kind + "/" + a.name
		}
		stages[stage] = append(stages[stage], a)
	}
	t.Run("after", func(t *testing.T) {
		for _, stage := range slices.Sorted(maps.Keys(stages)) {
			t.Run(stage, func(t *testing.T) {
				t.Parallel()
				asked.Add(int64(len(stages[stage])))
				broken, _ := carry(t, lifted{}, stages[stage]...)
				for _, b := range broken {
					left.Add(1)
					t.Error(b)
				}
			})
		}
	})
	if len(names) < 200 || len(names) != len(list) {
		t.Errorf("there are %d different crafted requests of %d; 200 are needed", len(names), len(list))
	}
	if nth == 1 && !strings.Contains(flag.Lookup("test.run").Value.String(), "/") && asked.Load() != int64(len(list)) {
		t.Errorf("%d of %d requests were made", asked.Load(), len(list))
	}
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		t.Logf("%4d %s", kinds[k], k)
	}
	t.Logf("%d crafted requests of %d kinds in %d federations, %d releases left", asked.Load(), len(kinds), len(stages), left.Load())
}
