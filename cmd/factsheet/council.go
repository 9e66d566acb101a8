package factsheet

import "fmt"

// Council makes the page for a council: at most 250 words and one drawing, and
// every number in it rests on a log entry.
func (f *Findings) Council(lang string) (*Page, bool) {
	w, ok := wordsIn(lang)
	if !ok {
		return nil, false
	}
	p := &Page{Lang: lang, Title: w.councilTitle, Synthetic: w.synthetic, Mark: w.madeUp, Council: true, Notes: plain(w.councilEntries), Root: w.root + f.Log.Root}
	add := func(t Text) { p.Lead = append(p.Lead, para(t)) }
	p.Lead = append(p.Lead, Block{Text: plain(w.councilQuestion), Strong: true})
	add(say(w.councilDone))
	if c := f.Capacity; c != nil {
		if c.Found < c.False {
			add(say(w.councilMostWrong))
		} else {
			add(say(w.councilMostRight))
		}
		found := say(w.councilFound, cite(w.fixed(c.PerMonth, 0), c.Entry), w.hundred(1-c.Missed, c.Entry), cite(w.of100(c.Missed), c.Entry))
		found = append(append(found, plain(" ")...), say(w.councilFalse, w.hundred(c.False/(c.Found+c.False), c.Entry))...)
		if d := f.Decision; d != nil && d.Estimate.From > 0 {
			found = append(append(found, plain(" ")...), say(w.councilWorth, cite(w.whole(int64(d.Estimate.From)), d.Entry))...)
		}
		add(found)
		p.Lead = append(p.Lead, Block{Figure: w.dotsFigure(c)})
	} else {
		add(say(w.tooFew))
	}
	if six, ten := f.at(72), f.at(120); six != nil && ten != nil {
		add(say(w.councilEarly, cite(w.fixed(six.Earlier-ten.Earlier, 0), six.LeadEntry)))
	}
	if d := f.Delay; d != nil {
		add(say(w.councilSituation, w.hundreds(d.Child, d.Entries[0]), w.hundreds(d.Situation, d.Entries[1])))
	}
	for _, e := range f.Effects {
		if e.Design == "wedge" {
			add(say(w.councilHelped, cite(w.interval(e.Interval, 1), e.Entry)))
		}
	}
	add(say(w.councilBias))
	add(say(w.councilNot))
	add(say(w.councilAsk))
	p.Entries = w.entriesOf(f, citedIn(p))
	return p, true
}

// hundred is a share as so many of 100.
func (w *words) hundred(share float64, entry int64) number {
	return cite(fmt.Sprintf(w.ofHundred, w.of100(share)), entry)
}

// hundreds is the same with its interval.
func (w *words) hundreds(i Interval, entry int64) number {
	return cite(fmt.Sprintf(w.ofHundred, w.share(i)), entry)
}

// at is the landmark at an age in months, or nil.
func (f *Findings) at(months int) *Landmark {
	for i := range f.Early {
		if f.Early[i].Months == months {
			return &f.Early[i]
		}
	}
	return nil
}
