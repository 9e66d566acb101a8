package node

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/configs"
)

func ask(t testing.TB) *Ask {
	t.Helper()
	list := write(t, "o.csv", "pseudonym\nP0003\n")
	a := &Ask{
		Institution: "board01", Study: "s", Federation: "log.example", Researcher: "researcher",
		Charter:  &audit.Charter{MinInstitutions: 3},
		Proposal: &audit.Proposal{Study: studyText("s", "iq_verbal", "girl"), MinInstitutions: 3},
		Codebook: []byte(testBook), Approved: []string{"board02"},
		Policy:  Policy{Openness: configs.OpenConfidential, Objections: list, Epoch: "school year 2026"},
		Records: board(t, 200, 90, 90), Budget: Budget{PerRow: 0.04},
	}
	a.Institutions = []string{"board01", "board02", "board03", "board04", "board05", "board06"}
	m, err := OpenMethod(a.Proposal.Study, a.Codebook)
	if err != nil {
		t.Fatal(err)
	}
	a.Proposal.OnLate, a.Proposal.Wait = StatedLate(m.Study)
	return a
}

// TestExplain: the approver's screen says everything that it promises.
func TestExplain(t *testing.T) {
	e, err := Explain(t.Context(), ask(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Refusals) != 0 {
		t.Errorf("an honest study is refused: %+v", e.Refusals)
	}
	if *e.Rows != (RowUse{Held: 200, Objected: 1, Used: 199, Least: 30}) {
		t.Errorf("rows: %+v", *e.Rows)
	}
	if len(e.Columns) != 3 || e.Columns[2] != (ColumnUse{"delay", "", "outcome", "ordinary"}) || len(e.Never) != len(book(t).Columns)-3 {
		t.Errorf("columns: %+v, never %v", e.Columns, e.Never)
	}
	// Round 1 opens 2 counts, 3 columns and 3 totals.
	if len(e.Leaves) < 2 || e.Leaves[0].Numbers != 8 || e.Leaves[0].Bytes < 6*34984 || e.Leaves[0].Rounds != "1" || !e.Estimate {
		t.Errorf("leaves: %+v", e.Leaves)
	}
	if e.Opens.Institutions != 6 || e.Opens.Needed != 4 || e.Opens.Collude != 1 || e.Opens.Smallest != 3 {
		t.Errorf("opens: %+v", e.Opens)
	}
	if e.Budget.Before != 0.04 || e.Budget.Study <= 0 || e.Budget.Allowed != 0.15 || !e.Budget.Enforced {
		t.Errorf("budget: %+v", e.Budget)
	}
	text := e.String()
	for _, says := range []string{
		"board01", "asked by    researcher", "to learn", "199 complete", "1 left out by objection", "iq_verbal", "never read", "minority",
		"4 of 6 institutions", "any 1 together open nothing", "no total of fewer than 3", "0.040 before", "0.150 allowed (enforced)", "Not protected", "school year 2026",
	} {
		if !strings.Contains(text, says) {
			t.Errorf("the screen does not say %q:\n%s", says, text)
		}
	}
	for _, word := range []string{"safe", "anonymous", "proven"} {
		if strings.Contains(strings.ToLower(text), word) {
			t.Errorf("the screen says %q", word)
		}
	}
	b, err := json.Marshal(e)
	var back Explanation
	if err != nil || json.Unmarshal(b, &back) != nil || back.Rows.Used != 199 {
		t.Errorf("%s, %v", b, err)
	}
}

// TestExplainRefusals lists every broken rule at once, and reads no row of a
// refused study.
func TestExplainRefusals(t *testing.T) {
	a := ask(t)
	a.Charter.Rehearsal, a.Policy.DenyColumns, a.Policy.AllowMethods = true, []string{"girl"}, []string{"linear"}
	e, err := Explain(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range e.Refusals {
		got = append(got, r.Code)
		if !strings.Contains(e.String(), r.Code) || !strings.Contains(e.String(), r.Remedy) {
			t.Errorf("%s does not stand on the screen", r.Code)
		}
	}
	if strings.Join(got, " ") != strings.Join([]string{CodeMethodDenied, CodeColumnDenied, CodeRehearsal}, " ") || e.Rows != nil {
		t.Errorf("refused by %v, rows %+v", got, e.Rows)
	}
	a = ask(t)
	a.Policy.Objections = ""
	if e, err = Explain(t.Context(), a); err != nil || len(e.Refusals) != 1 || e.Refusals[0].Code != CodeNoObjections {
		t.Errorf("without a list: %+v, %v", e.Refusals, err)
	}
	a = ask(t)
	a.Records = board(t, 20, 9, 9)
	if e, err = Explain(t.Context(), a); err != nil || len(e.Refusals) != 1 || e.Refusals[0].Code != CodeMinRows || e.Rows.Used != 19 {
		t.Errorf("20 rows: %+v, %v", e.Refusals, err)
	}
}

func TestAskFrom(t *testing.T) {
	f := audittest.New(t, 4)
	f.Propose("s", 2)
	f.Decide("s", "board02", "approve")
	a, err := AskFrom(f.State, "s", "board02")
	if err != nil || a.Researcher != "researcher" || len(a.Approved) != 1 || a.Decision == nil || a.Federation != audittest.Origin {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := AskFrom(f.State, "other", "board02"); err == nil {
		t.Error("a study that is not there is explained")
	}
}
