package rule

import (
	"fmt"
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"

	"github.com/smartstart-federation/smartstart/configs"
)

// isText tells whether a node is a text or names a category or site.
func (w *walker) isText(e ast.Expr) bool {
	if e.Kind() == ast.LiteralKind {
		_, ok := e.AsLiteral().(types.String)
		return ok
	}
	name, ok := dotted(e)
	return ok && w.columns[name] != nil && w.textual(name)
}

// texts checks a comparison of one operand with others, in which a text or a
// category takes part: all must be, one on either side must be a column, and a
// text must be a level of each column it is compared with.
func (w *walker) texts(e ast.Expr, one ast.Expr, others ...ast.Expr) error {
	for _, o := range append([]ast.Expr{one}, others...) {
		if err := w.count(o); err != nil {
			return err
		}
		if o.Kind() == ast.IdentKind || o.Kind() == ast.SelectKind {
			if _, err := w.column(o); err != nil {
				return err
			}
		}
		if !w.isText(o) {
			return w.fail(o, CodeType, "compare a category or site with one of its levels in quotes", "a category, site or text can only be compared with another one")
		}
	}
	for _, o := range others {
		if err := w.level(e, one, o); err != nil {
			return err
		}
	}
	return nil
}

// level checks one pair of a comparison of texts.
func (w *walker) level(e, a, b ast.Expr) error {
	if a.Kind() == ast.LiteralKind {
		a, b = b, a
	}
	if a.Kind() == ast.LiteralKind {
		return w.fail(e, CodeType, "compare a category or site column with one of its levels", "two texts are compared, which does not depend on the row")
	}
	if b.Kind() != ast.LiteralKind {
		return nil
	}
	column, text := w.columns[a.AsIdent()], string(b.AsLiteral().(types.String))
	if slices.Contains(column.Levels, text) {
		return nil
	}
	remedy, near := "use one of the levels in the codebook", configs.Nearest(text, column.Levels)
	message := fmt.Sprintf("level %q of column %q is not in the codebook", text, column.Name)
	if near != "" {
		message += fmt.Sprintf("; nearest: %q", near)
		remedy = fmt.Sprintf("write %q, or %s", near, remedy)
	}
	return w.fail(b, CodeCompile, remedy, "%s", message)
}
