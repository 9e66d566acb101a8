package region

import (
	"encoding/json"
	"fmt"
	"io"
)

// Truth is what truth.json holds, besides the list of anomalies that stands
// before it: the pseudonyms of children whose test results are implausible
// together. Nothing but a comparison may read it.
type Truth struct {
	Synthetic string   `json:"synthetic"`
	Anomalies []string `json:"anomalies"` // pseudonyms
	Planted
}

// Planted is the truth that holds for the region as a whole.
type Planted struct {
	Preset    Preset      `json:"preset"`
	Seed      uint64      `json:"seed"`
	Links     []Link      `json:"links"` // of every latent and column; loadings are the planted coefficients
	Abuse     Abuse       `json:"abuse"`
	Coverage  []Coverage  `json:"coverage"`
	Shifts    []Shift     `json:"shifts"`
	Odd       []OddColumn `json:"odd"` // where anomalies are planted
	Effects   Effects     `json:"effects"`
	Errors    Errors      `json:"errors"`
	Programme Programme   `json:"programme"`
	Excess    Excess      `json:"excess"`
	Notes     NoteTruth   `json:"notes"`
	Targets   Targets     `json:"targets"`
	Areas     []Area      `json:"areas"`
	Schools   []School    `json:"schools"`
	Summary   *Summary    `json:"summary"`
}

// Effects are the standard deviations of the random effects.
type Effects struct {
	SchoolDelay    float64 `json:"school_delay"`    // logit of developmental_delay
	SchoolLanguage float64 `json:"school_language"` // points of language_score
	AreaShare      float64 `json:"area_share"`      // of the variance of adversity
}

// Errors are the shares of planted errors.
type Errors struct {
	Duplicates float64 `json:"duplicates"`
	Mistaken   float64 `json:"mistaken"`
	Anomalies  float64 `json:"anomalies"`
}

// Programme is the planted effect and where it began, school by school.
type Programme struct {
	Outcome string         `json:"outcome"`
	Effect  float64        `json:"effect"`
	Start   map[string]int `json:"start"` // schools that ever had it, and from which cohort_year
	Never   []string       `json:"never"`
	Rule    string         `json:"rule"`
}

// Excess are the areas in which cases are more frequent than anything recorded
// explains.
type Excess struct {
	Areas []string `json:"areas"`
	Log   float64  `json:"log_odds"` // a year
}

// NoteTruth is what is planted in notes.
type NoteTruth struct {
	Share   float64   `json:"share"`   // of files with a note
	English float64   `json:"english"` // of notes
	Told    float64   `json:"told"`    // of topics in a note
	Typing  float64   `json:"typing"`  // of words of five letters or more
	Topics  []Topic   `json:"topics"`
	Names   NoteNames `json:"names"` // first names and surnames are two of these together
	Numbers string    `json:"numbers"`
	Each    string    `json:"each"`
}

// NoteNames are the syllables of the names in notes.
type NoteNames struct {
	First   [2][]string `json:"first"`
	Last    [2][]string `json:"last"`
	Streets []string    `json:"streets"`
}

// Targets is what the constants were chosen for, held by a test.
type Targets struct {
	BestHolder float64 `json:"auc_best_holder"` // the youth health teams' columns, report before 144 months
	Together   float64 `json:"auc_all_holders"`
	Oracle     float64 `json:"auc_oracle"`
	Reports    float64 `json:"share_reported"`
	Delays     float64 `json:"share_developmental_delay"`
}

// Planted returns what is planted; the summary comes with Write.
func (w *World) Planted() *Planted {
	t := &Planted{Preset: w.Preset, Seed: w.Seed, Links: w.links(), Abuse: TheAbuse(), Coverage: Coverages(), Shifts: Shifts(), Odd: OddColumns(),
		Effects: Effects{schoolDelay, schoolLanguage, 0.15}, Errors: Errors{twice, mistaken, implausible},
		Programme: Programme{Outcome: "language_score", Effect: w.Preset.Programme, Start: map[string]int{}, Never: []string{},
			Rule: "a school takes part with probability .45 + .1 * deprivation of its area, from 2017, ..., 2021 with the same probability each"},
		Excess: Excess{Areas: []string{}}, Targets: Targets{0.74, 0.80, 0.81, 0.03, 0.08},
		Notes: NoteTruth{noteShare, englishShare, toldShare, typoChance, topics, NoteNames{[2][]string{seen.firstA, seen.firstB}, [2][]string{seen.lastA, seen.lastB}, seen.street},
			"phone numbers in ranges given to nobody, nine figures that fail the 11-test, postcodes that end in SA or SD, addresses at example.org",
			"what stands where in each note: " + NotesFile},
		Areas: w.Areas, Schools: w.Schools}
	for _, s := range w.Schools {
		if s.Start > 0 {
			t.Programme.Start[s.Name] = s.Start
		} else {
			t.Programme.Never = append(t.Programme.Never, s.Name)
		}
	}
	for _, a := range w.Areas {
		if a.Excess {
			t.Excess.Areas = append(t.Excess.Areas, a.Name)
		}
	}
	for _, l := range t.Abuse.Loadings {
		if l.On == "excess" {
			t.Excess.Log = l.By
		}
	}
	return t
}

// truthHead begins truth.json; the anomalies follow one by one, so that they
// need no memory.
func (w *World) truthHead(f io.Writer) error {
	_, err := fmt.Fprintf(f, "{\n \"synthetic\": %q,\n \"anomalies\": [", Synthetic)
	return err
}

func anomaly(f io.Writer, pseudonym string, first bool) error {
	between := ",\n  "
	if first {
		between = "\n  "
	}
	_, err := fmt.Fprintf(f, "%s%q", between, pseudonym)
	return err
}

// truthTail writes the rest.
func (w *World) truthTail(f io.Writer, s *Summary) error {
	t := w.Planted()
	t.Summary = s
	b, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "\n ],%s\n", b[1:]) // without its bracket: truthHead opened one
	return err
}
