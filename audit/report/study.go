package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
)

// title names the study whose part follows, when there are more.
func (w *writer) title(studies []*audit.Study, s *audit.Study) {
	if len(studies) > 1 {
		w.heading("Study "+clean(s.ID), "Onderzoek "+clean(s.ID))
	}
}

func (w *writer) none(studies []*audit.Study) {
	if len(studies) == 0 {
		w.para("No study was proposed.", "Er is geen onderzoek voorgesteld.")
	}
}

// questions says what was asked.
func (w *writer) questions(studies []*audit.Study) {
	w.section("What was asked", "Wat is gevraagd")
	w.none(studies)
	for _, s := range studies {
		w.title(studies, s)
		w.question(s)
	}
}

func (w *writer) question(s *audit.Study) {
	p := s.Proposal.Body.(*audit.Proposal)
	var facts []Fact
	add := func(english, dutch string, t Text) { facts = append(facts, Fact{w.in(english, dutch), t}) }
	add("Asked by", "Gevraagd door", w.say("%s, on %s [%s]", "%s, op %s [%s]", s.Proposer(), w.moment(s.Proposal.Time), entry(s.Proposal.Index)))
	q, err := w.o.Read(p.Study, w.summary(s.ID).Codebook)
	if err != nil {
		add("Study file", "Onderzoeksbestand", w.say("it cannot be read by this program (%s); its text stands in entry %s", "het kan door dit programma niet worden gelezen (%s); de tekst staat in regel %s", err.Error(), entry(s.Proposal.Index)))
		w.add(Block{Facts: facts})
		return
	}
	stated := func(t string) Text {
		if t == "" {
			return w.say("not stated", "niet vermeld")
		}
		return w.words(t)
	}
	add("Question", "Vraag", stated(q.Question))
	add("Purpose", "Doel", stated(q.Purpose))
	add("Method", "Methode", w.words(w.word(kinds, q.Kind)))
	if q.Outcome != "" {
		add("Outcome", "Uitkomst", w.text(code(q.Outcome)))
	}
	if q.Rows == "" {
		add("Which rows", "Welke rijen", w.say("all rows that an institution has, but those whose persons objected", "alle rijen die een organisatie heeft, behalve die van personen met bezwaar"))
	} else {
		add("Which rows", "Welke rijen", w.say("rows for which this holds: %s", "rijen waarvoor dit geldt: %s", code(q.Rows)))
	}
	for _, d := range q.Derived {
		add("Computed for each row", "Per rij berekend", w.text(code(d)))
	}
	w.judging(q, add)
	if q.MinRows > 0 {
		add("Smallest share", "Kleinste bijdrage", w.say("an institution takes part with at least %d rows; groups of fewer than %d are not shown", "een organisatie doet mee met ten minste %d rijen; groepen van minder dan %d worden niet getoond", q.MinRows, q.MinCell))
	}
	if q.Until != "" {
		add("Until", "Tot en met", w.words(w.date(q.Until)))
	}
	w.add(Block{Facts: facts})
	var rows [][]Text
	for _, c := range q.Columns {
		rows = append(rows, []Text{w.text(code(c.Name)), w.words(c.Label), w.words(w.role(c.Role)), w.words(w.word(sensitivities, c.Sensitivity))})
	}
	w.table(rows, w.in("Column read", "Gelezen kolom"), w.in("What it is", "Wat het is"), w.in("What for", "Waarvoor"), w.in("Kind of data", "Soort gegeven"))
	if len(q.Never) > 0 {
		var names []mark
		for _, n := range q.Never {
			names = append(names, code(n))
		}
		w.para("Columns of the codebook that this study does not read: %s.", "Kolommen van het codeboek die dit onderzoek niet leest: %s.", marks(names, ", "))
	}
}

// judging says how the model is judged, as far as the study file says it.
func (w *writer) judging(q *Question, add func(string, string, Text)) {
	judge := func(english, dutch string, args ...any) {
		add("How the model is judged", "Hoe het model wordt beoordeeld", w.say(english, dutch, args...))
	}
	if q.Aside != "" {
		judge("by the rows for which this holds, which are kept aside: %s", "op de rijen waarvoor dit geldt, die opzij zijn gehouden: %s", code(q.Aside))
	}
	if q.HeldOut > 0 {
		judge("by %s%% of the units of %s, chosen by the same rule everywhere and kept aside", "op %s%% van de eenheden van %s, overal met dezelfde regel gekozen en opzij gehouden", fmt.Sprintf("%.0f", 100*q.HeldOut), code(q.By))
	}
	for _, fold := range q.Folds {
		judge("at %s by a model that never saw them", "bij %s door een model dat hun gegevens niet zag", w.list(fold))
	}
	if len(q.Groups) > 0 {
		judge("compared for fairness between the levels of %s", "op eerlijkheid vergeleken tussen de groepen van %s", w.list(q.Groups))
	}
}

// deciders says who decided what, on which ground.
func (w *writer) deciders(studies []*audit.Study) {
	w.section("Who decided", "Wie heeft besloten")
	w.none(studies)
	if len(studies) > 0 {
		w.para("An approval is given by a person whom the institution has mandated, with a key of their own; it is never given by the computer that holds the data. The log names roles, not people: “.approver” is that person, “.approver2” a second one where the institution wants two, “.fg” its data protection officer.",
			"Een akkoord wordt gegeven door iemand die daartoe door de organisatie is gemachtigd, met een eigen sleutel; nooit door de computer waarop de gegevens staan. Het logboek noemt rollen, geen mensen: “.approver” is die persoon, “.approver2” een tweede als de organisatie er twee wil, “.fg” haar functionaris gegevensbescherming.")
	}
	for _, s := range studies {
		w.title(studies, s)
		w.decisions(s)
		w.advice(s)
	}
}

func (w *writer) decisions(s *audit.Study) {
	var rows [][]Text
	decided := map[string]bool{}
	purposes := map[string][]string{}
	var alone, dpia []Text
	assessed := map[string]bool{}
	made := w.log.of(audit.TypeDecision, s.ID)
	slices.SortStableFunc(made, func(a, b *audit.Statement) int {
		return strings.Compare(a.Body.(*audit.Decision).Institution, b.Body.(*audit.Decision).Institution)
	})
	for _, m := range made {
		b := m.Body.(*audit.Decision)
		decided[b.Institution] = true
		verdict := w.words(w.word(verdicts, b.Verdict))
		if half := s.Half[b.Institution]; half != nil && half.Hash == m.Hash {
			verdict = append(verdict, w.say("; not in force: the institution's second approver has not signed the same", "; niet van kracht: de tweede gemachtigde van de organisatie heeft niet hetzelfde getekend")...)
		}
		ground, until := w.words("–"), w.words("–")
		if b.Verdict == "approve" {
			ground, until = w.words(w.word(grounds, b.Ground)), w.words(w.date(b.Expires))
			if text := clean(b.Purpose); !slices.Contains(purposes[text], b.Institution) {
				purposes[text] = append(purposes[text], b.Institution)
			}
			if b.AcceptAlone {
				alone = append(alone, w.say("%s [%s]", "%s [%s]", b.Institution, entry(m.Index)))
			}
			if key := b.Institution + b.DPIA.String(); !b.DPIA.IsZero() && !assessed[key] {
				assessed[key] = true
				dpia = append(dpia, w.say("%s: %s [%s]", "%s: %s [%s]", b.Institution, digest(b.DPIA), entry(m.Index)))
			}
		}
		rows = append(rows, []Text{w.words(b.Institution), verdict, ground, until, w.say("%s, %s [%s]", "%s, %s [%s]", m.Signer, w.moment(m.Time), entry(m.Index))})
	}
	for _, name := range w.invited(s) {
		if !decided[name] {
			rows = append(rows, []Text{w.words(name), w.say("did not decide", "nam geen besluit"), w.words("–"), w.words("–"), w.words("–")})
		}
	}
	w.table(rows, w.in("Institution", "Organisatie"), w.in("Decision", "Besluit"), w.in("Legal ground", "Grondslag"), w.in("Until", "Tot en met"), w.in("Signed by, when", "Getekend door, wanneer"))
	if len(rows) == 0 {
		w.para("No institution decided.", "Geen organisatie nam een besluit.")
	}
	switch {
	case len(purposes) == 1:
		for text := range purposes {
			w.para("The purpose that every approval names: “%s”", "Het doel dat elk akkoord noemt: “%s”", text)
		}
	case len(purposes) > 1:
		var list []Text
		for _, text := range sorted(purposes) {
			list = append(list, w.say("%s: “%s”", "%s: “%s”", w.list(purposes[text]), text))
		}
		w.add(Block{Heading: w.in("Purposes named", "Genoemde doelen"), List: list})
	}
	if len(dpia) > 0 {
		w.add(Block{Heading: w.in("Data protection impact assessments (SHA-256 of the document)", "Gegevensbeschermingseffectbeoordelingen (SHA-256 van het document)"), List: dpia})
	} else if len(purposes) > 0 {
		w.para("No approval names a data protection impact assessment.", "Geen akkoord noemt een gegevensbeschermingseffectbeoordeling (DPIA).")
	}
	if len(alone) > 0 {
		w.add(Block{Heading: w.in("Accepted that its own total may be opened, alone or as the difference between totals", "Heeft aanvaard dat het eigen totaal zichtbaar kan worden, apart of als verschil tussen totalen"), List: alone})
	}
}

// advice lists what data protection officers said.
func (w *writer) advice(s *audit.Study) {
	var list []Text
	for _, m := range w.log.of(audit.TypeAdvice, s.ID) {
		b := m.Body.(*audit.Advice)
		if clean(b.Text) == "" {
			list = append(list, w.say("%s (%s), %s: %s [%s]", "%s (%s), %s: %s [%s]", b.Institution, m.Signer, w.date(m.Time), w.word(advices, b.Advice), entry(m.Index)))
			continue
		}
		list = append(list, w.say("%s (%s), %s: %s. “%s” [%s]", "%s (%s), %s: %s. “%s” [%s]", b.Institution, m.Signer, w.date(m.Time), w.word(advices, b.Advice), b.Text, entry(m.Index)))
	}
	if len(list) == 0 {
		w.para("No data protection officer put advice in the log.", "Geen functionaris gegevensbescherming heeft advies in het logboek gezet.")
		return
	}
	w.add(Block{Heading: w.in("Advice of data protection officers (it binds nobody)", "Adviezen van functionarissen gegevensbescherming (niet bindend)"), List: list})
}

// howMany says the thresholds in words.
func (w *writer) howMany(studies []*audit.Study) {
	w.section("How many must work together", "Hoeveel er moeten samenwerken")
	w.none(studies)
	for _, s := range studies {
		w.title(studies, s)
		th := s.Thresholds
		if s.Roster == nil {
			w.para("No round was opened, so no thresholds were fixed.", "Er is geen ronde geopend; er zijn dus geen drempels vastgelegd.")
			continue
		}
		w.para("%d institutions were approved for this study when its first round was opened: %s. This list stays the same for the whole study.",
			"Toen de eerste ronde werd geopend, waren %d organisaties akkoord: %s. Deze lijst blijft het hele onderzoek gelijk.", th.N, w.list(s.Roster))
		var list []Text
		add := func(english, dutch string, args ...any) { list = append(list, w.say(english, dutch, args...)) }
		add("To open a total, %d of the %d must release it together, after %d have signed for exactly that set of institutions.",
			"Om een totaal te openen moeten %d van de %d het samen vrijgeven, nadat er %d voor precies die groep organisaties hebben getekend.", th.T, th.N, th.T)
		if w.singles(s) {
			add("Every total is added from the lists of at least %d institutions. Yet some of its numbers may be those of one institution alone: numbers to which the others add nothing, or the difference between two totals. Accepted that beforehand: %s.",
				"Elk totaal is opgeteld uit de lijsten van ten minste %d organisaties. Toch kunnen er getallen van één organisatie bij zijn: getallen waaraan de andere niets bijdragen, of het verschil tussen twee totalen. Vooraf aanvaard door: %s.", th.MinInstitutions, w.list(alone(s)))
		} else {
			add("Every total holds at least %d institutions.", "In elk totaal zitten ten minste %d organisaties.", th.MinInstitutions)
		}
		if th.C == 0 {
			add("The protocol counts on no institution working together with the coordinator against another: one that does may learn another's numbers.",
				"Het protocol rekent erop dat geen enkele organisatie met de coördinator samenspant: een die dat doet, kan getallen van een ander te weten komen.")
		} else {
			add("Even if up to %s worked together with the coordinator, they would not learn more of another institution's numbers than what is opened tells. If more do, the protocol promises nothing.",
				"Ook als %s met de coördinator zou samenspannen, komt daarmee niet meer over de getallen van een andere organisatie uit dan wat geopend is al zegt. Bij meer belooft het protocol niets.",
				w.count(th.C, "institution", "institutions", "organisatie", "organisaties samen"))
		}
		add("The coordinator decides when a round begins and who was in time; it has no key that opens anything.",
			"De coördinator bepaalt wanneer een ronde begint en wie op tijd was; hij heeft geen sleutel die iets opent.")
		w.add(Block{List: list})
	}
}
