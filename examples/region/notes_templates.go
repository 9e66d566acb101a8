package region

// Topic is what a note can speak of. It is affirmed with probability
// 1/(1+exp(-(Intercept + Adversity A + Development D))) where it is mentioned,
// and else denied: "geen zorgen over ..." says that somebody looked.
type Topic struct {
	Name        string   `json:"name"`
	Dutch       []string `json:"nl"` // forms of the term
	English     []string `json:"en"`
	Intercept   float64  `json:"intercept"`
	Adversity   float64  `json:"adversity"`
	Development float64  `json:"development"`
}

// Topics are the terms of all notes and their planted effects.
func Topics() []Topic { return topics }

var topics = []Topic{
	{"tension", []string{"spanningen", "spanning", "ruzies"}, []string{"tension", "tensions", "arguments"}, -1, 1, 0},
	{"money", []string{"geldzorgen", "schulden", "betalingsachterstanden"}, []string{"debts", "debt", "arrears"}, -1, 0.9, 0},
	{"sleep", []string{"slaapproblemen", "nachtmerries"}, []string{"nightmares", "sleeplessness"}, -1, 0.4, 0.3},
	{"language", []string{"taalachterstand", "spraakproblemen"}, []string{"stuttering", "mispronunciation"}, -1.2, 0, 1},
	{"exhaustion", []string{"somberheid", "uitputting", "vermoeidheid"}, []string{"exhaustion", "sadness"}, -1, 0.7, 0},
	{"neglect", []string{"verwaarlozing"}, []string{"neglect"}, -2.4, 1.1, 0},
	{"anger", []string{"woedeaanvallen", "driftbuien"}, []string{"tantrums", "outbursts"}, -1, 0.4, 0.6},
	{"loneliness", []string{"eenzaamheid", "isolement"}, []string{"loneliness", "isolation"}, -1.3, 0.6, 0},
}

// sentences are the templates of one language.
type sentences struct {
	openings, affirmed, denied, mixed, endings []string
}

// templates are a set of sentences and the syllables of its names.
type templates struct {
	dutch, english                       sentences
	firstA, firstB, lastA, lastB, street []string
}

// seen is what the generated files use.
var seen = templates{
	dutch: sentences{
		openings: []string{
			"Gesprek met {full} op {date}.", "Huisbezoek bij familie {last} op {date}.", "Moeder, mevrouw {last}, belde op {date}.",
			"{first} was vandaag op het spreekuur, samen met vader.", "Overleg met de intern begeleider over {first}.",
			"Contact met {full}, bereikbaar op {phone}.", "Kind van mevrouw {last}, wonend {street}, {postcode}.", "Dossier {number}, kind {first} {last}.",
		},
		affirmed: []string{
			"Er is sprake van {yes}.", "Ouders noemen {yes} thuis.", "Wij zien {yes} bij het gezin.", "De school meldt {yes}.", "Zorgen over {yes}.",
		},
		denied: []string{
			"Geen {no}.", "Er is geen sprake van {no}.", "Geen zorgen over {no}.", "Ouders zien geen {no}.", "Vader ontkent {no}.", "Geen signalen van {no} gezien.",
		},
		mixed:   []string{"Geen {no}, maar wel {yes}.", "Wel {yes}, maar geen {no}.", "Moeder vertelt over {yes}; er is geen {no}."},
		endings: []string{"Terugbellen op {phone}.", "Verslag gemaild naar {email}.", "Afspraak op {date} met {full}.", "Nummer in het systeem: {number}.", "Post naar {street}, {postcode}."},
	},
	english: sentences{
		openings: []string{
			"Talked with {full} on {date}.", "Home visit to the {last} family on {date}.", "Mother, Mrs {last}, called on {date}.",
			"{first} came to the clinic with his father.", "Contact with {full}, phone {phone}.", "Child of Mrs {last}, living at {street}, {postcode}.",
		},
		affirmed: []string{"We heard of {yes} at home.", "The parents speak of {yes}.", "We noticed {yes}.", "The school reports {yes}."},
		denied:   []string{"No {no}.", "No signs of {no}.", "Mother sees no {no}.", "Father denies {no}.", "We saw no {no}."},
		mixed:    []string{"No {no}, but they do speak of {yes}.", "They speak of {yes}, but see no {no}."},
		endings:  []string{"Call back on {phone}.", "Report sent to {email}.", "Next visit on {date} with {full}.", "Number in the system: {number}."},
	},
	firstA: []string{"Bra", "Fen", "Jor", "Kel", "Lum", "Mir", "Nav", "Ost", "Pel", "Riv", "Sal", "Tam", "Ulb", "Vor", "Wen", "Zil"},
	firstB: []string{"vika", "doro", "lino", "mesk", "nuru", "quin", "rowo", "sket", "tuva", "zeno"},
	lastA:  []string{"Dol", "Grim", "Hur", "Kwel", "Lomp", "Mos", "Plun", "Rod", "Stul", "Trom", "Vlam", "Zond"},
	lastB:  []string{"avixum", "bromsel", "eskwort", "ilvanda", "okrimst", "uzelaar"},
	street: []string{"Fabelstraat", "Verzonnenlaan", "Bedachtplein", "Nergenspad", "Droomkade"},
}

// unseenSet is what no generated file uses.
var unseenSet = templates{
	dutch: sentences{
		openings: []string{
			"Vandaag gesproken met de ouder van {first}, dhr. {last}.", "Op {date} kwam {full} langs met een vraag.", "Telefonisch contact ({phone}) met oma, mw. {last}.",
			"Aanmelding via {email} voor {first}.", "Gezin {last} verhuisde op {date} naar {street} ({postcode}).", "Ref. {number}: gesprek tussen leerkracht en {full}.",
		},
		affirmed: []string{"Het team maakt zich zorgen over {yes}.", "Thuis is veel {yes}, vertelt oma.", "Opvallend: {yes} in de laatste maanden.", "Volgens de leerkracht speelt {yes} een rol."},
		denied: []string{"Van {no} is geen sprake.", "Er zijn geen aanwijzingen voor {no}.", "{no} niet waargenomen.", "Zonder {no} in de afgelopen periode.", "Nooit {no} gezien.",
			"Navraag leverde geen {no} op."},
		mixed:   []string{"{yes} aanwezig, geen {no}.", "Er is geen {no}, echter wel {yes}.", "Oma noemt {yes}, maar {no} niet."},
		endings: []string{"Graag bellen: {phone}.", "Mailadres van vader is {email}.", "Volgende afspraak: {date}, bij {full}.", "BSN {number} gecontroleerd.", "Woont nu op {street} te {postcode}."},
	},
	english: sentences{
		openings: []string{"Today I spoke with the parent of {first}, Mr {last}.", "{full} visited us on {date} with a question.", "Phone contact ({phone}) with grandmother, Ms {last}.", "Referral by {email} about {first}."},
		affirmed: []string{"The team worries about {yes}.", "Striking: {yes} over the past months.", "According to the teacher {yes} plays a part."},
		denied:   []string{"No indication of {no}.", "{no} was not observed.", "Without {no} in recent weeks.", "Never any {no}."},
		mixed:    []string{"{yes} present, no {no}.", "He saw no {no}; however he mentioned {yes}."},
		endings:  []string{"Please ring {phone}.", "His mail address is {email}.", "Next appointment: {date}, with {full}.", "File {number} checked."},
	},
	firstA: []string{"Cyl", "Dax", "Gorm", "Hesp", "Ink", "Yst"},
	firstB: []string{"abra", "elto", "inde", "ossa", "ukke"},
	lastA:  []string{"Burn", "Fjel", "Nook", "Quis", "Wrim"},
	lastB:  []string{"ademo", "ektrum", "istova", "oltzer", "ympha"},
	street: []string{"Mistweg", "Schijnhof", "Luchtsteeg"},
}
