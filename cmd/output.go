package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// output is where a command prints: results to out, everything else to err.
type output struct {
	out, err io.Writer
	json     bool
	quiet    bool
	plain    bool

	mu     sync.Mutex
	moving bool // the last line on err can be overwritten
}

// print writes a line of the result.
func (o *output) print(format string, a ...any) {
	if !o.json {
		fmt.Fprintln(o.out, clean(fmt.Sprintf(format, a...)))
	}
}

// document writes the one JSON document of --json.
func (o *output) document(v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := o.out.Write(escaped(b.Bytes()))
	return err
}

// clean takes out of a text what a terminal would obey instead of showing:
// control characters but the ends of lines, and marks that hide text or turn its
// direction. Anybody in the federation writes names, purposes and advice.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unprintable(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// oneLine is clean for a text that must not look like lines of the program's own.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

func unprintable(r rune) bool {
	return r != '\n' && r != '\t' && unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// escaped is JSON that means the same and has no unprintable characters: those of
// its strings that encoding/json leaves as they are.
func escaped(text []byte) []byte {
	if bytes.IndexFunc(text, unprintable) < 0 {
		return text
	}
	var out []byte
	for _, r := range string(text) {
		if !unprintable(r) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			out = fmt.Appendf(out, `\u%04x`, unit)
		}
	}
	return out
}

// event writes one line of progress. On a terminal a moving line is
// overwritten by the next; a pipe gets each line.
func (o *output) event(moving bool, format string, a ...any) {
	if o.quiet {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	terminal := !o.plain && isTerminal(o.err)
	if moving && !terminal {
		return
	}
	if o.moving {
		fmt.Fprint(o.err, "\r\x1b[K")
	}
	fmt.Fprint(o.err, clean(fmt.Sprintf(format, a...)))
	if !moving {
		fmt.Fprintln(o.err)
	}
	o.moving = moving
}

// fail explains an error on err.
func (o *output) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.moving {
		fmt.Fprint(o.err, "\r\x1b[K")
		o.moving = false
	}
	fmt.Fprint(o.err, clean(explain(err)))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	i, err := f.Stat()
	return err == nil && i.Mode()&os.ModeCharDevice != 0
}
