package region

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// wholeSums are the sums of products that are of whole numbers, which no
// processor computes in another way.
var wholeSums = []string{"2*k + 1", "12*year + month", "total += k * (n % 10)"}

// TestNothingFuses: no product is an operand of a sum of floats unless
// float64() rounds it first, and of math only what is exact is used.
func TestNothingFuses(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range doubtful(set, file) {
			t.Error(bad)
		}
		looked++
	}
	if looked < 15 {
		t.Errorf("only %d files were looked at", looked)
	}
	set := token.NewFileSet()
	bad, err := parser.ParseFile(set, "bad.go", "package p\nfunc f(a, b float64) float64 { a += 2 * b; x := math.Exp(a); return x - (a * b) }", 0)
	if err != nil || len(doubtful(set, bad)) != 3 {
		t.Errorf("found %v", doubtful(set, bad))
	}
}

// doubtful lists what may come out otherwise on another processor.
func doubtful(set *token.FileSet, file *ast.File) (found []string) {
	report := func(n ast.Node) {
		var b bytes.Buffer
		_ = printer.Fprint(&b, set, n)
		if !slices.Contains(wholeSums, b.String()) {
			found = append(found, set.Position(n.Pos()).String()+": "+b.String())
		}
	}
	exact := []string{"Round", "Max", "Min", "Floor"}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "math" && !slices.Contains(exact, n.Sel.Name) {
				report(n)
			}
		case *ast.BinaryExpr:
			if (n.Op == token.ADD || n.Op == token.SUB) && (product(n.X) || product(n.Y)) {
				report(n)
			}
		case *ast.AssignStmt:
			if (n.Tok == token.ADD_ASSIGN || n.Tok == token.SUB_ASSIGN) && product(n.Rhs[0]) {
				report(n)
			}
		}
		return true
	})
	return found
}

func product(e ast.Expr) bool {
	for {
		p, ok := e.(*ast.ParenExpr)
		if !ok {
			break
		}
		e = p.X
	}
	b, ok := e.(*ast.BinaryExpr)
	return ok && b.Op == token.MUL
}
