package cmd

import (
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/examples/language"
	"github.com/smartstart-federation/smartstart/node"
)

func TestTwoDigits(t *testing.T) {
	for n, want := range map[int64]int64{0: 0, 1: 1, 99: 99, 100: 100, 101: 110, 588: 590, 999: 1000, 1000: 1000, 1001: 1100, 123456: 130000} {
		if got := twoDigits(n); got != want {
			t.Errorf("%d is rounded to %d, not %d", n, got, want)
		}
	}
}

// TestNumbersAsked: what the study file says counts; else there is room for
// twice what made-up rows take, and more than the real study takes.
func TestNumbersAsked(t *testing.T) {
	names := []string{"board1", "board2", "board3", "board4", "board5", "board6"}
	asked := func(study string) (int64, string) {
		t.Helper()
		m, err := node.OpenMethod(study, language.Codebook)
		if err != nil {
			t.Fatal(err)
		}
		n, from, err := numbersAsked(m, names)
		if err != nil {
			t.Fatal(err)
		}
		return n, from
	}
	n, from := asked(string(language.Study))
	m, err := node.OpenMethod(string(language.Study), language.Codebook)
	if err != nil {
		t.Fatal(err)
	}
	made, what, err := tryMadeUp(m, names, madeUpShare)
	if err != nil || what != fromMadeUp {
		t.Fatal(what, err)
	}
	var once int64
	for _, s := range made.shapes {
		once += int64(s.Values())
	}
	if n != twoDigits(2*once) || from != numbersTried {
		t.Errorf("asks for %d (%s); made-up rows take %d", n, from, once)
	}
	const taken = 294 // docs/methods.md: by the real rows
	if n < taken {
		t.Errorf("asks for %d, and the real rows take %d", n, taken)
	}
	folds := "[study]\nid = \"s\"\n[model]\nkind = \"logistic\"\noutcome = \"lang_delay\"\nfeatures = [\"ses\"]\n"
	plain, _ := asked(folds)
	folds += "[evaluate]\nleave_out = \"folds\"\nfolds = [[\"board1\", \"board2\", \"board3\"], [\"board4\", \"board5\", \"board6\"]]\n"
	if n, from := asked(folds); n < 2*plain || from != numbersFolds {
		t.Errorf("with folds asks for %d (%s), without for %d", n, from, plain)
	}
	stated := strings.Replace(string(language.Study), "[privacy]", "[privacy]\nnumbers = 77", 1)
	if stated == string(language.Study) {
		stated += "\n[privacy]\nnumbers = 77\n"
	}
	if n, from := asked(stated); n != 77 || from != numbersStated {
		t.Errorf("a stated figure: %d (%s)", n, from)
	}
}
