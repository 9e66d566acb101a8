package region

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Summary is what Write has written.
type Summary struct {
	Note       string `json:"note"`
	Preset     string `json:"preset"`
	Seed       uint64 `json:"seed"`
	Children   int    `json:"children"`
	Households int    `json:"households"`
	Areas      int    `json:"areas"`
	Schools    int    `json:"schools"`
	Columns    int    `json:"columns"` // of the codebook
	Cases      int    `json:"cases"`
	Reports    int    `json:"reports"` // before 144 months
	Delays     int    `json:"delays"`  // children with a developmental delay, recorded or not
	Anomalies  int    `json:"anomalies"`
	Files      []Rows `json:"files"`
}

// Rows counts the lines of one institution's file.
type Rows struct {
	Institution string `json:"institution"`
	Rows        int    `json:"rows"`
	Duplicates  int    `json:"duplicates"` // lines that stand twice
	Mistaken    int    `json:"mistaken"`   // lines whose pseudonym is no child's
}

// writer is Write while it runs. Its memory goes with areas, schools and
// institutions, never with children.
type writer struct {
	w        *World
	groups   []group
	truth    *file
	children *file // nil without latents
	notes    *file
	summary  Summary
	last     int
	line     []byte
}

type group struct {
	name    string
	columns []column
	sinks   []sink
	files   []*file
	note    bool
}

// Write writes the region into the folder dir, which should be empty: no file
// is overwritten. It ends with the context.
func (w *World) Write(ctx context.Context, dir string) (s *Summary, err error) {
	book, err := w.Codebook()
	if err != nil {
		return nil, err
	}
	out := &writer{w: w, last: -1, summary: Summary{Note: Synthetic, Preset: w.Preset.Name, Seed: w.Seed, Areas: len(w.Areas), Schools: len(w.Schools), Columns: len(book.Columns)}}
	defer func() { err = errors.Join(err, out.close()) }()
	if err := text(w.readme(), dir, ReadmeFile); err != nil {
		return nil, err
	}
	if err := text("# "+Synthetic+".\n\n"+string(book.TOML()), dir, CodebookFile); err != nil {
		return nil, err
	}
	if err := out.open(dir); err != nil {
		return nil, err
	}
	err = w.Each(func(c *Child) error {
		if c.Index%1024 == 0 {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if w.Progress != nil {
				w.Progress(c.Index)
			}
		}
		return out.child(c)
	})
	if err != nil {
		return nil, err
	}
	return &out.summary, out.finish()
}

// text writes a whole file.
func text(content string, path ...string) error {
	f, err := create(path...)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	return errors.Join(err, f.close())
}

// open makes all files and writes their first lines.
func (o *writer) open(dir string) (err error) {
	p := o.w.plan
	for _, name := range Everybody {
		g := group{name: name}
		for _, at := range p.files[name] {
			l := &p.links[at]
			g.columns = append(g.columns, column{at, l.Digits, o.w.levels(l.Name), l.Name == "note"})
			g.note = g.note || l.Name == "note"
		}
		for _, institution := range Members(name) {
			f, err := create(dir, institution, RecordsFile)
			if err != nil {
				return err
			}
			g.files, g.sinks = append(g.files, f), append(g.sinks, sink{w: f})
			if _, err := f.WriteString(header(p.links, p.files[name])); err != nil {
				return err
			}
		}
		o.groups = append(o.groups, g)
	}
	if o.w.Preset.Latents {
		if o.children, err = create(dir, TruthFolder, ChildrenFile); err != nil {
			return err
		}
		if o.notes, err = create(dir, TruthFolder, NotesFile); err != nil {
			return err
		}
		if _, err := o.children.WriteString("pseudonym,household,area,school,adversity,development,background,oracle,became_case,onset,reported,report_age,told_back,anomaly\n"); err != nil {
			return err
		}
		if _, err := o.notes.WriteString("pseudonym,holder,what,start,end,text,negated\n"); err != nil {
			return err
		}
	}
	if o.truth, err = create(dir, TruthFolder, TruthFile); err != nil {
		return err
	}
	return o.w.truthHead(o.truth)
}

// child writes a child's lines.
func (o *writer) child(c *Child) error {
	s := &o.summary
	s.Children++
	if c.Household != o.last {
		s.Households, o.last = s.Households+1, c.Household
	}
	s.Cases += int(one(c.Case))
	s.Reports += int(one(c.Reported))
	s.Delays += int(c.get("developmental_delay"))
	if c.Anomaly {
		if err := anomaly(o.truth, c.Pseudonym, s.Anomalies == 0); err != nil {
			return err
		}
		s.Anomalies++
	}
	for i := range o.groups {
		g := &o.groups[i]
		if !c.known[i] {
			continue
		}
		if err := o.inFile(c, g); err != nil {
			return err
		}
	}
	return o.latents(c)
}

// inFile writes a child's line in the file of a group's institution.
func (o *writer) inFile(c *Child, g *group) error {
	at := slices.Index(Members(g.name), c.Institution(g.name))
	k := &g.sinks[at]
	s := newStream(o.w.Seed, "line "+g.name, c.Index)
	name, double, wrong := c.Pseudonym, s.chance(twice), s.chance(mistaken)
	if wrong {
		name = pseudonym(o.w.Seed, "mistaken "+g.name, c.Index)
		k.wrong++
	}
	var n Note
	if g.note {
		n = c.noteOf(o.w.Seed, g.name)
		if err := o.noteTruth(name, c.Institution(g.name), &n); err != nil {
			return err
		}
	}
	return k.write(c, name, g.columns, n.Text, double)
}

// noteTruth writes what must be found in a note.
func (o *writer) noteTruth(pseudonym, holder string, n *Note) error {
	if o.notes == nil {
		return nil
	}
	for _, s := range n.Spans {
		if _, err := fmt.Fprintf(o.notes, "%s,%s,%s,%d,%d,%s,\n", pseudonym, holder, s.Kind, s.Start, s.End, s.Text); err != nil {
			return err
		}
	}
	for _, t := range n.Terms {
		if _, err := fmt.Fprintf(o.notes, "%s,%s,%s,%d,%d,%s,%d\n", pseudonym, holder, "term:"+t.Topic, t.Start, t.End, t.Text, int(one(t.Negated))); err != nil {
			return err
		}
	}
	return nil
}

// latents writes a child's truth.
func (o *writer) latents(c *Child) error {
	if o.children == nil {
		return nil
	}
	b := append(o.line[:0], c.Pseudonym...)
	number := func(v float64, digits int) { b = strconv.AppendFloat(append(b, ','), v, 'f', digits, 64) }
	number(float64(c.Household), 0)
	b = append(append(b, ','), o.w.Areas[c.Area].Name...)
	b = append(append(b, ','), o.w.Schools[c.School].Name...)
	for _, v := range []float64{c.get("adversity"), c.get("development")} {
		number(v, 6)
	}
	number(c.get("background"), 0)
	number(c.Oracle, 6)
	for _, v := range []float64{one(c.Case), float64(c.Onset), one(c.Reported), float64(c.Report), one(c.ToldBack), one(c.Anomaly)} {
		number(v, 0)
	}
	o.line = append(b, '\n')
	_, err := o.children.Write(o.line)
	return err
}

// finish writes what is left and counts the lines.
func (o *writer) finish() error {
	for i := range o.groups {
		g := &o.groups[i]
		for k, name := range Members(g.name) {
			if err := g.sinks[k].release(); err != nil {
				return err
			}
			o.summary.Files = append(o.summary.Files, Rows{name, g.sinks[k].rows, g.sinks[k].doubles, g.sinks[k].wrong})
		}
	}
	return o.w.truthTail(o.truth, &o.summary)
}

// close closes all files that are open.
func (o *writer) close() error {
	var all []error
	for i := range o.groups {
		for _, f := range o.groups[i].files {
			all = append(all, f.close())
		}
	}
	for _, f := range []*file{o.truth, o.children, o.notes} {
		if f != nil {
			all = append(all, f.close())
		}
	}
	return errors.Join(all...)
}
