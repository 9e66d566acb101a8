package factsheet

// words are everything that the two reports say in one language. A %s is filled
// from left to right; ** begins and ends bold type.
type words struct {
	lang string
	local

	synthetic, madeUp string

	title, question, answer                        string
	holders, holder, institutions, rows, holds     string
	how, howText, howLog, howFindings              string
	early, earlyText, earlyLead, earlyOne          string
	earlyOverlap                                   string
	age, earlier, precision, recall, chance, years string
	misses, missesText, missesFalse, missesFair    string
	worthFrom, worthTo, worthCertain               string
	worthUncertain, worthNever, worthPrice         string
	situation, situationText, situationAdds        string
	situationNot, areasText, areasAlone            string
	areasFunnel, areasNoReports                    string
	knowledge, knowledgeText                       string
	statement, experts, data, both, verdict        string
	helped, helpedText, helpedDiD, helpedWedge     string
	helpedPlanted                                  string
	true_, trueText, unlikeText, excessText        string
	excessNone, notesText, periodsText             string
	bias, biasText, biasBlind                      string
	notYet, notYetText, notYetBest                 string
	notYetTogether, notYetOracle, notYetLinking    string
	notProtected                                   string
	notProtectedList                               []string
	tooFew, noAnswers                              string
	entriesText, root                              string

	figureEarly, figureEarlyX, figureEarlyY string
	figureZ, figureZX, figureZBand          string
	figureDots, figureFound, figureRight    string
	figureDecision, figureDecisionX         string
	figureDecisionY, figureDecisionBand     string
	figureDecisionKey                       [3]string
	figureKey                               [4]string

	councilTitle, councilQuestion, councilDone string
	councilFound, councilFalse, councilEarly   string
	councilWorth                               string
	councilSituation, councilHelped            string
	councilBias, councilNot, councilAsk        string
	councilMostWrong, councilMostRight         string
	councilEntries                             string

	ofHundred string // a count of them

	groups     map[string]string // holders
	held       map[string]string
	terms      map[string]string
	outcomes   map[string]string // of the studies whose estimates are compared
	whos       map[string]string
	verdicts   map[string]string
	says       map[string]string // by statement; where it is missing, as it was said
	studyNames map[string]string
}

func wordsIn(lang string) (*words, bool) {
	switch lang {
	case "nl":
		return &dutch, true
	case "en":
		return &english, true
	}
	return nil, false
}

// Languages are those that the reports are written in.
var Languages = []string{"nl", "en"}

// name is what a language calls something, or the name itself.
func name(names map[string]string, of string) string {
	if n, ok := names[of]; ok {
		return n
	}
	return of
}
