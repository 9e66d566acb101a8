package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/decide"
)

// Document is the result document of --json and results.json.
type Document struct {
	*model.Result
	Use *decide.Use `json:"use,omitempty"` // what the model would mean in use, where that is asked

	// Read from an opened table of areas, where that is asked.
	Profile   *AreaProfile     `json:"area_profile,omitempty"`
	Situation *model.AreaModel `json:"area_model,omitempty"`

	Rounds []Round    `json:"rounds"`
	Log    LogHead    `json:"log"`
	Audit  AuditBlock `json:"audit"`
}

// Round is one finished round as the researcher saw it.
type Round struct {
	Round        int     `json:"round"`
	Attempt      int     `json:"attempt"`
	Included     int     `json:"included"`
	BytesPerNode int64   `json:"bytes_per_node"`
	Seconds      float64 `json:"seconds"`
}

// LogHead names the state of the log that the result rests on.
type LogHead struct {
	Origin string `json:"origin"`
	Size   int64  `json:"size"`
	Root   string `json:"root"`
}

// AuditBlock is the outcome of verifying the study's own record.
type AuditBlock struct {
	Verified bool             `json:"verified"`
	Findings []verify.Finding `json:"findings"`
}

func newDocument(r *model.Result, institutions int, rounds []Round, head audit.Head, origin string, report *verify.Report) *Document {
	r.Institutions = institutions
	d := &Document{
		Result: r, Rounds: rounds,
		Log:   LogHead{origin, head.Size, head.Root.String()},
		Audit: AuditBlock{len(report.Findings) == 0, report.Findings},
	}
	if d.Audit.Findings == nil {
		d.Audit.Findings = []verify.Finding{}
	}
	return d
}

// bytes is the document as it is printed and kept. It fails when a number in it
// is not finite, which JSON cannot hold.
func (d *Document) bytes() ([]byte, error) { return indented(d) }

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("the result cannot be written as JSON: %w", err)
	}
	return b.Bytes(), nil
}

// write prints the document, whole or not at all.
func (d *Document) write(w io.Writer) error {
	b, err := d.bytes()
	if err == nil {
		_, err = w.Write(b)
	}
	return err
}

// openers returns how many institutions a study has and how many of them
// together open a total.
func openers(st *audit.State, study string) (t thresholds) {
	for _, a := range federation.Attempts(st) {
		if a.Open.Header.Study == study {
			open := a.Open.Body.(*audit.Open)
			t = thresholds{len(open.Roster), open.T, open.C}
		}
	}
	return t
}

// firstUpload fetches the first encrypted bytes that the coordinator holds of
// the institution in the middle of the list: what a curious coordinator would
// look at.
func firstUpload(ctx context.Context, f *federation.Federation, study string) (from string, received []byte, err error) {
	var frames audit.BlobRef
	f.View(func(st *audit.State) {
		for _, a := range federation.Attempts(st) {
			if a.Open.Study != study || frames.Size > 0 {
				continue
			}
			if names := sortedKeys(a.Updates); len(names) > 0 {
				from = names[(len(names)-1)/2]
				frames = a.Updates[from].Body.(*audit.Update).Frames
			}
		}
	})
	if frames.Size == 0 {
		return "", nil, nil
	}
	const skip, show = 4096, 16 // past the header
	var b bytes.Buffer
	err = f.Blobs().GetBlob(ctx, frames.Digest, skip, show, &b)
	return from, b.Bytes(), err
}

// said counts what one party put into the log of a bundle: encrypted lists, and
// statements in all.
func said(dir, party string) (lists, statements int, err error) {
	r, err := bundle.Open(os.DirFS(dir))
	if err != nil {
		return 0, 0, err
	}
	checkpoint, err := r.Checkpoint()
	if err != nil {
		return 0, 0, err
	}
	head, err := audit.ReadUnverified(checkpoint) // verified before
	if err != nil {
		return 0, 0, err
	}
	err = r.Entries(head.Size, func(_ int64, leaf []byte) error {
		s, err := audit.Parse(leaf)
		if err != nil {
			return err
		}
		if s.Signer == party {
			statements++
			if s.Type == audit.TypeUpdate {
				lists++
			}
		}
		return nil
	})
	return lists, statements, err
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
