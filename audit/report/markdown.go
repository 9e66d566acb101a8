package report

import (
	"bytes"
	"fmt"
	"strings"
)

// Markdown is the report in CommonMark with tables.
func (d *Document) Markdown() []byte {
	var b bytes.Buffer
	if len(d.Failed) > 0 {
		fmt.Fprintf(&b, "**%s**\n\n", marked(d.Failed))
	}
	fmt.Fprintf(&b, "# %s\n\n", escaped(d.Title))
	blocks(&b, d.Lead, "##")
	for _, s := range d.Sections {
		fmt.Fprintf(&b, "## %d. %s\n\n", s.Number, escaped(s.Title))
		blocks(&b, s.Blocks, "###")
	}
	fmt.Fprintf(&b, "---\n\n%s\n", marked(d.Foot))
	return b.Bytes()
}

func blocks(b *bytes.Buffer, list []Block, level string) {
	for _, x := range list {
		if x.Heading != "" {
			fmt.Fprintf(b, "%s %s\n\n", level, escaped(x.Heading))
		}
		if len(x.Text) > 0 {
			fmt.Fprintf(b, "%s\n\n", marked(x.Text))
		}
		for _, t := range x.List {
			fmt.Fprintf(b, "- %s\n", marked(t))
		}
		for _, f := range x.Facts {
			fmt.Fprintf(b, "- **%s:** %s\n", escaped(f.Name), marked(f.Text))
		}
		if len(x.List)+len(x.Facts) > 0 {
			b.WriteByte('\n')
		}
		if x.Table != nil {
			table(b, x.Table)
		}
	}
}

func table(b *bytes.Buffer, t *Table) {
	for _, h := range t.Header {
		fmt.Fprintf(b, "| %s ", escaped(h))
	}
	b.WriteString("|\n" + strings.Repeat("|---", len(t.Header)) + "|\n")
	for i, row := range t.Rows {
		for j, cell := range row {
			anchor := ""
			if j == 0 && i < len(t.Anchors) {
				anchor = fmt.Sprintf(`<a id="entry-%d"></a>`, t.Anchors[i])
			}
			fmt.Fprintf(b, "| %s%s ", anchor, marked(cell))
		}
		b.WriteString("|\n")
	}
	b.WriteByte('\n')
}

// marked is a text with its links.
func marked(t Text) string {
	var b strings.Builder
	for _, s := range t {
		switch {
		case s.Entry >= 0:
			fmt.Fprintf(&b, "[%d](#entry-%d)", s.Entry, s.Entry)
		case s.Code:
			b.WriteString("`" + strings.NewReplacer("`", "'", "|", `\|`).Replace(s.Text) + "`")
		default:
			b.WriteString(escaped(s.Text))
		}
	}
	return b.String()
}

var specials = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "|", `\|`, "#", `\#`, "[", `\[`, "]", `\]`, "!", `\!`, "~", `\~`,
)

// escaped is text from a log that is not to be taken for Markdown or HTML.
func escaped(s string) string { return specials.Replace(s) }
