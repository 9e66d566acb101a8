package cmd

import (
	"os"
	"strings"
)

// texts are the sentences of the demo in one language. Each is a format; the
// story says what goes in.
type texts struct {
	title, question                         string
	looked, sent, holds, added, off, stayed string
	opened, apart                           string
	answer, answerRule, missed, selected    string
	curve, within, last, across             string
	school, schools, curveRule              string
	unseen, unseenOne, everywhere, level    string
	tooMany, tooFew, but                    string
	fair, used, unused, still, rates        string
	others, moral, people, littleSay        string
	together, bits, yes, no                 string
	trust, cheats, caught, auditor          string
	board, boards, and, researcher          string
	notProved, out, next                    string
	fork, missing                           string // of what programs say in English
	decimal, thousands, zero                string
}

var english = texts{
	title:      "SMART START · rehearsal with public data: %s Dutch pupils (1989), %d school boards. No real child is scored.",
	question:   "QUESTION   Who will be behind in language at the end of primary school, seen a year earlier?",
	looked:     " 1  Each board looked at its own pupils.          what left %s: %d locked lists, %d signed notes, no row",
	sent:       " 2  Each sent one locked list of numbers a round. what the coordinator received from %s:",
	holds:      "                                                  % x ...  (it has no key)",
	added:      " 3  The lists were added while locked.            %d of %d boards, %d rounds",
	off:        "    %s's computer was switched off in round %d,\n    after it had sent its list.                   the round finished without it answering again   OK",
	stayed:     "    %s's computer was to be switched off after it had sent its list:\n    that did not succeed in this run.             so what happens then was NOT shown",
	opened:     " 4  Only totals were opened, each by at least %d of %d boards together%s",
	apart:      ";\n    also those of each board by itself, to judge the model there, as each board accepted.",
	answer:     "ANSWER     Of every 10 pupils selected for a conversation, %s were indeed behind",
	answerRule: "; by %s alone: %s",
	missed:     "           But %s of 10 pupils who fell behind were NOT selected. This supports a professional, never replaces one.",
	selected:   "           (selected: the tenth of the pupils with the highest predictions, each judged by a model that never saw their board)",
	curve:      "HOW MANY SCHOOLS ARE ENOUGH?   (0.5 = coin, 1 = perfect; tested at %s)",
	within:     "other schools of the same board",
	last:       "; the last: at other boards",
	across:     "other boards",
	school:     "school",
	schools:    "schools",
	curveRule:  "|  %s alone %s",
	unseen:     "IN A BOARD IT NEVER SAW   it sorts between %s and %s",
	unseenOne:  "IN A BOARD IT NEVER SAW   in %s it sorts at %s",
	but:        " but predicts ",
	tooMany:    ",\n           but predicts too many in %s (%s happened for each one expected)",
	tooFew:     ",\n          %stoo few in %s (%s happened for each one expected)",
	everywhere: ".",
	level:      ": check the level locally.",
	fair:       "FAIR?      %s %s\n           %s of %s pupils,",
	used:       "`%s` was used to predict.",
	unused:     "`%s` was not used to predict.",
	still:      "Still, of the top %.0f%%, wrongly selected (among those not behind):",
	rates:      "Of the top %.0f%%, wrongly selected (among those not behind):",
	others:     "           %s of others. %s",
	moral:      "Leaving a column out does not make a model fair. People must decide.",
	people:     "People must decide.",
	littleSay:  "FAIR?      %s Too few pupils to say what the top %.0f%% means for them.",
	together:   "SAME AS PUTTING ALL DATA TOGETHER?   %s.\n           Largest difference from R on the pooled rows: %s   (limit 1e-6)   %s",
	yes:        "yes", no: "NO",
	bits:   "bit for bit",
	trust:  "CAN YOU TRUST US?   You need not. %s steps are on record; this computer has just re-added every sum: %s.",
	cheats: "    Now the coordinator cheats: it rewrites its log and leaves %s out of the last sum ...",
	caught: "    CAUGHT   by %s:\n             \"%s\"",
	board:  "board", boards: "boards", and: " and ", researcher: "the researcher",
	auditor:   "    CAUGHT   by an auditor who never saw the honest log: entry %d, %s,\n             \"%s\" (%s)",
	notProved: "NOT PROVED  that boards' data are true · that %d boards did not conspire with the coordinator · that this helps any child",
	next:      "Next   %s\n       smartstart simulate --study STUDY.toml --data YOUR.csv --by COLUMN",
	out:       "       pictures, results and record: %s",
	decimal:   ".", thousands: ",", zero: ".",
}

var dutch = texts{
	title:      "SMART START · oefening met openbare gegevens: %s Nederlandse leerlingen (1989), %d schoolbesturen. Geen echt kind krijgt een score.",
	question:   "VRAAG      Wie heeft aan het eind van de basisschool een taalachterstand, een jaar eerder bekeken?",
	looked:     " 1  Elk bestuur keek naar zijn eigen leerlingen.  wat %s verliet: %d versleutelde lijsten, %d getekende regels, geen rij",
	sent:       " 2  Elk stuurde per ronde één versleutelde lijst. wat de coördinator kreeg van %s:",
	holds:      "                                                  % x ...  (hij heeft geen sleutel)",
	added:      " 3  De lijsten werden versleuteld opgeteld.       %d van %d besturen, %d rondes",
	off:        "    De computer van %[1]s ging uit in ronde %[2]d,\n    na het sturen van zijn lijst.                 de ronde werd zonder afwezige deelnemer %[1]s afgerond   OK",
	stayed:     "    De computer van %s zou uitgaan na het sturen van zijn lijst:\n    dat is in deze uitvoering niet gelukt.        wat er dan gebeurt is dus NIET getoond",
	opened:     " 4  Alleen totalen werden geopend, elk door ten minste %d van de %d besturen samen%s",
	apart:      ";\n    ook die van elk bestuur apart, om het model daar te beoordelen, zoals elk bestuur heeft aanvaard.",
	answer:     "ANTWOORD   Van elke 10 leerlingen die voor gesprek zijn geselecteerd, hadden er %s inderdaad een taalachterstand",
	answerRule: ";\n           met alleen %s: %s",
	missed:     "           Maar %s van de 10 leerlingen met een taalachterstand werden NIET geselecteerd. Dit helpt een vakmens en vervangt die nooit.",
	selected:   "           (geselecteerd: de tien procent met de hoogste voorspelling, elk door een model dat hun bestuur nooit zag)",
	curve:      "HOEVEEL SCHOLEN ZIJN GENOEG?   (0,5 = kop of munt, 1 = volmaakt; getoetst op %s)",
	within:     "andere scholen van hetzelfde bestuur",
	last:       "; de laatste: op andere besturen",
	across:     "andere besturen",
	school:     "school",
	schools:    "scholen",
	curveRule:  "|  alleen %s %s",
	unseen:     "IN EEN BESTUUR DAT HET NOOIT ZAG   het ordent tussen %s en %s",
	unseenOne:  "IN EEN BESTUUR DAT HET NOOIT ZAG   in %s is de ordening %s",
	but:        " maar voorspelt er ",
	tooMany:    ",\n           maar voorspelt er te veel in %s (%s per verwachte leerling)",
	tooFew:     ",\n          %ste weinig in %s (%s per verwachte leerling)",
	everywhere: ".",
	level:      ": controleer het niveau ter plaatse.",
	fair:       "EERLIJK?   %s %s\n           %s van de leerlingen met %s,",
	used:       "`%s` is gebruikt om te voorspellen.",
	unused:     "`%s` is niet gebruikt om te voorspellen.",
	still:      "Toch zijn bij de hoogste %.0f%% ten onrechte voor gesprek geselecteerd\n           (van wie geen taalachterstand had):",
	rates:      "Bij de hoogste %.0f%% zijn ten onrechte voor gesprek geselecteerd\n           (van wie geen taalachterstand had):",
	others:     "           %s van de anderen. %s",
	moral:      "Een kolom weglaten maakt een model niet eerlijk. Dat moeten mensen beslissen.",
	people:     "Dat moeten mensen beslissen.",
	littleSay:  "EERLIJK?   %s Te weinig leerlingen om te zeggen wat de hoogste %.0f%% voor hen betekent.",
	together:   "HETZELFDE ALS ALLE GEGEVENS BIJ ELKAAR?   %s.\n           Grootste verschil met R op de samengevoegde rijen: %s   (grens 1e-6)   %s",
	yes:        "ja", no: "NEE",
	bits:   "bit voor bit",
	trust:  "KUNT U ONS VERTROUWEN?   Dat hoeft niet. Er zijn %s stappen vastgelegd; deze computer heeft zojuist elke som nageteld: %s.",
	cheats: "    Nu bedriegt de coördinator: hij herschrijft zijn logboek en laat %s weg uit de laatste som ...",
	caught: "    BETRAPT  door %s:\n             \"%s\"",
	board:  "bestuur", boards: "besturen", and: " en ", researcher: "de onderzoeker",
	auditor:   "    BETRAPT  door een controleur die het eerlijke logboek nooit zag: regel %d, %s,\n             \"%s\" (%s)",
	fork:      "het logboek dat nu getoond wordt sluit niet aan op wat hier al was",
	missing:   "wie meedeed in de som is niet wie daarvoor een lijst stuurde: %s is weggelaten",
	notProved: "NIET BEWEZEN  dat de gegevens van besturen kloppen · dat %d besturen niet met de coördinator samenspanden · dat dit een kind helpt",
	next:      "Verder  %s\n        smartstart simulate --study STUDIE.toml --data UW.csv --by KOLOM",
	out:       "        plaatjes, uitkomsten en logboek: %s",
	decimal:   ",", thousands: ".", zero: "0,",
}

// textsIn returns the texts of a language; without one, of the locale.
func textsIn(lang string) (*texts, string, error) {
	if lang == "" {
		lang = "en"
		for _, key := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
			if v := os.Getenv(key); v != "" {
				if strings.HasPrefix(v, "nl") {
					lang = "nl"
				}
				break
			}
		}
	}
	switch lang {
	case "en":
		return &english, lang, nil
	case "nl":
		return &dutch, lang, nil
	}
	return nil, "", usage("there is no text in the language "+lang, "give --lang nl or --lang en")
}
