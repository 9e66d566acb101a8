package configs

import (
	"bytes"
	"reflect"
	"testing"
)

func TestSampleCodebook(t *testing.T) {
	c, err := ParseCodebook([]byte(sample(t, "codebook.sample.toml")))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Columns) != 10 || c.Columns[0].Sensitivity != Ordinary || !c.Columns[5].AuditOnly {
		t.Errorf("%+v", c.Columns)
	}
	for _, w := range []struct {
		name      string
		low, high float64
	}{{"iq_verbal", -10, 10}, {"girl", 0, 1}, {"denomination", 0, 3}, {"remark", 0, 0}} {
		col, ok := c.Column(w.name)
		if !ok {
			t.Fatalf("no %s", w.name)
		}
		if low, high := col.Range(); low != w.low || high != w.high {
			t.Errorf("%s: %g to %g", w.name, low, high)
		}
	}
	if _, ok := c.Column("nobody"); ok {
		t.Error("a column that is not there")
	}
}

// TestCodebookTOML: written back, it reads as the same codebook and writes the
// same bytes.
func TestCodebookTOML(t *testing.T) {
	c, err := ParseCodebook([]byte(sample(t, "codebook.sample.toml")))
	if err != nil {
		t.Fatal(err)
	}
	c.Columns[1].Label = "quotes \" and \\ and \n lines, é"
	first := c.TOML()
	again, err := ParseCodebook(first)
	if err != nil {
		t.Fatalf("%v\n%s", err, first)
	}
	if !reflect.DeepEqual(c, again) {
		t.Errorf("not the same codebook:\n%s", first)
	}
	if !bytes.Equal(first, again.TOML()) {
		t.Error("not the same bytes")
	}
}

func TestCodebookRefuses(t *testing.T) {
	col := func(lines string) string { return "[[column]]\nname = \"x\"\n" + lines }
	for _, c := range []struct{ what, text, code, says string }{
		{"empty", "", CodeMissing, "no column"},
		{"no name", "[[column]]\nkind = \"text\"\n", CodeValue, "column 1 has no usable name"},
		{"spaces", "[[column]]\nname = \" x\"\nkind = \"text\"\n", CodeValue, "no usable name"},
		{"twice", col("kind = \"text\"\n") + col("kind = \"text\"\n"), CodeValue, "described twice"},
		{"kind", col("kind = \"float\"\n"), CodeValue, `unknown kind "float"`},
		{"no kind", col(""), CodeValue, "unknown kind"},
		{"sensitivity", col("kind = \"text\"\nsensitivity = \"secret\"\n"), CodeValue, "unknown sensitivity"},
		{"no range", col("kind = \"number\"\nmin = 1.0\n"), CodeValue, "needs min and max"},
		{"turned", col("kind = \"number\"\nmin = 1.0\nmax = 0.0\n"), CodeValue, "holds nothing"},
		{"point", col("kind = \"number\"\nmin = 1.0\nmax = 1.0\n"), CodeValue, "holds nothing"},
		{"infinite", col("kind = \"number\"\nmin = -inf\nmax = 1.0\n"), CodeValue, "holds nothing"},
		{"nan", col("kind = \"number\"\nmin = nan\nmax = 1.0\n"), CodeValue, "holds nothing"},
		{"huge", col("kind = \"number\"\nmin = 0.0\nmax = 1e16\n"), CodeValue, "range beyond"},
		{"broken integer", col("kind = \"integer\"\nmin = 0.5\nmax = 2.0\n"), CodeValue, "broken range"},
		{"range of yes_no", col("kind = \"yes_no\"\nmin = 0.0\nmax = 1.0\n"), CodeValue, "takes no min or max"},
		{"no levels", col("kind = \"category\"\n"), CodeValue, "needs 2 to"},
		{"one level", col("kind = \"category\"\nlevels = [\"a\"]\n"), CodeValue, "needs 2 to"},
		{"repeated level", col("kind = \"category\"\nlevels = [\"a\", \"a\"]\n"), CodeValue, "repeated level"},
		{"levels of text", col("kind = \"text\"\nlevels = [\"a\", \"b\"]\n"), CodeValue, "takes no levels"},
		{"unknown key", col("kind = \"text\"\nlable = \"l\"\n"), CodeUnknownKey, `"label"`},
		{"line", col("kind = \"text\"\nlable = \"l\"\n"), CodeUnknownKey, "line 4"},
	} {
		_, err := ParseCodebook([]byte(c.text))
		refused(t, c.what, err, c.code, c.says)
	}
}
