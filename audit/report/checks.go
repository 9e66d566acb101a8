package report

import (
	"fmt"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/audit/verify"
)

// checks says what the verifier did and found.
func (w *writer) checks() {
	w.section("What was checked", "Wat is gecontroleerd")
	var rows [][]Text
	for _, f := range w.r.Families {
		state := w.say("in order", "in orde")
		switch {
		case f.Findings > 0:
			state = w.say("%s", "%s", w.count(f.Findings, "FINDING", "FINDINGS", "BEVINDING", "BEVINDINGEN"))
		case f.Skipped != "" && f.Checks == 0:
			state = w.say("not checked: needs a sealed bundle", "niet gecontroleerd: vraagt een verzegeld pakket")
		case f.Checks == 0:
			state = w.say("nothing to check", "niets te controleren")
		}
		name, ok := familyNames[f.Letter]
		if !ok {
			name = two{f.Name, f.Name}
		}
		rows = append(rows, []Text{w.words(f.Letter + "  " + w.two(name)), w.words(w.word(families, f.Letter)), w.words(w.number(int64(f.Checks))), state})
	}
	w.table(rows, w.in("Family", "Soort"), w.in("What it asks", "Wat het vraagt"), w.in("Checks", "Controles"), w.in("Outcome", "Uitkomst"))
	for _, s := range w.r.Studies {
		if (w.o.Study == "" || w.o.Study == s.ID) && w.r.Kind == bundle.Sealed && s.Opened > 0 {
			w.para("Study %s: of %s, %d were added and opened again from the encrypted lists and gave the same model, bit for bit.",
				"Onderzoek %s: van %s zijn er %d opnieuw opgeteld en geopend uit de versleutelde lijsten, met bit voor bit hetzelfde model als uitkomst.",
				s.ID, w.count(s.Opened, "opened total", "opened totals", "geopend totaal", "geopende totalen"), s.Recomputed)
		}
	}
	w.findings()
	w.notes()
}

func (w *writer) findings() {
	if len(w.r.Findings) == 0 {
		w.para("There are no findings.", "Er zijn geen bevindingen.")
		return
	}
	if w.r.Void > 0 {
		if w.r.Void == 1 {
			w.para("1 entry broke a rule and changed nothing: every party ignores it. It is listed because somebody signed it or let it into the log.",
				"1 logregel brak een regel en veranderde niets: elke partij negeert die. Hij staat hier omdat iemand hem tekende of in het logboek toeliet.")
		} else {
			w.para("%d entries broke a rule and changed nothing: every party ignores them. They are listed because somebody signed them or let them into the log.",
				"%d logregels braken een regel en veranderden niets: elke partij negeert ze. Ze staan hier omdat iemand ze tekende of in het logboek toeliet.", w.r.Void)
		}
	}
	var rows [][]Text
	for _, f := range w.r.Findings {
		where := w.say("the whole log", "het hele logboek")
		if f.Index >= 0 {
			where = w.say("[%s]", "[%s]", entry(f.Index))
		}
		party := w.words("–")
		if f.Party != "" {
			party = w.words(w.who(f.Party))
		}
		rows = append(rows, []Text{w.say("%s (%s)", "%s (%s)", code(f.Check), code(f.Code)), where, party, w.wrong(f)})
	}
	w.heading("Findings", "Bevindingen")
	if w.dutch {
		w.para("", "Achter elke zin staat de melding van het programma zelf, in het Engels, met namen en aantallen; de code is in elke taal dezelfde.")
	}
	w.table(rows, w.in("Code", "Code"), w.in("Entry", "Regel"), w.in("Signed by", "Getekend door"), w.in("What is wrong", "Wat is er mis"))
}

// wrong says what a finding found.
func (w *writer) wrong(f verify.Finding) Text {
	plain, known := dutch[audit.Code(f.Code)]
	if !w.dutch || !known {
		return w.words(f.Sentence)
	}
	return w.say("", "%s (%s)", plain, clean(f.Sentence))
}

// noteWords are the verifier's notes that are about an attempt.
var noteWords = map[verify.NoteKind]two{
	verify.NoteUnstated:  {"enough releases are logged and no result; whoever holds the bundle can open the total", "er zijn genoeg vrijgaven vastgelegd, maar geen uitkomst; wie het pakket heeft kan het totaal openen"},
	verify.NoteWrong:     {"a release does not fit, and the total does not depend on it", "een vrijgave past niet, en het totaal hangt er niet van af"},
	verify.NoteContested: {"more releases agree on another key than on the one that opens the lists; the totals are right, who lied cannot be told", "meer vrijgaven wijzen naar een andere sleutel dan naar die welke de lijsten opent; de totalen kloppen, wie er loog is niet te zeggen"},
	verify.NoteNoise:     {"somebody's noise was larger than it should be", "iemands ruis was groter dan hij hoort te zijn"},
	verify.NoteProved:    {"a dispute proves it wrong by what it signed itself", "een geschil bewijst dat het onjuist is, uit wat het zelf tekende"},
	verify.NoteDeleted:   {"lawfully deleted; can no longer be re-added", "rechtmatig verwijderd; niet meer na te tellen"},
}

func (w *writer) notes() {
	var list []Text
	for _, n := range w.r.Notes {
		if w.o.Study != "" && n.Study != "" && n.Study != w.o.Study {
			continue
		}
		words := two{n.String(), n.String()}
		if n.Kind == verify.NoteNoCharter {
			words = two{"no charter was found that names the coordinator's key", "er is geen charter gevonden dat de sleutel van de coördinator noemt"}
		}
		if about, ok := noteWords[n.Kind]; ok {
			where := fmt.Sprintf("%s, %s %d.%d", clean(n.Study), w.in("round", "ronde"), n.Round, n.Attempt)
			if len(n.Names) > 0 {
				where += " (" + w.list(n.Names) + ")"
			}
			words = two{where + ": " + about.english, where + ": " + about.dutch}
		}
		t := w.words(w.two(words))
		if n.Entry >= 0 {
			t = append(t, w.say(" [%s]", " [%s]", entry(n.Entry))...)
		}
		list = append(list, t)
	}
	if len(list) > 0 {
		w.add(Block{Heading: w.in("To know; no rule is broken", "Om te weten; geen regel is gebroken"), List: list})
	}
}

// limits says what all this does not show.
func (w *writer) limits() {
	w.section("What this report does not show", "Wat dit verslag niet laat zien")
	w.para("A log shows what was said and computed, not what is true outside it. In particular it does not show:",
		"Een logboek laat zien wat er gezegd en berekend is, niet wat daarbuiten waar is. In het bijzonder laat het niet zien:")
	var list []Text
	for _, g := range w.r.NotProved {
		words, ok := gaps[g]
		if !ok {
			words = two{g, g}
		}
		list = append(list, w.words(w.two(words)))
	}
	w.add(Block{List: list})
	w.para("Encrypted lists are still personal data until they are added. Totals can say something about small groups; whether they may be published is for people to decide.",
		"Versleutelde lijsten blijven persoonsgegevens totdat ze zijn opgeteld. Totalen kunnen iets zeggen over kleine groepen; of ze gepubliceerd mogen worden, beslissen mensen.")
}

// types says in one or two words what an entry is.
var types = map[string]two{
	"charter": {"charter", "charter"}, "member": {"membership", "lidmaatschap"}, "proposal": {"proposal of a study", "voorstel van een onderzoek"},
	"decision": {"decision", "besluit"}, "ready": {"ready for a round", "gereed voor een ronde"}, "open": {"beginning of a round", "begin van een ronde"},
	"update": {"encrypted list sent", "versleutelde lijst gestuurd"}, "set": {"who is in the total", "wie in het totaal zit"}, "vote": {"vote to open", "stem om te openen"},
	"abort": {"end of an attempt", "einde van een poging"}, "release": {"release", "vrijgave"}, "result": {"opened total", "geopend totaal"},
	"proceed": {"going on without", "doorgaan zonder"}, "close": {"end of a study", "einde van een onderzoek"}, "endorse": {"endorsement", "steun"},
	"advice": {"advice of a data protection officer", "advies van een functionaris gegevensbescherming"}, "epoch": {"new period of records", "nieuwe periode van gegevens"},
	"dispute": {"dispute", "geschil"}, "publish": {"publication", "publicatie"},
}

// entries lists every entry that the report names.
func (w *writer) entries() {
	w.section("The log entries named above", "De genoemde logregels")
	w.para("To read one of them: %s. To check everything again, on any computer and without a network: %s.",
		"Om er een te lezen: %s. Om alles opnieuw te controleren, op elke computer en zonder netwerk: %s.",
		code("smartstart audit show BUNDLE ENTRY"), code("smartstart audit verify BUNDLE"))
	t := &Table{Header: []string{w.in("Entry", "Regel"), w.in("Time (UTC)", "Tijd (UTC)"), w.in("What", "Wat"), w.in("Signed by", "Getekend door")}}
	for i, x := range w.log.lines {
		if !w.named[int64(i)] {
			continue
		}
		what := w.words(w.word(types, x.typ))
		if x.void != "" {
			what = append(what, w.say(" – void, breaks rule %s", " – ongeldig, breekt regel %s", code(x.void))...)
		}
		t.Anchors = append(t.Anchors, int64(i))
		t.Rows = append(t.Rows, []Text{w.words(fmt.Sprint(i)), w.words(x.time), what, w.words(w.who(x.signer))})
	}
	if len(t.Rows) > 0 {
		w.add(Block{Table: t})
	}
}
