package node

import (
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/configs"
)

// gaveIn is a town in which board01 gave numbers in study "a", whose sum may be
// open, and in which study "b" is proposed.
func gaveIn(t *testing.T) *town {
	w := newTown(t, 4, map[string]string{"a": studyText("a", "iq_verbal")})
	cfg := w.configOf("board01", t.TempDir(), pupils(t, 60))
	cfg.Policy = Policy{Openness: configs.OpenSynthetic, Epoch: "2026", MinRows: 40} // the study asks for fewer
	r := w.open(cfg).run()
	w.ready(r, "a", boards(2, 3, 4)...)
	w.says(func(f *audittest.Federation) { f.Open("a") })
	w.until("board01 gave its numbers", func(st *audit.State) bool { return st.Attempt("a", 1, 1).Updates["board01"] != nil })
	r.stop()
	s := ledger(t, cfg.Dir)
	list, err := s.openings()
	if err != nil || len(list) != 1 || list[0].least != 40 {
		t.Fatalf("the ledger holds %+v, %v", list, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	w.propose("b", studyText("b", "iq_verbal"))
	return w
}

// TestLostLedger: a node whose ledger does not know what the log says it gave
// takes part in nothing, until its operator names another epoch. What t aborts
// closed, public records and the ledger itself, when it is there, change that;
// with the rule off nothing is refused.
func TestLostLedger(t *testing.T) {
	w := gaveIn(t)
	empty := t.TempDir()
	for _, c := range []struct {
		what    string
		dir     string
		policy  Policy
		refused bool
	}{
		{"lost", empty, Policy{Openness: configs.OpenSynthetic, Epoch: "2026"}, true},
		{"lost, and it was started again", empty, Policy{Openness: configs.OpenSynthetic, Epoch: "2026"}, true},
		{"lost, without an epoch", empty, Policy{Openness: configs.OpenSynthetic}, true},
		{"lost, rule off", t.TempDir(), Policy{Openness: configs.OpenSynthetic, Epoch: "2026"}.Off(CodeLedgerLost), false},
		{"lost, public records", t.TempDir(), Policy{Openness: configs.OpenPublic, Epoch: "2026"}, false},
		{"lost, another epoch", empty, Policy{Openness: configs.OpenSynthetic, Epoch: "2027"}, false},
	} {
		cfg := w.configOf("board01", c.dir, pupils(t, 60))
		cfg.Policy = c.policy
		r := w.open(cfg).run()
		ready := func(st *audit.State) bool {
			b, err := st.NextOpen(st.Studies["b"])
			if err != nil {
				t.Error(err)
			}
			return len(b.Seats) > 0 && r.holding()[b.Seats[0].Ready]
		}
		if !c.refused {
			w.until(c.what+": ready for study b", ready)
		} else {
			w.until(c.what+": refused", func(*audit.State) bool { return r.refusedBy(CodeLedgerLost) })
			w.says(func(f *audittest.Federation) {
				if ready(f.State) {
					t.Errorf("%s: refused and ready", c.what)
				}
			})
		}
		r.stop()
	}
}

// TestWhatTheLedgerLacks is the rule itself.
func TestWhatTheLedgerLacks(t *testing.T) {
	w := gaveIn(t)
	var at *audit.Attempt
	w.says(func(f *audittest.Federation) { at = f.At("a") })
	given := at.Updates["board01"].Index
	judge := func(study string, began int64, policy Policy, known ...opening) error {
		n := &Node{cfg: Config{Name: "board01", Policy: policy}, store: ledger(t, t.TempDir())}
		n.party = shown(t, t.TempDir(), w.f.Leaves, w.f).party
		for _, o := range known {
			if err := n.store.offer(o, cohort{}); err != nil {
				t.Fatal(err)
			}
		}
		j := &judgement{off: policy.off}
		if err := n.judgeLost(j, study, began); err != nil {
			t.Fatal(err)
		}
		return j.first()
	}
	own := Policy{Openness: configs.OpenConfidential}
	earlier := opening{attempt: audittest.Digest("round 1 of a"), study: "a"}
	hasCode(t, "another study", judge("b", 0, own), CodeLedgerLost)
	hasCode(t, "another study, the epoch began then", judge("b", given, own), CodeLedgerLost)
	hasCode(t, "another study, the epoch began after it", judge("b", given+1, own), "")
	hasCode(t, "another study, and the ledger knows", judge("b", 0, own, opening{attempt: at.ID, study: "a"}), "")
	hasCode(t, "the study itself, whatever the epoch", judge("a", given+1, own), CodeLedgerLost)
	hasCode(t, "the study itself, rule off", judge("a", 0, own.Off(CodeLedgerLost)), "")
	hasCode(t, "the study itself, of which a round is known", judge("a", given+1, own, earlier), "")
	hasCode(t, "the study itself, of which a round is known, in the epoch", judge("a", 0, own, earlier), CodeLedgerLost)
	hasCode(t, "public records", judge("a", 0, Policy{Openness: configs.OpenPublic}), "")
	w.says(func(f *audittest.Federation) { f.Abort("a", boards(2, 3, 4)...) })
	hasCode(t, "after t aborts", judge("a", 0, own), "")
}

// TestLedgerGoesByTheLogsId: rows of one study are one study's, whatever its
// file calls it.
func TestLedgerGoesByTheLogsId(t *testing.T) {
	w := newTown(t, 4, map[string]string{"x": studyText("y", "iq_verbal")})
	r := w.open(w.configOf("board01", t.TempDir(), pupils(t, 60))).run()
	w.until("it is refused", func(*audit.State) bool { return r.refusedBy(CodeStated) })
	r.stop()

	q := honest(t)
	q.id, q.study.About.ID = "x", "y"
	p := &part{cohort: cohort{values: audittest.Digest("other values")}}
	j := &judgement{}
	if err := q.judgeCohort(j, p, []opening{{study: "x", cohort: p.cohort.id()}}, nil); err != nil {
		t.Fatal(err)
	}
	hasCode(t, "other values in the next round", j.first(), CodeRowsChanged)
}
