package plots

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// texts is everything a picture says in one language.
type texts struct {
	decimal, thousands string // separators
	to                 string // between the ends of an interval

	study, rowsUsed, institutions string
	interval95                    string // key
	beyondAxis                    string

	forestTitle, oddsRatio, rateRatio, rawScale    string
	ratioCaption, rawCaption                       string
	ridge, robust, moreTerms, unboundedTerms       string
	calibrationTitle, predictedAxis, observedAxis  string
	bin, ideal, judged, calibrationFit, fitSources string
	wilsonBars                                     string

	rocTitle, falseAxis, trueAxis                string
	model, rocModel, rocBand, rocBandShort       string
	rocBins, rocRule, rocRuleAlone               string
	highestFirst, lowestFirst, chance, panelOE   string
	panelAUC, panelRule, axes, leftOut, moreSets string

	curveTitle, sitesAxis, aucAxis, curveMean string
	modelsPerPoint, ruleRows                  string

	funnelTitle, expectedAxis, oeAxis             string
	funnelSet, limits95, limits998, asExpected    string
	funnelLimits, funnelReading, unnamed, noPoint string
	areasTitle, area, areasLimits, areasReading   string

	fairnessTitle, fpr, fprShort, fnr, fnrShort, fprAxis, fnrAxis string
	tooFew, tooFewWhy, selection, levelRows, of, moreLevels       string

	decisionTitle, thresholdAxis, benefitAxis        string
	selectModel, selectAll, selectNobody, withinBins string
	priceIs, benefitMeans, benefitLimits             string

	sites, term string // terminal
}

var languages = map[string]*texts{
	"en": {
		decimal: ".", thousands: ",", to: "to",
		study: "Study", rowsUsed: "rows used", institutions: "institutions",
		interval95: "estimate with 95% interval",
		beyondAxis: "An arrowhead: the interval goes on, or lies, beyond the axis.",

		forestTitle: "Coefficients with 95% intervals",
		oddsRatio:   "Odds ratio (logarithmic axis)", rateRatio: "Rate ratio (logarithmic axis)", rawScale: "Coefficient",
		ratioCaption:   "Each ratio is for one unit more of its column, or for that level against the reference. Right of 1 the outcome is more frequent, left of 1 less. Ratios of columns in different units cannot be compared.",
		rawCaption:     "Each coefficient is for one unit more of its column, or for that level against the reference. Coefficients of columns in different units cannot be compared.",
		ridge:          "The model has a ridge penalty: intervals are those of the posterior under its Gaussian prior.",
		robust:         "Intervals use cluster-robust standard errors.",
		moreTerms:      "Further terms that are not drawn: %s.",
		unboundedTerms: "Terms without a finite interval, not drawn: %s.",

		calibrationTitle: "Calibration: what was predicted and what was observed",
		predictedAxis:    "Mean predicted probability", observedAxis: "Observed share with the outcome",
		bin: "rows with similar predictions", ideal: "predicted = observed",
		judged:         "Rows judged: %s, with the outcome: %s.",
		calibrationFit: "Calibration slope %s (1 is right), intercept %s (0 is right). Observed for each one expected (O/E): %s.",
		fitSources:     "Slope and intercept are those of a logistic regression of the outcome on the linear predictor.",
		wilsonBars:     "Bars are 95% intervals (Wilson).",

		rocTitle:  "How well the predictions rank the rows (ROC curve)",
		falseAxis: "Above the cut, of rows without the outcome", trueAxis: "Above the cut, of rows with the outcome",
		model: "model", rocModel: "model: AUC %s", rocBandShort: "the exact curve lies within this band", rocBand: "the exact curve lies within this band; exact AUC %s",
		rocRule: "simplest rule, %s, %s: AUC %s (exact: %s)", rocRuleAlone: "The simplest rule ranks the same rows by one column and fits nothing.",
		rocBins:      "The curve is made from %s bins of predictions.",
		highestFirst: "highest first", lowestFirst: "lowest first", chance: "no better than chance",
		panelOE: "O/E %s, slope %s", panelAUC: "AUC %s", panelRule: "rule %s",
		axes:     "Across: %s. Up: %s.",
		leftOut:  "Each panel: institutions that the model had not seen.",
		moreSets: "Further sets that are not drawn: %s.",

		curveTitle: "How many sites are enough?",
		sitesAxis:  "Number of sites that the model learnt from (logarithmic axis)", aucAxis: "AUC at other sites of the institution",
		curveMean: "average over models", modelsPerPoint: "Models averaged per point: %s.",
		ruleRows: "The simplest rule's AUC is on the rows that were held out.",

		funnelTitle:  "Observed against expected, where the model had not seen the rows",
		expectedAxis: "Expected number with the outcome", oeAxis: "Observed for each one expected (O/E)",
		areasTitle: "Observed against expected by area: %s", area: "area; named where it lies outside",
		areasLimits:  "Limits: exact, about observed/expected = 1, interpolated between whole numbers (Spiegelhalter, Statistics in Medicine 2005; 24: 1185-1202), and wider by the rounding of %s institution(s).",
		areasReading: "%d areas; %d beyond the 95%% limits, of them %d beyond the 99.8%% limits; by chance alone 5%% and .2%% are. A point outside asks what lies behind it; it does not judge an area or a child.",
		funnelSet:    "left-out set", limits95: "95% limits", limits998: "99.8% limits", asExpected: "as many as expected",
		funnelLimits:  "Limits: exact Poisson limits about O/E = 1, interpolated between whole numbers (Spiegelhalter, Statistics in Medicine 2005; 24: 1185-1202).",
		funnelReading: "They leave out the model's own uncertainty. A point outside them asks for a look at registration, population and model; it does not judge a place.",
		unnamed:       "A point without a name had no room for it.",
		noPoint:       "Sets without an expected number, not drawn: %s.",

		fairnessTitle: "Selected for a conversation, by %s",
		fpr:           "Selected for a conversation, without the outcome", fprShort: "false positive rate",
		fnr: "Not selected, with the outcome", fnrShort: "false negative rate",
		fprAxis: "Share of the rows without the outcome", fnrAxis: "Share of the rows with the outcome", tooFew: "too few to say",
		tooFewWhy: "Too few to say: the cells would describe few children.",
		selection: "Selected are the rows with the highest predictions, up to the share that the study names.",
		levelRows: "%s (n = %s)", of: "%s (%s) of %s", moreLevels: "Further levels that are not drawn: %s.",

		decisionTitle: "Does selecting by the model do more good than harm? (decision curve)",
		thresholdAxis: "Selected for a conversation from this predicted probability on", benefitAxis: "Net benefit, for 1,000 children",
		selectModel: "selected by the model", selectAll: "everybody selected", selectNobody: "nobody selected",
		withinBins:    "what the order within the bins leaves open",
		priceIs:       "one missed child is as bad as %s false alarms",
		benefitMeans:  "Net benefit: children with the outcome who are selected, less the false alarms at the price that the threshold says (Vickers and Elkin, Medical Decision Making 2006; 26: 565-574).",
		benefitLimits: "The price is a choice of people; no point of this curve says that a child needs nothing. What a conversation does to a family is not in it.",

		sites: "sites", term: "term",
	},
	"nl": {
		decimal: ",", thousands: ".", to: "tot",
		study: "Studie", rowsUsed: "gebruikte rijen", institutions: "organisaties",
		interval95: "schatting met 95%-interval",
		beyondAxis: "Een pijlpunt: het interval loopt door, of ligt, buiten de as.",

		forestTitle: "Coëfficiënten met 95%-intervallen",
		oddsRatio:   "Oddsratio (logaritmische as)", rateRatio: "Rateratio (logaritmische as)", rawScale: "Coëfficiënt",
		ratioCaption:   "Elke ratio geldt per eenheid van de kolom, of voor dat niveau tegenover de referentie. Rechts van 1 komt de uitkomst vaker voor, links van 1 minder vaak. Ratio's van kolommen met verschillende eenheden zijn niet te vergelijken.",
		rawCaption:     "Elke coëfficiënt geldt per eenheid van de kolom, of voor dat niveau tegenover de referentie. Coëfficiënten van kolommen met verschillende eenheden zijn niet te vergelijken.",
		ridge:          "Het model heeft een ridge-penalty: de intervallen zijn die van de a-posterioriverdeling onder de normale prior.",
		robust:         "De intervallen gebruiken clusterrobuuste standaardfouten.",
		moreTerms:      "Overige termen die niet getekend zijn: %s.",
		unboundedTerms: "Termen zonder eindig interval, niet getekend: %s.",

		calibrationTitle: "Kalibratie: wat voorspeld is en wat waargenomen is",
		predictedAxis:    "Gemiddelde voorspelde kans", observedAxis: "Waargenomen aandeel met de uitkomst",
		bin: "rijen met vergelijkbare voorspellingen", ideal: "voorspeld = waargenomen",
		judged:         "Beoordeelde rijen: %s, met de uitkomst: %s.",
		calibrationFit: "Kalibratiehelling %s (1 is juist), intercept %s (0 is juist). Waargenomen per verwachte (O/E): %s.",
		fitSources:     "Helling en intercept zijn die van een logistische regressie van de uitkomst op de lineaire voorspeller.",
		wilsonBars:     "De balken zijn 95%-intervallen (Wilson).",

		rocTitle:  "Hoe goed de voorspellingen de rijen ordenen (ROC-curve)",
		falseAxis: "Boven de grens, van de rijen zonder de uitkomst", trueAxis: "Boven de grens, van de rijen met de uitkomst",
		model: "model", rocModel: "model: AUC %s", rocBandShort: "de exacte curve ligt in deze band", rocBand: "de exacte curve ligt in deze band; exacte AUC %s",
		rocRule: "eenvoudigste regel, %s, %s: AUC %s (exact: %s)", rocRuleAlone: "De eenvoudigste regel ordent dezelfde rijen op één kolom en schat niets.",
		rocBins:      "De curve is gemaakt uit %s klassen van voorspellingen.",
		highestFirst: "hoogste eerst", lowestFirst: "laagste eerst", chance: "niet beter dan toeval",
		panelOE: "O/E %s, helling %s", panelAUC: "AUC %s", panelRule: "regel %s",
		axes:     "Horizontaal: %s. Verticaal: %s.",
		leftOut:  "Elk vak: organisaties die het model niet had gezien.",
		moreSets: "Overige groepen die niet getekend zijn: %s.",

		curveTitle: "Hoeveel locaties zijn genoeg?",
		sitesAxis:  "Aantal locaties waarvan het model leerde (logaritmische as)", aucAxis: "AUC op andere locaties van de organisatie",
		curveMean: "gemiddelde over modellen", modelsPerPoint: "Aantal modellen waarover per punt gemiddeld is: %s.",
		ruleRows: "De AUC van de eenvoudigste regel geldt op de apart gehouden rijen.",

		funnelTitle:  "Waargenomen tegenover verwacht, waar het model de rijen niet had gezien",
		expectedAxis: "Verwacht aantal met de uitkomst", oeAxis: "Waargenomen per verwachte (O/E)",
		areasTitle: "Waargenomen tegenover verwacht per gebied: %s", area: "gebied; met naam als het erbuiten ligt",
		areasLimits:  "Grenzen: exact, rond waargenomen/verwacht = 1, geïnterpoleerd tussen gehele getallen (Spiegelhalter, Statistics in Medicine 2005; 24: 1185-1202), en ruimer door de afronding van %s organisatie(s).",
		areasReading: "%d gebieden; %d buiten de 95%%-grenzen, waarvan %d buiten de 99,8%%-grenzen; door toeval alleen zijn dat er 5%% en 0,2%%. Een punt erbuiten vraagt wat erachter zit; het is geen oordeel over een gebied of een kind.",
		funnelSet:    "weggelaten groep", limits95: "95%-grenzen", limits998: "99,8%-grenzen", asExpected: "zoveel als verwacht",
		funnelLimits:  "Grenzen: exacte Poissongrenzen rond O/E = 1, geïnterpoleerd tussen gehele getallen (Spiegelhalter, Statistics in Medicine 2005; 24: 1185-1202).",
		funnelReading: "De onzekerheid van het model zelf zit er niet in. Een punt erbuiten vraagt om een blik op registratie, populatie en model; het is geen oordeel over een plek.",
		unnamed:       "Bij een punt zonder naam was er geen plaats voor.",
		noPoint:       "Groepen zonder verwacht aantal, niet getekend: %s.",

		fairnessTitle: "Voor gesprek geselecteerd, naar %s",
		fpr:           "Voor gesprek geselecteerd, zonder de uitkomst", fprShort: "aandeel fout-positief",
		fnr: "Niet geselecteerd, met de uitkomst", fnrShort: "aandeel fout-negatief",
		fprAxis: "Aandeel van de rijen zonder de uitkomst", fnrAxis: "Aandeel van de rijen met de uitkomst", tooFew: "te weinig om iets te zeggen",
		tooFewWhy: "Te weinig om iets te zeggen: de cellen zouden weinig kinderen beschrijven.",
		selection: "Geselecteerd zijn de rijen met de hoogste voorspellingen, tot het aandeel dat de studie noemt.",
		levelRows: "%s (n = %s)", of: "%s (%s) van %s", moreLevels: "Overige niveaus die niet getekend zijn: %s.",

		decisionTitle: "Doet selecteren met het model meer goed dan kwaad? (beslissingscurve)",
		thresholdAxis: "Voor gesprek geselecteerd vanaf deze voorspelde kans", benefitAxis: "Netto opbrengst, per 1.000 kinderen",
		selectModel: "geselecteerd met het model", selectAll: "iedereen geselecteerd", selectNobody: "niemand geselecteerd",
		withinBins:    "wat de volgorde binnen de klassen open laat",
		priceIs:       "één gemist kind is even erg als %s keer vals alarm",
		benefitMeans:  "Netto opbrengst: geselecteerde kinderen met de uitkomst, min de valse alarmen tegen de prijs die bij de grens hoort (Vickers en Elkin, Medical Decision Making 2006; 26: 565-574).",
		benefitLimits: "De prijs is een keuze van mensen; geen punt van deze curve zegt dat een kind niets nodig heeft. Wat een gesprek met een gezin doet, zit er niet in.",

		sites: "locaties", term: "term",
	},
}

// textsIn returns the texts of "en" or "nl".
func textsIn(lang string) (*texts, error) {
	if t, ok := languages[lang]; ok {
		return t, nil
	}
	return nil, fmt.Errorf("there are no pictures in the language %q: use en or nl", lang)
}

// whole writes a count with thousands apart.
func (t *texts) whole(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + t.thousands + s[i:]
	}
	return sign + s
}

// number writes v with so many decimals; 1e6 and beyond in powers of ten.
func (t *texts) number(v float64, decimals int) string {
	if math.Abs(v) >= 1e6 {
		return strings.Replace(fmt.Sprintf("%.2e", v), ".", t.decimal, 1)
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-") // no minus before a rounded zero
	}
	return strings.Replace(s, ".", t.decimal, 1)
}

func (t *texts) between(low, high string) string { return low + " " + t.to + " " + high }

// percent writes a share in whole per cents.
func (t *texts) percent(share float64) string { return t.number(100*share, 0) + "%" }

// estimate writes v and its interval with as many decimals as the nearer end
// supports: two significant digits of the distance to it.
func (t *texts) estimate(v, low, high float64) (value, interval string) {
	if low > 0 && high/low > 20 {
		// On a scale of ratios one number of decimals cannot serve both ends.
		return t.number(v, digits(v)), t.between(t.number(low, digits(low)), t.number(high, digits(high)))
	}
	d := 2
	if near := math.Min(v-low, high-v); near > 0 {
		d = min(max(1-int(math.Floor(math.Log10(near))), 0), 6)
	}
	return t.number(v, d), t.between(t.number(low, d), t.number(high, d))
}

// within writes the ends of value +- half, no further than 0 and 1.
func (t *texts) within(value, half float64, decimals int) string {
	return t.between(t.number(math.Max(0, value-half), decimals), t.number(math.Min(1, value+half), decimals))
}

// digits returns how many decimals show two significant digits of v, at most 6.
func digits(v float64) int {
	if v == 0 {
		return 0
	}
	return min(max(1-int(math.Floor(math.Log10(math.Abs(v)))), 0), 6)
}

// midSentence makes s begin small.
func midSentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(first)) + s[size:]
}

// sentence makes s begin with a capital and end in a full stop.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:] + "."
}
