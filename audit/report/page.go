package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/smartstart-federation/smartstart/crypto"
)

// page is a document being written in one language.
type page struct {
	dutch bool
	named map[int64]bool // entries that the text leads to
	doc   *Document
}

// The marks that say in a formatted string where a link or a digest lies. No
// text from outside can hold them: clean takes control characters out.
const (
	markEntry = "\x01"
	markCode  = "\x02"
	markEnd   = "\x03"
)

// entry is an argument of say that becomes a link to an entry of the log.
type entry int64

// String is the link, as say finds it.
func (e entry) String() string { return markEntry + strconv.FormatInt(int64(e), 10) + markEnd }

// code is an argument of say that is read letter by letter.
func code(s string) mark { return mark(markCode + clean(s) + markEnd) }

func digest(d crypto.Digest) mark { return code(d.String()) }

// mark is text with marks in it, which say leaves as it is.
type mark string

// marks joins texts with marks.
func marks(list []mark, between string) mark {
	var s []string
	for _, m := range list {
		s = append(s, string(m))
	}
	return mark(strings.Join(s, between))
}

// in returns the English or the Dutch words.
func (p *page) in(english, dutch string) string {
	if p.dutch {
		return dutch
	}
	return english
}

// say formats a text in the page's language. Strings among args come from the
// log: they lose what could be taken for a mark or a line.
func (p *page) say(english, dutch string, args ...any) Text {
	for i, a := range args {
		switch a := a.(type) {
		case string:
			args[i] = clean(a)
		case int: // written as the language does, in place of %d
			args[i] = mark(p.number(int64(a)))
		case int64:
			args[i] = mark(p.number(a))
		}
	}
	return p.text(mark(fmt.Sprintf(strings.ReplaceAll(p.in(english, dutch), "%d", "%s"), args...)))
}

// text finds the marks in a formatted string.
func (p *page) text(m mark) (t Text) {
	s := string(m)
	for s != "" {
		i := strings.IndexAny(s, markEntry+markCode)
		if i < 0 {
			return append(t, Span{Text: s, Entry: -1})
		}
		if i > 0 {
			t = append(t, Span{Text: s[:i], Entry: -1})
		}
		inside, rest, _ := strings.Cut(s[i+1:], markEnd)
		if s[i:i+1] == markEntry {
			n, err := strconv.ParseInt(inside, 10, 64)
			if err == nil {
				p.named[n] = true
				t = append(t, Span{Text: inside, Entry: n})
			}
		} else {
			t = append(t, Span{Text: inside, Entry: -1, Code: true})
		}
		s = rest
	}
	return t
}

// words is a text without marks.
func (p *page) words(s string) Text { return Text{{Text: clean(s), Entry: -1}} }

// clean takes out what does not belong in a line of text.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "?")
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		if unicode.In(r, unicode.Cf) { // marks that turn the direction of text
			return -1
		}
		return r
	}, s)), " ")
}

// number writes an integer as the language does.
func (p *page) number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + p.in(",", ".") + s[i:]
	}
	return s
}

// count writes a number with its noun.
func (p *page) count(n int, one, many, een, meer string) string {
	if n == 1 {
		return p.number(1) + " " + p.in(one, een)
	}
	return p.number(int64(n)) + " " + p.in(many, meer)
}

var (
	months  = strings.Fields("January February March April May June July August September October November December")
	maanden = strings.Fields("januari februari maart april mei juni juli augustus september oktober november december")
)

// date writes the day of a time or date of the log.
func (p *page) date(s string) string {
	layout := time.RFC3339
	if len(s) == len(time.DateOnly) {
		layout = time.DateOnly
	}
	t, err := time.Parse(layout, s)
	if err != nil {
		return clean(s)
	}
	return fmt.Sprintf("%d %s %d", t.Day(), p.in(months[t.Month()-1], maanden[t.Month()-1]), t.Year())
}

// moment writes a time of the log, which is UTC.
func (p *page) moment(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return clean(s)
	}
	return p.date(s) + t.Format(", 15:04:05 UTC")
}

// list joins names: "a, b and c".
func (p *page) list(names []string) string {
	switch n := len(names); n {
	case 0:
		return p.in("none", "geen")
	case 1:
		return clean(names[0])
	default:
		return clean(strings.Join(names[:n-1], ", ")) + p.in(" and ", " en ") + clean(names[n-1])
	}
}

// entries joins links.
func entries(list ...int64) mark {
	var s []mark
	for _, e := range list {
		s = append(s, mark(entry(e).String()))
	}
	return marks(s, ", ")
}

// section begins a part; what is added next stands in it.
func (p *page) section(english, dutch string) {
	p.doc.Sections = append(p.doc.Sections, Section{Number: len(p.doc.Sections) + 1, Title: p.in(english, dutch)})
}

func (p *page) add(b Block) {
	if n := len(p.doc.Sections); n > 0 {
		p.doc.Sections[n-1].Blocks = append(p.doc.Sections[n-1].Blocks, b)
		return
	}
	p.doc.Lead = append(p.doc.Lead, b)
}

func (p *page) heading(english, dutch string) { p.add(Block{Heading: p.in(english, dutch)}) }

// para adds a paragraph.
func (p *page) para(english, dutch string, args ...any) {
	p.add(Block{Text: p.say(english, dutch, args...)})
}

// table adds a table with these columns, unless it has no rows.
func (p *page) table(rows [][]Text, header ...string) {
	if len(rows) > 0 {
		p.add(Block{Table: &Table{Header: header, Rows: rows}})
	}
}

// sorted returns the keys of a map in order.
func sorted[V any](m map[string]V) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}
