package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"
)

// hostile is what somebody may write where others read: erase the line, an 8-bit
// control, another direction of text, letters that are not seen.
const hostile = "a\x1b[2K\rb\u009b31mc\u202ed\u2066e\u200bf\u2028g\x7fh\U000e0041i\b"

// TestOutputIsClean: no way to print lets a text of others act on the terminal.
func TestOutputIsClean(t *testing.T) {
	for what, print := range map[string]func(*output){
		"print":    func(o *output) { o.print("%s\nnext", hostile) },
		"event":    func(o *output) { o.event(false, "%s\nnext", hostile) },
		"fail":     func(o *output) { o.fail(errors.New(hostile)) },
		"document": func(o *output) { _ = o.document(map[string]string{"name": hostile}) },
	} {
		out := told(print)
		for _, r := range out {
			if r != '\n' && unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
				t.Errorf("%s prints %U: %q", what, r, out)
			}
		}
		switch what {
		case "document": // whoever reads it gets what was written
			var read map[string]string
			if err := json.Unmarshal([]byte(out), &read); err != nil || read["name"] != hostile {
				t.Errorf("%q, %v", read["name"], err)
			}
		case "fail":
		default:
			if !strings.HasPrefix(out, "a[2Kb31mcdefghi\nnext\n") {
				t.Errorf("%s: %q", what, out)
			}
		}
	}
	if text := []byte(`{"a":"é"}`); !bytes.Equal(escaped(text), text) {
		t.Errorf("%s", escaped(text))
	}
	if got := oneLine("a\n  next: run this\t" + hostile); strings.ContainsAny(got, "\n\t\r") {
		t.Errorf("%q", got)
	}
}
