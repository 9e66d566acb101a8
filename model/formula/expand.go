package formula

import "sort"

// set is a term while the formula is expanded: the numbers of its variables,
// ascending, two bytes each, so that equal terms are equal strings.
type set string

func single(v int) set { return set([]byte{byte(v >> 8), byte(v)}) }

func (s set) size() int { return len(s) / 2 }

func (s set) variable(i int) int { return int(s[2*i])<<8 | int(s[2*i+1]) }

// union returns the variables of a or b.
func union(a, b set) set {
	out := make([]byte, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[:2] == b[:2]:
			out, a, b = append(out, a[:2]...), a[2:], b[2:]
		case a[:2] < b[:2]:
			out, a = append(out, a[:2]...), a[2:]
		default:
			out, b = append(out, b[:2]...), b[2:]
		}
	}
	return set(append(append(out, a...), b...))
}

// part is an expanded piece of the right side.
type part struct {
	terms     []set // none twice
	offsets   []string
	intercept bool // it holds a 1
	at        int  // where it starts
}

// expander applies R's rules for formulas (stats, model.c: PlusTerms,
// InteractTerms, CrossTerms, PowerTerms, DeleteTerms) and bounds the work.
type expander struct {
	work int // bytes read by union
}

// collect returns the terms without repetitions, the first of each kept. It
// stops with ok false as soon as there are more than MaxTerms.
func collect(lists ...[]set) (terms []set, ok bool) {
	seen := make(map[set]bool)
	for _, list := range lists {
		for _, t := range list {
			if seen[t] {
				continue
			}
			if len(terms) == MaxTerms {
				return nil, false
			}
			seen[t] = true
			terms = append(terms, t)
		}
	}
	return terms, true
}

func tooMany(at int) *Error {
	return failAt(CodeUnsupported, at, "leave out terms, or write the interactions that are meant with :", "this expands to more than %d terms", MaxTerms)
}

// products returns every term of a joined with every term of b, a outermost.
func (e *expander) products(a, b []set, at int) ([]set, *Error) {
	seen := make(map[set]bool)
	var terms []set
	for _, x := range a {
		for _, y := range b {
			if e.work += len(x) + len(y) + 8; e.work > maxExpansion {
				return nil, failAt(CodeUnsupported, at, "write the interactions that are meant with :", "the formula takes too much work to expand")
			}
			u := union(x, y)
			if seen[u] {
				continue
			}
			if len(terms) == MaxTerms {
				return nil, tooMany(at)
			}
			seen[u] = true
			terms = append(terms, u)
		}
	}
	return terms, nil
}

func (e *expander) plus(a, b part, at int) (part, *Error) {
	terms, ok := collect(a.terms, b.terms)
	if !ok {
		return part{}, tooMany(at)
	}
	a.terms = terms
	a.offsets = append(a.offsets, b.offsets...)
	a.intercept = a.intercept || b.intercept
	return a, nil
}

func (e *expander) minus(a, b part) (part, *Error) {
	if b.intercept {
		return part{}, noIntercept(b.at)
	}
	if err := columnsOnly(b, "-"); err != nil {
		return part{}, err
	}
	out := make(map[set]bool)
	for _, t := range b.terms {
		out[t] = true
	}
	kept := a.terms[:0:0]
	for _, t := range a.terms {
		if !out[t] {
			kept = append(kept, t)
		}
	}
	a.terms = kept
	return a, nil
}

// colon is a:b, and star is a*b = a + b + a:b.
func (e *expander) colon(a, b part, operator string, at int) (part, *Error) {
	for _, p := range []part{a, b} {
		if err := columnsOnly(p, operator); err != nil {
			return part{}, err
		}
	}
	terms, err := e.products(a.terms, b.terms, at)
	if err != nil {
		return part{}, err
	}
	if operator == "*" {
		var ok bool
		if terms, ok = collect(a.terms, b.terms, terms); !ok {
			return part{}, tooMany(at)
		}
	}
	return part{terms: terms, at: a.at}, nil
}

// power is (a)^n.
func (e *expander) power(a part, n, at int) (part, *Error) {
	if err := columnsOnly(a, "^"); err != nil {
		return part{}, err
	}
	terms := a.terms
	for range n - 1 {
		var err *Error
		if terms, err = e.products(a.terms, terms, at); err != nil {
			return part{}, err
		}
	}
	return part{terms: terms, at: a.at}, nil
}

// columnsOnly refuses 1 and offset() as operands of other operators than +, and
// operands from which all terms were taken away: in R (a - a) * b is nothing,
// but b * (a - a) is b, which nobody means.
func columnsOnly(p part, operator string) *Error {
	if p.intercept {
		return failAt(CodeSyntax, p.at, "write + 1, or leave it out", "the intercept 1 cannot stand beside %q", operator)
	}
	if len(p.offsets) > 0 {
		return failAt(CodeSyntax, p.at, "write + offset(...)", "an offset cannot stand beside %q", operator)
	}
	if len(p.terms) == 0 && operator != "-" {
		return failAt(CodeSyntax, p.at, "remove it", "no term is left of what stands beside %q", operator)
	}
	return nil
}

// byOrder sorts terms by their number of variables, as terms() does.
func byOrder(terms []set) {
	sort.SliceStable(terms, func(i, j int) bool { return terms[i].size() < terms[j].size() })
}
