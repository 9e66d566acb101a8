package audit_test

import (
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// twoHistories is where a log is shown in two ways: study "a" over boards 1 to 4
// and "b" over 1, 2, 5 and 6 are under way, and one update of each is held back.
func twoHistories(t *testing.T) *audittest.Federation {
	f := audittest.New(t, 6)
	for _, study := range []string{"a", "b"} {
		b := audittest.ProposalBody(1)
		b.OnLate, b.Wait = audit.OnLateProceed, 60
		f.Say(f.Researcher, audit.Header{Study: study}, b)
		for i, name := range f.Institutions {
			verdict := "approve"
			if study == "a" && i >= 4 || study == "b" && (i == 2 || i == 3) {
				verdict = "deny"
			}
			f.Decide(study, name, verdict)
		}
	}
	f.Ready("a", "board01", "board02", "board03", "board04")
	f.Open("a")
	f.Ready("b", "board01", "board02", "board05", "board06")
	return f
}

// TestTwoHistoriesIsolateNobody: two certificates without a common voter must
// not be for sets that are close, though no history has both.
func TestTwoHistoriesIsolateNobody(t *testing.T) {
	certified := func(study string, voters ...string) bool {
		f := twoHistories(t)
		leaf := openB(f)
		if _, err := f.State.Check(leaf); err != nil {
			return false
		}
		f.Append(leaf)
		f.Update("a", "board01", "board02", "board03")
		f.Update("b", "board01", "board02", "board05")
		leaf = f.Leaf(f.Coordinator, audittest.In(f.At(study)), f.SetBody(study))
		if _, err := f.State.Check(leaf); err != nil {
			return false
		}
		f.Append(leaf)
		f.Vote(study, voters...)
		return f.At(study).Certified()
	}
	if certified("a", "board01", "board03", "board04") && certified("b", "board02", "board05", "board06") {
		t.Error("two sums are certified that are two institutions apart, where three are needed")
	}
	f := twoHistories(t) // the first has its certificate: nothing of it can change
	f.Update("a", "board01", "board02", "board03", "board04")
	f.Set("a")
	if _, err := f.State.Check(openB(f)); err == nil {
		t.Error("a set without votes may be another one elsewhere")
	}
	f.Vote("a", "board01", "board02", "board03")
	if _, err := f.State.Check(openB(f)); err != nil {
		t.Errorf("four apart from a certified set: %v", err)
	}
}

// TestSeatsAreNotTheRoster: how many may collude follows from who approved, also
// where fewer have a seat. Else two certificates of which only a colluder gave
// both would count as sharing somebody honest.
func TestSeatsAreNotTheRoster(t *testing.T) {
	f := audittest.New(t, 6)
	b := audittest.ProposalBody(1)
	b.OnLate, b.Wait = audit.OnLateProceed, 60
	f.Say(f.Researcher, audit.Header{Study: "a"}, b)
	f.Approve("a")
	f.Ready("a")
	f.Open("a") // six seats, four votes; its set may lose two
	f.Propose("b", 1)
	for i, name := range f.Institutions {
		f.Decide("b", name, map[bool]string{true: "approve", false: "deny"}[i < 4])
	}
	f.Proceed("b", "board04")
	f.Ready("b", "board01", "board02", "board03") // three votes: with a's four they may share one, who colludes
	refused(t, f, openB(f), audit.CodeIsolates)
}
