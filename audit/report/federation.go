package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/verify"
)

// federation says who belongs, what changed, and what was disputed.
func (w *writer) federation() {
	w.section("The federation", "De federatie")
	c := w.charter()
	if c == nil {
		w.para("The log has no charter.", "Het logboek heeft geen charter.")
		return
	}
	st := w.r.State
	var facts []Fact
	add := func(english, dutch string, t Text) { facts = append(facts, Fact{w.in(english, dutch), t}) }
	add("Charter in force", "Geldend charter", w.say("%s [%s]", "%s [%s]", c.Name, entry(st.Charter.Index)))
	add("Institutions in force", "Organisaties", w.words(w.list(st.Institutions())))
	add("Smallest total", "Kleinste totaal", w.say("%s; a study may ask for more", "%s; een onderzoek mag meer eisen", w.count(c.MinInstitutions, "institution", "institutions", "organisatie", "organisaties")))
	if c.Numbers > 0 {
		add("Most numbers in a study", "Meeste getallen in een onderzoek", w.words(w.number(c.Numbers)))
	} else {
		add("Most numbers in a study", "Meeste getallen in een onderzoek", w.say("the charter sets no cap; each study states its own", "het charter stelt geen grens; elk onderzoek noemt er zelf een"))
	}
	add("Kind", "Soort", w.say(map[bool]string{true: "rehearsal", false: "real"}[c.Rehearsal], map[bool]string{true: "oefening", false: "echt"}[c.Rehearsal]))
	if !c.Rehearsal {
		add("DPIA and outside review (SHA-256)", "DPIA en externe toets (SHA-256)", w.words(c.DPIA.String()+", "+c.Review.String()))
	}
	if p, ok := verify.ParseRetention(c.Retention); ok {
		add("Encrypted lists are kept", "Versleutelde lijsten blijven bewaard", w.say("%s after a study is closed", "%s na het sluiten van een onderzoek", w.period(p)))
	} else {
		add("Encrypted lists are kept", "Versleutelde lijsten blijven bewaard", w.say("“%s”; as this names no period, nothing counts as lawfully deleted", "“%s”; omdat hier geen termijn staat, geldt niets als rechtmatig verwijderd", c.Retention))
	}
	add("Researchers", "Onderzoekers", w.words(w.list(parties(st.Granted("researcher")))))
	add("Auditors", "Controleurs", w.words(w.list(parties(st.Granted("auditor")))))
	add("Quorum for changes", "Nodig voor wijzigingen", w.say("%d of the %d institutions in force", "%d van de %d organisaties in de federatie", st.Quorum(), len(st.Institutions())))
	w.add(Block{Facts: facts})
	w.changes()
	w.disputes()
}

// period writes how long something is kept.
func (p *page) period(x verify.Period) string {
	switch {
	case x.Years > 0:
		return p.count(x.Years, "year", "years", "jaar", "jaar")
	case x.Months > 0:
		return p.count(x.Months, "month", "months", "maand", "maanden")
	}
	return p.count(x.Days, "day", "days", "dag", "dagen")
}

func parties(list []audit.Party) (names []string) {
	for _, p := range list {
		names = append(names, p.Name)
	}
	return names
}

// changes lists what happened to the membership and the rules, in order.
func (w *writer) changes() {
	var rows [][]Text
	for _, m := range w.log.acts {
		when := w.words(w.date(m.Time))
		switch b := m.Body.(type) {
		case *audit.Charter:
			if m.Index == 0 {
				rows = append(rows, []Text{when, w.say("the charter was written [%s]; it binds an institution that joins", "het charter is opgesteld [%s]; het bindt een organisatie die toetreedt", entry(m.Index)), w.words(w.who(m.Signer)), w.words("–")})
				continue
			}
			rows = append(rows, []Text{when, w.say("amendment of the charter [%s]: %s", "wijziging van het charter [%s]: %s", entry(m.Index), w.amended(m)), w.words(m.Signer), w.text(w.motion(m))})
		case *audit.Member:
			rows = append(rows, []Text{when, w.member(m, b), w.words(m.Signer), w.text(w.motion(m))})
		case *audit.Epoch:
			rows = append(rows, []Text{when, w.say("new period of records: %s [%s]", "nieuwe periode van gegevens: %s [%s]", b.Epoch, entry(m.Index)), w.words(w.who(m.Signer)), w.words("–")})
		}
	}
	w.table(rows, w.in("Date", "Datum"), w.in("What", "Wat"), w.in("By", "Door"), w.in("Endorsed by", "Gesteund door"))
}

func (w *writer) member(m *audit.Statement, b *audit.Member) Text {
	switch b.Act {
	case audit.ActEnrol:
		return w.say("%s joined with its own node [%s]", "%s trad toe met een eigen computer (node) [%s]", b.Institution, entry(m.Index))
	case audit.ActAdmit:
		return w.say("admit %s, or new keys for its mandated people [%s]", "%s toelaten, of nieuwe sleutels voor haar gemachtigden [%s]", b.Admit.Institution, entry(m.Index))
	case audit.ActExpel:
		return w.say("expel %s [%s]", "%s uitsluiten [%s]", b.Institution, entry(m.Index))
	case audit.ActGrant:
		role := w.word(granted, b.Grant.Role)
		if b.Grant.Expires != "" {
			role += w.in(" until ", " tot en met ") + w.date(b.Grant.Expires)
		}
		return w.say("make %s a %s [%s]", "%s aanstellen als %s [%s]", b.Grant.Party.Name, role, entry(m.Index))
	case audit.ActRevoke:
		return w.say("revoke the key of %s [%s]", "de sleutel van %s intrekken [%s]", b.Revoke, entry(m.Index))
	}
	return w.say("%s [%s]", "%s [%s]", b.Act, entry(m.Index))
}

// motion says who endorsed a motion and whether it is in force.
func (w *writer) motion(m *audit.Statement) mark {
	motion := w.r.State.Motions[m.Hash]
	if motion == nil {
		return "–" // it takes effect by itself
	}
	var by []mark
	for _, name := range sorted(motion.Endorsed) {
		by = append(by, mark(fmt.Sprintf("%s [%s]", clean(name), entry(motion.Endorsed[name].Index))))
	}
	if len(by) == 0 {
		by = append(by, mark(w.in("endorsed by nobody", "door niemand gesteund")))
	}
	if motion.InForce == nil {
		return mark(w.in("not in force; ", "niet van kracht; ")) + marks(by, ", ")
	}
	return mark(w.in("in force since ", "van kracht sinds ")+fmt.Sprintf("%s [%s]; ", w.date(motion.InForce.Time), entry(motion.InForce.Index))) + marks(by, ", ")
}

// amended names the rules in which an amendment differs from the charter that
// it amends.
func (w *writer) amended(m *audit.Statement) string {
	now := m.Body.(*audit.Charter)
	var old *audit.Charter
	for _, s := range w.log.of(audit.TypeCharter, "") {
		if s.Hash == now.Amends {
			old = s.Body.(*audit.Charter)
		}
	}
	if old == nil {
		return w.in("the charter that it amends is not in this log", "het charter dat hij wijzigt staat niet in dit logboek")
	}
	var list []string
	say := func(differs bool, english, dutch string, was, is any) {
		if differs {
			list = append(list, fmt.Sprintf("%s: %v → %v", w.in(english, dutch), was, is))
		}
	}
	say(old.Name != now.Name, "name", "naam", clean(old.Name), clean(now.Name))
	say(old.Forgetful != now.Forgetful, "forgetful nodes", "vergeetachtige computers", old.Forgetful, now.Forgetful)
	say(old.MinInstitutions != now.MinInstitutions, "smallest total", "kleinste totaal", old.MinInstitutions, now.MinInstitutions)
	say(old.AllowPair != now.AllowPair, "two institutions may compute", "twee organisaties mogen samen rekenen", old.AllowPair, now.AllowPair)
	say(old.Numbers != now.Numbers, "most numbers in a study", "meeste getallen in een onderzoek", old.Numbers, now.Numbers)
	say(old.Codebook != now.Codebook, "codebook", "codeboek", fmt.Sprintf("%.12s…", old.Codebook), fmt.Sprintf("%.12s…", now.Codebook))
	say(old.Rehearsal != now.Rehearsal, "rehearsal", "oefening", old.Rehearsal, now.Rehearsal)
	say(old.DPIA != now.DPIA, "DPIA", "DPIA", fmt.Sprintf("%.12s…", old.DPIA), fmt.Sprintf("%.12s…", now.DPIA))
	say(old.Review != now.Review, "outside review of the cryptography", "externe toets van de versleuteling", fmt.Sprintf("%.12s…", old.Review), fmt.Sprintf("%.12s…", now.Review))
	say(old.Retention != now.Retention, "retention", "bewaartermijn", clean(old.Retention), clean(now.Retention))
	if len(list) == 0 {
		return w.in("no rule differs", "geen regel verschilt")
	}
	return strings.Join(list, ", ")
}

// disputes lists the disputes of the log.
func (w *writer) disputes() {
	var list []Text
	for _, m := range w.log.acts {
		b, ok := m.Body.(*audit.Dispute)
		if !ok || w.o.Study != "" && m.Study != "" && m.Study != w.o.Study {
			continue
		}
		about := ""
		if m.Study != "" {
			about = fmt.Sprintf("%s, %s %d.%d:", m.Study, w.in("round", "ronde"), m.Round, m.Attempt)
		}
		whom := w.disputed(m, b)
		switch b.Kind {
		case audit.DisputeProjection:
			list = append(list, w.say("%s %s says that the shares of %s contradict its own upload, which anybody can check [%s]", "%s %s zegt dat de deelsleutels van %s zijn eigen bijdrage tegenspreken, wat iedereen kan nagaan [%s]", about, m.Signer, whom, entry(m.Index)))
		case audit.DisputeShare:
			list = append(list, w.say("%s %s says that the share it got from %s is wrong; it names it only, the share itself was not shown [%s]", "%s %s zegt dat de deelsleutel van %s niet klopt; dit noemt alleen een naam, de deelsleutel zelf is niet getoond [%s]", about, m.Signer, whom, entry(m.Index)))
		case audit.DisputeOpening:
			list = append(list, w.say("%s %s showed the share it got from %s, so that anybody can check it [%s]", "%s %s toonde de deelsleutel van %s, zodat iedereen die kan nagaan [%s]", about, m.Signer, whom, entry(m.Index)))
		case audit.DisputeFork:
			list = append(list, w.say("%s says it shows two logs that the coordinator signed; checked: %s [%s]", "%s zegt twee logboeken te tonen die de coördinator tekende; nagegaan: %s [%s]", m.Signer, w.shownFork(m.Index), entry(m.Index)))
		default:
			list = append(list, w.say("%s %s: %s [%s]", "%s %s: %s [%s]", about, m.Signer, b.Kind, entry(m.Index)))
		}
	}
	if len(list) == 0 {
		w.para("There were no disputes.", "Er waren geen geschillen.")
		return
	}
	w.add(Block{Heading: w.in("Disputes", "Geschillen"), List: list})
}

// shownFork is what the verifier found of a fork that somebody shows. Each
// outcome is one of its findings; without any it did not look.
func (w *writer) shownFork(index int64) string {
	for _, f := range w.r.Findings {
		if f.Index != index {
			continue
		}
		switch audit.Code(f.Code) {
		case audit.CodeFork:
			return w.in("it does", "dat klopt")
		case audit.CodeEvidenceVoid:
			return w.in("it shows nothing", "het toont niets aan")
		case audit.CodeEvidenceMissing:
			return w.in("not possible, it is not in this bundle", "niet mogelijk, het zit niet in dit pakket")
		}
	}
	return w.in("not done", "niet gebeurd")
}

// disputed is the institution that a dispute of an attempt is about.
func (w *writer) disputed(m *audit.Statement, b *audit.Dispute) string {
	s := w.r.State.Studies[m.Study]
	if s == nil {
		return w.in("somebody", "iemand")
	}
	for _, attempts := range s.Rounds {
		if i := slices.IndexFunc(attempts, func(at *audit.Attempt) bool { return at.ID == b.Open }); i >= 0 {
			return clean(attempts[i].Name(b.Contributor))
		}
	}
	return w.in("somebody", "iemand")
}
