package node

import (
	"fmt"
	"strings"

	"github.com/smartstart-federation/smartstart/configs"
)

// notProtected is what encryption and policy do not change. It is never left
// out of an explanation.
func notProtected(e *Explanation) []string {
	list := []string{
		fmt.Sprintf("the sums themselves: the researcher, and any %d institutions together, read the total of each number", e.Opens.Needed),
		fmt.Sprintf("this institution's own numbers, if %d or more of the other institutions act together against it", e.Opens.Collude+1),
		"that this institution takes part, in which study, and when: the log shows it to everybody in the federation",
		"that the codebook's labels and sensitivities are right: rules about columns go by what it says",
		"what a published result says about groups of children, and what is done with it",
		"the difference of three or more results: rows and institutions are compared two studies at a time",
	}
	if e.Budget.Epoch == "" {
		list = append(list, "nothing more between periods: no epoch is named, so every study ever counts against the next")
	} else {
		list = append(list, "differences between periods: studies before the epoch \""+e.Budget.Epoch+"\" are not held against this one")
	}
	if !e.Budget.Enforced {
		list = append(list, "against too many opened numbers: for "+e.Openness+" records the numbers budget is counted, not enforced")
	}
	return list
}

// String is one screen of plain English.
func (e *Explanation) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	stamp := ""
	if e.Rehearsal {
		stamp = "  (REHEARSAL)"
	}
	line("Study %s asks %s%s", e.Study, e.Institution, stamp)
	line("  asked by    %s, in %s", e.AskedBy, e.Federation)
	line("  question    %s", orNone(e.Question))
	line("  purpose     %s", orNone(e.Purpose))
	line("  until       %s", orNone(e.Until))
	line("  method      %s", configs.KindInWords(e.Method))
	line("\nRows (only you see this)")
	if r := e.Rows; r == nil {
		line("  not read")
	} else {
		outside, aside := "", ""
		if e.Cohort != "" {
			outside = fmt.Sprintf(" %d outside the cohort,", r.Outside)
		}
		if r.Aside > 0 {
			aside = fmt.Sprintf(" %d kept aside to judge the model,", r.Aside)
		}
		line("  %d in the records, %d left out by objection,%s%s %d complete and used (at least %d are needed)", r.Held, r.Objected, outside, aside, r.Used, r.Least)
	}
	if e.Cohort != "" {
		line("  the cohort is the rows for which this is true: %s", e.Cohort)
	}
	for _, d := range e.Derived {
		line("  computed for each row: %s = %s", d.Name, d.Value)
	}
	line("\nColumns read")
	for _, c := range e.Columns {
		mark := ""
		if c.Sensitivity != "ordinary" {
			mark = " [" + c.Sensitivity + "]"
		}
		line("  %-9s   %s%s  %s", c.Role, c.Name, mark, c.Label)
	}
	if len(e.NotHeld) > 0 {
		line("  not held    %s: asked of the institutions that hold them; your records lack them, and tell nothing of them", strings.Join(e.NotHeld, ", "))
	}
	if len(e.Never) > 0 {
		line("  never read  %s", strings.Join(e.Never, ", "))
	}
	line("\nWhat would leave, encrypted: totals over the rows, never a row")
	for _, l := range e.Leaves {
		var parts []string
		for _, t := range l.Tensors {
			parts = append(parts, fmt.Sprintf("%s (%d)", t.Name, t.Len))
		}
		line("  round %-6s  %d numbers in %d kB: %s", l.Rounds, l.Numbers, (l.Bytes+999)/1000, strings.Join(parts, ", "))
	}
	if e.Estimate {
		line("  at most %d rounds; the later ones follow from the opened sums, so their number is an estimate", e.Rounds)
	}
	if e.Numbers > 0 {
		line("  at most %d numbers may be opened in all; nobody can open more", e.Numbers)
	}
	line("\nWho can open it")
	line("  %d of %d institutions together, and only the total; any %d together open nothing; no total of fewer than %d",
		e.Opens.Needed, e.Opens.Institutions, e.Opens.Collude, e.Opens.Smallest)
	line("  the coordinator has no key")
	line("\nNumbers opened for each row")
	how := "reported"
	if e.Budget.Enforced {
		how = "enforced"
	}
	line("  %.3f before, about %.3f at most by this study, %.3f allowed (%s)", e.Budget.Before, e.Budget.Study, e.Budget.Allowed, how)
	if len(e.Refusals) > 0 {
		line("\nThis node would refuse")
		for _, r := range e.Refusals {
			line("  %s (%s)\n    what to do: %s", r.Sentence, r.Code, r.Remedy)
		}
	}
	line("\nNot protected")
	for _, s := range e.NotProtected {
		line("  - %s", s)
	}
	return b.String()
}

func orNone(s string) string {
	if s == "" {
		return "(not stated)"
	}
	return s
}
