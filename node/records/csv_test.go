package records

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

func book(t testing.TB) *configs.Codebook {
	t.Helper()
	cb, err := configs.ParseCodebook([]byte(`
[[column]]
name = "iq"
kind = "number"
min = -10.0
max = 10.0
[[column]]
name = "years"
kind = "integer"
min = 0
max = 5
[[column]]
name = "girl"
kind = "yes_no"
[[column]]
name = "school"
kind = "category"
levels = ["open", "closed", "with, comma"]
[[column]]
name = "born"
kind = "date"
[[column]]
name = "remark"
kind = "text"
`))
	if err != nil {
		t.Fatal(err)
	}
	return cb
}

var asked = []string{"girl", "iq", "years", "school"}

func read(t testing.TB, text string, options ...Option) (*model.Table, error) {
	return ReadCSV(strings.NewReader(text), "pupils.csv", book(t), asked, options...)
}

// refused checks code and words, and that no value stands in the message.
func refused(t *testing.T, what string, err error, code string, says ...string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Errorf("%s: got %v, want a refusal", what, err)
		return
	}
	if e.Code() != code {
		t.Errorf("%s: code %s, want %s (%s)", what, e.Code(), code, e)
	}
	for _, w := range says {
		if !strings.Contains(e.Error(), w) {
			t.Errorf("%s: %q does not say %q", what, e.Error(), w)
		}
	}
	if strings.Contains(e.Error()+e.Remedy(), "SECRET") {
		t.Errorf("%s: a value stands in %q", what, e.Error())
	}
}

func TestReadsAskedColumns(t *testing.T) {
	text := "remark,iq,girl,school,years\nnobody reads \"\"this,1.5,1,open,2\n"
	text = strings.ReplaceAll(text, `nobody reads ""this`, `"nobody reads ""this"`)
	text += ",,,,\n,-1e1,0,\"with, comma\",0\n"
	for name, form := range map[string]string{
		"plain": text, "crlf": strings.ReplaceAll(text, "\n", "\r\n"),
		"bom": "\ufeff" + text, "no last newline": strings.TrimSuffix(text, "\n"),
	} {
		table, err := read(t, form)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if table.Rows() != 3 {
			t.Fatalf("%s: %d rows", name, table.Rows())
		}
		var got []string
		for _, c := range table.Columns() {
			got = append(got, fmt.Sprintf("%s %s %v %v", c.Name, c.Kind, c.Values, c.Missing))
		}
		want := []string{
			"girl yes_no [1 0 0] [false true false]", "iq number [1.5 0 -10] [false true false]",
			"years integer [2 0 0] [false true false]", "school category [0 0 2] [false true false]",
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %v\nwant %v", name, got, want)
		}
	}
}

func TestRefusesCells(t *testing.T) {
	const head = "girl,iq,years,school\n1,1,1,open\n"
	for _, c := range []struct{ what, row, code, column string }{
		{"word", "1,SECRET,1,open", CodeValue, `"iq"`},
		{"comma decimal", "1,\"1,5\",1,open", CodeValue, `"iq"`},
		{"NA", "1,NA,1,open", CodeValue, `"iq"`},
		{"NaN", "1,NaN,1,open", CodeValue, `"iq"`},
		{"infinity", "1,inf,1,open", CodeValue, `"iq"`},
		{"beyond float64", "1,1e999,1,open", CodeValue, `"iq"`},
		{"hexadecimal", "1,0x1p-2,1,open", CodeValue, `"iq"`},
		{"underscore", "1,1_0,1,open", CodeValue, `"iq"`},
		{"space", "1, 1,1,open", CodeValue, `"iq"`},
		{"only space", "1, ,1,open", CodeValue, `"iq"`},
		{"long digits", "1," + strings.Repeat("1", 70) + ",1,open", CodeValue, `"iq"`},
		{"broken integer", "1,1,1.5,open", CodeValue, `"years"`},
		{"yes", "yes,1,1,open", CodeValue, `"girl"`},
		{"two", "2,1,1,open", CodeValue, `"girl"`},
		{"outside", "1,10.5,1,open", CodeRange, `"iq"`},
		{"outside integer", "1,1,-1,open", CodeRange, `"years"`},
	} {
		_, err := read(t, head+c.row+"\n")
		refused(t, c.what, err, c.code, "pupils.csv, line 3, column "+c.column)
	}
}

func TestRefusesFiles(t *testing.T) {
	for _, c := range []struct{ what, text, code, says string }{
		{"empty", "", CodeHeader, "the file is empty"},
		{"only a mark", "\ufeff", CodeHeader, "the file is empty"},
		{"unnamed", "girl,,years\n", CodeHeader, "line 1: column 2 has no name"},
		{"doubled", "girl,girl\n", CodeHeader, `named "girl"`},
		{"semicolons", "girl;iq;years\n1;2;3\n", CodeHeader, "other than a comma"},
		{"binary", "PK\x03\x04,b\n", CodeHeader, "not readable text"},
		{"spaced", "girl, iq\n", CodeHeader, "space"},
		{"lacking", "girl,iq,years,schol\n", CodeColumn, `no column "school"`},
		{"short row", "girl,iq,years,school\n1,1,1,open\n1,1\n", CodeFile, "line 3"},
		{"long row", "girl,iq,years,school\n1,1,1,open,9\n", CodeFile, "line 2"},
		{"bare quote", "girl,iq,years,school\n1,1,1,o\"SECRET\n", CodeFile, "quote"},
		{"open quote", "girl,iq,years,school\n1,1,1,\"SECRET\n", CodeFile, "quote"},
		{"endless quote", "girl,iq,years,school\n1,1,1,\"" + strings.Repeat("SECRET\n", maxRow/4), CodeLimit, "after row 0"},
		{"endless header", strings.Repeat("a", maxRow+5000), CodeLimit, "bytes"},
	} {
		_, err := read(t, c.text)
		refused(t, c.what, err, c.code, "pupils.csv", c.says)
	}
	var e *Error
	_, err := read(t, "girl,iq,years,schol\n")
	if errors.As(err, &e); !strings.Contains(e.Remedy(), `"schol"`) {
		t.Errorf("the remedy does not name the nearest column: %s", e.Remedy())
	}
	_, err = ReadCSV(strings.NewReader("born\n2020-01-01\n"), "f", book(t), []string{"born"})
	refused(t, "date", err, CodeColumn, "kind date")
	_, err = ReadCSV(strings.NewReader("other\n1\n"), "f", book(t), []string{"other"})
	refused(t, "not in the codebook", err, CodeColumn, "the codebook does not describe")
	_, err = read(t, "girl,iq,years,school\n", OutOfRange("ignore"))
	refused(t, "rule", err, CodeOptions, "out_of_range")
}

func TestOutOfRangeRules(t *testing.T) {
	text := "girl,iq,years,school\n1,10.5,1,open\n0,-99,9,open\n1,3,2,open\n"
	table, err := read(t, text, OutOfRange(configs.OutOfRangeMissing))
	if err != nil {
		t.Fatal(err)
	}
	iq, _ := table.Column("iq")
	if !slices.Equal(iq.Missing, []bool{true, true, false}) || iq.OutOfRange != 2 {
		t.Errorf("missing: %v, %d counted", iq.Missing, iq.OutOfRange)
	}
	if table, err = read(t, text, OutOfRange(configs.OutOfRangeClip)); err != nil {
		t.Fatal(err)
	}
	iq, _ = table.Column("iq")
	years, _ := table.Column("years")
	if !slices.Equal(iq.Values, []float64{10, -10, 3}) || iq.Missing[0] || years.Values[1] != 5 || years.OutOfRange != 1 {
		t.Errorf("clip: %v %v", iq.Values, years.Values)
	}
}

// TestUnknownLevels: one in a hundred is a slip and counts as missing, more is
// another coding.
func TestUnknownLevels(t *testing.T) {
	file := func(rows, unknown int) string {
		var b strings.Builder
		b.WriteString("girl,iq,years,school\n")
		for i := range rows {
			level := "open"
			if i < unknown {
				level = "SECRET"
			}
			b.WriteString("1,1,1," + level + "\n")
		}
		return b.String()
	}
	table, err := read(t, file(200, 2))
	if err != nil {
		t.Fatal(err)
	}
	if school, _ := table.Column("school"); school.UnknownLevels != 2 || !school.Missing[1] || school.Missing[2] {
		t.Errorf("%d counted, missing %v", school.UnknownLevels, school.Missing[:3])
	}
	_, err = read(t, file(199, 2))
	refused(t, "2 of 199", err, CodeLevels, "2 of 199 rows")
}

// TestMemoryIsBounded: an endless quoted field is given up after one row's
// bytes, not after the machine's memory.
func TestMemoryIsBounded(t *testing.T) {
	before := new(runtime.MemStats)
	runtime.ReadMemStats(before)
	source := io.MultiReader(strings.NewReader("girl,iq,years,school\n1,1,1,\""), &endless{left: 1 << 30})
	_, err := ReadCSV(source, "f", book(t), asked)
	refused(t, "endless", err, CodeLimit, "after row 0")
	after := new(runtime.MemStats)
	runtime.ReadMemStats(after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
		t.Errorf("%d MiB were allocated for one row", grown>>20)
	}
}

type endless struct{ left int }

func (e *endless) Read(b []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	for i := range b {
		b[i] = 'x'
	}
	e.left -= len(b)
	return len(b), nil
}

// TestReadErrorIsReported: a disk that fails is not the end of the file.
func TestReadErrorIsReported(t *testing.T) {
	source := io.MultiReader(strings.NewReader("girl,iq,years,school\n1,1,1,open\n"), broken{})
	_, err := ReadCSV(source, "f", book(t), asked)
	refused(t, "broken disk", err, CodeFile, "reading stopped after row 1")
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("input/output error") }

// TestFlagship reads the example's file by its own codebook.
func TestFlagship(t *testing.T) {
	cb, err := configs.ParseCodebook(mustRead(t, "../../examples/language/codebook.toml"))
	if err != nil {
		t.Fatal(err)
	}
	text := mustRead(t, "../../examples/language/pupils.csv")
	table, err := ReadCSV(bytes.NewReader(text), "pupils.csv", cb, cb.Names())
	if err != nil {
		t.Fatal(err)
	}
	delay, _ := table.Column("lang_delay")
	missing, events := 0, 0.0
	for i := range delay.Values {
		if delay.Missing[i] {
			missing++
		}
		events += delay.Values[i]
	}
	if table.Rows() != 4106 || missing != 204 || events != 652 {
		t.Errorf("%d rows, %d missing, %g events", table.Rows(), missing, events)
	}
}

func mustRead(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
