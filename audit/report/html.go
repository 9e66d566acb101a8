package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
)

//go:embed page.html
var pageText string

var layout = template.Must(template.New("page").Parse(pageText))

// HTML is the report as one file that needs no other.
func (d *Document) HTML() ([]byte, error) {
	var b bytes.Buffer
	if err := layout.Execute(&b, d); err != nil {
		return nil, fmt.Errorf("the report cannot be written as HTML: %w", err)
	}
	return b.Bytes(), nil
}

// Anchor is the entry that row i of a table stands for; -1 for none.
func (t *Table) Anchor(i int) int64 {
	if i < len(t.Anchors) {
		return t.Anchors[i]
	}
	return -1
}
