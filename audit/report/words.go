package report

import (
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/verify"
)

// two is a text in both languages.
type two struct{ english, dutch string }

func (p *page) two(t two) string { return p.in(t.english, t.dutch) }

// word looks a word of the protocol up; one that is not known stands as it is.
func (p *page) word(m map[string]two, s string) string {
	if t, ok := m[s]; ok {
		return p.two(t)
	}
	return clean(s)
}

var grounds = map[string]two{
	audit.GroundRehearsal:          {"rehearsal: public or made-up data", "oefening: openbare of verzonnen gegevens"},
	audit.GroundPublicTask:         {"task in the public interest (GDPR art. 6(1)(e))", "taak van algemeen belang (AVG art. 6 lid 1 onder e)"},
	audit.GroundLegalObligation:    {"legal obligation (GDPR art. 6(1)(c))", "wettelijke verplichting (AVG art. 6 lid 1 onder c)"},
	audit.GroundVitalInterest:      {"vital interest (GDPR art. 6(1)(d))", "vitaal belang (AVG art. 6 lid 1 onder d)"},
	audit.GroundLegitimateInterest: {"legitimate interest (GDPR art. 6(1)(f))", "gerechtvaardigd belang (AVG art. 6 lid 1 onder f)"},
	audit.GroundContract:           {"contract (GDPR art. 6(1)(b))", "overeenkomst (AVG art. 6 lid 1 onder b)"},
	audit.GroundConsent:            {"consent of the persons concerned (GDPR art. 6(1)(a))", "toestemming van de betrokken personen (AVG art. 6 lid 1 onder a)"},
}

var verdicts = map[string]two{
	"approve":  {"approved", "akkoord"},
	"deny":     {"denied", "niet akkoord"},
	"withdraw": {"withdrew its approval", "akkoord ingetrokken"},
}

var advices = map[string]two{
	"agree":    {"agrees", "akkoord"},
	"agree_if": {"agrees on a condition", "akkoord onder voorwaarde"},
	"object":   {"objects", "bezwaar"},
}

var kinds = map[string]two{
	"linear":        {"a linear regression: how a number goes together with the predictors", "een lineaire regressie: hoe een getal samenhangt met de voorspellers"},
	"logistic":      {"a logistic regression: how a yes or no goes together with the predictors", "een logistische regressie: hoe een ja of nee samenhangt met de voorspellers"},
	"poisson":       {"a Poisson regression: how a count goes together with the predictors", "een poissonregressie: hoe een aantal samenhangt met de voorspellers"},
	"discrete_time": {"a regression over periods: how the chance of an event in a period of life goes together with the predictors", "een regressie over perioden: hoe de kans op een gebeurtenis in een levensperiode samenhangt met de voorspellers"},
	"mixed":         {"a linear regression with a random intercept: as a linear regression, in which every site has a level of its own", "een lineaire regressie met een eigen niveau voor elke locatie"},
	"descriptives":  {"a descriptive table: counts, averages and spread", "een beschrijvende tabel: aantallen, gemiddelden en spreiding"},
}

var roles = map[string]two{
	"outcome": {"outcome", "uitkomst"}, "predictor": {"predictor", "voorspeller"}, "offset": {"offset", "vaste term"},
	"weights": {"weights", "gewichten"}, "cluster": {"grouping of rows", "groepering van rijen"}, "site": {"site", "locatie"},
	"group": {"grouping", "groepering"}, "cohort": {"decides which rows are in", "bepaalt welke rijen meedoen"},
	"held out": {"decides which rows judge the model", "bepaalt welke rijen het model beoordelen"}, "judged by": {"fairness table only", "alleen voor de eerlijkheidstabel"},
	"learning curve": {"how many sites are enough", "hoeveel locaties genoeg zijn"}, "described": {"described", "beschreven"},
}

// role translates "predictor, held out" and `predictor (in "gap")`.
func (p *page) role(s string) string {
	var list []string
	for part := range strings.SplitSeq(s, ", ") {
		name, in, derived := strings.Cut(part, " (in ")
		word := p.word(roles, name)
		if derived {
			word += " (in " + clean(in)
		}
		list = append(list, word)
	}
	return strings.Join(list, ", ")
}

// granted are the roles that a quorum can give somebody.
var granted = map[string]two{"researcher": {"researcher", "onderzoeker"}, "auditor": {"auditor", "controleur"}}

// disputeKinds say what a dispute of an attempt rests on.
var disputeKinds = map[string]two{
	audit.DisputeProjection: {"the shares contradict the upload, in public", "de deelsleutels spreken de bijdrage tegen, openbaar na te gaan"},
	audit.DisputeShare:      {"its share is wrong; a name only", "de eigen deelsleutel klopt niet; alleen een naam"},
	audit.DisputeOpening:    {"with the share itself", "met de deelsleutel zelf"},
}

var sensitivities = map[string]two{
	"ordinary": {"ordinary", "gewoon"}, "health": {"health", "gezondheid"}, "origin": {"origin", "afkomst"},
	"criminal": {"criminal records", "strafrechtelijk"}, "child_protection": {"child protection", "kinderbescherming"},
}

var absences = map[string]two{
	"no_update":    {"sent no list in time", "stuurde geen lijst op tijd"},
	"withdrawn":    {"had withdrawn", "had zich teruggetrokken"},
	"proved_wrong": {"its shares were proved wrong (see the disputes)", "zijn deelsleutels bleken aantoonbaar onjuist (zie de geschillen)"},
}

var ends = map[string]two{
	"finished": {"finished", "afgerond"}, "failed": {"failed", "mislukt"}, "stopped": {"stopped before its end", "voortijdig gestopt"},
}

var aborts = map[string]two{
	"no_certificate": {"saw too few votes in time", "zag niet op tijd genoeg stemmen"},
	"cannot_accept":  {"could not accept a share", "kon een deelsleutel niet aannemen"},
	"withdrawn":      {"somebody had withdrawn", "iemand had zich teruggetrokken"},
}

// families says what each family of checks asks.
var families = map[string]two{
	"L": {"Is it whole, in order, and the one that the coordinator signed?", "Is het heel, in volgorde, en het logboek dat de coördinator tekende?"},
	"S": {"Is each one signed by the right key, in the only spelling, once?", "Is elke verklaring met de juiste sleutel getekend, in de enige schrijfwijze, één keer?"},
	"P": {"Did everybody have the right to say what they said, and was every approval alive?", "Mocht iedereen zeggen wat hij zei, en was elk akkoord nog geldig?"},
	"R": {"Did every round follow the rules, with everybody who had to be in it?", "Volgde elke ronde de regels, met iedereen die erin hoorde?"},
	"A": {"Do the encrypted lists, added again, give the logged sum?", "Geven de versleutelde lijsten, opnieuw opgeteld, de vastgelegde som?"},
	"D": {"Was nothing opened before enough votes, and do the releases give the stated numbers?", "Is er niets geopend vóór er genoeg stemmen waren, en geven de vrijgaven de genoemde getallen?"},
	"E": {"Were no more numbers opened than were asked for and allowed?", "Zijn er niet meer getallen geopend dan gevraagd en toegestaan?"},
	"M": {"Does every step of the model follow from the opened totals, bit for bit?", "Volgt elke stap van het model uit de geopende totalen, bit voor bit?"},
}

var familyNames = map[string]two{
	"L": {"Log", "Logboek"}, "S": {"Statements", "Verklaringen"}, "P": {"Permission", "Bevoegdheid"}, "R": {"Rounds", "Rondes"},
	"A": {"Arithmetic", "Optelling"}, "D": {"Opening", "Openen"}, "E": {"Budget", "Aantal getallen"}, "M": {"Model", "Model"},
}

// gaps are what a verification does not show, in words for a reader who knows
// no cryptography.
var gaps = map[string]two{
	verify.GapData:       {"That the institutions' data are true, or that a node computed its numbers from those data.", "Dat de gegevens van de organisaties kloppen, of dat hun computers de getallen echt uit die gegevens hebben berekend."},
	verify.GapNoise:      {"That keys and noise were drawn at random on each machine.", "Dat sleutels en ruis op elke computer echt willekeurig zijn getrokken."},
	verify.GapCollusion:  {"That no more institutions worked together with the coordinator than the number that section 3 names.", "Dat niet meer organisaties met de coördinator samenspanden dan het aantal in hoofdstuk 3."},
	verify.GapPersons:    {"That the people behind the keys are who their names say.", "Dat de mensen achter de sleutels zijn wie hun naam zegt."},
	verify.GapOtherLog:   {"That other people were not shown another log. Compare the root on the first page with that of another institution.", "Dat anderen geen ander logboek te zien kregen. Vergelijk de wortel (root) op de eerste pagina met die van een andere organisatie."},
	verify.GapLater:      {"That nothing happened after the last entry of this bundle.", "Dat er na de laatste regel van dit pakket niets meer is gebeurd."},
	verify.GapUse:        {"That the conclusions are right for, or help, any child.", "Dat de conclusies kloppen voor een kind, of een kind helpen."},
	verify.GapUnpinned:   {"That this is the log of your own federation: no coordinator key was given beforehand, so the one in the charter was used.", "Dat dit het logboek van uw eigen federatie is: er was vooraf geen sleutel van de coördinator bekend, dus is die uit het charter gebruikt."},
	verify.GapPublic:     {"That the totals and the model are right: a public bundle has no encrypted lists and no releases. Ask for the sealed bundle, under agreement.", "Dat de totalen en het model kloppen: een openbaar pakket bevat geen versleutelde lijsten en geen vrijgaven. Vraag onder afspraak om het verzegelde pakket."},
	verify.GapDeleted:    {"That totals whose encrypted lists were lawfully deleted are right: they can no longer be added again.", "Dat totalen kloppen waarvan de versleutelde lijsten rechtmatig zijn verwijderd: die zijn niet meer na te tellen."},
	verify.GapCosigned:   {"That enough institutions saw this log up to its last entry: fewer than a quorum co-signed it. Compare the root on the first page with that of another institution.", "Dat genoeg organisaties dit logboek tot de laatste regel hebben gezien: minder dan het vereiste aantal heeft het medeondertekend. Vergelijk de wortel (root) op de eerste pagina met die van een andere organisatie."},
	verify.GapUnfinished: {"That every opened total is right: not all could be computed again. The findings say which.", "Dat elk geopend totaal klopt: niet alles kon opnieuw worden berekend. De bevindingen noemen welke."},
}
