package text

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// planted is a note with its truth.
type planted struct {
	note         string
	hidden       []string // each word and number in it must be gone
	said, denied []string
}

var (
	slot = regexp.MustCompile(`\{(\w+)\}`)
	mark = regexp.MustCompile(`<([^>]*)>`)
	term = regexp.MustCompile(`(^|[\s(])([+-])(\pL+)`)
)

// pools are what slots are filled with. Of the unseen ones no name is on the
// package's lists.
var knownPool = map[string][]string{
	"first":  {"Jeroen", "Fatima", "Sanne", "Mohamed", "Lisa", "Daan", "Yusuf", "Roos", "Kim", "Bram", "Aylin", "Merel"},
	"sur":    {"Jansen", "Bakker", "Yilmaz", "Visser", "Dijkstra", "Berg", "Groot", "Meijer"},
	"email":  {"jeroen.jansen@example.nl", "f_yilmaz88@mail.example.com"},
	"phone":  {"06-12345678", "0612345678", "06 12 34 56 78", "+31 6 1234 5678", "(020) 123 45 67"},
	"bsn":    {"123456782", "1234.56.782", "123 456 782"},
	"post":   {"1234 AB", "9876ZX"},
	"date":   {"12-03-2014", "3 maart 2015", "2016-11-30", "1/2/15", "12 jan. 2017"},
	"street": {"Dorpsstraat 12", "Jan van Galenlaan 3a", "Kerkweg 101 bis"},
}

var secondPool = map[string][]string{
	"first":  {"Wytse", "Ngozi", "Thirzano", "Zbigniew", "Maëlle", "Djenna", "Svetoslav", "Ilvy", "Quirijn", "Bouchra", "Xuan", "Tjalling"},
	"sur":    {"Okonjo", "Hoogwerf", "Ruijgrok", "Wijnschenk", "Özkaya", "Brânzei", "Kwakernaat", "Lindeboom"},
	"email":  {"wytse.hoogwerf+school@post.example.org", "NGOZI@EXAMPLE.NET"},
	"phone":  {"0031 612345678", "06.12.34.56.78", "tel 010 - 765 43 21", "06/98765432"},
	"bsn":    {"987654321", "98.76.54.321", "nr. 40021"},
	"post":   {"4321 kl", "3511 RC", "1012nx"},
	"date":   {"3 mei jl.", "05.06.2013", "21 september '12", "March 3rd, 2016", "30-9-14"},
	"street": {"Hazepad 7", "Prins Bernhardsingel 214-2", "Laan van Meerdervoort 98 hs", "Willem de Zwijgerplantsoen 5"},
	"town":   {"Drachten", "Zaltbommel", "Den Bosch"},
	"plate":  {"SPEC12014", "XB-123-K"},
}

var thirdPool = map[string][]string{
	"first":  {"Hidje", "Oluwaseun", "Marjeta", "Przemysław", "Séverine", "Tjitske", "Eyüp", "Nanouk", "Wubbo", "Siênna-Joy", "Abebe", "Lonny"},
	"sur":    {"Abbema", "Rademakers", "Tesfaye", "Van Nieuwenhoven", "Szczepański", "Uittenbogaard", "Kerssemakers", "Ait Lahcen"},
	"email":  {"h.abbema@zorg.example.nl", "Séverine_88@example.com", "nanouk(at)@example.eu"},
	"phone":  {"(0512) 34 56 78", "+31-(0)6-43218765", "06 4321 8765", "0900-1234"},
	"bsn":    {"246813570", "2468-13-570", "246 81 35 70"},
	"post":   {"6511LX", "9285 tb", "2595 DA"},
	"date":   {"14 februari", "2/11/2012", "7 okt 2015", "August 22", "d.d. 08-09-10", "1 jan."},
	"street": {"Oude Singel 44", "Stationsstraat 12-B", "Burgemeester Falkenaweg 58", "Sint Annalaan 9c", "de Kempenaerstraat 131"},
	"town":   {"Winschoten", "Bergen op Zoom", "Hardinxveld-Giessendam"},
	"code":   {"VT-2291", "JB/77A", "2016/0451"},
}

var fourthPool = map[string][]string{
	"first":  {"Ottilie", "Kwabena", "Froukjelien", "Yevhen", "Zsófi", "Reindert-Jan", "Tsegaye", "Ümmügülsüm", "Hylke", "Nathaly", "Boudicca", "Dzhamila"},
	"sur":    {"Poelgeest", "Wierenga", "van Oudheusden", "Adeyemi", "Stoop", "Hrushevskyi", "Luijendijk", "te Riele"},
	"email":  {"o.poelgeest@school.example.nl", "hylke-wierenga@example.co.uk", "nathaly1987@example.com"},
	"phone":  {"0345-678 912", "+31 (0)318 55 66 77", "06-4455 6677", "+44 7700 900123", "088 - 1122334"},
	"bsn":    {"135792468", "1357 92 468", "135.792.468"},
	"post":   {"7311 GH", "3843ww", "8911 as"},
	"date":   {"19 juni 2011", "19-06-'11", "6/19/2011", "2011.06.19", "de 3e van februari 2012", "Sept 5"},
	"street": {"Achterom 17", "Graaf Engelbertlaan 220c", "Noorderhavenkade 8-1", "Plein 1944 nr 3", "Nieuwe Rijn 66"},
	"town":   {"Culemborg", "Alphen aan den Rijn", "Lemmer"},
	"org":    {"Stichting Vlinderhof", "Kindcentrum De Regenboog", "Bluebell House"},
	"code":   {"PL0900-2016", "mutatie 88/123", "2016-4471"},
}

// marked reads the signs of a template: <hidden>, +said and -denied.
func marked(filled string) (p planted) {
	for _, m := range mark.FindAllStringSubmatch(filled, -1) {
		p.hidden = append(p.hidden, m[1])
	}
	filled = mark.ReplaceAllString(filled, "$1")
	// In an e-mail or a name no term begins after a space with + or -.
	for _, m := range term.FindAllStringSubmatch(filled, -1) {
		if m[2] == "+" {
			p.said = append(p.said, strings.ToLower(m[3]))
		} else {
			p.denied = append(p.denied, strings.ToLower(m[3]))
		}
	}
	p.note = term.ReplaceAllString(filled, "$1$3")
	return p
}

func plant(t *testing.T, file string, pool map[string][]string, n int, seed uint64) (all []planted) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 1))
	var templates []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			templates = append(templates, line[3:])
		}
	}
	for i := range n {
		filled := slot.ReplaceAllStringFunc(templates[i%len(templates)], func(s string) string {
			from := pool[strings.Trim(s, "{}")]
			if len(from) == 0 {
				t.Fatalf("%s: no pool for %s", file, s)
			}
			return from[r.IntN(len(from))]
		})
		all = append(all, marked(filled))
	}
	return all
}

// harmless are words of a marked span that name nobody.
var harmless = []string{"van", "der", "de", "den", "tel", "nr", "mr", "jl", "laan", "prins", "d", "op", "te", "aan", "nr", "nieuwe", "mutatie", "e", "plein", "stichting", "house"}

// parts are the words and numbers of a text, in lower case.
func parts(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

func count(words []string, w string) (n int) {
	for _, x := range words {
		if x == w {
			n++
		}
	}
	return n
}

// identifying lists the words and numbers of a span that must be gone.
func identifying(span string) []string {
	return slices.DeleteFunc(parts(span), func(w string) bool { return slices.Contains(harmless, w) })
}

type score struct{ right, all int }

func (s score) share() float64 { return float64(s.right) / float64(s.all) }
func (s score) String() string {
	return fmt.Sprintf("%d of %d (%.2f%%)", s.right, s.all, 100*s.share())
}

// measure returns how many planted spans are wholly gone, and how many planted
// terms are read as they were meant. wrong tells the first few that are not.
func measure(all []planted) (gone, polarity score, wrong []string) {
	tell := func(format string, args ...any) {
		if line := fmt.Sprintf(format, args...); len(wrong) < 12 && !slices.Contains(wrong, line) {
			wrong = append(wrong, line)
		}
	}
	for _, p := range all {
		clear := Deidentify(p.note)
		left := parts(clear)
		for _, span := range p.hidden {
			gone.all++
			ok := true
			for _, part := range identifying(span) {
				// An ordinary word of the note may be the same.
				rest := parts(strings.ReplaceAll(p.note, span, " "))
				ok = ok && count(left, part) <= count(rest, part)
			}
			if ok {
				gone.right++
			} else {
				tell("%q stays in %q", span, clear)
			}
		}
		terms := slices.Concat(p.said, p.denied)
		said, denied := NewReader(terms, 0, "").Note(p.note)
		for i, w := range terms {
			polarity.all++
			if want := i < len(p.said); said[i] == want && denied[i] != want {
				polarity.right++
			} else {
				tell("%q is read as said %v, denied %v in %q", w, said[i], denied[i], clear)
			}
		}
	}
	return gone, polarity, wrong
}

func TestKnownTemplates(t *testing.T) {
	gone, polarity, wrong := measure(plant(t, "testdata/known.txt", knownPool, 2200, 1))
	t.Logf("taken out %v, read right %v", gone, polarity)
	if gone.right != gone.all || polarity.share() < 0.95 {
		t.Errorf("taken out %v, read right %v:\n%s", gone, polarity, strings.Join(wrong, "\n"))
	}
}

// TestMendedTemplates reads notes that were unseen once.
func TestMendedTemplates(t *testing.T) {
	for file, pool := range map[string]map[string][]string{"second": secondPool, "third": thirdPool, "fourth": fourthPool} {
		gone, polarity, wrong := measure(plant(t, "testdata/"+file+".txt", pool, 2500, 2))
		t.Logf("%s: taken out %v, read right %v", file, gone, polarity)
		if gone.right != gone.all || polarity.share() < 0.95 {
			t.Errorf("%s: taken out %v, read right %v:\n%s", file, gone, polarity, strings.Join(wrong, "\n"))
		}
	}
}

// TestMeasureHasTeeth: notes that are left as they are score nothing, and so
// does a negation that is not read.
func TestMeasureHasTeeth(t *testing.T) {
	p := planted{note: "Gesprek met Jeroen. geen ruzie, wel schuld", hidden: []string{"Gesprek"}, said: []string{"ruzie"}, denied: []string{"schuld"}}
	if gone, polarity, _ := measure([]planted{p}); gone.right != 0 || gone.all != 1 || polarity.right != 0 || polarity.all != 2 {
		t.Errorf("scores %v and %v for what is wrong", gone, polarity)
	}
}
