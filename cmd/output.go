package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
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
		fmt.Fprintf(o.out, format+"\n", a...)
	}
}

// document writes the one JSON document of --json.
func (o *output) document(v any) error {
	e := json.NewEncoder(o.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
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
	fmt.Fprintf(o.err, format, a...)
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
	fmt.Fprint(o.err, explain(err))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	i, err := f.Stat()
	return err == nil && i.Mode()&os.ModeCharDevice != 0
}
