package text

import "strings"

// Words that negate what follows, as in NegEx, and those that negate what went
// before as well.
var (
	negating = set(`geen geenszins allerminst zonder ontkent ontkennen ontkende ontkend noch nergens niemand niets afwezig weerlegt
		no not without denies deny denied denying neither nor none nobody nothing cannot lacks absent`)
	contracted = set(`isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't won't wouldn't couldn't shouldn't`)
	// What may also follow the word that it negates: schulden zijn er niet.
	trailing = set(`niet nooit never`)
	// What may stand between such a word, or "geen", and the end of what is said
	// of the words before: van ruzie is geen sprake; violence was not seen. They
	// say that something is so, and nothing of their own.
	evidence = set(`sprake aanwijzing aanwijzingen signaal signalen bewijs bewijzen teken tekenen melding meldingen aanleiding vermoeden vermoedens
		gebleken gezien gemeld bekend genoemd geconstateerd gevonden vastgesteld waargenomen gehoord gesignaleerd opgemerkt aangetroffen bevestigd aangetoond gebruikt voorgekomen
		iets gezegd verteld zij hij ze besproken gerapporteerd geuit vermeld herkend ervaren zichtbaar aanwezig merkbaar geobserveerd beschreven ontdekt speelt speelde voorkomt voor gebeurd plaatsgevonden
		meer is zijn was waren geweest heeft had hebben er te zien langer hier thuis nu vandaag ooit werd wordt worden kunnen kon volgens moeder vader ouders haar hem ook
		sign signs evidence indication indications seen observed reported found noted noticed mentioned present evident confirmed described raised disclosed
		said told been be being any anymore longer now here today by mother father parents at home so far either`)
	// Two words that negate what follows.
	excluding = phrased("rules out", "rule out", "ruled out", "ruling out", "free of", "vrij van", "in plaats van", "instead of", "verre van", "far from")
	// Words after what they negate.
	excluded = phrased("is uitgesloten", "zijn uitgesloten", "uitgesloten", "niet aan de orde", "ruled out", "was ruled out", "is absent", "are absent", "is afwezig", "zijn afwezig", "niet van toepassing", "not present", "not an issue", "not apply",
		"ontkend", "is denied", "are denied", "was denied", "were denied", "been denied")
	// Of those, the ones that reach only what they stand before, like "zonder".
	instead = phrased("in plaats van", "instead of")
	// Negations that a "niet" or "not" before them turns round: niet zonder ruzie.
	inverted = phrased("zonder", "vrij van", "uitgesloten", "uit te sluiten", "uitsluiten", "ontkend", "ontkennen", "without", "free of", "ruled out", "rule out", "deny", "denied", "denying")
	// And those that one after them turns round: ontkent de schulden niet.
	denial = set(`ontkent ontkennen ontkende ontkenden`)
	// Not negations, though they hold such a word.
	pseudo = phrased("niet alleen", "niet enkel", "niet slechts", "geen twijfel", "zonder twijfel", "geen wonder", "nog niet duidelijk of", "niet bekend of", "niet duidelijk of",
		"niet zeker of", "niet voor niets", "not only", "not just", "not merely", "no doubt", "no wonder", "without doubt", "without a doubt", "not certain if", "not certain whether", "not sure if", "not sure whether", "not to mention", "geen verschil", "niet te missen")
)

// beyond are words that end the scope of "zonder" and "without", which reaches
// only what it stands before: zonder schroom over de scheiding.
var beyond = set(`over tegen met bij door naar uit op in tijdens about with at by during into on to from in for`)

// auxiliary verbs end it too: zonder ruzie is het stil.
var auxiliary = set(`is was waren heeft hebben had hadden wordt worden gaat are were has have`)

// prepositions, of which one that stands before a definite word ends a scope (see
// presupposed).
var prepositions = set(`over tegen met bij door naar uit op in tijdens aan voor van om rond onder rondom tussen tot about with at by during into on to from in for around after`)

// state are those of them with which one says in what state somebody is: aan de
// drugs, in de schulden.
var state = set(`in aan op onder into on`)

// definite are the words before a thing that the writer takes to be there.
var definite = set(`de het deze dit die dat zijn haar hun mijn the this that these those his her their its my`)

// article are those of them that are never a verb or a conjunction.
var article = set(`de het deze haar hun mijn the this these his her their my`)

// neutral are words that do not take what follows to be there: geen zorgen over
// de schulden, geen reden om te twijfelen, geen pesten in de klas.
var neutral = set(`zorgen zorg bezorgd ongerust last problemen probleem klachten klacht verdenking verdenkingen risico gevaar reden noodzaak vorm enkele vragen bijzonderheden
	concerns concern concerned worried worries worry complaints complaint problems problem trouble suspicion suspicions risk danger reason need history form issues questions
	school klas huis straat gezin woning opvang werk class house family`)

// Words that say what is done about a thing that is there: to stop, lessen,
// solve, pay, understand it. Negated, the thing is still there. They make of the
// pseudo-negations of NegEx ("no change", "no increase") a rule.
var (
	undoing = set(`stop stopt stoppen stopte stopten ophoudt ophouden houdt betaalt betalen begrijpt begrijpen snapt snappen herkent herkennen weet weten wist wisten durft durven durfde verdwijnt verdwijnen vermindert verandert verbetert
		stops stopped stopping ends understand understands know knows knew dare dares handle cope`)
	undone = set(`gestopt opgehouden einde eind afname afgenomen toename toegenomen vermindering verminderd verminderen minder verbetering verbeterd verbeteren verandering veranderd veranderen
		oplossing oplossingen opgelost oplossen hulp hulpverlening behandeling grip vat controle betaald afgelost aflossen weg kwijt verdwenen voorbij verwerkt begrepen herkend loslaten serieus
		end ended decrease decreased increase increased reduction reduced less improvement improved improve change changed solution solved resolved help treatment control pay paid cleared settled dared seriously`)
)

// still are words that may stand between such a verb and its "niet".
var still = set(`nog ook maar echt het zich zelf steeds hij zij ze`)

// unit are words that a double negation can hold: geen dag zonder ruzie.
var unit = set(`dag week nacht avond day week night`)

// Words of which the answer in a form is made: "Schulden: geen", "Any debts? No".
var (
	noAnswer = set(`nee neen geen niet nooit niets nihil nvt negatief ontkend ontkent no none not never nil nothing denied denies negative absent afwezig`)
	filling  = set(`van toepassing applicable known enkele enige any at all`)
	// After "niet" and "not" these say that nobody knows.
	unknown = set(`bekend besproken known discussed`)
)

// phrases are runs of words by their first.
type phrases map[string][][]string

func phrased(list ...string) phrases {
	p := phrases{}
	for _, text := range list {
		words := strings.Fields(text)
		p[words[0]] = append(p[words[0]], words)
	}
	return p
}

// terminators end the scope of a negation.
var terminators = set(`maar echter wel hoewel alhoewel ondanks omdat want doordat terwijl behalve tenzij daarentegen toch waardoor zodat aangezien daarnaast sinds nadat voordat door vanwege wegens dankzij
	but however although though except because due since yet while whereas despite apart still which who unless whilst besides`)

// opens are words with which a new clause begins after "en" or "and".
var opens = set(`er is zijn was waren heeft hebben had hadden wordt worden hij zij ze we wij ik het moeder vader ouders kind de een deze dit dat die wel ook veel vaak nu hun haar zijn
	there is are was were has have had he she they we it i the a an this that mother father parents child also often now his her their`)
