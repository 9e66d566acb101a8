package factsheet

import (
	"fmt"
	"math"
	"strings"
)

// Sheet makes the two pages of the factsheet. ok is false for a language that
// there is none in.
func (f *Findings) Sheet(lang string) (p *Page, ok bool) {
	w, ok := wordsIn(lang)
	if !ok {
		return nil, false
	}
	p = &Page{Lang: lang, Title: w.title, Synthetic: w.synthetic, Mark: w.madeUp, Notes: plain(w.entriesText), Root: w.root + f.Log.Root}
	p.Lead = []Block{para(plain(w.question))}
	if c := f.Capacity; c != nil {
		p.Lead = append(p.Lead, Block{Strong: true, Text: say(w.answer, w.fixed(c.PerMonth, 0), cite(w.of100(1-c.Missed), c.Entry), cite(w.of100(c.Missed), c.Entry), cite(w.of100(c.False/(c.Found+c.False)), c.Entry))})
	}
	p.Sections = []Section{
		f.holders(w), f.how(w), f.early(w), f.misses(w), f.situation(w), f.knowledge(w), f.helped(w), f.planted(w), f.bias(w), f.notYet(w), notProtected(w),
	}
	p.Entries = w.entriesOf(f, citedIn(p))
	return p, true
}

func (f *Findings) holders(w *words) Section {
	t := &Table{Header: []string{w.holder, w.institutions, w.rows, w.holds}, Wraps: 3}
	for _, h := range f.Holders {
		t.Rows = append(t.Rows, []Text{plain(name(w.groups, h.Group)), plain(w.whole(int64(h.Institutions))), plain(w.whole(int64(h.Rows))), plain(name(w.held, h.Group))})
	}
	return Section{Title: w.holders, Blocks: []Block{{Table: t}}}
}

func (f *Findings) how(w *words) Section {
	n, answered := 0, 0
	var without []string
	for _, h := range f.Holders {
		n += h.Institutions
	}
	for _, s := range f.Studies {
		if s.Entry >= 0 {
			answered++
		} else {
			without = append(without, name(w.studyNames, s.ID))
		}
	}
	s := Section{Title: w.how, Blocks: []Block{
		para(say(w.howText, w.whole(int64(f.Children)), f.Preset, fmt.Sprint(f.Seed), fmt.Sprint(n), fmt.Sprint(answered))),
		para(say(w.howLog, w.whole(f.Log.Entries), w.whole(int64(f.Log.Findings)), w.fixed(f.Log.Seconds, 0))),
	}}
	if f.Log.Findings > 0 {
		s.Blocks = append(s.Blocks, Block{Text: plain(w.howFindings), Strong: true})
	}
	if len(without) > 0 {
		s.Blocks = append(s.Blocks, para(say(w.noAnswers, strings.Join(without, ", "))))
	}
	return s
}

// none is a section whose studies had no answer.
func none(w *words, title string) Section {
	return Section{Title: title, Blocks: []Block{para(plain(w.tooFew))}}
}

func (f *Findings) early(w *words) Section {
	if len(f.Early) == 0 || f.Capacity == nil {
		return none(w, w.early)
	}
	s := Section{Title: w.early, Blocks: []Block{para(say(w.earlyText, w.fixed(100*f.Early[0].Share, 1), w.fixed(f.Capacity.PerMonth, 0))), {Figure: w.earlyFigure(f.Early)}}}
	t := &Table{Header: []string{w.age, w.earlier, w.precision, w.chance, w.recall}, Wraps: -1}
	for _, l := range f.Early {
		t.Rows = append(t.Rows, []Text{
			plain(fmt.Sprintf(w.years, w.fixed(float64(l.Months)/12, 0))),
			say("%s", cite(w.fixed(l.Earlier, 0), l.LeadEntry)),
			say("%s", cite(w.share1(l.Precision), l.Entry)),
			say("%s", cite(w.fixed(100*l.Base(), 1), l.Entry)),
			say("%s", cite(w.share(l.Recall), l.Entry)),
		})
	}
	s.Blocks = append(s.Blocks, Block{Table: t})
	first, last := f.Early[0], f.Early[len(f.Early)-1]
	if len(f.Early) > 1 {
		s.Blocks = append(s.Blocks, para(append(say(w.earlyLead, w.fixed(float64(first.Months)/12, 0), w.fixed(float64(last.Months)/12, 0),
			cite(w.fixed(first.Earlier-last.Earlier, 0), first.LeadEntry), cite(w.share(first.Recall), first.Entry), cite(w.share(last.Recall), last.Entry)),
			plain(" "+w.earlyOne)...)))
		if first.Recall.Low <= last.Recall.High && last.Recall.Low <= first.Recall.High {
			s.Blocks = append(s.Blocks, para(say(w.earlyOverlap)))
		}
	}
	if len(f.Periods) > 0 {
		s.Blocks = append(s.Blocks, para(say(w.periodsText, w.ratios(f.Periods))))
	}
	return s
}

func (f *Findings) misses(w *words) Section {
	c := f.Capacity
	if c == nil {
		return none(w, w.misses)
	}
	s := Section{Title: w.misses, Blocks: []Block{
		para(say(w.missesText, w.fixed(c.PerMonth, 0), cite(w.of100(c.Missed), c.Entry))),
		para(say(w.missesFalse, cite(w.fixed(c.Found+c.False, 0), c.Entry), cite(w.fixed(c.False, 0), c.Entry))),
	}}
	s.Blocks = append(s.Blocks, f.worth(w)...)
	if g := f.Groups; g != nil {
		s.Blocks = append(s.Blocks, para(say(w.missesFair, cite(w.share(g.FPR[1]), g.Entry), cite(w.share(g.FPR[0]), g.Entry))))
	}
	return s
}

// share is an interval of a proportion, of 100.
func (w *words) share(i Interval) string {
	return w.interval(Interval{100 * i.Estimate, 100 * i.Low, 100 * i.High}, 0)
}

// share1 is the same with a decimal, for rare things.
func (w *words) share1(i Interval) string {
	return w.interval(Interval{100 * i.Estimate, 100 * i.Low, 100 * i.High}, 1)
}

func (f *Findings) situation(w *words) Section {
	s := Section{Title: w.situation}
	if d := f.Delay; d != nil {
		s.Blocks = append(s.Blocks, para(say(w.situationText, cite(w.whole(d.Rows), d.Entries[2]), cite(w.interval(d.Child, 2), d.Entries[0]), cite(w.interval(d.Situation, 2), d.Entries[1]), cite(w.interval(d.Both, 2), d.Entries[2]))))
		says := w.situationAdds
		if d.PValue >= 0.05 {
			says = w.situationNot
		}
		s.Blocks = append(s.Blocks, para(say(says, cite(w.pValue(d.PValue), d.Entries[2]))))
	} else {
		s.Blocks = append(s.Blocks, para(plain(w.tooFew)))
	}
	if a := f.Areas; a != nil {
		n := 0
		for _, h := range f.Holders {
			n += h.Institutions
		}
		c := func(v int) number { return cite(w.whole(int64(v)), a.Entry) }
		s.Blocks = append(s.Blocks, para(append(say(w.areasText, c(a.Indicators), c(a.Areas), fmt.Sprint(n), c(a.Told), c(a.Cells)), append(plain(" "), say(w.areasAlone, c(a.Isolated))...)...)))
		if a.Reports == 0 {
			s.Blocks = append(s.Blocks, para(plain(w.areasNoReports)))
		} else {
			s.Blocks = append(s.Blocks, para(say(w.areasFunnel, c(a.Reports), c(a.Outside))))
		}
	}
	return s
}

func (w *words) pValue(p float64) string {
	if p < 0.001 {
		return "< " + w.fixed(0.001, 3)
	}
	return "= " + w.fixed(p, 3)
}

func (f *Findings) knowledge(w *words) Section {
	if len(f.Statements) == 0 {
		return none(w, w.knowledge)
	}
	t := &Table{Header: []string{w.statement, w.experts, w.data, w.both, w.verdict}, Wraps: 0}
	for _, s := range f.Statements {
		says := s.Says
		if own, ok := w.says[s.ID]; ok {
			says = own
		}
		both := "–"
		if s.Both != nil {
			both = w.interval(*s.Both, 1)
		}
		t.Rows = append(t.Rows, []Text{
			append(say("**%s:** ", name(w.whos, s.Who)), plain(says)...), plain(w.interval(s.Experts, 1)),
			say("%s", cite(w.interval(s.Data, 1), s.Entry)), say("%s", cite(both, s.Entry)), {{Text: name(w.verdicts, s.Verdict), Entry: -1, Bold: true}},
		})
	}
	sec := Section{Title: w.knowledge, Wide: true, Blocks: []Block{para(plain(w.knowledgeText)), {Table: t}}}
	if len(f.Notes) > 0 {
		sec.Blocks = append(sec.Blocks, para(say(w.notesText, w.ratios(f.Notes))))
	}
	return sec
}

// ratios lists odds ratios by name.
func (w *words) ratios(all []Ratio) (list Text) {
	for i, r := range all {
		format := ", %s %s"
		if i == 0 {
			format = "%s %s"
		}
		list = append(list, say(format, name(w.terms, r.Term), cite(w.interval(r.Interval, 1), r.Entry))...)
	}
	return list
}

func (f *Findings) helped(w *words) Section {
	if len(f.Effects) == 0 {
		return none(w, w.helped)
	}
	s := Section{Title: w.helped, Blocks: []Block{para(plain(w.helpedText))}}
	var list []Text
	holds, planted := 0, 0.0
	for _, e := range f.Effects {
		says := w.helpedWedge
		if e.Design == "did" {
			says = w.helpedDiD
		}
		list = append(list, say(says, cite(w.interval(e.Interval, 2), e.Entry)))
		planted = e.Planted
		if e.Low <= e.Planted && e.Planted <= e.High {
			holds++
		}
	}
	s.Blocks = append(s.Blocks, Block{List: list}, para(say(w.helpedPlanted, w.fixed(planted, 1), fmt.Sprint(holds), fmt.Sprint(len(f.Effects)))))
	return s
}

func (f *Findings) planted(w *words) Section {
	s := Section{Title: w.true_}
	if t := f.Truth; len(t.Compared) > 0 {
		s.Blocks = append(s.Blocks, para(say(w.trueText, fmt.Sprint(len(t.Compared)), w.fixed(t.LargestZ, 1))), Block{Figure: w.zFigure(t.Compared)})
	} else {
		s.Blocks = append(s.Blocks, para(plain(w.tooFew)))
	}
	if u, r := f.Unlike, f.Truth.Unlike; u != nil && r != nil {
		s.Blocks = append(s.Blocks, para(say(w.unlikeText, cite(w.whole(u.Alarms), u.Entry), cite(w.whole(u.Rows), u.Entry), cite(w.fixed(100*u.Share, 1), u.Entry), fmt.Sprint(r.Planted), fmt.Sprint(r.Found))))
	}
	if r, a := f.Truth.Areas, f.Areas; r != nil && a != nil {
		t := say(w.excessText, fmt.Sprint(r.Planted), cite(fmt.Sprint(a.Outside), a.Entry), fmt.Sprint(r.Found))
		if r.Found < r.Planted {
			t = append(append(t, plain(" ")...), plain(w.excessNone)...)
		}
		s.Blocks = append(s.Blocks, para(t))
	}
	return s
}

func (f *Findings) bias(w *words) Section {
	s := Section{Title: w.bias}
	if b := f.Truth.Bias; b != nil {
		s.Blocks = append(s.Blocks, para(say(w.biasText, w.share(b.Reported[1]), w.share(b.Reported[0]), w.of100(b.Planted[1]), w.of100(b.Planted[0]))))
	}
	s.Blocks = append(s.Blocks, Block{Text: say(w.biasBlind), Strong: true})
	return s
}

func (f *Findings) notYet(w *words) Section {
	s := Section{Title: w.notYet, Blocks: []Block{para(plain(w.notYetText))}}
	if l := f.Truth.Ladder; l != nil {
		s.Blocks = append(s.Blocks, Block{List: []Text{
			say(w.notYetBest, name(w.groups, l.Holder), w.interval(l.Best, 2), w.fixed(l.Planted[0], 2)),
			say(w.notYetTogether, w.interval(l.Together, 2), w.fixed(l.Planted[1], 2)),
			say(w.notYetOracle, w.interval(l.Oracle, 2), w.fixed(l.Planted[2], 2)),
		}}, para(plain(w.notYetLinking)))
	} else {
		s.Blocks = append(s.Blocks, para(plain(w.tooFew)))
	}
	return s
}

func notProtected(w *words) Section {
	b := Block{}
	for _, t := range w.notProtectedList {
		b.List = append(b.List, plain(t))
	}
	return Section{Title: w.notProtected, Blocks: []Block{b}}
}

// LargestZ is the largest distance from what is planted, in standard errors.
func LargestZ(list []Compared) (z float64) {
	for _, c := range list {
		z = math.Max(z, math.Abs(c.Z))
	}
	return z
}
