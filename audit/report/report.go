package report

import (
	"fmt"
	"slices"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/audit/verify"
)

// Options say what a report is to be.
type Options struct {
	Lang    string // "nl" or "en"
	Study   string // only this study; "" for all
	Version string // of the program that makes the report
	Read    Reader // reads study files
}

// New writes the report of a verification. log has seen every entry of it.
func New(r *verify.Report, log *Log, o Options) (*Document, error) {
	if o.Lang != "nl" && o.Lang != "en" {
		return nil, fmt.Errorf("there is no report in the language %q", o.Lang)
	}
	w := &writer{
		page: page{dutch: o.Lang == "nl", named: map[int64]bool{}, doc: &Document{Lang: o.Lang}},
		r:    r, log: log, o: o,
	}
	var studies []*audit.Study
	if r.State != nil {
		for _, s := range r.Studies {
			if o.Study == "" || o.Study == s.ID {
				studies = append(studies, r.State.Studies[s.ID])
			}
		}
	}
	if o.Study != "" && len(studies) == 0 {
		return nil, &UnknownStudy{ID: o.Study, Has: sorted(studyNames(r))}
	}
	w.front(studies)
	w.questions(studies)
	w.deciders(studies)
	w.howMany(studies)
	w.participants(studies)
	w.opened(studies)
	w.federation()
	w.checks()
	w.limits()
	w.entries() // last: it lists what the others name
	return w.doc, nil
}

// UnknownStudy says that the log has no such study.
type UnknownStudy struct {
	ID  string
	Has []string
}

func (e *UnknownStudy) Error() string { return "the log has no study named " + e.ID }

func studyNames(r *verify.Report) map[string]bool {
	names := map[string]bool{}
	for _, s := range r.Studies {
		names[s.ID] = true
	}
	return names
}

// writer writes one report.
type writer struct {
	page
	r   *verify.Report
	log *Log
	o   Options
}

// summary is the verifier's own line about a study.
func (w *writer) summary(id string) verify.Study {
	i := slices.IndexFunc(w.r.Studies, func(s verify.Study) bool { return s.ID == id })
	return w.r.Studies[i]
}

// charter is the charter in force at the end of the log; nil without one.
func (w *writer) charter() *audit.Charter {
	if w.r.State == nil || w.r.State.Charter == nil {
		return nil
	}
	return w.r.State.Charter.Body.(*audit.Charter)
}

// who is a party by its name; the coordinator's name is that of the log.
func (w *writer) who(name string) string {
	if c := w.charter(); c != nil && name == c.Coordinator.Name {
		return w.in("coordinator", "coördinator")
	}
	return name
}

// front writes the first page: what this is, what came out, in short.
func (w *writer) front(studies []*audit.Study) {
	w.doc.Title = w.in("Audit report", "Controleverslag")
	if len(studies) == 1 {
		w.doc.Title += w.in(" of study ", " van onderzoek ") + clean(studies[0].ID)
	}
	checks := 0
	for _, f := range w.r.Families {
		checks += f.Checks
	}
	findings := len(w.r.Findings)
	if findings > 0 {
		w.doc.Failed = w.say("NOT VERIFIED: %s failed. Do not rely on the results of this log before each of them is explained; they stand in section 7.",
			"NIET IN ORDE: %s. Vertrouw niet op de uitkomsten van dit logboek voordat elk ervan is verklaard; ze staan in hoofdstuk 7.",
			w.count(findings, "check", "checks", "controle is mislukt", "controles zijn mislukt"))
	} else {
		w.para("All %d checks that this bundle allows were made, and none failed. What they cannot show stands in section 8.",
			"Alle %d controles die met dit pakket mogelijk zijn, zijn gedaan en geen enkele mislukte. Wat ze niet laten zien, staat in hoofdstuk 8.", checks)
	}
	w.para("This report was made by a program from the signed log of the federation alone. Numbers in brackets are entries of that log: the last section says what each is, and anybody who has the bundle can look them up. It holds no record of any person and none of the opened numbers themselves.",
		"Dit verslag is door een programma gemaakt uit alleen het ondertekende logboek van de federatie. Getallen tussen haken zijn regels van dat logboek: het laatste hoofdstuk zegt wat elke regel is, en wie het pakket heeft, kan ze opzoeken. Het bevat geen gegeven van een persoon en geen van de geopende getallen zelf.")
	if w.charter() != nil && w.charter().Rehearsal {
		w.para("REHEARSAL: the charter allows public and made-up data only.", "OEFENING: het charter staat alleen openbare en verzonnen gegevens toe.")
	}
	var brief []Text
	for _, s := range studies {
		brief = append(brief, w.brief(s)...)
	}
	if len(brief) > 0 {
		w.add(Block{Heading: w.in("In short", "In het kort"), List: brief})
	}
	w.add(Block{Heading: w.in("The record", "Het logboek"), Facts: w.record()})
	w.doc.Foot = w.foot()
}

// foot says what the report was made from.
func (w *writer) foot() Text {
	if w.r.Size == 0 {
		return w.say("Made by smartstart %s from a bundle of which no entry could be read.", "Gemaakt door smartstart %s uit een pakket waarvan geen regel te lezen was.", w.o.Version)
	}
	return w.say("Made from the log %s up to entry %d by smartstart %s. Times are those that the parties' own clocks gave, in UTC.",
		"Gemaakt uit het logboek %s tot en met regel %d door smartstart %s. Tijden zijn die van de klokken van de partijen zelf, in UTC.",
		w.r.Origin, w.r.Size-1, w.o.Version)
}

// record says which log this is about.
func (w *writer) record() (facts []Fact) {
	add := func(english, dutch string, t Text) { facts = append(facts, Fact{w.in(english, dutch), t}) }
	unknown := w.in("not known", "niet bekend")
	name, log, root := unknown, mark(unknown), mark(unknown)
	if c := w.charter(); c != nil {
		name = c.Name
	}
	if w.r.Origin != "" {
		log = code(w.r.Origin)
	}
	if w.r.Size > 0 {
		root = digest(w.r.Root)
	}
	add("Federation", "Federatie", w.say("%s; log: %s", "%s; logboek: %s", name, log))
	if n := len(w.log.lines); n > 0 {
		from, to := w.date(w.log.lines[0].time), w.date(w.lastTime())
		if from == to {
			add("Entries", "Regels", w.say("%s, all of %s", "%s, alle van %s", w.number(w.r.Size), from))
		} else {
			add("Entries", "Regels", w.say("%s, from %s to %s", "%s, van %s tot en met %s", w.number(w.r.Size), from, to))
		}
	}
	add("Root (to compare with another institution)", "Wortel (om met een andere organisatie te vergelijken)", w.text(root))
	if w.r.Kind == bundle.Sealed {
		add("Bundle", "Pakket", w.say("sealed: with the encrypted lists and the releases, so every total could be added and opened again. Whoever holds it can open those totals: keep it under agreement.",
			"verzegeld: met de versleutelde lijsten en de vrijgaven, zodat elk totaal opnieuw kon worden opgeteld en geopend. Wie het heeft kan die totalen openen: bewaar het onder afspraak."))
	} else {
		add("Bundle", "Pakket", w.say("public: statements, proofs and digests; no total could be added or opened again.",
			"openbaar: verklaringen, bewijsstukken en controlegetallen; geen totaal kon opnieuw worden opgeteld of geopend."))
	}
	if w.r.Pinned {
		add("Coordinator's key", "Sleutel van de coördinator", w.say("the one that the auditor knew beforehand", "de sleutel die de controleur vooraf kende"))
	} else {
		add("Coordinator's key", "Sleutel van de coördinator", w.say("taken from the charter in this same log; nobody gave it beforehand", "uit het charter in ditzelfde logboek; niemand gaf die vooraf"))
	}
	add("Co-signed by", "Medeondertekend door", w.cosigned())
	return facts
}

// lastTime is the time of the last entry that could be read.
func (w *writer) lastTime() string {
	for i := len(w.log.lines) - 1; i >= 0; i-- {
		if w.log.lines[i].time != "" {
			return w.log.lines[i].time
		}
	}
	return ""
}

// cosigned says who else stands under the newest checkpoint.
func (w *writer) cosigned() Text {
	st := w.r.State
	if st == nil || st.Charter == nil {
		return w.say("not known", "niet bekend")
	}
	c, err := st.ReadCosigned(w.r.Checkpoint)
	if err != nil || len(c.By) == 0 {
		return w.say("nobody: this bundle's checkpoint has the coordinator's signature alone (%d institutions are needed for it to count as co-signed)",
			"niemand: onder het laatste controlepunt van dit pakket staat alleen de handtekening van de coördinator (%d organisaties zijn nodig om het als medeondertekend te laten gelden)", st.Quorum())
	}
	var names []string
	for _, s := range c.By {
		names = append(names, s.Name)
	}
	return w.say("%s (%s; %d needed): each held the log up to entry %s when it signed",
		"%s (%s; %d nodig): elk had het logboek tot en met regel %s bij het tekenen",
		w.list(names), w.count(len(c.Institutions()), "institution", "institutions", "organisatie", "organisaties"), st.Quorum(), entry(c.Size-1))
}

// brief is a study in a few sentences.
func (w *writer) brief(s *audit.Study) (list []Text) {
	say := func(english, dutch string, args ...any) { list = append(list, w.say(english, dutch, args...)) }
	p := s.Proposal.Body.(*audit.Proposal)
	question := ""
	if q, err := w.o.Read(p.Study, w.summary(s.ID).Codebook); err == nil {
		question = q.Question
	}
	if question != "" {
		say("%s, asked by %s on %s [%s]: “%s”", "%s, gevraagd door %s op %s [%s]: “%s”", s.ID, s.Proposer(), w.date(s.Proposal.Time), entry(s.Proposal.Index), question)
	} else {
		say("%s, asked by %s on %s [%s].", "%s, gevraagd door %s op %s [%s].", s.ID, s.Proposer(), w.date(s.Proposal.Time), entry(s.Proposal.Index))
	}
	by := map[string][]string{}
	for _, name := range sorted(s.Decisions) {
		v := s.Decisions[name].Body.(*audit.Decision).Verdict
		if s.Withdrawn(name) { // also by leaving the federation
			v = "withdraw"
		}
		by[v] = append(by[v], name)
	}
	if names := by["approve"]; len(names) > 0 {
		say("Approved by %s of %s: %s.", "Akkoord gegeven door %s van %s: %s.", w.number(int64(len(names))),
			w.count(len(w.invited(s)), "institution", "institutions", "organisatie", "organisaties"), w.list(names))
	} else {
		say("Approved by nobody.", "Door niemand akkoord bevonden.")
	}
	if names := by["deny"]; len(names) > 0 {
		say("Denied by %s.", "Niet akkoord: %s.", w.list(names))
	}
	if names := by["withdraw"]; len(names) > 0 {
		say("Withdrawn by %s; see section 2.", "Ingetrokken door %s; zie hoofdstuk 2.", w.list(names))
	}
	opened := w.openedRounds(s)
	if len(opened) == 0 {
		say("No total was opened.", "Er is geen totaal geopend.")
	} else {
		numbers := 0
		for _, at := range opened {
			numbers += at.Open.Body.(*audit.Open).Shape.Values()
		}
		least, most := sizes(opened)
		over := w.count(most, "institution", "institutions", "organisatie", "organisaties")
		if least != most {
			over = w.in(fmt.Sprintf("%d to %d institutions", least, most), fmt.Sprintf("%d tot %d organisaties", least, most))
		}
		if !w.singles(s) {
			over += w.in(" together", " samen")
		}
		say("Opened: %s with %s in all, each over %s.",
			"Geopend: %s met samen %s, elk over %s.",
			w.count(len(opened), "total", "totals", "totaal", "totalen"), w.count(numbers, "number", "numbers", "getal", "getallen"), over)
	}
	if w.singles(s) {
		say("Some of these numbers may be those of one institution alone. Accepted that beforehand: %s.", "Sommige van deze getallen kunnen van één organisatie zijn. Vooraf aanvaard door: %s.", w.list(alone(s)))
	}
	if s.Close != nil {
		b := s.Close.Body.(*audit.Close)
		say("The study is %s, on %s [%s].", "Het onderzoek is %s, op %s [%s].", w.word(ends, b.Reason), w.date(s.Close.Time), entry(s.Close.Index))
	} else {
		say("The study is still open.", "Het onderzoek loopt nog.")
	}
	return list
}

// invited are the institutions that could decide on a study: those of the
// federation when it was proposed.
func (w *writer) invited(s *audit.Study) []string { return s.Institutions }

// singles reports whether what was opened may tell what one institution gave:
// somebody accepted that beforehand, or the study file judges one by itself.
func (w *writer) singles(s *audit.Study) bool {
	return len(alone(s)) > 0 || slices.ContainsFunc(w.folds(s), func(fold []string) bool { return len(fold) == 1 })
}

// folds are the groups of institutions that a study file judges apart.
func (w *writer) folds(s *audit.Study) [][]string {
	q, err := w.o.Read(s.Proposal.Body.(*audit.Proposal).Study, w.summary(s.ID).Codebook)
	if err != nil {
		return nil
	}
	return q.Folds
}

// alone are the institutions that accepted that their own total may be seen.
func alone(s *audit.Study) (names []string) {
	for _, name := range sorted(s.Decisions) {
		if s.Decisions[name].Body.(*audit.Decision).AcceptAlone {
			names = append(names, name)
		}
	}
	return names
}

// openedRounds are the attempts of a study that were opened, one a round.
func (w *writer) openedRounds(s *audit.Study) (list []*audit.Attempt) {
	for r := range s.Rounds {
		if at := s.Opened(r + 1); at != nil {
			list = append(list, at)
		}
	}
	return list
}

// sizes are the smallest and the largest number of institutions in a total.
func sizes(list []*audit.Attempt) (least, most int) {
	for i, at := range list {
		n := len(at.Set.Body.(*audit.Set).Points)
		if i == 0 || n < least {
			least = n
		}
		most = max(most, n)
	}
	return least, most
}
