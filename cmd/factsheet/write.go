package factsheet

import (
	"bytes"
	_ "embed"
	htmltemplate "html/template"
	"strconv"
	"strings"
	texttemplate "text/template"
)

//go:embed page.html
var htmlPage string

//go:embed page.md
var markdownPage string

// Files makes everything there is to write, by file name: factsheet and council
// report in each language, as HTML with its drawings inside and as Markdown with
// its drawings in the folder figures.
func (f *Findings) Files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, lang := range Languages {
		sheet, _ := f.Sheet(lang)
		council, _ := f.Council(lang)
		for name, p := range map[string]*Page{"factsheet": sheet, "council": council} {
			h, err := p.HTML()
			if err != nil {
				return nil, err
			}
			m, err := p.Markdown()
			if err != nil {
				return nil, err
			}
			files[name+"."+lang+".html"], files[name+"."+lang+".md"] = h, m
			for _, g := range p.figures() {
				files["figures/"+g.Name+"."+lang+".svg"] = []byte(g.SVG)
			}
		}
	}
	return files, nil
}

// HTML is the page as one file that loads nothing.
func (p *Page) HTML() ([]byte, error) {
	t, err := htmltemplate.New("page").Funcs(htmltemplate.FuncMap{
		"svg": func(f *Figure) htmltemplate.HTML { return htmltemplate.HTML(f.SVG) }, // drawn here, its texts escaped
	}).Parse(htmlPage)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, p)
	return b.Bytes(), err
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "`", "\\`", "<", "&lt;", "\n", " ")

// markdown writes spans; a bold run of them is bold as a whole.
func markdown(t Text) string {
	var b strings.Builder
	bold := false
	for _, s := range t {
		if s.Bold != bold {
			b.WriteString("**")
			bold = s.Bold
		}
		text := markdownEscapes.Replace(s.Text)
		if s.Entry >= 0 {
			text = "[" + text + "](#entry-" + strconv.FormatInt(s.Entry, 10) + ")"
		}
		b.WriteString(text)
	}
	if bold {
		b.WriteString("**")
	}
	return b.String()
}

// Markdown is the page as text; its drawings stand in files beside it.
func (p *Page) Markdown() ([]byte, error) {
	t, err := texttemplate.New("page").Funcs(texttemplate.FuncMap{
		"text": markdown, "lang": func() string { return p.Lang },
	}).Parse(markdownPage)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, p)
	return b.Bytes(), err
}

// figures lists the drawings of a page.
func (p *Page) figures() (list []*Figure) {
	add := func(blocks []Block) {
		for _, b := range blocks {
			if b.Figure != nil {
				list = append(list, b.Figure)
			}
		}
	}
	add(p.Lead)
	for _, s := range p.Sections {
		add(s.Blocks)
	}
	return list
}

// Plain is the page as lines of text for a terminal, without tables, drawings and
// entries.
func (p *Page) Plain() string {
	var b strings.Builder
	b.WriteString(p.Synthetic + "\n\n" + strings.ToUpper(p.Title) + "\n")
	for _, block := range p.Lead {
		if len(block.Text) > 0 {
			b.WriteString("\n" + folded(block.Text.String(), 100) + "\n")
		}
	}
	return b.String()
}

// folded breaks a text into lines of at most width characters where it can.
func folded(text string, width int) string {
	var b strings.Builder
	at := 0
	for i, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteString("\n")
			at = 0
		default:
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}
