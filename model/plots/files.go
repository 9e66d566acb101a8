package plots

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"slices"

	"github.com/smartstart-federation/smartstart/model"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// ErrNoData says that the result holds nothing to draw a picture of.
var ErrNoData = errors.New("the result holds nothing to draw this picture of")

// Pictures returns every picture that r and e have data for, in the language
// "en" or "nl". r may be nil; where e is nil, r's own evaluation is drawn. A picture that cannot be drawn is left
// out and named in the error.
func Pictures(r *model.Result, e *model.Evaluation, lang string) ([]*Picture, error) {
	if _, err := textsIn(lang); err != nil {
		return nil, err
	}
	var pictures []*Picture
	var problems []error
	add := func(p *Picture, err error) {
		switch {
		case err == nil:
			pictures = append(pictures, p)
		case !errors.Is(err, ErrNoData):
			problems = append(problems, err)
		}
	}
	add(Forest(r, lang))
	if r != nil && r.Areas != nil {
		for _, k := range r.Areas.Indicators {
			if f, err := r.Areas.Funnel(k.Name); err == nil && len(f.Points) > 1 { // one that has no rate has no funnel
				add(FunnelAreas(r, f, lang))
			}
		}
	}
	if e = evaluationOf(r, e); e != nil {
		add(Calibration(r, e.HeldOut, lang))
		add(CalibrationLeftOut(r, e.LeftOut, lang))
		add(ROC(r, e.HeldOut, lang))
		add(ROCLeftOut(r, e.LeftOut, lang))
		var rule *model.Rule
		folds, all := apart(e.LeftOut)
		switch {
		case e.HeldOut != nil:
			rule = e.HeldOut.Rule
		case all != nil:
			rule = all.Rule
		}
		add(LearningCurve(r, e.Curve, rule, lang))
		add(Funnel(r, folds, lang))
		fair, err := Fairness(r, e.Groups, lang)
		pictures = append(pictures, fair...)
		if err != nil && !errors.Is(err, ErrNoData) {
			problems = append(problems, err)
		}
	}
	return pictures, errors.Join(problems...)
}

// apart splits off the last set if it is all the others together, which is no
// point of a funnel.
func apart(sets []model.Judged) (folds []model.Judged, all *model.Judged) {
	n, names := len(sets)-1, 0
	if n < 2 {
		return sets, nil
	}
	for _, s := range sets[:n] {
		names += len(s.Institutions)
	}
	if names == 0 || len(sets[n].Institutions) != names {
		return sets, nil
	}
	return sets[:n], &sets[n]
}

// evaluationOf returns e, or the evaluation that r holds if e is nil.
func evaluationOf(r *model.Result, e *model.Evaluation) *model.Evaluation {
	if e == nil && r != nil {
		return r.Evaluation
	}
	return e
}

// Write draws every picture that r and e have data for, as Pictures does, as
// NAME.svg and NAME.png in dir, which it makes where needed. It returns the names of the files that stand there complete,
// also beside an error about others. Files of those names are replaced.
func Write(dir string, r *model.Result, e *model.Evaluation, lang string) (files []string, err error) {
	pictures, problem := Pictures(r, e, lang)
	if len(pictures) == 0 {
		return nil, problem
	}
	files, err = writeAll(dir, pictures)
	return files, errors.Join(problem, err)
}

// writeAll writes pictures as Write does.
func writeAll(dir string, pictures []*Picture) (files []string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("the folder for the pictures cannot be made: %w", err)
	}
	var problems []error
	for _, p := range pictures {
		for _, as := range []struct {
			ending string
			encode func() ([]byte, error)
		}{{".svg", p.SVG}, {".png", p.PNG}} {
			content, err := as.encode()
			if err == nil {
				err = replace(filepath.Join(dir, p.Name+as.ending), content)
			}
			if err != nil {
				problems = append(problems, fmt.Errorf("the picture %s cannot be written: %w", p.Name+as.ending, err))
				continue
			}
			files = append(files, p.Name+as.ending)
		}
	}
	return files, errors.Join(problems...)
}

// replace puts content at path in one step, so that no reader sees half of it.
func replace(path string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".picture-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close() // a second Close only returns an error
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(content); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// PNG returns the picture as 1200 by 800 pixels.
func (p *Picture) PNG() ([]byte, error) {
	c := vgimg.NewWith(vgimg.UseWH(pageWidth, pageHeight), vgimg.UseDPI(96))
	p.Draw(draw.New(c))
	var b bytes.Buffer
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(&b)
	return b.Bytes(), err
}

// SVG returns the picture as a drawing, the same bytes each time. Its title
// and caption are there for a screen reader too.
func (p *Picture) SVG() ([]byte, error) {
	c := vgsvg.New(pageWidth, pageHeight)
	p.Draw(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, err
	}
	const head = "xlink\">\n" // the end of vgsvg's <svg ...>
	before, after, found := bytes.Cut(b.Bytes(), []byte(head))
	if !found {
		return nil, errors.New("the drawing does not begin as expected")
	}
	desc := ""
	for _, s := range slices.Concat(p.Caption, []string{p.Footer}) {
		desc += clean(s) + "\n"
	}
	// Arial and Helvetica have the widths of Liberation Sans, for readers
	// without it. Only style lines hold this text: write escapes nothing more
	// than a name, and a name stands on its own line without a tab.
	after = bytes.ReplaceAll(after, []byte("\n\tstyle=\"font-family:Liberation Sans;"),
		[]byte("\n\tstyle=\"font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"))
	return fmt.Appendf(nil, "%s%s<title>%s</title>\n<desc>%s</desc>\n%s",
		before, head, html.EscapeString(clean(p.Title)), html.EscapeString(desc), after), nil
}
