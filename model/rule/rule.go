// Package rule evaluates expressions over the columns of a codebook, which say
// what rows are in a cohort or compute a derived column:
//
//	age < 8 && (girl || denomination in ["public", "other"])
//	lang_pre - 2 * arith_pre
//
// They are written in the Common Expression Language (cel.dev) and parsed and
// type-checked by cel-go, with these readings:
//
//   - Every number is a decimal number: 8 is 8.0, and 1 / 2 is 0.5.
//   - A yes_no column is the number 0 or 1 (girl == 1, poor + girl >= 1), and
//     stands for itself == 1 where yes or no is asked (girl && age < 8).
//   - A category or site is compared with its levels in quotes, or with another
//     category or site, and only for being equal.
//   - A row in which a column that the expression names is missing has a
//     missing result, also where && or || would not need that column.
//   - A division by zero, an overflow or NaN makes what contains it missing,
//     except that, as in CEL, false && and true || are known whatever stands
//     on the other side, and ?: asks only for the branch taken. So
//     n > 0 && sum / n > 3 is false where n is 0.
//
// Nothing but + - * / comparisons && || ! in ?: is allowed, so that an
// evaluation ends, cannot fail, and has the same last bit on every processor. A
// column whose name is not made of letters, digits, _ and . cannot be named.
package rule

import "math"

// Limits of an expression.
const (
	MaxText  = 4096 // bytes
	MaxNodes = 200  // literals, columns and operators
)

// The kinds of column that an expression can name, as in the codebook.
const (
	number   = "number"
	integer  = "integer"
	yesNo    = "yes_no"
	category = "category"
	site     = "site"
)

// Column describes a column of the codebook. A value is a number; 0 or 1 for
// yes_no; the index into Levels for category and site.
type Column struct {
	Name, Kind string
	Levels     []string
}

// Result is what an expression gives.
type Result int

const (
	Bool   Result = iota // 0 or 1
	Number               // a finite number
)

// Rule is a compiled expression. It is immutable and may be used by several
// goroutines.
type Rule struct {
	columns []string
	eval    node
}

// Compile parses and checks the expression. The error is an *Error with code
// CodeCompile, CodeNotAllowed or CodeType.
func Compile(expr string, columns []Column, want Result) (*Rule, error) {
	c, err := check(expr, columns, want)
	if err != nil {
		return nil, err
	}
	r := &Rule{}
	g := generator{columns: c.byName, slots: make(map[string]int), texts: make(map[string]float64)}
	for _, column := range columns {
		if _, twice := g.slots[column.Name]; c.used[column.Name] && !twice {
			g.slots[column.Name] = len(r.columns)
			r.columns = append(r.columns, column.Name)
		}
	}
	r.eval = g.node(c.ast.NativeRep().Expr())
	return r, nil
}

// Columns lists the columns that the expression names, in the codebook's order.
func (r *Rule) Columns() []string { return append([]string(nil), r.columns...) }

// Run evaluates the rule for the rows 0 to rows-1. columns[i] holds the values
// of Columns()[i], missing[i] which of them are missing; missing or missing[i]
// may be nil if none is. It returns per row the result, 0 or 1 for Bool, and
// whether it is missing; a missing result is 0. The error (CodeType) says that
// the columns are too few or too short.
func (r *Rule) Run(columns [][]float64, missing [][]bool, rows int) ([]float64, []bool, error) {
	if len(columns) != len(r.columns) || missing != nil && len(missing) != len(r.columns) {
		return nil, nil, fail(CodeType, "give the columns that the rule names, in their order", "the rule reads %d columns, not %d", len(r.columns), len(columns))
	}
	for i, name := range r.columns {
		if len(columns[i]) < rows || missing != nil && missing[i] != nil && len(missing[i]) < rows {
			return nil, nil, fail(CodeType, "give every column all rows", "column %q has fewer than the %d rows asked for", name, rows)
		}
	}
	values, gone := make([]float64, max(rows, 0)), make([]bool, max(rows, 0))
	row := make([]float64, len(columns))
next:
	for i := range values {
		for j := range columns {
			if missing != nil && missing[j] != nil && missing[j][i] {
				gone[i] = true
				continue next
			}
			row[j] = columns[j][i]
		}
		if v := r.eval(row); math.IsNaN(v) {
			gone[i] = true
		} else {
			values[i] = v
		}
	}
	return values, gone, nil
}
