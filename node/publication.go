package node

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/smartstart-federation/smartstart/model"
)

// publicationFormat names the document that a study makes public.
const publicationFormat = "smartstart-publication/v1"

// Publication implements audit.Publisher: what a finished study may make public
// is the result in its final state, rounded to what the figures support, in the
// one spelling of its JSON. Whoever computed the state has the same bytes.
//
// A figure with a standard error, or else an interval, keeps the digits down to a
// hundredth of that error. Any other figure that is no count keeps those that n
// rows can support, the error of such a figure being at best its size over the
// root of n. Full digits stay in the study circle: they would tell more about the
// rows than about the answer.
//
// What is told of fewer institutions than min_institutions is not made public:
// those accepted that for the study circle, and a majority of the others cannot
// accept it for them.
func (m *Method) Publication(state []byte) ([]byte, error) {
	r, err := m.Plan.Result(state)
	if err != nil {
		return nil, err
	}
	return m.publication(r)
}

func (m *Method) publication(r *model.Result) ([]byte, error) {
	m.withoutFew(r)
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var result map[string]any
	if err := d.Decode(&result); err != nil {
		return nil, err
	}
	delete(result, "institutions") // the log says who they are; the state does not
	rows := 2
	if result["rows_used"] != nil {
		rows = len(strconv.FormatInt(r.RowsUsed, 10))
	}
	roundObject(result, 2+(rows+1)/2)
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err = e.Encode(map[string]any{"format": publicationFormat, "result": result}) // keys in order
	return out.Bytes(), err
}

// withoutFew takes the folds out of a result in which one has fewer than
// min_institutions institutions. A larger fold goes too: all folds together less
// that one would be the smaller again. All folds together stay where they judged
// every row of the fit; else the difference tells of whoever judged none.
func (m *Method) withoutFew(r *model.Result) {
	e, least := r.Evaluation, m.Study.Privacy.MinInstitutions
	if e == nil {
		return
	}
	few := m.Plan.Isolates()
	for _, j := range e.LeftOut {
		few = few || len(j.Institutions) < least
	}
	if !few {
		return
	}
	var kept []model.Judged
	for _, j := range e.LeftOut {
		if len(j.Institutions) >= least && len(j.Institutions) == m.inFolds() && j.Rows == r.RowsUsed {
			kept = []model.Judged{j}
		}
	}
	e.LeftOut = kept
	if kept == nil {
		e.Curve = nil // its last point is of the folds
	}
	// The notes of before say why a single fold has no numbers.
	e.Notes = []string{"what the model is worth in a single fold is not public: a fold has fewer than " + strconv.Itoa(least) + " institutions"}
}

// inFolds is how many institutions the folds have together.
func (m *Method) inFolds() (n int) {
	for _, fold := range m.Study.Evaluate.Folds {
		n += len(fold)
	}
	return n
}

// roundObject rounds the figures of a JSON object in place. digits is how many a
// figure without an error of its own keeps.
func roundObject(o map[string]any, digits int) {
	last, known := lastPlace(o)
	for key, v := range o {
		n, isNumber := v.(json.Number)
		switch {
		case !isNumber:
			o[key] = roundAny(v, digits)
		case !strings.ContainsAny(n.String(), ".eE"): // a count
		case key == "p_value":
			o[key] = significant(n, 2)
		case key == "statistic":
			o[key] = downTo(n, -2) // its standard error is about 1
		case known && hasError(key):
			o[key] = downTo(n, last)
		default:
			o[key] = significant(n, digits)
		}
	}
}

func roundAny(v any, digits int) any {
	switch v := v.(type) {
	case map[string]any:
		roundObject(v, digits)
	case []any:
		for i := range v {
			v[i] = roundAny(v[i], digits)
		}
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return significant(v, digits)
		}
	}
	return v
}

// hasError lists the figures of an object that its error is of.
func hasError(key string) bool {
	switch key {
	case "estimate", "std_error", "robust_std_error", "conf_low", "conf_high", "robust_conf_low", "robust_conf_high":
		return true
	}
	return false
}

// lastPlace is the decimal place of a hundredth of an object's error: of the
// larger one where there are two.
func lastPlace(o map[string]any) (place int, known bool) {
	e := 0.0
	for _, key := range []string{"std_error", "robust_std_error"} {
		e = max(e, figure(o[key]))
	}
	if e == 0 && o["conf_low"] != nil && o["conf_high"] != nil {
		e = (figure(o["conf_high"]) - figure(o["conf_low"])) / 4 // about two of it on either side
	}
	if !(e > 0) || math.IsInf(e, 1) {
		return 0, false
	}
	return exponent(e) - 2, true
}

func figure(v any) float64 {
	n, ok := v.(json.Number)
	if !ok {
		return 0
	}
	f, err := n.Float64()
	if err != nil {
		return 0
	}
	return f
}

// exponent is the decimal place of the first digit, read from the text of the
// number: logarithms differ in their last bit between machines.
func exponent(f float64) int {
	_, e, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	n, err := strconv.Atoi(e)
	if err != nil {
		return 0
	}
	return n
}

// downTo rounds to a decimal place: -2 keeps hundredths.
func downTo(n json.Number, place int) json.Number {
	f := figure(n)
	if f == 0 {
		return "0"
	}
	switch digits := exponent(f) - place + 1; {
	case digits < 0:
		return "0"
	case digits == 0: // it is or is not half of the place
		half, err := strconv.ParseFloat("5e"+strconv.Itoa(place-1), 64)
		if err != nil || math.Abs(f) <= half {
			return "0"
		}
		return spell(math.Copysign(2*half, f))
	default:
		return significant(n, digits)
	}
}

// significant keeps so many digits.
func significant(n json.Number, digits int) json.Number {
	f, err := strconv.ParseFloat(strconv.FormatFloat(figure(n), 'e', digits-1, 64), 64)
	if err != nil {
		return n
	}
	return spell(f)
}

// spell is the one spelling of a figure: as encoding/json writes it.
func spell(f float64) json.Number {
	b, err := json.Marshal(f)
	if err != nil || f == 0 {
		return "0"
	}
	return json.Number(b)
}
