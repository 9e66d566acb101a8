package cmd

import (
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/node"
)

// numbersAsked returns the most numbers that a proposal of the study asks to
// open, over all its rounds, and what that was worked out from. The log refuses
// a sum beyond it, so it leaves room for rows that take more rounds than
// made-up ones do.
func numbersAsked(m *node.Method, institutions []string) (numbers int64, from string, err error) {
	if n := m.Study.Privacy.Numbers; n > 0 {
		return n, numbersStated, nil
	}
	t, from, err := tryMadeUp(m, institutions, madeUpShare)
	if err != nil {
		return 0, "", err
	}
	if from == fromFirst {
		return int64(t.shapes[0].Values()) * int64(m.Study.Rounds.Max), numbersFirst, nil
	}
	for _, s := range t.shapes {
		numbers += int64(s.Values())
	}
	if m.Study.Evaluate.LeaveOut == configs.LeaveOutFolds {
		// Each fold is a fit of its own, and a rare outcome takes more rounds in all
		// of them: a landmark model over 161 reports took 2.1 times what made-up rows did.
		return twoDigits(3 * numbers), numbersFolds, nil
	}
	return twoDigits(2 * numbers), numbersTried, nil
}

// What the most numbers of a study were worked out from.
const (
	numbersStated = "stated in the study file"
	numbersTried  = "twice what rows made up from the codebook's ranges take"
	numbersFolds  = "three times what rows made up from the codebook's ranges take, folds included"
	numbersFirst  = "the first round's, for each round allowed"
)

// madeUpShare is the share of made-up rows with the outcome.
const madeUpShare = 0.3

// twoDigits rounds up to two significant digits: more would seem to know more.
func twoDigits(n int64) int64 {
	unit := int64(1)
	for n/unit >= 100 {
		unit *= 10
	}
	return (n + unit - 1) / unit * unit
}
