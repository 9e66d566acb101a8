package rule

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
)

// checked is an expression that passed: its nodes are only those that allowed
// accepts, and its types are right.
type checked struct {
	ast    *cel.Ast
	byName map[string]*Column
	used   map[string]bool
}

// check parses the expression, refuses what is not allowed, brings it to the
// readings of the package's comment and checks its types.
func check(expr string, columns []Column, want Result) (*checked, error) {
	if len(expr) > MaxText {
		return nil, fail(CodeNotAllowed, "split it over derived columns", "%d bytes, at most %d", len(expr), MaxText)
	}
	bare, err := cel.NewCustomEnv(cel.ClearMacros())
	if err != nil {
		return nil, fail(CodeCompile, "report this", "the parser cannot be set up: %v", err)
	}
	parsed, issues := bare.Parse(expr)
	if len(issues.Errors()) > 0 { // Err would write all of them out, megabytes for a page of signs
		return nil, syntax(first(issues))
	}
	tree := parsed.NativeRep()
	w := &walker{
		source: tree.SourceInfo(), make: ast.NewExprFactory(), next: ast.MaxID(tree),
		columns: make(map[string]*Column, len(columns)), used: make(map[string]bool),
	}
	for i := range columns {
		if name := columns[i].Name; w.columns[name] == nil {
			w.columns[name] = &columns[i]
			w.names = append(w.names, name)
		}
	}
	if err := w.visit(tree.Expr(), want == Bool); err != nil {
		return nil, err
	}
	env, err := cel.NewCustomEnv(append(append(declarations(), cel.HomogeneousAggregateLiterals()), w.variables()...)...)
	if err != nil {
		return nil, fail(CodeCompile, "rename the column", "a column cannot be declared: %v", err)
	}
	typed, issues := env.Check(parsed)
	if len(issues.Errors()) > 0 { // Err would write all of them out, megabytes for a page of signs
		return nil, mismatch(first(issues))
	}
	switch is := typed.OutputType(); {
	case want == Bool && !is.IsExactType(cel.BoolType):
		return nil, fail(CodeType, "compare it, for example with > 0", "it gives a number where yes or no is asked")
	case want == Number && !is.IsExactType(cel.DoubleType):
		return nil, fail(CodeType, "write (...) ? 1 : 0", "it gives yes or no where a number is asked")
	}
	return &checked{typed, w.columns, w.used}, nil
}

// operation is an operator that is allowed, with the types it takes.
type operation struct {
	name   string
	result *cel.Type
	takes  [][]*cel.Type
}

func operations() []operation {
	n, b, s := cel.DoubleType, cel.BoolType, cel.StringType
	numbers, logic := [][]*cel.Type{{n, n}}, [][]*cel.Type{{b, b}}
	same := [][]*cel.Type{{n, n}, {b, b}, {s, s}}
	return []operation{
		{operators.Add, n, numbers}, {operators.Subtract, n, numbers}, {operators.Multiply, n, numbers}, {operators.Divide, n, numbers},
		{operators.Negate, n, [][]*cel.Type{{n}}},
		{operators.Less, b, numbers}, {operators.LessEquals, b, numbers}, {operators.Greater, b, numbers}, {operators.GreaterEquals, b, numbers},
		{operators.Equals, b, same}, {operators.NotEquals, b, same},
		{operators.In, b, [][]*cel.Type{{n, cel.ListType(n)}, {s, cel.ListType(s)}}},
		{operators.LogicalAnd, b, logic}, {operators.LogicalOr, b, logic}, {operators.LogicalNot, b, [][]*cel.Type{{b}}},
		{operators.Conditional, n, [][]*cel.Type{{b, n, n}}}, {operators.Conditional, b, [][]*cel.Type{{b, b, b}}},
	}
}

// allowed tells whether the function is one of operations.
func allowed(function string) bool {
	for _, o := range operations() {
		if o.name == function {
			return true
		}
	}
	return false
}

func declarations() []cel.EnvOption {
	var options []cel.EnvOption
	for i, o := range operations() {
		for j, arguments := range o.takes {
			options = append(options, cel.Function(o.name, cel.Overload(fmt.Sprintf("rule_%d_%d", i, j), arguments, o.result)))
		}
	}
	return options
}

// place says where in the expression, as "character 5: " or "line 2, character
// 5: ", or nothing where cel-go does not know.
func place(l common.Location) string {
	switch {
	case l.Line() > 1:
		return fmt.Sprintf("line %d, character %d: ", l.Line(), l.Column()+1)
	case l.Column() >= 0:
		return fmt.Sprintf("character %d: ", l.Column()+1)
	}
	return ""
}

// first returns the error that stands first in the expression.
func first(issues *cel.Issues) *cel.Error {
	return slices.MinFunc(issues.Errors(), func(a, b *cel.Error) int {
		return cmp.Or(cmp.Compare(a.Location.Line(), b.Location.Line()), cmp.Compare(a.Location.Column(), b.Location.Column()))
	})
}

// syntax words an error of the parser, without its list of tokens.
func syntax(e *cel.Error) *Error {
	if strings.Contains(e.Message, "recursion") {
		return fail(CodeNotAllowed, "split it over derived columns", "it is nested or chained too deeply")
	}
	message, _, _ := strings.Cut(strings.TrimPrefix(e.Message, "Syntax error: "), " expecting ")
	message, _, _ = strings.Cut(message, "\n")
	return fail(CodeCompile, `write for example age < 8 && denomination == "public"`, "%snot an expression (%s)", place(e.Location), message)
}

var (
	overload = regexp.MustCompile(`^found no matching overload for '(.*)' applied to '\((.*)\)'$`)
	expected = regexp.MustCompile(`^expected type '(.*)' but found '(.*)'$`)
	kinds    = strings.NewReplacer("double", "number", "bool", "yes/no", "string", "category", ", ", " and ")
)

// mismatch words an error of the type checker.
func mismatch(e *cel.Error) *Error {
	message := e.Message
	if m := overload.FindStringSubmatch(message); m != nil {
		message = fmt.Sprintf("%q cannot be applied to %s", display(m[1]), kinds.Replace(m[2]))
	} else if m := expected.FindStringSubmatch(message); m != nil {
		message = fmt.Sprintf("%s stands where %s is asked", kinds.Replace(m[2]), kinds.Replace(m[1]))
	}
	return fail(CodeType, "compare numbers with numbers; (a < b) ? 1 : 0 makes a number of yes or no", "%s%s", place(e.Location), message)
}

// display writes an operator as it stands in an expression.
func display(function string) string {
	switch function {
	case operators.Conditional:
		return "?:"
	case operators.Index:
		return "[]"
	}
	if shown, ok := operators.FindReverse(function); ok && shown != "" {
		return shown
	}
	return function
}
