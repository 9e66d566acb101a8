package formula

import (
	"fmt"
	"strconv"
	"strings"
)

// function reads what follows "name(".
func (p *parser) function(f token) (part, *Error) {
	if f.text != "ns" && f.text != "offset" {
		return part{}, refusedFunction(f)
	}
	column := p.take()
	if column.kind != name && column.kind != quote {
		return part{}, unexpected(column, "expected a column in "+f.text+"()")
	}
	if column.kind == name && p.sees("(") {
		return part{}, refusedFunction(column)
	}
	if f.text == "offset" {
		if err := p.expect(")", "after the column of offset()"); err != nil {
			return part{}, err
		}
		return part{offsets: []string{column.text}, at: f.at}, nil
	}
	df, err := p.degrees()
	if err != nil {
		return part{}, err
	}
	return p.variable(Factor{Column: column.text, Spline: df}, f.at), nil
}

// degrees reads ", df)" or ", df = df)".
func (p *parser) degrees() (int, *Error) {
	const remedy = "write for example ns(x, 3); the knots are in the codebook"
	if !p.accept(",") {
		t := p.peek()
		return 0, failAt(CodeSyntax, t.at, remedy, "ns() needs its degrees of freedom")
	}
	if t := p.peek(); t.kind == name {
		p.take()
		if t.text != "df" || !p.accept("=") {
			return 0, failAt(CodeUnsupported, t.at, remedy, "ns() takes a column and its degrees of freedom only")
		}
	}
	t := p.take()
	df, bad := strconv.Atoi(t.text)
	if t.kind != number || bad != nil || df < MinSpline || df > MaxSpline {
		return 0, failAt(CodeSyntax, t.at, remedy, "the degrees of freedom of ns() must be a whole number from %d to %d", MinSpline, MaxSpline)
	}
	if p.sees(",") {
		return 0, failAt(CodeUnsupported, p.peek().at, remedy, "ns() takes a column and its degrees of freedom only")
	}
	return df, p.expect(")", "after the degrees of freedom of ns()")
}

func refusedFunction(f token) *Error {
	switch f.text {
	case "I":
		return failAt(CodeUnsupported, f.at, "describe the computed column with [[derive]] and use its name", "I() is not supported")
	case "poly":
		return failAt(CodeUnsupported, f.at, "use ns(x, df), or describe the powers as columns with [[derive]]", "poly() is not supported")
	}
	return failAt(CodeUnsupported, f.at, "use [[derive]] for a computed column; only ns() and offset() may stand in a formula", "the function %s() is not supported", quoted(f.text))
}

// variable returns the term of one variable, numbered by its first appearance.
func (p *parser) variable(f Factor, at int) part {
	n, ok := p.numbers[f]
	if !ok {
		n = len(p.variables)
		p.numbers[f] = n
		p.variables = append(p.variables, f)
		p.places = append(p.places, at)
	}
	return part{terms: []set{single(n)}, at: at}
}

func (p *parser) termsOf(sets []set) []Term {
	terms := make([]Term, len(sets))
	for i, s := range sets {
		terms[i] = p.term(s)
	}
	return terms
}

func (p *parser) term(s set) Term {
	t := Term{Factors: make([]Factor, s.size())}
	for i := range t.Factors {
		t.Factors[i] = p.variables[s.variable(i)]
	}
	return t
}

// marginal refuses an interaction if a main effect or a smaller interaction of
// its factors is missing (Nelder, JRSS A 140, 1977): its coefficient would
// depend on where the columns have their zero, and R would code categories
// differently.
func (p *parser) marginal(sets []set) *Error {
	have := make(map[set]bool, len(sets))
	for _, s := range sets {
		have[s] = true
	}
	for _, s := range sets {
		var missing []set
		for mask := 1; mask < 1<<s.size()-1; mask++ {
			var margin set
			for i := range s.size() {
				if mask>>i&1 == 1 {
					margin += s[2*i : 2*i+2]
				}
			}
			if !have[margin] {
				missing = append(missing, margin)
			}
		}
		if len(missing) == 0 {
			continue
		}
		byOrder(missing)
		var labels []string
		for _, m := range missing {
			labels = append(labels, p.term(m).String())
		}
		return failAt(CodeUnsupported, p.places[s.variable(0)], fmt.Sprintf("add %s, or use * instead of :", strings.Join(labels, " + ")),
			"the interaction %s stands without %s", p.term(s), strings.Join(labels, ", "))
	}
	return nil
}
