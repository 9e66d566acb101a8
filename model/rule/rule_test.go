package rule

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func columns() []Column {
	return []Column{
		{Name: "age", Kind: number},
		{Name: "visits", Kind: integer},
		{Name: "girl", Kind: yesNo},
		{Name: "poor", Kind: yesNo},
		{Name: "denomination", Kind: category, Levels: []string{"public", "catholic", "other"}},
		{Name: "before", Kind: category, Levels: []string{"other", "none", "public"}},
		{Name: "school", Kind: site, Levels: []string{"1", "2"}},
		{Name: "iq.verbal", Kind: number},
		{Name: "born", Kind: "date"},
	}
}

var nan = math.NaN()

// row holds a value of every column; NaN stands for missing.
type row struct{ age, visits, girl, poor, denomination, before, school, iq float64 }

func (r row) value(name string) float64 {
	return map[string]float64{"age": r.age, "visits": r.visits, "girl": r.girl, "poor": r.poor,
		"denomination": r.denomination, "before": r.before, "school": r.school, "iq.verbal": r.iq}[name]
}

// run evaluates for one row; NaN stands for a missing result.
func run(t interface {
	Helper()
	Fatal(...any)
}, r *Rule, in row) float64 {
	t.Helper()
	var values [][]float64
	var missing [][]bool
	for _, name := range r.Columns() {
		v := in.value(name)
		missing = append(missing, []bool{v != v})
		if v != v {
			v = 1 // what stands there must not matter
		}
		values = append(values, []float64{v})
	}
	out, gone, err := r.Run(values, missing, 1)
	if err != nil {
		t.Fatal(err)
	}
	if gone[0] {
		if out[0] != 0 {
			t.Fatal("a missing result is not 0")
		}
		return nan
	}
	return out[0]
}

func TestRun(t *testing.T) {
	child := row{age: 7, visits: 3, girl: 1, poor: 0, denomination: 1, before: 2, school: 0, iq: -1.5}
	noAge, noGirl, noDenomination := child, child, child
	noAge.age, noGirl.girl, noDenomination.denomination = nan, nan, nan
	wrongLevel := child
	wrongLevel.denomination = 7
	for _, c := range []struct {
		expr string
		want Result
		in   row
		out  float64
	}{
		{"age < 8", Bool, child, 1},
		{"age < 8.0", Bool, child, 1},
		{"age < 7", Bool, child, 0},
		{"8 > age", Bool, child, 1},
		{"age >= 7 && age <= 7 && age == 7 && !(age != 7) && !(age > 7)", Bool, child, 1},
		{"visits - 2*age", Number, child, -11},
		{"visits - 2.0*age", Number, child, -11},
		{"-age + 1 / 2", Number, child, -6.5},
		{"iq.verbal * 2", Number, child, -3},
		{"girl", Bool, child, 1},
		{"girl", Number, child, 1},
		{"girl == 1", Bool, child, 1},
		{"girl == 1.0 && girl != 0 && girl == true && girl in [1]", Bool, child, 1},
		{"girl && !poor", Bool, child, 1},
		{"poor || age < 3", Bool, child, 0},
		{"girl + poor >= 1", Bool, child, 1},
		{"girl == poor", Bool, child, 0},
		{"girl == (age < 8)", Bool, child, 1},
		{"poor ? 10 : 20", Number, child, 20},
		{"(age < 8 ? girl : poor) && true", Bool, child, 1},
		{"age < 8 ? girl : poor", Bool, child, 1},
		{"age < 8 ? girl : false", Bool, child, 1},
		{"(age > 8 ? true : poor) == (visits > 9)", Bool, child, 1},
		{"age in [6, 7.0, visits]", Bool, child, 1},
		{"visits in [1, 2]", Bool, child, 0},
		{`denomination == "catholic"`, Bool, child, 1},
		{`"public" == denomination`, Bool, child, 0},
		{`denomination != "other"`, Bool, child, 1},
		{`denomination in ["public", 'catholic']`, Bool, child, 1},
		{`!(denomination in ["public", "other"])`, Bool, child, 1},
		{`denomination == before`, Bool, child, 0},
		{`before == "public" && before in [denomination, "public"]`, Bool, child, 1},
		{`school == "1"`, Bool, child, 1},
		{"true", Bool, child, 1},
		{"1", Number, child, 1},

		{"age < 8", Bool, noAge, nan},
		{"girl && age < 8", Bool, noGirl, nan},
		{"true || girl", Bool, noGirl, nan}, // named, so needed
		{"poor && girl", Bool, noGirl, nan},
		{"true ? age : girl", Number, noGirl, nan},
		{`denomination == "public"`, Bool, noDenomination, nan},
		{`denomination == "public"`, Bool, wrongLevel, nan},
		{"age / poor", Number, child, nan},
		{"poor / poor", Number, child, nan},
		{"age / poor > 3", Bool, child, nan},
		{"!(age / poor > 3)", Bool, child, nan},
		{"age / poor == age / poor", Bool, child, nan},
		{"7 in [age / poor, 7]", Bool, child, nan},
		{"1 / (age / poor)", Number, child, nan},
		{"age * 1e308 * 10", Number, child, nan},
		{"age * 1e307 + 1.7e308 > 0", Bool, child, nan},
		{"-age * 1e307 - 1.7e308 < 0", Bool, child, nan},
		{"age - 1e308 * -age * 10", Number, child, nan},
		{"age / poor > 3 ? 1 : 1", Number, child, nan},
		{"poor != 0 && age / poor > 3", Bool, child, 0},
		{"age / poor > 3 && poor != 0", Bool, child, 0},
		{"age / poor > 3 && poor == 0", Bool, child, nan},
		{"age / poor > 3 || poor == 0", Bool, child, 1},
		{"poor == 0 || age / poor > 3", Bool, child, 1},
		{"poor != 0 || age / poor > 3", Bool, child, nan},
		{"poor == 0 ? -1 : age / poor", Number, child, -1},
	} {
		r, err := Compile(c.expr, columns(), c.want)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		if got := run(t, r, c.in); got != c.out && !(got != got && c.out != c.out) {
			t.Errorf("%s: %v, want %v", c.expr, got, c.out)
		}
	}
}

func TestRefused(t *testing.T) {
	many := "age" + strings.Repeat(" + age", MaxNodes/2)
	for _, c := range []struct {
		expr       string
		want       Result
		code, says string
	}{
		{"", Bool, CodeCompile, "not an expression"},
		{"age <", Bool, CodeCompile, "character 6: not an expression"},
		{"age = 3", Bool, CodeCompile, "not an expression"},
		{"girl &&\n  aeg < 8", Bool, CodeCompile, `line 2, character 3: the codebook has no column "aeg"`},
		{"iq.verbaal > 1", Bool, CodeCompile, `no column "iq.verbaal"`},
		{`denomination == "publik"`, Bool, CodeCompile, `level "publik" of column "denomination" is not in the codebook; nearest: "public"`},
		{`"zzzzzzzzzz" != denomination`, Bool, CodeCompile, `is not in the codebook`},
		{`denomination in ["public", "Other"]`, Bool, CodeCompile, `nearest: "other"`},
		{`"other" in [denomination, school]`, Bool, CodeCompile, `level "other" of column "school"`},
		{`school == "3"`, Bool, CodeCompile, `level "3"`},

		{many, Number, CodeNotAllowed, "more than 200"},
		{"age in [1" + strings.Repeat(",1", MaxNodes) + "]", Bool, CodeNotAllowed, "more than 200"},
		{`school in ["1"` + strings.Repeat(`,"1"`, MaxNodes) + "]", Bool, CodeNotAllowed, "more than 200"},
		{strings.Repeat("(", 300) + "age" + strings.Repeat(")", 300), Bool, CodeNotAllowed, "too deeply"},
		{strings.Repeat("1 ", 300), Bool, CodeCompile, "expression: not an expression"},
		{"age < 8" + strings.Repeat(" ", MaxText), Bool, CodeNotAllowed, "bytes"},
		{"visits % 2 == 0", Bool, CodeNotAllowed, "operator %"},
		{"[1, 2][0] == 1", Bool, CodeNotAllowed, "operator []"},
		{`denomination.startsWith("p")`, Bool, CodeNotAllowed, "function startsWith()"},
		{`denomination.matches("p.*")`, Bool, CodeNotAllowed, "function matches()"},
		{"size(denomination) > 3", Bool, CodeNotAllowed, "function size()"},
		{"int(age) == 7", Bool, CodeNotAllowed, "function int()"},
		{"double(visits) == 7.0", Bool, CodeNotAllowed, "function double()"},
		{`timestamp("2020-01-01T00:00:00Z") == 1`, Bool, CodeNotAllowed, "function timestamp()"},
		{"[1, 2].all(x, x < age)", Bool, CodeNotAllowed, "function all()"},
		{"[1, 2].exists(x, x < age)", Bool, CodeNotAllowed, "function exists()"},
		{"has(age.x)", Bool, CodeNotAllowed, "function has()"},
		{"math.abs(age)", Bool, CodeNotAllowed, "function abs()"},
		{"age.abs() < 8", Bool, CodeNotAllowed, "function abs()"},
		{"[age] == [age]", Bool, CodeNotAllowed, "list"},
		{"age in []", Bool, CodeNotAllowed, "at least one"},
		{"age in age", Bool, CodeNotAllowed, "list"},
		{"{1: 2} == {1: 2}", Bool, CodeNotAllowed, "map"},
		{"A{b: 1} == 2", Bool, CodeNotAllowed, "message A{}"},
		{"(age).x > 1", Bool, CodeCompile, `"age.x"`},
		{"(age + 1).x > 1", Bool, CodeNotAllowed, "field"},
		{"age == null", Bool, CodeNotAllowed, "null"},
		{"visits == 2u", Bool, CodeNotAllowed, "unsigned"},
		{`denomination == b"public"`, Bool, CodeType, "only be compared"},
		{`b"a" == b"a"`, Bool, CodeNotAllowed, "bytes"},
		{"visits < 9007199254740993", Bool, CodeNotAllowed, "2^53"},

		{"age", Bool, CodeType, "gives a number"},
		{"age < 8", Number, CodeType, "gives yes or no"},
		{"denomination", Bool, CodeType, "compared with its levels"},
		{`"public"`, Bool, CodeType, "text"},
		{`"a" == "a"`, Bool, CodeType, "two texts"},
		{`"a" in ["a"]`, Bool, CodeType, "two texts"},
		{`denomination + "x" == "publicx"`, Bool, CodeType, "only be compared"},
		{`denomination < "public"`, Bool, CodeType, "compared with its levels"},
		{"denomination == 1", Bool, CodeType, "only be compared"},
		{`age == "7"`, Bool, CodeType, "only be compared"},
		{`denomination == (girl ? "public" : "other")`, Bool, CodeType, "only be compared"},
		{"age && girl", Bool, CodeType, "number stands where yes/no is asked"},
		{"!age", Bool, CodeType, `"!" cannot be applied to number`},
		{"-(age < 8) > 0", Bool, CodeType, `"-" cannot be applied to yes/no`},
		{"(age < 8) + 1 > 0", Bool, CodeType, `"+" cannot be applied to yes/no and number`},
		{"age == true", Bool, CodeType, `"=="`},
		{"girl ? 1 : (age < 8)", Number, CodeType, `"?:"`},
		{"age in [1, true]", Bool, CodeType, "yes/no stands where number is asked"},
		{"girl in [true, false]", Bool, CodeType, `"in" cannot be applied to number and list(yes/no)`},
		{"born == 1", Bool, CodeType, `"born" of kind date`},
	} {
		_, err := Compile(c.expr, columns(), c.want)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%.60s: accepted, or not an *Error: %v", c.expr, err)
			continue
		}
		if e.Code() != c.code || !strings.Contains(e.Error(), c.says) || e.Remedy() == "" || strings.ContainsAny(e.Error(), "\n") {
			t.Errorf("%.60s: want %s and %q: %s %v (%s)", c.expr, c.code, c.says, e.Code(), e, e.Remedy())
		}
	}
	if _, err := Compile("age"+strings.Repeat(" + age", MaxNodes/2-1), columns(), Number); err != nil {
		t.Errorf("refused with %d nodes: %v", MaxNodes-1, err)
	}
	_, err := Compile("aeg < 8", columns(), Bool)
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Remedy(), `"age"`) {
		t.Errorf("the remedy does not name the nearest column: %v", e.Remedy())
	}
}

func TestColumns(t *testing.T) {
	r, err := Compile(`school == "1" || iq.verbal > visits || visits < 3`, columns(), Bool)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Columns(), []string{"visits", "school", "iq.verbal"}; !slices.Equal(got, want) {
		t.Errorf("columns %q, want %q", got, want)
	}
}

func TestRunRefusesOtherTables(t *testing.T) {
	r, err := Compile("age < visits", columns(), Bool)
	if err != nil {
		t.Fatal(err)
	}
	two := []float64{1, 2}
	for name, c := range map[string]struct {
		values  [][]float64
		missing [][]bool
	}{
		"a column too few":  {[][]float64{two}, nil},
		"a short column":    {[][]float64{two, two[:1]}, nil},
		"missing too few":   {[][]float64{two, two}, [][]bool{nil}},
		"missing too short": {[][]float64{two, two}, [][]bool{nil, {true}}},
	} {
		var e *Error
		if _, _, err := r.Run(c.values, c.missing, 2); !errors.As(err, &e) || e.Code() != CodeType {
			t.Errorf("%s: %v", name, err)
		}
	}
	out, gone, err := r.Run([][]float64{{1, 2, nan}, {2, 1, 1}}, [][]bool{nil, {true, false, false}}, 3)
	if err != nil || !slices.Equal(out, []float64{0, 0, 0}) || !slices.Equal(gone, []bool{true, false, true}) {
		t.Errorf("%v %v %v", out, gone, err)
	}
}
