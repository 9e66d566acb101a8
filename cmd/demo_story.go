package cmd

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/model"
)

// tell prints the story of the run.
func (s *show) tell(o *output, done *outcome) {
	w, d := s.words, done.document
	last := d.Rounds[len(d.Rounds)-1]
	o.print(w.title, s.count(s.data.rows), d.Institutions)
	o.print("")
	o.print("%s", w.question)
	o.print(w.looked, done.receivedFrom, done.lists, done.notes)
	o.print(w.sent, done.receivedFrom)
	o.print(w.holds, done.received[:min(8, len(done.received))])
	o.print(w.added, last.Included, d.Institutions, len(d.Rounds))
	if round := s.missed(); round > 0 {
		o.print(w.off, s.absence.name, round)
	} else {
		o.print(w.stayed, s.absence.name)
	}
	o.print(w.opened, done.opened, done.institutions, s.apart())
	o.print("")
	s.judged(o, d.Evaluation)
	verdict := w.no
	if s.largest <= 1e-6 && s.same {
		verdict = w.yes
	}
	bits := w.no
	if s.same {
		bits = w.bits
	}
	o.print(w.together, bits, strings.Replace(fmt.Sprintf("%.1e", s.largest), ".", w.decimal, 1), verdict)
	o.print("")
	s.trusted(o, done)
	o.print("")
	o.print(w.notProved, done.collude+1)
	if s.out != "" {
		o.print(w.out, s.out)
		o.print(w.next, "smartstart audit verify "+done.bundle)
	} else {
		o.print(w.next, "smartstart demo --lang "+s.lang+" --out demo-out   ·   smartstart audit verify demo-out/bundle")
	}
}

// apart says, if it is so, that sums of single institutions were opened.
func (s *show) apart() string {
	if s.method.Plan.Isolates() {
		return s.words.apart
	}
	return "."
}

// sets tells the sets of folds from that of all of them together, which
// is nil when no such set was judged.
func sets(e *model.Evaluation) (folds []model.Judged, all *model.Judged) {
	n := len(e.LeftOut)
	if n == 0 {
		return nil, nil
	}
	last := &e.LeftOut[n-1]
	var members []string
	for _, j := range e.LeftOut[:n-1] {
		members = append(members, j.Institutions...)
	}
	if n > 1 && slices.Equal(slices.Sorted(slices.Values(members)), slices.Sorted(slices.Values(last.Institutions))) {
		return e.LeftOut[:n-1], last
	}
	if n == 1 {
		return e.LeftOut, last
	}
	return e.LeftOut, nil
}

// judged tells how well the model does where it never was.
func (s *show) judged(o *output, e *model.Evaluation) {
	w := s.words
	if e == nil {
		return
	}
	boards, all := sets(e)
	if all != nil {
		s.answered(o, all)
	}
	if len(e.Curve) > 0 {
		s.climbed(o, e.Curve, all)
	}
	low, high := math.Inf(1), math.Inf(-1)
	var most, least *model.Judged
	for i := range boards {
		b := &boards[i]
		low, high = min(low, b.AUC), max(high, b.AUC)
		if b.OE < 0.8 && (most == nil || b.OE < most.OE) {
			most = b
		}
		if b.OE > 1.25 && (least == nil || b.OE > least.OE) {
			least = b
		}
	}
	if len(boards) == 0 {
		s.fairness(o, e)
		return
	}
	line := fmt.Sprintf(w.unseen, s.share(low), s.share(high))
	if len(boards) == 1 {
		line = fmt.Sprintf(w.unseenOne, strings.Join(boards[0].Institutions, ", "), s.share(low))
	}
	if most != nil {
		line += fmt.Sprintf(w.tooMany, strings.Join(most.Institutions, ", "), s.share(most.OE))
	}
	if least != nil {
		also := w.but
		if most != nil {
			also = w.and
		}
		line += fmt.Sprintf(w.tooFew, also, strings.Join(least.Institutions, ", "), s.share(least.OE))
	}
	if most != nil || least != nil {
		o.print("%s", line+w.level)
	} else {
		o.print("%s", line+w.everywhere)
	}
	s.fairness(o, e)
}

// answered tells what selecting by the model gives, and by one column.
func (s *show) answered(o *output, all *model.Judged) {
	w, top := s.words, at(all.Top, 0.1)
	if top == nil {
		return
	}
	line := fmt.Sprintf(w.answer, s.number(10*top.Precision, 1))
	if all.Rule != nil {
		if t := at(all.Rule.Top, 0.1); t != nil {
			line += fmt.Sprintf(w.answerRule, s.lastYear(all.Rule.Column), s.number(10*t.Precision, 1))
		}
	}
	o.print("%s.", line)
	o.print(w.missed, s.number(10*(1-top.Recall), 0))
	o.print("%s", w.selected)
}

// climbed prints the learning curve. With folds its last point is of models
// that learnt from all other institutions; the others stayed within one.
func (s *show) climbed(o *output, curve []model.CurvePoint, all *model.Judged) {
	w := s.words
	where := w.within
	switch {
	case all != nil && len(curve) == 1:
		where = w.across
	case all != nil:
		where = w.within + w.last
	}
	o.print(w.curve, where)
	var points []string
	for _, p := range curve {
		points = append(points, fmt.Sprintf("%d %s %s", p.Sites, schools(w, p.Sites), s.share(p.AUC)))
	}
	line := "   " + strings.Join(points, "   ")
	if all != nil && all.Rule != nil {
		line += "   " + fmt.Sprintf(w.curveRule, s.lastYear(all.Rule.Column), s.share(all.Rule.AUC))
	}
	o.print("%s", line)
}

func schools(w *texts, n int) string {
	if n == 1 {
		return w.school
	}
	return w.schools
}

// fairness tells who is wrongly picked among those with and without each
// yes_no column.
func (s *show) fairness(o *output, e *model.Evaluation) {
	w, top := s.words, 100*s.study.Evaluate.Select
	predicting := s.method.Plan.Predicting()
	for _, column := range sortedKeys(e.Groups) {
		yes, no := level(e.Groups[column], "1"), level(e.Groups[column], "0")
		used, moral := slices.Contains(predicting, column), w.moral
		was := fmt.Sprintf(w.unused, column)
		if used {
			was, moral = fmt.Sprintf(w.used, column), w.people
		}
		if yes == nil || no == nil || yes.FPR == nil || no.FPR == nil {
			o.print(w.littleSay, was, top)
			continue
		}
		whom := column
		if column == "minority" && s.lang == "nl" {
			whom = "een minderheidsachtergrond"
		}
		rates := w.rates
		if !used && yes.FPR.Estimate > no.FPR.Estimate {
			rates = w.still
		}
		o.print(w.fair, was, fmt.Sprintf(rates, selected(top, yes, no)), s.interval(yes.FPR), whom)
		o.print(w.others, s.interval(no.FPR), moral)
	}
}

// selected is the share of the rows, in percent, that was selected: that of the
// opened cut nearest to the one asked for.
func selected(asked float64, groups ...*model.Group) float64 {
	n, of := 0.0, 0.0
	for _, g := range groups {
		if g.Selected == nil {
			return asked
		}
		n, of = n+g.Selected.Estimate*float64(g.Selected.Of), of+float64(g.Selected.Of)
	}
	return 100 * n / of
}

func level(groups []model.Group, name string) *model.Group {
	i := slices.IndexFunc(groups, func(g model.Group) bool { return g.Level == name && !g.TooFew })
	if i < 0 {
		return nil
	}
	return &groups[i]
}

// trusted tells what the record proves, and what became of the cheat.
func (s *show) trusted(o *output, done *outcome) {
	w := s.words
	verified := w.no
	if done.document.Audit.Verified {
		verified = "OK"
	}
	o.print(w.trust, s.count(int(done.document.Log.Size)), verified)
	o.print(w.cheats, s.cheat.Victim)
	if len(s.cheat.Noticed) > 0 {
		o.print(w.caught, s.noticed(), cmp.Or(w.fork, s.cheat.Why.Error()))
	}
	for _, f := range s.accused()[:min(1, len(s.forged.Findings))] {
		sentence := f.Sentence
		if w.missing != "" && f.Code == string(audit.CodeSetMembers) {
			sentence = fmt.Sprintf(w.missing, s.cheat.Victim)
		}
		o.print(w.auditor, f.Index, f.Party, sentence, f.Code)
	}
}

// noticed counts who refused the rewritten log.
func (s *show) noticed() string {
	w, boards := s.words, 0
	for _, name := range s.cheat.Noticed {
		if name != federation.ResearcherName {
			boards++
		}
	}
	who := fmt.Sprintf("%d %s", boards, w.boards)
	if boards == 1 {
		who = "1 " + w.board
	}
	switch {
	case boards == len(s.cheat.Noticed):
		return who
	case boards == 0:
		return w.researcher
	}
	return who + w.and + w.researcher
}

func at(top []model.Top, fraction float64) *model.Top {
	for i := range top {
		if math.Abs(top[i].Fraction-fraction) < 1e-9 {
			return &top[i]
		}
	}
	return nil
}

// lastYear names the column of the simplest rule in plain words.
func (s *show) lastYear(column string) string {
	if column != "lang_pre" {
		return column
	}
	if s.lang == "nl" {
		return "de toets van vorig jaar"
	}
	return "last year's test"
}

// number prints with the language's decimal sign.
func (s *show) number(v float64, digits int) string {
	return strings.Replace(fmt.Sprintf("%.*f", digits, v), ".", s.words.decimal, 1)
}

// share prints two decimals, in English without a zero before the sign.
func (s *show) share(v float64) string {
	return strings.Replace(s.number(v, 2), "0"+s.words.decimal, s.words.zero, 1)
}

// count prints a whole number with the language's sign between thousands.
func (s *show) count(n int) string { return strings.ReplaceAll(thousands(n), ",", s.words.thousands) }

func (s *show) interval(v *model.Share) string {
	return fmt.Sprintf("%.0f%% (%.0f-%.0f)", 100*v.Estimate, 100*v.ConfLow, 100*v.ConfHigh)
}
