package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// participants says who took part when.
func (w *writer) participants(studies []*audit.Study) {
	w.section("Who took part, and when", "Wie deed mee, en wanneer")
	w.none(studies)
	for _, s := range studies {
		w.title(studies, s)
		w.attempts(s)
	}
}

func (w *writer) attempts(s *audit.Study) {
	var rows [][]Text
	closed := 0
	always := map[string]bool{}
	for _, name := range s.Roster {
		always[name] = true
	}
	for r, attempts := range s.Rounds {
		for _, at := range attempts {
			number := fmt.Sprint(r + 1)
			if len(attempts) > 1 {
				number += "." + fmt.Sprint(at.Number)
			}
			if at.Closed() {
				closed++
			}
			if at.Valid() {
				in := w.inSet(at)
				for name := range always {
					always[name] = always[name] && slices.Contains(in, name)
				}
			}
			rows = append(rows, []Text{
				w.words(number), w.say("%s [%s]", "%s [%s]", w.moment(at.Open.Time), entry(at.Open.Index)),
				w.included(s, at), w.absent(s, at), w.outcome(at),
			})
		}
	}
	if len(rows) == 0 {
		w.para("No round was opened.", "Er is geen ronde geopend.")
		return
	}
	opened := len(w.openedRounds(s))
	everywhere := slices.DeleteFunc(sorted(always), func(n string) bool { return !always[n] })
	switch {
	case opened > 0 && len(everywhere) == len(s.Roster):
		w.para("All %d institutions are in every total.", "Alle %d organisaties zitten in elk totaal.", len(s.Roster))
	case opened > 0:
		w.para("In every total: %s. Approved and not in every total: %s.", "In elk totaal: %s. Wel akkoord, maar niet in elk totaal: %s.",
			w.list(everywhere), w.list(slices.DeleteFunc(slices.Clone(s.Roster), func(n string) bool { return always[n] })))
	}
	if closed > 0 {
		w.para("%s closed before anything could be opened, and tried again.", "%s gesloten voordat er iets geopend kon worden, en opnieuw gedaan.",
			w.count(closed, "attempt was", "attempts were", "poging is", "pogingen zijn"))
	}
	for _, m := range w.log.of(audit.TypeProceed, s.ID) {
		w.para("%s decided on %s to go on without %s [%s].", "%s besloot op %s om door te gaan zonder %s [%s].", m.Signer, w.date(m.Time), w.list(m.Body.(*audit.Proceed).Without), entry(m.Index))
	}
	if p := s.Proposal.Body.(*audit.Proposal); p.OnLate == audit.OnLateProceed {
		w.para("The approved study says itself that its first round begins without institutions that are late by more than %d seconds.",
			"Het goedgekeurde onderzoek zegt zelf dat de eerste ronde begint zonder organisaties die meer dan %d seconden te laat zijn.", int(p.Wait))
	}
	w.table(rows, w.in("Round", "Ronde"), w.in("Begun", "Begonnen"), w.in("In the total", "In het totaal"), w.in("Absent sites, and why", "Afwezige deelnemers, en waarom"), w.in("Outcome", "Afloop"))
}

// inSet are the institutions of an attempt's set.
func (w *writer) inSet(at *audit.Attempt) (names []string) {
	if at.Set == nil {
		return nil
	}
	for _, p := range at.Set.Body.(*audit.Set).Points {
		names = append(names, at.Name(p))
	}
	return names
}

func (w *writer) included(s *audit.Study, at *audit.Attempt) Text {
	names := w.inSet(at)
	switch {
	case at.Set == nil:
		return w.say("none fixed", "niet vastgesteld")
	case len(names) == len(s.Roster):
		return w.say("all %d [%s]", "alle %d [%s]", len(names), entry(at.Set.Index))
	}
	return w.say("%d: %s [%s]", "%d: %s [%s]", len(names), w.list(names), entry(at.Set.Index))
}

// absent names who is not in an attempt's set, each with the logged reason.
func (w *writer) absent(s *audit.Study, at *audit.Attempt) Text {
	seats := at.Seats()
	var parts []string
	for _, name := range s.Roster {
		if !slices.Contains(seats, name) {
			parts = append(parts, clean(name)+": "+w.in("was not ready when it began, or had been left out", "was niet gereed toen de ronde begon, of was erbuiten gelaten"))
		}
	}
	if at.Set == nil {
		for _, name := range seats {
			if at.Updates[name] == nil {
				parts = append(parts, clean(name)+": "+w.in("had sent no list when the attempt ended", "had geen lijst gestuurd toen de poging eindigde"))
			}
		}
	} else {
		for _, a := range at.Set.Body.(*audit.Set).Absent {
			parts = append(parts, clean(at.Name(a.Point))+": "+w.word(absences, a.Reason))
		}
	}
	if len(parts) == 0 {
		return w.say("nobody", "niemand")
	}
	return w.words(strings.Join(parts, "; "))
}

func (w *writer) outcome(at *audit.Attempt) Text {
	switch {
	case at.Valid():
		b := at.Result.Body.(*audit.Result)
		t := w.say("opened [%s]", "geopend [%s]", entry(at.Result.Index))
		if len(b.Wrong) > 0 {
			var names []string
			for _, p := range b.Wrong {
				names = append(names, at.Name(p))
			}
			t = append(t, w.say("; the release of %s does not fit, the total does not depend on it", "; de vrijgave van %s past niet, het totaal hangt er niet van af", w.list(names))...)
		}
		return t
	case at.Result != nil:
		return w.say("not usable: the check numbers or the range failed [%s]", "niet bruikbaar: de controlegetallen of het bereik klopten niet [%s]", entry(at.Result.Index))
	case at.Closed():
		var why []string
		var where []int64
		for _, name := range sorted(at.Aborts) {
			m := at.Aborts[name]
			if reason := w.word(aborts, m.Body.(*audit.Abort).Reason); !slices.Contains(why, reason) {
				why = append(why, reason)
			}
			where = append(where, m.Index)
		}
		return w.say("closed attempt: nothing can be opened; %s [%s]", "gesloten poging: er kan niets meer worden geopend; %s [%s]", strings.Join(why, ", "), entries(where...))
	case at.Certified():
		return w.say("enough institutions agreed to open it; no result is logged", "genoeg organisaties stemden in met openen; er is geen uitkomst vastgelegd")
	}
	return w.say("not finished in this log", "in dit logboek niet afgerond")
}

// opened says what was opened.
func (w *writer) opened(studies []*audit.Study) {
	w.section("What was opened", "Wat is geopend")
	w.none(studies)
	for _, s := range studies {
		w.title(studies, s)
		w.totals(s)
		w.ending(s)
	}
}

func (w *writer) totals(s *audit.Study) {
	list := w.openedRounds(s)
	if len(list) == 0 {
		w.para("No total was opened.", "Er is geen totaal geopend.")
	}
	var rows [][]Text
	numbers := 0
	for _, at := range list {
		shape := at.Open.Body.(*audit.Open).Shape
		numbers += shape.Values()
		result := at.Result.Body.(*audit.Result)
		var by []string
		for _, p := range result.Used {
			by = append(by, at.Name(p))
		}
		rows = append(rows, []Text{
			w.words(fmt.Sprint(at.Round)), w.words(w.number(int64(shape.Values()))),
			w.words(w.number(int64(len(at.Set.Body.(*audit.Set).Points)))),
			w.say("%s [%s]", "%s [%s]", w.list(by), entries(releasesOf(at, by)...)),
			w.say("%s [%s]", "%s [%s]", w.moment(at.Result.Time), entry(at.Result.Index)),
		})
	}
	if len(list) > 0 {
		each := two{"Each number is a total over the institutions that section 4 names for that round.", "Elk getal is een totaal over de organisaties die hoofdstuk 4 voor die ronde noemt."}
		if w.singles(s) {
			each = two{"Each number was added over the institutions that section 4 names for that round; where only one of them has something to add, it is that one's number.",
				"Elk getal is opgeteld over de organisaties die hoofdstuk 4 voor die ronde noemt; waar maar één daarvan iets bij te dragen heeft, is het een getal van die organisatie."}
		}
		w.para("%s, %s in all. %s", "%s, samen %s. %s",
			w.count(len(list), "total was opened", "totals were opened", "totaal is geopend", "totalen zijn geopend"), w.count(numbers, "number", "numbers", "getal", "getallen"), w.two(each))
	}
	w.budget(s, numbers)
	w.table(rows, w.in("Round", "Ronde"), w.in("Numbers", "Getallen"), w.in("Institutions", "Organisaties"), w.in("Opened with the releases of", "Geopend met de vrijgaven van"), w.in("When", "Wanneer"))
	w.contents(list)
	w.numbered(s, list)
}

// numbered says what the fold numbers in the names of opened numbers stand for.
func (w *writer) numbered(s *audit.Study, list []*audit.Attempt) {
	var folds []string
	for i, fold := range w.folds(s) {
		folds = append(folds, fmt.Sprintf("%d: %s", i+1, w.list(fold)))
	}
	if len(folds) > 0 && len(list) > 0 {
		w.para("“fold k” in a name is the k-th of these groups of institutions, whose rows judge a model that was fitted “without fold k”. %s.",
			"“fold k” in een naam is de k-de van deze groepen organisaties; hun rijen beoordelen een model dat “without fold k”, dus zonder die groep, is gemaakt. %s.", strings.Join(folds, "; "))
	}
}

func releasesOf(at *audit.Attempt, names []string) (list []int64) {
	for _, name := range names {
		if m := at.Releases[name]; m != nil {
			list = append(list, m.Index)
		}
	}
	return list
}

// budget says how the opened numbers compare with what was allowed.
func (w *writer) budget(s *audit.Study, numbers int) {
	asked := s.Proposal.Body.(*audit.Proposal).Numbers
	if asked <= 0 {
		return
	}
	w.para("The approved study allows at most %s opened numbers in all; %s were opened. (A total that was tried again over the same institutions counts once.)",
		"Het goedgekeurde onderzoek staat in totaal ten hoogste %s geopende getallen toe; er zijn er %s geopend. (Een totaal dat over dezelfde organisaties is herhaald, telt één keer.)",
		w.number(asked), w.number(int64(numbers)))
}

// contents lists what the numbers of each round are, rounds with the same
// numbers together.
func (w *writer) contents(list []*audit.Attempt) {
	var rows [][]Text
	for i := 0; i < len(list); {
		shape := list[i].Open.Body.(*audit.Open).Shape
		j := i
		for j+1 < len(list) && sameTensors(shape, list[j+1].Open.Body.(*audit.Open).Shape) {
			j++
		}
		rounds := fmt.Sprint(list[i].Round)
		if j > i {
			rounds += "–" + fmt.Sprint(list[j].Round)
		}
		var parts []mark
		for _, t := range shape.Tensors {
			parts = append(parts, mark(fmt.Sprintf("%s (%s)", code(t.Name), w.number(int64(t.Len)))))
		}
		rows = append(rows, []Text{w.words(rounds), w.text(marks(parts, ", "))})
		i = j + 1
	}
	w.table(rows, w.in("Rounds", "Rondes"), w.in("What the numbers are, by the names that the method gives them (how many of each)", "Wat de getallen zijn, met de namen die de methode ze geeft (hoeveel van elk)"))
}

func sameTensors(a, b crypto.Shape) bool { return slices.Equal(a.Tensors, b.Tensors) }

// ending says how the study ended and what was made public.
func (w *writer) ending(s *audit.Study) {
	if s.Close == nil {
		w.para("The study was not closed in this log.", "Het onderzoek is in dit logboek niet gesloten.")
	} else {
		w.para("%s closed the study on %s: %s [%s].", "%s sloot het onderzoek op %s: %s [%s].", s.Close.Signer, w.moment(s.Close.Time), w.word(ends, s.Close.Body.(*audit.Close).Reason), entry(s.Close.Index))
	}
	sum := w.summary(s.ID)
	if sum.Deleted > 0 {
		w.para("The encrypted lists or releases of %s were lawfully deleted, which the charter allows since %s; these totals can no longer be re-added.",
			"De versleutelde lijsten of vrijgaven van %s zijn rechtmatig verwijderd, wat volgens het charter mag sinds %s; deze totalen zijn niet meer na te tellen.",
			w.count(sum.Deleted, "round", "rounds", "ronde", "rondes"), w.date(sum.Deletable))
	} else if sum.Deletable != "" {
		w.para("The charter lets the encrypted lists be deleted from %s; after that the totals can no longer be re-added.", "Volgens het charter mogen de versleutelde lijsten vanaf %s worden verwijderd; daarna zijn de totalen niet meer na te tellen.", w.date(sum.Deletable))
	}
	for _, m := range w.log.of(audit.TypePublish, s.ID) {
		w.para("%s asked on %s to publish the document %s [%s]: %s", "%s vroeg op %s het document %s te publiceren [%s]: %s",
			m.Signer, w.date(m.Time), digest(m.Body.(*audit.Publish).Document.Digest), entry(m.Index), w.motion(m))
	}
}
