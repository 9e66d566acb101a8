package node

import (
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/node/records"
)

const heldBook = "[[column]]\nname = \"area\"\nkind = \"category\"\nlevels = [\"a\", \"b\"]\n[[column]]\nname = \"arrears\"\nkind = \"yes_no\"\n[[column]]\nname = \"visits\"\nkind = \"integer\"\nmin = 0\nmax = 9\n"

const heldStudy = "[study]\nid = \"s\"\n[[derive]]\nname = \"often\"\nvalue = \"visits > 3\"\n[model]\nkind = \"areas\"\narea = \"area\"\nindicators = [\"arrears\", \"often\"]\n"

// TestColumnsNotHeld: of a study by area an institution may lack indicators, and
// only these; the rules about columns are about those it has, and `node show`
// names the others.
func TestColumnsNotHeld(t *testing.T) {
	m, err := OpenMethod(heldStudy, []byte(heldBook))
	if err != nil {
		t.Fatal(err)
	}
	file := func(header, line string) *records.File {
		f := fileOf(t, "pseudonym,"+header+"\n"+strings.Repeat(line+"\n", 60))
		f.Codebook = m.Codebook
		return f
	}
	explain := func(f *records.File, allow ...string) *Explanation {
		t.Helper()
		e, err := Explain(t.Context(), &Ask{
			Institution: "board01", Study: "s", Proposal: &audit.Proposal{Study: heldStudy, MinInstitutions: 3}, Codebook: []byte(heldBook),
			Charter: &audit.Charter{MinInstitutions: 3}, Institutions: []string{"board01", "board02", "board03"}, Records: f,
			Policy: Policy{Openness: configs.OpenPublic, AllowColumns: allow},
		})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := explain(file("area,arrears", "P1,a,1"), "area", "arrears")
	if len(e.Refusals) > 0 || strings.Join(e.NotHeld, " ") != "visits" || e.Rows == nil || e.Rows.Used != 60 || e.Numbers != 0 {
		t.Errorf("%+v", e)
	}
	if text := e.String(); !strings.Contains(text, "not held    visits") {
		t.Error(text)
	}
	// What is held is held to the policy.
	if e := explain(file("area,arrears", "P1,a,1"), "area"); len(e.Refusals) != 1 || e.Refusals[0].Code != CodeColumnUnlisted {
		t.Errorf("%+v", e.Refusals)
	}
	if e := explain(file("area,weather", "P1,a,1")); len(e.Refusals) == 0 || e.Refusals[0].Code != CodeEmptyColumn {
		t.Errorf("no indicator at all: %+v", e.Refusals)
	}
	// The area itself everybody needs, and so do studies of other kinds all columns.
	if _, err := selectRows(t.Context(), &Policy{}, file("arrears,visits", "P1,1,2"), "board01", m); err == nil {
		t.Error("records without areas were read")
	}
	other, err := OpenMethod(strings.Replace(heldStudy, "kind = \"areas\"\narea = \"area\"\nindicators = [\"arrears\", \"often\"]", "kind = \"logistic\"\noutcome = \"arrears\"\nfeatures = [\"often\"]", 1), []byte(heldBook))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := selectRows(t.Context(), &Policy{}, file("area,arrears", "P1,a,1"), "board01", other); err == nil {
		t.Error("a regression without its predictor was read")
	}
}

// TestChosenRows: sums over rows that their values choose are refused for
// confidential records, because no ledger can hold them against another study.
func TestChosenRows(t *testing.T) {
	q := honest(t)
	q.policy.AllowMethods = nil
	q.study.Model.Kind = configs.KindAnomaly
	judge := func(off ...string) error {
		j := &judgement{off: Policy{}.Off(off...).off}
		q.judge(j)
		return j.first()
	}
	if err := judge(); err != nil {
		t.Error(err)
	}
	q.study.Model.Reweigh = true
	coded(t, "confidential", judge(), CodeChosenRows)
	if err := judge(CodeChosenRows); err != nil {
		t.Errorf("with the rule off: %v", err)
	}
	q.policy.Openness = configs.OpenSynthetic
	if err := judge(); err != nil {
		t.Errorf("made-up records: %v", err)
	}
}
