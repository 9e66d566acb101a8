package model_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/crypto/mutate"
	"github.com/smartstart-federation/smartstart/model"
	"pgregory.net/rapid"
)

// TestGoldenStates pins every bit of the states of three studies: another
// processor, compiler or release that computes other bits fails here.
func TestGoldenStates(t *testing.T) {
	golden, err := os.ReadFile("testdata/states.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, c := range cases() {
		p := plan(t, c.study, c.codebook)
		tr := run(t, p, []*model.Table{readTable(t, c.data, c.codebook, p.Columns())})
		for r, s := range tr.states {
			sum := sha256.Sum256(s)
			got.WriteString(strings.ReplaceAll(c.name, " ", "-") + " " + string(rune('0'+r)) + " " + hex.EncodeToString(sum[:]) + "\n")
		}
	}
	if got.String() != string(golden) {
		t.Errorf("the states differ from testdata/states.txt; if the method was changed on purpose, raise stateVersion and write:\n%s", got.String())
	}
}

func TestStateIsStrict(t *testing.T) {
	s := newSample(60)
	p := plan(t, study("logistic", "y", "x1", "g"), s.codebook())
	other := plan(t, study("logistic", "y", "x1", "x2"), s.codebook())
	tr := run(t, p, []*model.Table{s.table(t)})
	for i, state := range tr.states {
		if _, _, err := p.Shape(state); err != nil {
			t.Fatalf("state %d: %v", i, err)
		}
		for name, bad := range map[string][]byte{
			"empty":       nil,
			"truncated":   state[:len(state)-1],
			"trailing":    append(bytes.Clone(state), ' '),
			"two":         append(bytes.Clone(state), state...),
			"spaced":      append([]byte(" "), state...),
			"unknown key": append([]byte(`{"more":1,`), state[1:]...),
			"doubled key": append([]byte(`{"round":9,`), state[1:]...),
			"version":     bytes.Replace(state, []byte("/v1"), []byte("/v2"), 1),
			"jumped":      bytes.Replace(state, []byte(`"phase":"counts"`), []byte(`"phase":"fit"`), 1),
		} {
			if bytes.Equal(bad, state) {
				continue
			}
			_, _, err := p.Shape(bad)
			var e *model.Error
			if !errors.As(err, &e) || e.Code() != model.CodeState {
				t.Errorf("state %d, %s: %v", i, name, err)
			}
		}
		if _, _, err := other.Shape(state); err == nil {
			t.Errorf("state %d is accepted by another study", i)
		}
	}
}

func TestWrongCalls(t *testing.T) {
	s := newSample(60)
	p := plan(t, study("linear", "score", "x1", "g"), s.codebook())
	tr := run(t, p, []*model.Table{s.table(t)})
	start, end := tr.states[0], tr.last()
	code := func(err error) string {
		var e *model.Error
		if errors.As(err, &e) {
			return e.Code()
		}
		return ""
	}
	if _, err := p.Result(start); code(err) != model.CodeUnfinished {
		t.Errorf("result of the start: %v", err)
	}
	if _, err := p.Local(end, s.table(t)); code(err) != model.CodeFinished {
		t.Errorf("local at the end: %v", err)
	}
	if _, err := p.Global(end, nil); code(err) != model.CodeFinished {
		t.Errorf("global at the end: %v", err)
	}
	if _, err := p.Global(start, tr.sums[0][1:]); code(err) != model.CodeSums {
		t.Errorf("one sum too few: %v", err)
	}
	if _, err := p.Global(start, make([]*big.Int, len(tr.sums[0]))); code(err) != model.CodeSums {
		t.Errorf("nil sums: %v", err)
	}
}

// TestContradictions: sums that no records give end the study for everybody
// alike, with a reason.
func TestContradictions(t *testing.T) {
	s := newSample(60)
	p := plan(t, study("logistic", "y", "x1", "g"), s.codebook())
	tr := run(t, p, []*model.Table{s.table(t)})
	for i, c := range []struct {
		round int
		spoil func(sums []*big.Int)
	}{
		{0, func(sums []*big.Int) { sums[1].Neg(sums[1]) }},                  // complete rows below zero
		{0, func(sums []*big.Int) { sums[2].SetInt64(59) }},                  // fewer present than complete
		{0, func(sums []*big.Int) { sums[5].SetInt64(1).Lsh(sums[5], 100) }}, // a mean beyond the codebook
		{0, func(sums []*big.Int) { sums[6].Add(sums[6], big.NewInt(1)) }},   // a count that is not whole
		{1, func(sums []*big.Int) { sums[0].SetInt64(1).Lsh(sums[0], 100) }}, // squares beyond n
		{1, func(sums []*big.Int) { sums[4].SetInt64(-1).Lsh(sums[4], 90) }}, // events of a group below zero
		{2, func(sums []*big.Int) { sums[0].SetInt64(-1).Lsh(sums[0], 70) }}, // deviance below zero
	} {
		sums := make([]*big.Int, len(tr.sums[c.round]))
		for i, v := range tr.sums[c.round] {
			sums[i] = new(big.Int).Set(v)
		}
		c.spoil(sums)
		state, err := p.Global(tr.states[c.round], sums)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Result(state)
		var e *model.Error
		if !errors.As(err, &e) || e.Code() != model.CodeContradiction {
			t.Errorf("case %d: %v", i, err)
		}
	}
}

// TestGlobalIsTotal: whatever the sums, Global neither panics nor returns a
// state that cannot be read again.
func TestGlobalIsTotal(t *testing.T) {
	s := newSample(60)
	for _, st := range []struct{ kind, outcome string }{{"logistic", "y"}, {"linear", "score"}} {
		p := plan(t, study(st.kind, st.outcome, "x1", "g", "c"), s.codebook())
		tr := run(t, p, []*model.Table{s.table(t)})
		rapid.Check(t, func(t *rapid.T) {
			round := rapid.IntRange(0, len(tr.sums)-1).Draw(t, "round")
			state := tr.states[round]
			sums := make([]*big.Int, len(tr.sums[round]))
			for i, v := range tr.sums[round] {
				sums[i] = new(big.Int).Set(v)
			}
			for range rapid.IntRange(0, 4).Draw(t, "changes") {
				i := rapid.IntRange(0, len(sums)-1).Draw(t, "which")
				v := big.NewInt(rapid.Int64().Draw(t, "value"))
				v.Lsh(v, uint(rapid.IntRange(0, 60).Draw(t, "shift")))
				sums[i] = v.Rsh(v, uint(rapid.IntRange(0, 63).Draw(t, "down")))
			}
			for range 40 {
				next, err := p.Global(state, sums)
				if err != nil {
					t.Fatalf("%v", err)
				}
				tensors, more, err := p.Shape(next)
				if err != nil {
					t.Fatalf("%v", err)
				}
				if !more {
					if _, err := p.Result(next); err != nil && !errors.As(err, new(*model.Error)) {
						t.Fatalf("%v", err)
					}
					return
				}
				n := 0
				for _, x := range tensors {
					n += x.Len
				}
				for len(sums) < n {
					sums = append(sums, big.NewInt(rapid.Int64().Draw(t, "more")))
				}
				state, sums = next, sums[:n]
			}
		})
	}
}

// stateDecoder: whatever is taken for a state has a shape, and a next state or a
// typed error.
func stateDecoder(t testing.TB) mutate.Decoder {
	s := newSample(60)
	p := plan(t, study("logistic", "y", "x1", "g"), s.codebook())
	table := s.table(t)
	return mutate.Decoder{
		Slow:  true,
		Seeds: run(t, p, []*model.Table{table}).states,
		// An accepted state is taken through a round over the table.
		Memory: mutate.Memory{PerByte: 256, Fixed: 4 << 20},
		Check: func(t testing.TB, b []byte) bool {
			tensors, more, err := p.Shape(b)
			if err != nil {
				return false
			}
			if !more {
				_, _ = p.Result(b)
				return true
			}
			n := 0
			for _, x := range tensors {
				n += x.Len
			}
			sums, err := p.Local(b, table)
			if err != nil {
				sums = make([]*big.Int, n)
				for i := range sums {
					sums[i] = big.NewInt(int64(i))
				}
			}
			next, err := p.Global(b, sums)
			if err == nil {
				_, _, err = p.Shape(next)
			}
			if err != nil && !errors.As(err, new(*model.Error)) {
				t.Fatal(err)
			}
			return true
		},
	}
}

func FuzzState(f *testing.F)       { stateDecoder(f).Fuzz(f) }
func TestMutateState(t *testing.T) { stateDecoder(t).Run(t) }
