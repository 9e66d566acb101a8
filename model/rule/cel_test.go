package rule

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"pgregory.net/rapid"

	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

// expression draws a well-typed expression whose divisions are by literals
// other than 0, so that every part is finite and CEL's result is ours.
func expression(t *rapid.T, boolean bool, depth int) string {
	draw := func(options ...string) string { return rapid.SampledFrom(options).Draw(t, "choice") }
	n := func() string { return expression(t, false, depth-1) }
	b := func() string { return expression(t, true, depth-1) }
	level := func() string { return draw(`"public"`, `"other"`) }
	if !boolean {
		if depth <= 0 {
			return draw("age", "visits", "girl", "iq.verbal", "0", "1", "2", "-3", "0.1", "2.5e3", "-7.25")
		}
		switch rapid.IntRange(0, 4).Draw(t, "number") {
		case 0:
			return n()
		case 1:
			return "(" + n() + draw(" + ", " - ", "*") + n() + ")"
		case 2:
			return n() + draw(" / ", "/") + draw("3", "0.7", "-11")
		case 3:
			return "-(" + n() + ")"
		}
		return "(" + b() + " ? " + n() + " : " + n() + ")"
	}
	if depth <= 0 {
		return draw("girl", "poor", "true", "false", "denomination == "+level(), level()+" != before", "denomination == before",
			"denomination in ["+level()+", "+level()+"]", "before in [denomination]", `school != "2"`, "age == visits", "girl == 1")
	}
	switch rapid.IntRange(0, 5).Draw(t, "bool") {
	case 0:
		return n() + draw(" < ", " <= ", " > ", " >= ", " == ", " != ") + n()
	case 1:
		return "(" + b() + draw(" && ", " || ") + b() + ")"
	case 2:
		return "!(" + b() + ")"
	case 3:
		return "(" + b() + " ? " + b() + " : " + b() + ")"
	case 4:
		return n() + " in [" + n() + ", " + n() + "]"
	}
	return "(" + b() + ")" + draw(" == ", " != ") + "(" + b() + ")"
}

func drawRow(t *rapid.T) row {
	whole := func(name string, high int) float64 { return float64(rapid.IntRange(0, high).Draw(t, name)) }
	return row{age: rapid.SampledFrom([]float64{0, 1, 0.1, 7.3, -2}).Draw(t, "age"), visits: whole("visits", 3), girl: whole("girl", 1), poor: whole("poor", 1),
		denomination: whole("denomination", 2), before: whole("before", 2), school: whole("school", 1), iq: rapid.Float64Range(-10, 10).Draw(t, "iq")}
}

// reference evaluates with the interpreter and the standard functions of
// cel-go what check made of the expression.
func reference(t *rapid.T, expr string, want Result, in row) float64 {
	c, err := check(expr, columns(), want)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	text, err := cel.AstToString(c.ast)
	if err != nil {
		t.Fatal(err)
	}
	var options []cel.EnvOption
	values := make(map[string]any)
	for _, column := range columns() {
		v := in.value(column.Name)
		if len(column.Levels) > 0 {
			options = append(options, cel.Variable(column.Name, cel.StringType))
			values[column.Name] = column.Levels[int(v)]
		} else {
			options = append(options, cel.Variable(column.Name, cel.DoubleType))
			values[column.Name] = v
		}
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		t.Fatal(err)
	}
	tree, issues := env.Compile(text)
	if issues.Err() != nil {
		t.Fatalf("%s is not standard CEL: %v", text, issues.Err())
	}
	program, err := env.Program(tree)
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := program.Eval(values)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	switch v := out.(type) {
	case types.Bool:
		return truth(bool(v))
	case types.Double:
		return float64(v)
	}
	t.Fatalf("%s gives a %T", text, out)
	return 0
}

func TestEqualsCEL(t *testing.T) {
	seen := make(map[float64]int)
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SampledFrom([]Result{Bool, Number}).Draw(t, "want")
		expr, in := expression(t, want == Bool, rapid.IntRange(0, 4).Draw(t, "depth")), drawRow(t)
		r, err := Compile(expr, columns(), want)
		var e *Error
		if errors.As(err, &e) && strings.Contains(e.Error(), "more than") {
			t.Skip("too large")
		}
		if err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		got := run(t, r, in)
		if expected := reference(t, expr, want, in); math.Float64bits(got) != math.Float64bits(expected) {
			t.Fatalf("%s: %v, cel-go has %v", expr, got, expected)
		}
		if want == Bool {
			seen[got]++
		}
	})
	if seen[0] == 0 || seen[1] == 0 {
		t.Errorf("only one answer came up: %v", seen)
	}
}

// TestMissingSpreads holds that one missing column makes every result missing.
func TestMissingSpreads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		expr := expression(t, true, 2)
		r, err := Compile(expr, columns(), Bool)
		if err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		in := drawRow(t)
		complete := run(t, r, in)
		if complete != complete {
			t.Fatalf("%s is missing without cause", expr)
		}
		if len(r.Columns()) == 0 {
			return
		}
		lost := rapid.SampledFrom(r.Columns()).Draw(t, "missing")
		var values [][]float64
		missing := make([][]bool, len(r.Columns()))
		for i, name := range r.Columns() {
			values = append(values, []float64{in.value(name)})
			if name == lost {
				missing[i] = []bool{true}
			}
		}
		if _, gone, err := r.Run(values, missing, 1); err != nil || !gone[0] {
			t.Fatalf("%s is known although %s is missing (%v)", expr, lost, err)
		}
	})
}

// textDecoder holds that no text makes Compile or Run panic, that an error has a
// code and a remedy, and that results are finite.
func textDecoder(testing.TB) mutate.Decoder {
	var seeds [][]byte
	for _, s := range []string{
		"age < 8 && (girl || denomination in [\"public\", 'other'])", "visits - 2*iq.verbal / (age - age)", "girl ? -1e308 * 10 : 0.5",
		"[1].all(x, x > 0)", "has(a.b)", "b'x' == r\"y\"", "a{b: 1}", "age == null", "\"\"\"x\"\"\" == school", "-9223372036854775808", "1u", "((((age))))", "a.?b", "age[0]", "`age`",
	} {
		seeds = append(seeds, []byte(s))
	}
	check := func(t testing.TB, in []byte) (accepted bool) {
		expr := string(in)
		for _, want := range []Result{Bool, Number} {
			r, err := Compile(expr, columns(), want)
			if err != nil {
				var e *Error
				if !errors.As(err, &e) || e.Code() == "" || e.Remedy() == "" {
					t.Fatalf("an error without code or remedy: %v", err)
				}
				continue
			}
			accepted = true
			for _, v := range []float64{0, 1, -1, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.NaN()} {
				got := run(t, r, row{age: v, visits: -v, girl: 1, poor: v, denomination: v, before: 1, school: -v, iq: v})
				if math.IsInf(got, 0) || want == Bool && got == got && got != 0 && got != 1 {
					t.Fatalf("%s gives %v", expr, got)
				}
			}
		}
		return accepted
	}
	// The parser of CEL takes some kilobytes a token.
	return mutate.Decoder{Slow: true, Seeds: seeds, Check: check, Memory: mutate.Memory{PerByte: 64, Fixed: 64 << 20}}
}

func FuzzCompile(f *testing.F)       { textDecoder(f).Fuzz(f) }
func TestMutateCompile(t *testing.T) { textDecoder(t).Run(t) }

func BenchmarkRun(b *testing.B) {
	r, err := Compile(`age < 8 && (girl || denomination in ["public", "other"])`, columns(), Bool)
	if err != nil {
		b.Fatal(err)
	}
	const rows = 1_000_000
	values := [][]float64{make([]float64, rows), make([]float64, rows), make([]float64, rows)}
	for i := range rows {
		values[0][i], values[1][i], values[2][i] = float64(i%16), float64(i%2), float64(i%3)
	}
	b.ResetTimer()
	for range b.N {
		if _, _, err := r.Run(values, nil, rows); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleCompile() {
	codebook := []Column{{Name: "lang_pre", Kind: number}, {Name: "arith_pre", Kind: number}}
	r, err := Compile("lang_pre - 2 * arith_pre", codebook, Number)
	if err != nil {
		fmt.Println(err)
		return
	}
	values, missing, err := r.Run([][]float64{{30, 40}, {10, 12}}, [][]bool{nil, {false, true}}, 2)
	fmt.Println(values, missing, err)
	// Output: [10 0] [false true] <nil>
}
