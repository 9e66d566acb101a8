package node

import (
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
)

// TestCodebookOfTheCharter: records that are read by another codebook than the
// charter's do not take part; a remark in it makes no difference.
func TestCodebookOfTheCharter(t *testing.T) {
	for _, c := range []struct {
		what, from, to string
		column         string // at which they differ; "" when they are as good as equal
	}{
		{"the same", "", "", ""},
		{"a remark", "[[column]]\nname = \"delay\"", "note = \"mine\"\n[[column]]\nname = \"delay\"", ""},
		{"another range", "max = 10.0", "max = 3.0", "iq_verbal"},
		{"another mark", `sensitivity = "criminal"`, `sensitivity = "ordinary"`, "convicted"},
		{"another order of levels", `["catholic", "public"]`, `["public", "catholic"]`, "denomination"},
		{"a column less", "[[column]]\nname = \"a/b\"\nkind = \"yes_no\"\n", "", "a/b"},
	} {
		mine, err := configs.ParseCodebook([]byte(strings.Replace(testBook, c.from, c.to, 1)))
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		file := pupils(t, 40)
		file.Codebook = mine
		judge := func(off ...string) error {
			j := &judgement{off: Policy{}.Off(off...).off}
			honest(t).judgeBook(j, file)
			return j.first()
		}
		if c.column == "" {
			hasCode(t, c.what, judge(), "")
			continue
		}
		err = judge()
		hasCode(t, c.what, err, CodeCodebook)
		if err == nil || !strings.Contains(err.Error(), c.column) {
			t.Errorf("%s: %v does not name %s", c.what, err, c.column)
		}
		hasCode(t, c.what+", rule off", judge(CodeCodebook), "")
	}
}

// TestNotReadyByAnotherCodebook: a whole node with an edited codebook offers
// nothing; with the rule off it does.
func TestNotReadyByAnotherCodebook(t *testing.T) {
	for _, off := range [][]string{nil, {CodeCodebook}} {
		w := newTown(t, 4, map[string]string{"a": studyText("a", "iq_verbal")})
		file := pupils(t, 40)
		limit := 5.0
		for i := range file.Codebook.Columns {
			if file.Codebook.Columns[i].Name == "iq_verbal" {
				file.Codebook.Columns[i].Max = &limit
			}
		}
		cfg := w.configOf("board01", t.TempDir(), file)
		cfg.Policy = Policy{}.Off(off...)
		r := w.open(cfg).run()
		if off == nil {
			w.until("it is refused", func(*audit.State) bool { return r.refusedBy(CodeCodebook) })
			if len(r.holding()) > 0 {
				t.Error("refused and ready")
			}
			continue
		}
		w.ready(r, "a")
	}
}
