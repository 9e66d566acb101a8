package rule

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/smartstart-federation/smartstart/configs"
)

const operatorsRemedy = "use + - * / < <= > >= == != && || ! in [...] ?: only"

// walker goes through a parsed expression before its types are checked. It
// refuses by name what is not allowed, makes every number a decimal number and
// a yes_no column a comparison where yes or no is asked.
type walker struct {
	source  *ast.SourceInfo
	make    ast.ExprFactory
	next    int64 // the last node number given out
	nodes   int
	columns map[string]*Column
	names   []string // in the codebook's order
	used    map[string]bool
}

func (w *walker) fail(e ast.Expr, code, remedy, format string, args ...any) *Error {
	return fail(code, remedy, "%s%s", place(w.source.GetStartLocation(e.ID())), fmt.Sprintf(format, args...))
}

// variables declares the columns that were used.
func (w *walker) variables() []cel.EnvOption {
	var options []cel.EnvOption
	for _, name := range w.names {
		switch {
		case !w.used[name]:
		case w.textual(name):
			options = append(options, cel.Variable(name, cel.StringType))
		default:
			options = append(options, cel.Variable(name, cel.DoubleType))
		}
	}
	return options
}

func (w *walker) textual(name string) bool {
	kind := w.columns[name].Kind
	return kind == category || kind == site
}

// visit checks a node; boolean says that yes or no is asked there.
func (w *walker) visit(e ast.Expr, boolean bool) error {
	if err := w.count(e); err != nil {
		return err
	}
	switch e.Kind() {
	case ast.LiteralKind:
		return w.literal(e)
	case ast.IdentKind, ast.SelectKind:
		column, err := w.column(e)
		switch {
		case err != nil:
			return err
		case w.textual(column.Name):
			return w.fail(e, CodeType, "write for example "+column.Name+` == "..." with one of its levels`, "the %s column %q can only be compared with its levels", column.Kind, column.Name)
		case boolean && column.Kind == yesNo:
			self, one := w.make.CopyExpr(e), w.make.NewLiteral(w.id(), types.Double(1))
			self.RenumberIDs(func(int64) int64 { return w.id() })
			e.SetKindCase(w.make.NewCall(w.id(), operators.Equals, self, one))
		}
		return nil
	case ast.CallKind:
		return w.call(e, boolean)
	case ast.ListKind:
		return w.fail(e, CodeNotAllowed, "write x in [...]", "a list can only stand after \"in\"")
	case ast.MapKind:
		return w.fail(e, CodeNotAllowed, operatorsRemedy, "a map {...} is not allowed")
	case ast.StructKind:
		return w.fail(e, CodeNotAllowed, operatorsRemedy, "the message %s{} is not allowed", e.AsStruct().TypeName())
	}
	return w.fail(e, CodeNotAllowed, operatorsRemedy, "this is not allowed")
}

func (w *walker) id() int64 {
	w.next++
	return w.next
}

func (w *walker) count(e ast.Expr) error {
	if w.nodes++; w.nodes > MaxNodes {
		return w.fail(e, CodeNotAllowed, "split it over derived columns", "more than %d literals, columns and operators", MaxNodes)
	}
	return nil
}

// literal makes a whole number decimal and refuses what is no number or bool.
func (w *walker) literal(e ast.Expr) error {
	switch v := e.AsLiteral().(type) {
	case types.Bool:
		return nil
	case types.Int:
		if v > 1<<53 || v < -1<<53 {
			return w.fail(e, CodeNotAllowed, "write it with a decimal point", "a whole number beyond 2^53 is not exact")
		}
		e.SetKindCase(w.make.NewLiteral(e.ID(), types.Double(v)))
		return nil
	case types.Double:
		if math.IsInf(float64(v), 0) || math.IsNaN(float64(v)) {
			return w.fail(e, CodeNotAllowed, "write a smaller number", "a number beyond the largest decimal number")
		}
		return nil
	case types.String:
		return w.fail(e, CodeType, `write for example denomination == "public"`, "a text can only be compared with a category or site column")
	case types.Null:
		return w.fail(e, CodeNotAllowed, "leave it out; a row in which a column is missing has a missing result", "null is not allowed")
	case types.Uint:
		return w.fail(e, CodeNotAllowed, "remove the u", "an unsigned number is not allowed")
	}
	return w.fail(e, CodeNotAllowed, "write a text in plain quotes", "bytes are not allowed")
}

// column returns the column that a name or a name with dots means.
func (w *walker) column(e ast.Expr) (*Column, error) {
	name, ok := dotted(e)
	if !ok {
		return nil, w.fail(e, CodeNotAllowed, operatorsRemedy, "a field of something other than a name is not allowed")
	}
	c := w.columns[name]
	if c == nil {
		remedy := "describe it in the codebook or with [[derive]]"
		if near := configs.Nearest(name, w.names); near != "" {
			remedy = fmt.Sprintf("the nearest column is %q; or %s", near, remedy)
		}
		return nil, w.fail(e, CodeCompile, remedy, "the codebook has no column %q", name)
	}
	if !slices.Contains([]string{number, integer, yesNo, category, site}, c.Kind) {
		return nil, w.fail(e, CodeType, "use a column of kind number, integer, yes_no, category or site", "column %q of kind %s cannot stand in an expression", name, c.Kind)
	}
	w.used[name] = true
	e.SetKindCase(w.make.NewIdent(e.ID(), name))
	return c, nil
}

func dotted(e ast.Expr) (string, bool) {
	var parts []string
	for e.Kind() == ast.SelectKind {
		parts = append(parts, e.AsSelect().FieldName())
		e = e.AsSelect().Operand()
	}
	if e.Kind() != ast.IdentKind {
		return "", false
	}
	slices.Reverse(parts)
	return strings.Join(append([]string{e.AsIdent()}, parts...), "."), true
}

// call checks an operator and its operands.
func (w *walker) call(e ast.Expr, boolean bool) error {
	call := e.AsCall()
	name, operands := call.FunctionName(), call.Args()
	if !allowed(name) {
		what := "function " + name + "()"
		if shown := display(name); shown != name {
			what = "operator " + shown
		}
		return w.fail(e, CodeNotAllowed, operatorsRemedy, "the %s is not allowed", what)
	}
	switch name {
	case operators.Equals, operators.NotEquals:
		left, right := operands[0], operands[1]
		if w.isText(left) || w.isText(right) {
			return w.texts(e, left, right)
		}
		boolean = answers(left) || answers(right)
	case operators.In:
		if operands[1].Kind() != ast.ListKind || operands[1].AsList().Size() == 0 {
			return w.fail(e, CodeNotAllowed, "write x in [1, 2]", "after \"in\" stands a list of at least one element")
		}
		elements := operands[1].AsList().Elements()
		if w.isText(operands[0]) || slices.ContainsFunc(elements, w.isText) {
			return w.texts(e, operands[0], elements...)
		}
		if err := w.count(operands[1]); err != nil {
			return err
		}
		operands, boolean = append([]ast.Expr{operands[0]}, elements...), false
	case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot:
		boolean = true
	case operators.Conditional:
		if err := w.visit(operands[0], true); err != nil {
			return err
		}
		operands = operands[1:]
	default:
		boolean = false
	}
	for _, o := range operands {
		if err := w.visit(o, boolean); err != nil {
			return err
		}
	}
	return nil
}

// answers tells whether a node gives yes or no by its form.
func answers(e ast.Expr) bool {
	switch e.Kind() {
	case ast.LiteralKind:
		_, ok := e.AsLiteral().(types.Bool)
		return ok
	case ast.CallKind:
		switch call := e.AsCall(); call.FunctionName() {
		case operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Negate:
			return false
		case operators.Conditional:
			return answers(call.Args()[1]) || answers(call.Args()[2])
		}
		return true
	}
	return false
}
