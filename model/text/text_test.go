package text

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

func TestDeidentify(t *testing.T) {
	for _, c := range []struct{ note, want string }{
		{"", ""},
		{"Moeder is bezorgd over haar zoon.", "Moeder is bezorgd over haar zoon."},
		{"Gesprek met Jan de Vries en Fatima.", "Gesprek met [name] en [name]."},
		{"mevrouw jansen belde", "mevrouw [name] belde"},
		{"dhr. van den heuvel was boos", "dhr. [name] was boos"},
		{"Hij drinkt 3 keer per week, al 12 jaar.", "Hij drinkt [number] keer per week, al [number] jaar."},
		{"Groep 7-8, klas3b, 6-jarige, 3e kind", "Groep [number], [number], [number]-jarige, [number] kind"},
		{"bel 06 - 12 34 56 78 of 020-1234567.", "bel [number] of [number]."},
		{"bel ０６１２３４５６７８", "bel [number]"},
		{"BSN 12\u200b34\u00ad56782", "BSN [number]"},
		{"١٢٣٤٥٦٧٨٩", "[number]"},
		{"jan@example.nl, of www.example.org/jan.", "[address], of [address]."},
		{"jan @ example.nl belt", "[address] belt"},
		{"op 3-4 gezien", "op [number] gezien"},
		{"in 2014 verhuisd naar 1234 ab in de buurt", "in [number] verhuisd naar [number] in de buurt"},
		{"in 2014 op school", "in [number] school"},
		{"Dorpsstraat 12a, op straat", "[number], op straat"},
		{"Dossier 12: zie 12 Oak Street", "Dossier [number]: zie [number] [name]"},
		{"Zie AB-12-CD en K23", "Zie [number] en [number]"},
		{"volgens A.B. Pietersen", "volgens [name]"},
		{"Ze zei: Ik ga naar Veilig Thuis of de GGZ.", "Ze zei: Ik ga naar Veilig Thuis of de GGZ."},
		{"张伟 belde met Жанна", "[name] belde met [name]"},
		{"Will she come? Max is 5.", "Will she come? [name] is [number]."},
		{"Moeder van Rodavix, familie de Kwelva en de Boer.", "Moeder [name], familie [name] en [name]."},
		{"JANSEN: MOEDER", "[name]: [name]"},
		{"roos huilt om een mooie roos, en wolf om de grote boze wolf", "[name] huilt om een mooie roos, en [name] om de grote boze wolf"},
		{"Will has a cold. Will she come? May need help. May Brown did.", "[name] has a cold. Will she come? May need help. [name] did."},
		{"KIND: ER IS GEEN RUZIE MET DE BOER", "KIND: ER IS GEEN [name] MET [name]"},
		{"Moeder van jan en Frans", "Moeder [name] en [name]"},
		{"Roken: N.v.t.", "[name]: nvt."},
		{"Lisa's moeder, O'Brien, Anne-Marie", "[name] moeder, [name], [name]"},
	} {
		if got := Deidentify(c.note); got != c.want {
			t.Errorf("%q gives %q, want %q", c.note, got, c.want)
		}
	}
}

func TestRead(t *testing.T) {
	for _, c := range []struct{ note, language, said, denied string }{
		{"Er is ruzie.", Dutch, "ruzie", ""},
		{"Er is geen ruzie, maar wel angst.", "", "angst", "ruzie"},
		{"Geen schulden, ruzie of angst.", "", "", "schuld ruzie angst"},
		{"Geen schulden, ruzie thuis.", "", "ruzie", "schuld"},
		{"Geen ruzie en vader heeft angst.", "", "angst", "ruzie"},
		{"Geen ruzie en angst.", "", "", "ruzie angst"},
		{"Schulden zijn er niet. Angst wel.", "", "angst", "schuld"},
		{"Niet alleen ruzie, ook schulden.", "", "ruzie schuld", ""},
		{"Moeder ontkent ruzie en schulden; zij noemt angst.", "", "angst", "ruzie schuld"},
		{"Angst is uitgesloten", "", "", "angst"},
		{"Geen twijfel over ruzie", "", "ruzie", ""},
		{"No debts\nviolence", English, "violence", "debts"},
		{"She is not worried about debts but denies violence.", "", "", "worried debts violence"},
		{"Violence was ruled out; debts cannot be ruled out.", "", "debts", "violence"},
		{"ruzie, geen ruzie", "", "ruzie", "ruzie"},
		{"Kind slaapt niet door ruzie thuis.", "", "ruzie", ""},
		{"Hij wil niet naar huis vanwege ruzie.", "", "ruzie", ""},
		{"Geen eten in huis wegens schulden", Dutch, "schuld", ""},
		{"She does not sleep due to violence.", "", "violence", ""},
		{"Niet bekend of er ruzie is", Dutch, "ruzie", ""},
		{"Geen ruzie op school, schulden of angst.", "", "", "ruzie schuld angst"},
		{"Geen ruzie in de klas of angst.", "", "", "ruzie angst"},
		{"Geen misbruik van ruzie. Geen hulp of schuld.", "", "", "ruzie schuld"},
		{"Geen hulp bij de schulden", "", "schuld", ""},
		{"Moeder is niet bezorgd over de schulden.", "", "", "schuld"},
		{"Er is geen sprake van de gemelde ruzie.", "", "", "ruzie"},
		{"Moeder ontkent ruzie en betaalt de schulden niet.", "", "schuld", "ruzie"},
		{"De ruzie is er niet meer.", "", "", "ruzie"},
		{"De ruzie stopt niet, de angst neemt niet af.", "", "ruzie angst", ""},
		{"Vader ontkent de schulden niet.", "", "schuld", ""},
		{"Niet zonder ruzie; geen week zonder angst", "", "ruzie angst", ""},
		{"Ruzie wordt door vader ontkend.", "", "", "ruzie"},
		{"Violence has not been denied. Debts were denied.", "", "violence", "debts"},
		{"Schulden: -\nAngst: - dagelijks\nRuzie: N.v.t.", "", "angst", "schuld ruzie"},
		{"Schulden: niet bekend. Zijn er ruzie, angst? Nee.", "", "schuld", "ruzie angst"},
		{"Is moeder van de schulden verlost? Nee. Is de angst verminderd? Nee.", "", "angst", "schuld"},
		{"Angst (nee), schulden (nee, wel ruzie)", "", "ruzie", "angst schuld"},
		{"In plaats van ruzie is er angst; far from worried", "", "angst", "ruzie worried"},
		{"Geen ruzie, angst niet minder of over.", "", "angst", "ruzie"},
		{"Kind praat niet over de ruzie. Vader zit niet in de schulden.", "", "ruzie", "schuld"},
		{"Moeder weet niets van schulden.", "", "schuld", ""},
	} {
		terms := []string{"schuld", "ruzie", "angst", "debts", "violence", "worried"}
		said, denied := NewReader(terms, 0, c.language).Note(c.note)
		for i, w := range terms {
			if want := slices.Contains(strings.Fields(c.said), w); said[i] != want {
				t.Errorf("%q: said %q is %v", c.note, w, said[i])
			}
			if want := slices.Contains(strings.Fields(c.denied), w); denied[i] != want {
				t.Errorf("%q: denied %q is %v", c.note, w, denied[i])
			}
		}
	}
}

func TestStems(t *testing.T) {
	for _, c := range []struct{ a, b, language string }{
		{"schulden", "schuld", Dutch}, {"angsten", "angst", Dutch}, {"zorgelijke", "zorgelijk", Dutch},
		{"worried", "worries", English}, {"debts", "debt", English},
	} {
		if Stem(c.a, c.language) != Stem(c.b, c.language) {
			t.Errorf("%s and %s have the stems %s and %s", c.a, c.b, Stem(c.a, c.language), Stem(c.b, c.language))
		}
	}
	if Guess("the mother is not worried") != English || Guess("de moeder is niet bezorgd") != Dutch || Guess("") != Dutch {
		t.Error("a language is guessed wrongly")
	}
}

// TestTermWithCapital: what a study asks for is found at the head of a sentence
// too, though an unknown word there goes; a listed name is never found.
func TestTermWithCapital(t *testing.T) {
	said, _ := NewReader([]string{"gokschuld"}, 0, Dutch).Note("Gokschulden thuis.")
	if !said[0] {
		t.Error("a term at the head of a sentence is not found")
	}
	if Deidentify("Gokschulden thuis.") != "[name] thuis." {
		t.Error("an unknown word at the head of a sentence stays")
	}
	said, _ = NewReader([]string{"jeroen"}, 0, Dutch).Note("Jeroen huilt, jeroen slaat.")
	if said[0] || Usable("jeroen") {
		t.Error("a name can be asked for")
	}
	for term, want := range map[string]bool{"schuld": true, "Schuld": false, "niet": false, "the": false, "two words": false, "x1": false, "": false, "café": true, "de": false} {
		if Usable(term) != want {
			t.Errorf("%q usable: %v", term, !want)
		}
	}
}

// TestVersion: the readings of these notes are those of this version; nodes that
// read otherwise must not say that they are of it.
func TestVersion(t *testing.T) {
	h := sha256.New()
	for _, name := range []string{"hard", "wordnames", "known", "second", "third", "fourth"} {
		file, err := os.ReadFile("testdata/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(file)) {
			fmt.Fprintln(h, Read(mark.ReplaceAllString(line, "$1"), ""))
		}
	}
	want := map[string]string{"text/2": "0b9962cd16f5f36c"}
	if got := hex.EncodeToString(h.Sum(nil)[:8]); want[Version] != got {
		t.Errorf("notes are read otherwise than by %s (%s): if that is meant, raise Version and write the new digest here", Version, got)
	}
}

// TestBuckets: hashed columns hold each stem in one bucket, the same always.
func TestBuckets(t *testing.T) {
	r := NewReader(nil, 64, Dutch)
	said, denied := r.Note("Er zijn schulden, geen ruzie.")
	a, b := Bucket(Stem("schulden", Dutch), 64), Bucket(Stem("ruzie", Dutch), 64)
	for i := range said {
		if said[i] != (i == a) || denied[i] != (i == b) {
			t.Errorf("bucket %d holds %v, %v", i, said[i], denied[i])
		}
	}
	if Bucket("schuld", 64) != a || a == b {
		t.Errorf("buckets %d and %d", a, b)
	}
	// A name is in no bucket.
	with, _ := r.Note("Er zijn schulden bij Jeroen Jansen, 0612345678.")
	if !slices.Equal(with, said) {
		t.Error("a name reaches a bucket")
	}
}

func TestProperties(t *testing.T) {
	words := rapid.SampledFrom([]string{"Jan", "van", "der", "Berg", "mevrouw", "06", "12345678", "1234", "AB", "@", ".", ",", "\n", "-", "geen", "niet", "ruzie", "maart", "3", "'s", "[name]", "[", "straat", "Kerkweg", "e", "und", "É", "́", "roos", "mooie", "een", "Will", "has", "GEEN", "n.v.t", "N/A", ":", "?", "(", "nee"})
	rapid.Check(t, func(t *rapid.T) {
		note := strings.Join(rapid.SliceOf(words).Draw(t, "words"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between"))
		holds(t, note)
	})
}

func holds(t interface{ Fatalf(string, ...any) }, note string) {
	clear := Deidentify(note)
	if again := Deidentify(clear); again != clear {
		t.Fatalf("%q gives %q and then %q", note, clear, again)
	}
	if strings.ContainsFunc(clear, func(r rune) bool { return unicode.IsNumber(r) || r == '@' }) {
		t.Fatalf("%q leaves a digit or an @ in %q", note, clear)
	}
	if n := Normalise(note); Normalise(n) != n {
		t.Fatalf("Normalise(%q) is %q and then %q", note, n, Normalise(n))
	}
}

func FuzzNote(f *testing.F) {
	for _, s := range []string{"Jan de Vries, 06-12345678.", "mevr. van 't Hof @ x.nl", "[name]12 Jan 34", "geen a, b of c en niet", "ﷺﷺ ½ ²³⁴⁵", "İ K Å", "3 maart '15", "a\x00\xff", "Schulden: n.v.t. N/A - ?", "een mooie roos, roos huilt", "Will has GEEN", "niet zonder ontkent niet stopt niet (nee)"} {
		f.Add(s)
	}
	r := NewReader([]string{"schuld", "debt"}, 16, "")
	f.Fuzz(func(t *testing.T, note string) {
		if len(note) > 4096 {
			return
		}
		holds(t, note)
		said, denied := r.Note(note)
		if len(said) != 18 || len(denied) != 18 {
			t.Fatal("not one value for each column")
		}
		for _, w := range Tokens(note) {
			if w == "" || strings.ContainsFunc(w, unicode.IsDigit) {
				t.Fatalf("%q has the token %q", note, w)
			}
		}
		Usable(note)
		Read(note, English)
	})
}

// TestLongNotes: the largest note is read in a moment, whatever is in it.
func TestLongNotes(t *testing.T) {
	for _, unit := range []string{"Jan ", "a", "0 ", "geen a, ", "niet er ", "van ", "@", "'s ", "[name]", "1-", "maart 3 ", "J.", "ﷺ", "e\u0301\u0301", "Van de der ", "ontkent er niet ", "nog niet ", "nee? ", "een mooie roos ", "n/a ", "Will "} {
		note := strings.Repeat(unit, MaxNote/len(unit))
		start := time.Now()
		NewReader([]string{"schuld"}, 64, "").Note(note)
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%d times %q takes %v", MaxNote/len(unit), unit, d)
		} else {
			t.Log(unit, d)
		}
	}
}

func BenchmarkNote(b *testing.B) {
	r := NewReader([]string{"schuld", "ruzie"}, 0, "")
	for b.Loop() {
		r.Note("Gesprek met mevrouw van der Berg (06-12345678) over de schulden thuis. Moeder ontkent ruzie, maar vader is bezorgd over Jeroen.")
	}
}
