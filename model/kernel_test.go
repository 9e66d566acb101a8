package model

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"
)

// TestNothingFuses: in the files that compute rows, no product is an operand
// of a sum unless float64() rounds it first. A compiler may otherwise fuse
// them, on some processors only, and the integers would differ.
func TestNothingFuses(t *testing.T) {
	checked := 0
	for _, name := range []string{"elementary/elementary.go", "elementary/normal.go", "family/family.go", "fit_likelihood.go", "fit.go", "fit_own.go", "robust.go", "robust_adjust.go", "cells_fit.go", "fit_saturated.go", "counts_impute.go", "view.go", "moments.go", "moments_global.go", "counts.go", "counts_refuse.go", "fit_newton.go", "bins/cut.go", "bins/local.go", "bins/quantile.go", "bins/top.go", "describe_cells.go", "describe_bins.go", "describe_local.go", "mixed_local.go",
		"evaluate_begin.go", "validation/calibration.go", "validation/deal.go", "validation/guide.go", "validation/learn.go", "validation/outline.go", "validation/tally.go", "disclosure/apart.go", "disclosure/settle.go", "disclosure/neighbours.go", "exact/sum.go", "evaluate_curve.go", "evaluate_fairness.go", "evaluate_global.go",
		"evaluate_shape.go", "evaluate_local.go", "evaluate_start.go", "evaluate_state.go"} {
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
