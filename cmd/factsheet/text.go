package factsheet

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Span is a run of text; with an Entry of 0 or more it is a number that stands in
// that entry of the log.
type Span struct {
	Text  string
	Entry int64
	Bold  bool
}

// Text is spans in their order.
type Text []Span

func (t Text) String() string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(s.Text)
	}
	return b.String()
}

// number is what a language makes of a figure, and the entry it rests on.
type number struct {
	text  string
	entry int64
}

// say fills the %s of a format, from left to right: numbers become spans of their
// own, **words** bold.
func say(format string, args ...any) (t Text) {
	bold := false
	for i, part := range strings.Split(format, "%s") {
		if i > 0 {
			switch a := args[i-1].(type) {
			case number:
				t = append(t, Span{Text: a.text, Entry: a.entry, Bold: bold})
			case Text:
				t = append(t, a...)
			default:
				t = append(t, Span{Text: fmt.Sprint(a), Entry: -1, Bold: bold})
			}
		}
		for k, piece := range strings.Split(part, "**") {
			if k > 0 {
				bold = !bold
			}
			if piece != "" {
				t = append(t, Span{Text: piece, Entry: -1, Bold: bold})
			}
		}
	}
	return t
}

// local is how a language writes numbers.
type local struct{ decimal, thousands string }

func (l local) fixed(v float64, digits int) string {
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return strings.Replace(s, ".", l.decimal, 1)
}

func (l local) whole(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + l.thousands + s[i:]
	}
	return s
}

// of100 is a share as children of 100.
func (l local) of100(share float64) string { return l.fixed(math.Round(100*share), 0) }

// interval is an estimate and its limits; the dash between them stands apart
// where a minus might be taken for it.
func (l local) interval(i Interval, digits int) string {
	dash := "–"
	if i.Low < 0 {
		dash = " – "
	}
	return l.fixed(i.Estimate, digits) + " (" + l.fixed(i.Low, digits) + dash + l.fixed(i.High, digits) + ")"
}
