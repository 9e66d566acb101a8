package plots

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/smartstart-federation/smartstart/model"
)

// narrowest is the fewest columns that a bar is drawn in; a narrower terminal
// gets the numbers alone.
const narrowest = 16

// Terminal returns a forest plot and a learning curve as text, at most width
// columns wide (never less than the names and numbers need) and without colour
// codes, in "en" or "nl". r and e may be nil as for Pictures, and what they hold no data
// for is left out. Another language gives an empty text.
func Terminal(r *model.Result, e *model.Evaluation, width int, lang string) string {
	t, err := textsIn(lang)
	if err != nil {
		return ""
	}
	var parts []string
	if r != nil {
		if s := terminalForest(t, r, width); s != "" {
			parts = append(parts, s)
		}
	}
	if e = evaluationOf(r, e); e != nil {
		var rule *model.Rule
		if e.HeldOut != nil {
			rule = e.HeldOut.Rule
		}
		if s := terminalCurve(t, e.Curve, rule, width); s != "" {
			parts = append(parts, s)
		}
	}
	lines := strings.Split(strings.Join(parts, "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

func terminalForest(t *texts, r *model.Result, width int) string {
	e := newEffects(r, t)
	if len(e.list) == 0 {
		return ""
	}
	list := e.list[:min(len(e.list), maxTerms)]
	low, high := e.span(list)
	names, numbers := make([]string, len(list)), make([]string, len(list))
	nameWidth, numberWidth := utf8.RuneCountInString(t.term), 0
	for i, f := range list {
		value, interval := t.estimate(f.value, f.low, f.high)
		names[i], numbers[i] = shorten(f.term, 24), fmt.Sprintf("%s (%s)", value, interval)
		nameWidth = max(nameWidth, utf8.RuneCountInString(names[i]))
		numberWidth = max(numberWidth, utf8.RuneCountInString(numbers[i]))
	}
	bar := min(width-nameWidth-numberWidth-4, 60)
	at := func(v float64) int {
		share := (v - low) / (high - low)
		if e.ratio {
			share = math.Log(v/low) / math.Log(high/low)
		}
		return int(math.Round(math.Min(math.Max(share, 0), 1) * float64(bar-1)))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n%s", t.forestTitle, e.title, pad(t.term, nameWidth))
	if bar >= narrowest {
		b.WriteString("  " + ends(t, low, high, bar))
	}
	b.WriteString("\n")
	for i, f := range list {
		b.WriteString(pad(names[i], nameWidth) + "  ")
		if bar >= narrowest {
			cells := []rune(strings.Repeat(" ", bar))
			place := func(v float64) int { return min(beside(at(v), at(e.none), f, e.none), bar-1) }
			for k := place(f.low); k <= place(f.high); k++ {
				cells[k] = '─'
			}
			cells[at(e.none)] = '│'
			if f.low <= e.none && e.none <= f.high {
				cells[at(e.none)] = '┼'
			}
			if f.low < low {
				cells[place(f.low)] = '<'
			}
			if f.high > high {
				cells[place(f.high)] = '>'
			}
			if f.value >= low && f.value <= high {
				cells[place(f.value)] = '●'
			}
			b.WriteString(string(cells) + "  ")
		}
		b.WriteString(numbers[i] + "\n")
	}
	if r.Ridge > 0 {
		b.WriteString(t.ridge + "\n")
	}
	if e.robust {
		b.WriteString(t.robust + "\n")
	}
	if more := len(e.list) - len(list); more > 0 {
		fmt.Fprintf(&b, t.moreTerms+"\n", t.whole(int64(more)))
	}
	if e.unbounded > 0 {
		fmt.Fprintf(&b, t.unboundedTerms+"\n", t.whole(int64(e.unbounded)))
	}
	return b.String()
}

// beside keeps what rounding puts on the column of no effect on its own side,
// if the interval of the effect excludes it.
func beside(column, none int, f effect, value float64) int {
	switch {
	case f.high < value:
		return max(0, min(column, none-1))
	case f.low > value:
		return max(column, none+1)
	}
	return column
}

// ends writes the values at both ends of a bar.
func ends(t *texts, low, high float64, width int) string {
	left, right := t.number(low, digits(low)), t.number(high, digits(high))
	return left + strings.Repeat(" ", max(1, width-utf8.RuneCountInString(left)-utf8.RuneCountInString(right))) + right
}

// terminalCurve draws a bar from 0.5 to 1 for each number of sites, with the
// simplest rule's AUC marked in each.
func terminalCurve(t *texts, points []model.CurvePoint, rule *model.Rule, width int) string {
	points = learning(points)
	if len(points) == 0 {
		return ""
	}
	from := 0.5
	for _, p := range points {
		from = math.Min(from, math.Floor(p.AUC*10)/10)
	}
	first := utf8.RuneCountInString(t.sites)
	for _, p := range points {
		first = max(first, utf8.RuneCountInString(t.whole(int64(p.Sites))))
	}
	const value = len("0.000")
	bar := min(width-first-value-4, 50)
	at := func(auc float64) float64 { return math.Min(math.Max((auc-from)/(1-from), 0), 1) * float64(bar) }
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s  %s", t.curveTitle, left(t.sites, first), pad("AUC", value))
	if bar >= narrowest {
		b.WriteString("  " + pad(ends(t, from, 1, bar), bar))
	}
	b.WriteString("\n")
	for _, p := range points {
		fmt.Fprintf(&b, "%s  %s", left(t.whole(int64(p.Sites)), first), t.number(p.AUC, 3))
		if bar >= narrowest {
			cells := []rune(pad(block(at(p.AUC)), bar))
			if rule != nil {
				cells[min(int(at(rule.AUC)), bar-1)] = '│'
			}
			b.WriteString("  " + strings.TrimRight(string(cells), " "))
		}
		b.WriteString("\n")
	}
	if rule != nil {
		mark := ""
		if bar >= narrowest {
			mark = "│ "
		}
		fmt.Fprintf(&b, "%s%s\n%s\n", mark, sentence(t.ruleText(*rule)), t.ruleRows)
	}
	return b.String()
}

// block returns a bar of n columns, to an eighth of one.
func block(n float64) string {
	eighths := int(math.Round(8 * n))
	s := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		s += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return s
}

// shorten takes characters out of the middle of a name longer than n.
func shorten(s string, n int) string {
	r := []rune(clean(s))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n/2]) + "…" + string(r[len(r)-(n-n/2-1):])
}

func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
}

func left(s string, n int) string {
	return strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s))) + s
}
