package cmd

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/smartstart-federation/smartstart/cmd/factsheet"
	"github.com/smartstart-federation/smartstart/examples/region"
)

// demoRegion makes up a region, runs its studies as one federation of 19
// institutions, holds the findings against what is planted, and writes factsheet
// and council report.
type demoRegion struct {
	preset string
	seed   uint64
	lang   string
	out    string // "": a temporary folder, of which only the summary is printed
}

// Names in the folder of demo --region.
const (
	regionData     = "region" // what the generator wrote
	regionFindings = "findings.json"
)

func (d *demoRegion) run(ctx context.Context, o *output) error {
	began := time.Now()
	p, err := region.PresetNamed(d.preset)
	if err != nil {
		return usage(err.Error(), "see smartstart demo --help")
	}
	if !p.Latents {
		return usage("the preset "+p.Name+" is for trying speed and has no truth to compare with", "choose tiny, demo or region")
	}
	if err := emptyFolder(d.out); err != nil {
		return err
	}
	out := d.out
	if out == "" {
		if out, err = os.MkdirTemp("", "smartstart-region-"); err != nil {
			return err
		}
		defer os.RemoveAll(out)
	}
	w, err := region.New(p, d.seed)
	if err != nil {
		return err
	}
	o.event(false, "%s", region.Synthetic)
	r := &regionRun{data: filepath.Join(out, regionData), out: out}
	summary, err := w.Write(ctx, r.data)
	if err != nil {
		return unwritable(out, err)
	}
	if err := r.run(ctx, o); err != nil {
		return err
	}
	f := r.tell(summary)
	if err := r.compare(f, w); err != nil {
		return err
	}
	if err := d.write(f, out); err != nil {
		return unwritable(out, err)
	}
	if o.json {
		if err := o.document(f); err != nil {
			return err
		}
	} else {
		d.print(o, f, time.Since(began))
	}
	if f.Log.Findings > 0 {
		return &Error{codeFailedVerification, plural(f.Log.Findings, "finding") + " in the log of the studies", "read them: smartstart audit verify " + filepath.Join(out, "bundle")}
	}
	return nil
}

// unwritable says which folder could not be written, if that is what happened.
func unwritable(dir string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return &Error{"SS1207", "the folder " + dir + " cannot be written: " + cause(err), "look whether the disk is full and the folder is yours, and name a new folder for --out"}
	}
	return err
}

// write writes the reports, and the findings as numbers.
func (d *demoRegion) write(f *factsheet.Findings, out string) error {
	files, err := f.Files()
	if err != nil {
		return err
	}
	if files[regionFindings], err = indented(f); err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(out, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// print prints the council report as text, and where everything is.
func (d *demoRegion) print(o *output, f *factsheet.Findings, took time.Duration) {
	page, _ := f.Council(d.lang)
	o.print("%s", page.Plain())
	next := "smartstart demo --region --lang " + d.lang + " --out region-out"
	if d.out != "" {
		next = filepath.Join(d.out, "factsheet."+d.lang+".html") + "   ·   smartstart audit verify " + filepath.Join(d.out, "bundle")
	}
	o.print("|z| %.1f · %d studies · %s log entries, %s · %.0f s", f.Truth.LargestZ, len(f.Studies), thousands(int(f.Log.Entries)), plural(f.Log.Findings, "finding"), took.Seconds())
	o.print("Next   %s", next)
}
