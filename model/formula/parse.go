package formula

import (
	"strconv"
	"strings"
)

// Parse reads a formula. Supported are + * : ^ ( ), - of terms, ns(x, df),
// offset(x), 1 and names in backquotes, with R's precedence. The error is an
// *Error.
func Parse(text string) (*Formula, error) {
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	f, err := p.formula()
	if err != nil {
		return nil, err
	}
	return f, nil
}

// ParseTerms reads a right side alone, such as "iq_verbal + a:b". An
// interaction may stand without its main effects here, because such a list
// names terms of a model rather than being one; offset() is refused. The error
// is an *Error.
func ParseTerms(text string) ([]Term, error) {
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	right, err := p.right()
	if err != nil {
		return nil, err
	}
	if len(right.offsets) > 0 {
		return nil, failAt(CodeSyntax, right.at, "remove it", "an offset is not a term")
	}
	return p.termsOf(right.terms), nil
}

// parser is a recursive descent over tokens that expands as it reads.
type parser struct {
	expander
	tokens []token
	next   int
	depth  int

	variables []Factor // in the order in which they appear
	places    []int    // where each appears first
	numbers   map[Factor]int
}

func newParser(text string) (*parser, *Error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	return &parser{tokens: tokens, numbers: make(map[Factor]int)}, nil
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != end {
		p.next++
	}
	return t
}

// accept takes the next token if it is this symbol.
func (p *parser) accept(s string) bool {
	if !p.sees(s) {
		return false
	}
	p.next++
	return true
}

// sees tells whether the next token is this symbol.
func (p *parser) sees(s string) bool {
	t := p.peek()
	return t.kind == symbol && t.text == s
}

func (p *parser) expect(s, where string) *Error {
	if !p.accept(s) {
		return unexpected(p.peek(), "expected "+strconv.Quote(s)+" "+where)
	}
	return nil
}

func unexpected(t token, problem string) *Error {
	found := strconv.Quote(t.text)
	if t.kind == end {
		found = "the end"
	}
	return failAt(CodeSyntax, t.at, "write for example y ~ a * b + ns(x, 3)", "%s, found %s", problem, found)
}

func (p *parser) formula() (*Formula, *Error) {
	outcome := p.take()
	if outcome.kind != name && outcome.kind != quote {
		return nil, unexpected(outcome, "expected the outcome's column")
	}
	if outcome.kind == name && p.sees("(") {
		return nil, refusedFunction(outcome)
	}
	if err := p.expect("~", "after the outcome"); err != nil {
		return nil, err
	}
	right, err := p.right()
	if err != nil {
		return nil, err
	}
	for i, v := range p.variables {
		if v.Column == outcome.text {
			return nil, failAt(CodeUnsupported, p.places[i], "remove it there", "the outcome %s stands on the right side too", quoted(outcome.text))
		}
	}
	f := &Formula{Outcome: outcome.text, Terms: p.termsOf(right.terms)}
	seen := make(map[string]bool)
	for _, c := range right.offsets {
		if c == outcome.text {
			return nil, failAt(CodeUnsupported, right.at, "use another column as offset", "the outcome %s is an offset too", quoted(c))
		}
		if !seen[c] {
			seen[c] = true
			f.Offsets = append(f.Offsets, c)
		}
	}
	if err := p.marginal(right.terms); err != nil {
		return nil, err
	}
	return f, nil
}

// right reads a right side up to the end of the text and sorts its terms.
func (p *parser) right() (part, *Error) {
	start := p.peek()
	if start.kind == end {
		return part{}, failAt(CodeSyntax, start.at, "write at least one column", "the right side is empty")
	}
	right, err := p.sum()
	if err != nil {
		return part{}, err
	}
	if t := p.peek(); t.kind != end {
		return part{}, unexpected(t, "expected an operator")
	}
	if len(right.terms) == 0 {
		return part{}, failAt(CodeSyntax, start.at, "write at least one column", "the right side has no terms")
	}
	byOrder(right.terms)
	if last := right.terms[len(right.terms)-1]; last.size() > MaxFactors {
		return part{}, failAt(CodeUnsupported, p.places[last.variable(0)], "leave out interactions of more columns, for example with (a + b + c)^2",
			"an interaction of %d columns, at most %d", last.size(), MaxFactors)
	}
	return right, nil
}

// sum = product { (+ | -) product }
func (p *parser) sum() (part, *Error) {
	if t := p.peek(); p.accept("-") {
		if n := p.peek(); n.kind == number {
			return part{}, noIntercept(t.at)
		}
		return part{}, failAt(CodeSyntax, t.at, "write the terms that stay first", "there is nothing to take terms away from")
	}
	left, err := p.product()
	for err == nil {
		t := p.peek()
		var b part
		switch {
		case p.accept("+"):
			if b, err = p.product(); err == nil {
				left, err = p.plus(left, b, t.at)
			}
		case p.accept("-"):
			if n := p.peek(); n.kind == number {
				return part{}, noIntercept(t.at)
			}
			if b, err = p.product(); err == nil {
				left, err = p.minus(left, b)
			}
		default:
			return left, nil
		}
	}
	return part{}, err
}

// product = interaction { * interaction }
func (p *parser) product() (part, *Error) {
	return p.chain("*", p.interaction)
}

// interaction = power { : power }
func (p *parser) interaction() (part, *Error) {
	return p.chain(":", p.powered)
}

func (p *parser) chain(operator string, operand func() (part, *Error)) (part, *Error) {
	left, err := operand()
	for err == nil {
		t := p.peek()
		if !p.accept(operator) {
			return left, nil
		}
		var b part
		if b, err = operand(); err == nil {
			left, err = p.colon(left, b, operator, t.at)
		}
	}
	return part{}, err
}

// powered = [+] atom [ ^ number ]
func (p *parser) powered() (part, *Error) {
	for p.accept("+") {
	}
	a, err := p.atom()
	if err != nil {
		return part{}, err
	}
	t := p.peek()
	if !p.accept("^") {
		return a, nil
	}
	exponent := p.take()
	n, bad := strconv.Atoi(exponent.text)
	if exponent.kind != number || bad != nil || n < 2 || n > MaxFactors {
		return part{}, failAt(CodeSyntax, exponent.at, "write for example (a + b + c)^2; use [[derive]] for the square of a column",
			"the exponent must be a whole number from 2 to %d", MaxFactors)
	}
	return p.power(a, n, t.at)
}

// atom = ( sum ) | column | ns(column, df) | offset(column) | 1
func (p *parser) atom() (part, *Error) {
	t := p.take()
	switch {
	case t.kind == symbol && t.text == "(":
		if p.depth++; p.depth > MaxDepth {
			return part{}, failAt(CodeSyntax, t.at, "remove parentheses", "parentheses nested deeper than %d", MaxDepth)
		}
		inner, err := p.sum()
		if err == nil {
			err = p.expect(")", "to close the parenthesis")
		}
		p.depth--
		return inner, err
	case t.kind == number && strings.Trim(t.text, "0") == "":
		return part{}, noIntercept(t.at)
	case t.kind == number && t.text == "1":
		return part{intercept: true, at: t.at}, nil
	case t.kind == number:
		return part{}, failAt(CodeSyntax, t.at, "write a column of this name in `backquotes`", "the number %s cannot be a term", t.text)
	case t.kind == name && p.accept("("):
		return p.function(t)
	case t.kind == name || t.kind == quote:
		return p.variable(Factor{Column: t.text}, t.at), nil
	}
	return part{}, unexpected(t, "expected a column")
}
