package model

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingFuses: in the files that compute rows, no product is an operand
// of a sum unless float64() rounds it first. A compiler may otherwise fuse
// them, on some processors only, and the integers would differ.
func TestNothingFuses(t *testing.T) {
	checked := 0
	for _, name := range computing(t) {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range bareProducts(file) {
			t.Errorf("%s: a product inside a sum without float64()", set.Position(n.Pos()))
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				if f, ok := c.Fun.(*ast.Ident); ok && f.Name == "float64" {
					checked++
				}
			}
			return true
		})
	}
	if checked < 20 {
		t.Fatalf("only %d roundings seen: the test looks at the wrong files", checked)
	}
	// The test has teeth: the two forms that fuse are found.
	bad, err := parser.ParseFile(token.NewFileSet(), "bad.go", "package p\nfunc f(a, b, c float64) float64 { c += a * b; return c - (a * b) }", 0)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(bareProducts(bad)); n != 2 {
		t.Errorf("found %d of 2 fusing products", n)
	}
}

func bareProducts(file *ast.File) []ast.Node {
	var found []ast.Node
	product := func(e ast.Expr) {
		for {
			p, ok := e.(*ast.ParenExpr)
			if !ok {
				break
			}
			e = p.X
		}
		if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.MUL {
			found = append(found, b)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.ADD || n.Op == token.SUB {
				product(n.X)
				product(n.Y)
			}
		case *ast.AssignStmt:
			if n.Tok == token.ADD_ASSIGN || n.Tok == token.SUB_ASSIGN {
				product(n.Rhs[0])
			}
		}
		return true
	})
	return found
}

// mayFuse are the files with sums of products that no state is computed from, and why.
var mayFuse = map[string]string{
	"anomaly/chi.go":        "whole numbers",
	"areas/guard.go":        "a constant",
	"cells_children.go":     "whole numbers",
	"mixed.go":              "whole numbers",
	"spline/basis.go":       "a constant",
	"areas/limits.go":       "the funnel, from opened counts",
	"decide/benefit.go":     "a report, from opened bins",
	"decide/bins.go":        "a report, from opened bins",
	"decide/capacity.go":    "a report, from opened bins",
	"validation/ranking.go": "a report, from opened bins",
	"compared_result.go":    "a result, after the last state",
	"fit_result.go":         "a result, after the last state",
	"mixed_result.go":       "a result, after the last state",
	"lmm/profile.go":        "the criterion, of a result",
	"situation.go":          "a report, from opened tables",
}

// computing are the files of this package and of those below it that could compute
// rows: a new file is among them.
func computing(t *testing.T) (names []string) {
	idle := maps.Clone(mayFuse)
	for _, folder := range []string{".", "anomaly", "areas", "bins", "decide", "disclosure", "elementary", "exact", "family", "lmm", "rule", "spline", "statement", "survival", "validation"} {
		all, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range all {
			if delete(idle, name); mayFuse[name] == "" && !strings.HasSuffix(name, "_test.go") {
				names = append(names, name)
			}
		}
	}
	for name := range idle {
		t.Errorf("%s may fuse and is not there", name)
	}
	return names
}
