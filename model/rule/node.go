package rule

import (
	"math"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// node evaluates a part of a checked expression for one row: a finite number,
// 0 or 1 for yes or no, the number of a text, or NaN for missing. cel-go's own
// interpreter takes most of a microsecond a row and lets infinities pass; the tests
// hold that both agree.
type node func(row []float64) float64

// generator turns the nodes that check lets through into functions.
type generator struct {
	columns map[string]*Column
	slots   map[string]int     // where a row holds the column
	texts   map[string]float64 // the number of each level and text
}

func (g *generator) node(e ast.Expr) node {
	switch e.Kind() {
	case ast.LiteralKind:
		v := g.literal(e)
		return func([]float64) float64 { return v }
	case ast.IdentKind:
		return g.column(e.AsIdent())
	}
	call := e.AsCall()
	operands := call.Args()
	if call.FunctionName() == operators.In {
		return g.in(operands[0], operands[1].AsList().Elements())
	}
	nodes := make([]node, len(operands))
	for i, o := range operands {
		nodes[i] = g.node(o)
	}
	return operator(call.FunctionName(), nodes)
}

func (g *generator) literal(e ast.Expr) float64 {
	switch v := e.AsLiteral().(type) {
	case types.Bool:
		return truth(bool(v))
	case types.String:
		return g.text(string(v))
	default:
		return float64(v.(types.Double))
	}
}

// text numbers the levels and texts, so that equal ones have equal numbers.
func (g *generator) text(s string) float64 {
	if _, ok := g.texts[s]; !ok {
		g.texts[s] = float64(len(g.texts))
	}
	return g.texts[s]
}

func (g *generator) column(name string) node {
	slot, c := g.slots[name], g.columns[name]
	if c.Kind != category && c.Kind != site {
		return func(row []float64) float64 { return finite(row[slot]) }
	}
	numbers := make([]float64, len(c.Levels))
	for i, level := range c.Levels {
		numbers[i] = g.text(level)
	}
	return func(row []float64) float64 {
		if v := row[slot]; v >= 0 && v < float64(len(numbers)) {
			return numbers[int(v)]
		}
		return math.NaN()
	}
}

func (g *generator) in(one ast.Expr, list []ast.Expr) node {
	a, others := g.node(one), make([]node, len(list))
	for i, o := range list {
		others[i] = g.node(o)
	}
	return func(row []float64) float64 {
		x, found := a(row), 0.0
		for _, o := range others {
			y := o(row)
			if x != x || y != y {
				return math.NaN()
			}
			if x == y {
				found = 1
			}
		}
		return found
	}
}

func operator(name string, n []node) node {
	switch name {
	case operators.Negate:
		return func(row []float64) float64 { return -n[0](row) }
	case operators.LogicalNot:
		return func(row []float64) float64 { return 1 - n[0](row) }
	case operators.LogicalAnd:
		return decided(n[0], n[1], 0)
	case operators.LogicalOr:
		return decided(n[0], n[1], 1)
	case operators.Conditional:
		return func(row []float64) float64 {
			switch n[0](row) {
			case 1:
				return n[1](row)
			case 0:
				return n[2](row)
			}
			return math.NaN()
		}
	}
	a, b := n[0], n[1]
	switch name {
	case operators.Add:
		return func(row []float64) float64 { return finite(a(row) + b(row)) }
	case operators.Subtract:
		return func(row []float64) float64 { return finite(a(row) - b(row)) }
	case operators.Multiply:
		return func(row []float64) float64 { return finite(float64(a(row) * b(row))) }
	case operators.Divide:
		return func(row []float64) float64 { return finite(a(row) / b(row)) }
	}
	return comparison(name, a, b)
}

// decided is && (by 0) and || (by 1): a side with that value decides, whatever
// the other is; otherwise a missing side makes the answer missing.
func decided(a, b node, by float64) node {
	return func(row []float64) float64 {
		x := a(row)
		if x == by {
			return by
		}
		y := b(row)
		if y == by {
			return by
		}
		return x + y - (1 - by) // NaN if a side is; else both are 1-by
	}
}

func comparison(name string, a, b node) node {
	holds := map[string]func(x, y float64) bool{
		operators.Less:          func(x, y float64) bool { return x < y },
		operators.LessEquals:    func(x, y float64) bool { return x <= y },
		operators.Greater:       func(x, y float64) bool { return x > y },
		operators.GreaterEquals: func(x, y float64) bool { return x >= y },
		operators.Equals:        func(x, y float64) bool { return x == y },
		operators.NotEquals:     func(x, y float64) bool { return x != y },
	}[name]
	return func(row []float64) float64 {
		x, y := a(row), b(row)
		if x != x || y != y {
			return math.NaN()
		}
		return truth(holds(x, y))
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// finite returns v, or NaN for an infinity.
func finite(v float64) float64 {
	if v-v != 0 {
		return math.NaN()
	}
	return v
}
