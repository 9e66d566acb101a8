package model_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/big"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// played is a study of another kind than a regression with all its states.
type played struct {
	*model.Plan
	*trace
	table *model.Table
}

func playedKinds(t testing.TB) []played {
	sites, book, _ := pupilsAt(8, 1, slices.Repeat([]int{3, 4, 9}, 10)...)
	flat, _, _ := pupilsAt(16, 0, slices.Repeat([]int{3, 4, 9}, 10)...)
	rows, cb := survey(rand.New(rand.NewPCG(2, 5)), 1500)
	s := tableStudy("g", "x", "k", "b", "c")
	s.Privacy.NumbersPerRow = 1
	var all []played
	add := func(p *model.Plan, table *model.Table) {
		parts := []*model.Table{table}
		if p.Kind() == configs.KindDescriptives { // a table wants three institutions
			parts = divide(t, table, 3, func(i int) int { return i % 3 })
		}
		all = append(all, played{p, run(t, p, parts), table})
	}
	add(plan(t, mixedStudy("reml", "y", "x1", "x2"), book), sites)
	add(plan(t, mixedStudy("ml", "y", "x1", "x2"), book), flat)
	add(plan(t, s, cb), rows)
	join := plan(t, areaStudy("arrears", "noshow_often", "concern"), townBook())
	add(join, holder(t, join, "housing", rand.New(rand.NewPCG(4, 4)), 900, func(i int) int { return i % areasInTown }, "arrears", "concern"))
	strange, _ := odd(t, 6, 3, 400, 0.02)
	unlike := plan(t, anomalyStudy(true, "a", "b", "c", "d"), oddBook())
	all = append(all, played{unlike, run(t, unlike, strange), strange[0]})
	for _, s := range []*configs.Study{varying(), believing(telling(), configs.Prior{Term: "sdq_4", Mean: 0.1, SD: 0.05})} {
		p := plan(t, s, invented())
		parts := prepared(t, p, childrenOf(t, p.Columns())...)
		all = append(all, played{p, run(t, p, parts), parts[0]})
	}
	return all
}

// TestKindsAreTotal: whatever the sums, Global neither panics nor returns a
// state that cannot be read again.
func TestKindsAreTotal(t *testing.T) {
	all := playedKinds(t)
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(all).Draw(t, "study")
		round := rapid.IntRange(0, len(p.sums)-1).Draw(t, "round")
		state := p.states[round]
		sums := make([]*big.Int, len(p.sums[round]))
		for i, v := range p.sums[round] {
			sums[i] = new(big.Int).Set(v)
		}
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			i := rapid.IntRange(0, len(sums)-1).Draw(t, "which")
			switch v := sums[i]; rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				v.SetInt64(rapid.Int64().Draw(t, "value"))
				v.Lsh(v, uint(rapid.IntRange(0, 60).Draw(t, "shift")))
				v.Rsh(v, uint(rapid.IntRange(0, 63).Draw(t, "down")))
			case 1:
				v.Add(v, big.NewInt(rapid.Int64Range(-5, 5).Draw(t, "more")))
			default:
				v.Mul(v, big.NewInt(rapid.Int64Range(900, 1100).Draw(t, "factor"))).Div(v, big.NewInt(1000))
			}
		}
		for range 30 {
			next, err := p.Global(state, sums)
			if err != nil {
				t.Fatal(err)
			}
			tensors, more, err := p.Shape(next)
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				if _, err := p.Result(next); err != nil && !errors.As(err, new(*model.Error)) {
					t.Fatal(err)
				}
				return
			}
			state = next
			if sums, err = p.Local(state, p.table); err != nil && !errors.As(err, new(*model.Error)) {
				t.Fatal(err)
			} else if err != nil {
				n := 0
				for _, x := range tensors {
					n += x.Len
				}
				sums = make([]*big.Int, n)
				for i := range sums {
					sums[i] = big.NewInt(int64(7 * i))
				}
			}
		}
	})
}

// FuzzKinds: a state from outside is refused, or carries the study on.
func FuzzKinds(f *testing.F) {
	all := playedKinds(f)
	for i, p := range all {
		for _, state := range p.states {
			f.Add(byte(i), state)
		}
	}
	f.Fuzz(func(t *testing.T, which byte, state []byte) {
		p := all[int(which)%len(all)]
		tensors, more, err := p.Shape(state)
		if err != nil {
			return
		}
		if !more {
			_, _ = p.Result(state)
			return
		}
		sums, err := p.Local(state, p.table)
		if err != nil {
			n := 0
			for _, x := range tensors {
				n += x.Len
			}
			sums = make([]*big.Int, n)
			for i := range sums {
				sums[i] = big.NewInt(int64(i))
			}
		}
		_, _ = p.Filling(state, p.table)
		next, err := p.Global(state, sums)
		if err == nil {
			_, _, err = p.Shape(next)
		}
		if err != nil && !errors.As(err, new(*model.Error)) {
			t.Fatal(err)
		}
	})
}

// TestGoldenKinds pins every number in the states of a mixed model, a table and
// rows unlike the others on real rows: another processor, compiler or release that computes other bits
// fails here.
func TestGoldenKinds(t *testing.T) {
	golden, err := os.ReadFile("testdata/kinds.txt")
	if err != nil {
		t.Fatal(err)
	}
	all, book, _ := bySchool(t, "testdata/visible_bdf.csv", bdf(), []string{"iq_verbal", "girl", "ses", "lang_post"})
	mixed := plan(t, mixedStudy("reml", "lang_post", "iq_verbal", "ses"), book)
	table := plan(t, tableStudy("girl", "iq_verbal", "ses", "lang_post"), book)
	unlike := plan(t, anomalyStudy(true, "iq_verbal", "ses", "lang_post"), book)
	header := regexp.MustCompile(`^{"version":"[^"]*","plan":"[0-9a-f]*"`) // what of study and codebook is bound, not what is computed
	var got strings.Builder
	for _, c := range []struct {
		name string
		plan *model.Plan
	}{{"mixed", mixed}, {"table", table}, {"anomaly", unlike}} {
		parts := []*model.Table{all}
		if c.name != "mixed" {
			parts = divide(t, all, 3, func(i int) int { return i % 3 })
		}
		for r, state := range run(t, c.plan, parts).states {
			sum := sha256.Sum256(header.ReplaceAll(state, nil))
			got.WriteString(c.name + " " + strconv.Itoa(r) + " " + hex.EncodeToString(sum[:]) + "\n")
		}
	}
	if got.String() != string(golden) {
		t.Errorf("the states differ from testdata/kinds.txt; if the method was changed on purpose, raise stateVersion and write:\n%s", got.String())
	}
}
