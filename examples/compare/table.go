package main

import (
	"fmt"
	"os"
	"strings"
)

// row is one case in the table.
type row struct {
	name, asked  string
	rows         int64
	institutions int
	groups       []group
	faults       []string
	problem      string // why there is nothing to compare
}

func (r *row) equal() bool {
	if r.problem != "" || len(r.faults) > 0 || len(r.groups) == 0 {
		return false
	}
	for _, g := range r.groups {
		if !(g.largest <= g.limit) {
			return false
		}
	}
	return true
}

func (r *row) verdict() string {
	switch {
	case r.problem != "":
		return r.problem
	case len(r.faults) > 0:
		return "no: " + strings.Join(r.faults, "; ")
	case r.equal():
		return "equal"
	}
	var over []string
	for _, g := range r.groups {
		if !(g.largest <= g.limit) {
			over = append(over, g.name+" of "+g.at)
		}
	}
	return "no: " + strings.Join(over, ", ")
}

// worst is the group that is nearest to its limit, or furthest beyond.
func (r *row) worst() (w group) {
	for i, g := range r.groups {
		if i == 0 || g.largest/g.limit > w.largest/w.limit {
			w = g
		}
	}
	return w
}

// table writes the rows in Markdown.
func table(rows []row) string {
	var s strings.Builder
	equal := 0
	for i := range rows {
		if rows[i].equal() {
			equal++
		}
	}
	fmt.Fprintf(&s, "%d of %d cases equal R. A difference is |a - b| / max(1, |b|), with b from R: absolute for numbers up to one, relative beyond.\n", equal, len(rows))
	s.WriteString("`compared` has the largest of each group; the limit is that of the group nearest to its own.\n\n")
	s.WriteString("| case | rows | institutions | in R | compared | largest difference | limit | verdict |\n|---|---|---|---|---|---|---|---|\n")
	for i := range rows {
		r := &rows[i]
		if r.problem != "" {
			fmt.Fprintf(&s, "| %s | %s | %s | %s | | | | %s |\n", r.name, unless0(r.rows), unless0(int64(r.institutions)), r.asked, cell(r.verdict()))
			continue
		}
		var compared []string
		for _, g := range r.groups {
			compared = append(compared, g.name+" "+short(g.largest))
		}
		w := r.worst()
		fmt.Fprintf(&s, "| %s | %s | %d | %s | %s | %s | %s | %s |\n", r.name, unless0(r.rows), r.institutions, r.asked,
			strings.Join(compared, ", "), short(w.largest), short(w.limit), cell(r.verdict()))
	}
	return s.String()
}

func short(v float64) string {
	if v == 0 {
		return "0"
	}
	return fmt.Sprintf("%.0e", v)
}

func unless0(n int64) string {
	if n == 0 {
		return ""
	}
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// cell keeps a text within its cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

// The marks in docs/methods.md around the table.
const (
	begin = "<!-- compare:begin -->"
	end   = "<!-- compare:end -->"
)

// writeBetween replaces what stands between the two marks of a page.
func writeBetween(path, text string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(page), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return fmt.Errorf("%s has not the marks %s and %s, in this order, to write between", path, begin, end)
	}
	return os.WriteFile(path, []byte(before+begin+"\n"+text+end+after), 0o644)
}
