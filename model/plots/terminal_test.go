package plots

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/smartstart-federation/smartstart/model"
	"pgregory.net/rapid"
)

func TestTerminal(t *testing.T) {
	want := `Coefficients with 95% intervals
Odds ratio (logarithmic axis)
term                    0.39                       2.5
iq_verbal                        ─●─   │                0.728 (0.674 to 0.785)
iq_perf                             ─●─│                0.903 (0.846 to 0.963)
girl                     ────●────     │                0.52 (0.41 to 0.67)
ses                                   ●│                0.974 (0.962 to 0.986)
repeated                               │ ────●─────     1.51 (1.15 to 1.98)
lang_pre                            ●─ │                0.834 (0.814 to 0.855)
arith_pre                            ●─│                0.907 (0.870 to 0.945)
denominationProtestant           ──────┼──●──────────   1.25 (0.68 to 2.29)

How many sites are enough?
sites  AUC    0.50                                           1.0
    1  0.651  ███████████████▏                    │
    2  0.732  ███████████████████████▎            │
    5  0.838  █████████████████████████████████▊  │
   10  0.872  ████████████████████████████████████│▎
   20  0.884  ████████████████████████████████████│█▍
   72  0.893  ████████████████████████████████████│██▎
│ Simplest rule, lang_pre, lowest first: AUC 0.861 (exact: 0.856 to 0.866).
The simplest rule's AUC is on the rows that were held out.
`
	if got := Terminal(logisticResult(), evaluation(), 78, "en"); got != want {
		t.Errorf("the terminal says\n%s\nwant\n%s", got, want)
	}
}

// Bars shrink with the terminal and give way to the numbers.
func TestTerminalWidth(t *testing.T) {
	for width := -5; width < 200; width += 7 {
		for _, lang := range []string{"en", "nl"} {
			s := Terminal(logisticResult(), evaluation(), width, lang)
			for _, line := range strings.Split(s, "\n") {
				if n := utf8.RuneCountInString(line); n > max(width, 82) || strings.HasSuffix(line, " ") {
					t.Errorf("width %d: a line of %d columns: %q", width, n, line)
				}
				if strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
					t.Errorf("width %d: control characters in %q", width, line)
				}
			}
		}
	}
	for width, bars := range map[int]bool{40: false, 90: true} {
		if s := Terminal(logisticResult(), nil, width, "en"); strings.Contains(s, "●") != bars || !strings.Contains(s, "0.52 (0.41 to 0.67)") {
			t.Errorf("width %d:\n%s", width, s)
		}
	}
	if s := Terminal(logisticResult(), nil, 80, "fr"); s != "" {
		t.Errorf("in French: %q", s)
	}
}

// Whatever the effects and the width, an interval that excludes no effect
// leaves that column alone, and one that includes it crosses it.
func TestTerminalCrossing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &model.Result{Model: rapid.SampledFrom([]string{"linear", "logistic", "poisson"}).Draw(t, "model")}
		n := rapid.IntRange(1, 5).Draw(t, "terms")
		for i := range n {
			r.Coefficients = append(r.Coefficients, coefficient(fmt.Sprint("x", i),
				rapid.Float64Range(-20, 20).Draw(t, "estimate"), rapid.Float64Range(0.001, 10).Draw(t, "error")))
		}
		lines := strings.Split(Terminal(r, nil, rapid.IntRange(40, 120).Draw(t, "width"), "en"), "\n")
		for i, f := range newEffects(r, languages["en"]).list {
			line := lines[3+i]
			if !strings.ContainsAny(line, "│┼●<>") {
				continue // no room for a bar
			}
			none := map[bool]float64{true: 1, false: 0}[r.Model != "linear"]
			if excludes := f.low > none || f.high < none; excludes && strings.Contains(line, "┼") {
				t.Fatalf("a cross in %q", line)
			} else if !excludes && strings.Contains(line, "│") {
				t.Fatalf("no cross in %q", line)
			}
		}
	})
}
