package cmd

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/examples/language"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
)

// slow is a computer that takes its time to be switched off.
type slow struct {
	release chan struct{}
	fails   error
	off, on int
}

func (s *slow) SwitchOff(string) error {
	<-s.release
	s.off++
	return s.fails
}

func (s *slow) SwitchOn(string) error {
	s.on++
	return nil
}

func (s *slow) View(f func(*audit.State)) { f(audit.NewState("origin", "")) }

func applied(round int, body audit.Body) loop.Applied {
	s := &audit.Statement{Body: body}
	s.Signer, s.Study, s.Round, s.Attempt = "board5", "s", round, 1
	return loop.Applied{Statement: s}
}

// TestDemoAbsence: the log goes on while a computer is being switched off,
// however slowly, and one that cannot be is not switched on.
func TestDemoAbsence(t *testing.T) {
	for _, fails := range []error{nil, errors.New("it does not stop")} {
		f := &slow{release: make(chan struct{}), fails: fails}
		a := newAbsence("board5", 4)
		read := make(chan struct{})
		go func() {
			defer close(read)
			for round := 3; round < 60; round++ {
				a.watch(f, applied(round, &audit.Update{}))
				a.watch(f, applied(round, &audit.Result{Valid: true}))
			}
		}()
		select {
		case <-read:
		case <-time.After(10 * time.Second):
			t.Fatal("the log waits for a computer that is being switched off")
		}
		close(f.release)
		if err := a.failed(); !errors.Is(err, fails) || (err == nil) != (fails == nil) {
			t.Errorf("%v, want %v", err, fails)
		}
		wantOn := 1
		if fails != nil {
			wantOn = 0
		}
		if f.off != 1 || f.on != wantOn {
			t.Errorf("switched off %d times and on %d times", f.off, f.on)
		}
		a.watch(f, applied(61, &audit.Update{})) // after the end nothing is asked, and nothing panics
		if a.missed() != 0 {
			t.Error("a round ended without it, though nobody knows that round")
		}
	}
}

// shown is a demo that has not run, of the bundled study with other features.
func shown(t *testing.T, words *texts, lang, more string) *show {
	t.Helper()
	text := strings.Replace(string(language.Demo), `"arith_pre"]`, `"arith_pre"`+more+`]`, 1)
	codebook := bytes.ReplaceAll(language.Codebook, []byte("audit_only = true"), nil)
	method, err := node.OpenMethod(text, codebook)
	if err != nil {
		t.Fatal(err)
	}
	return &show{rehearsal: &rehearsal{study: method.Study, method: method}, words: words, lang: lang}
}

func told(what func(*output)) string {
	var b bytes.Buffer
	what(&output{out: &b, err: &b})
	return b.String()
}

// TestDemoFairness: what is said of a column depends on the study and the rates.
func TestDemoFairness(t *testing.T) {
	group := func(level string, fpr float64) model.Group {
		return model.Group{Level: level, FPR: &model.Share{Estimate: fpr}}
	}
	for _, c := range []struct {
		more     string
		yes, no  float64
		has, not string
	}{
		{"", 0.16, 0.06, "was not used to predict. Still, of the top 15%", "`minority` was used"},
		{"", 0.06, 0.16, "was not used to predict. Of the top 15%", "Still"},
		{`, "minority"`, 0.16, 0.06, "`minority` was used to predict. Of the top 15%", "Leaving a column out"},
	} {
		s := shown(t, &english, "en", c.more)
		e := &model.Evaluation{Groups: map[string][]model.Group{"minority": {group("0", c.no), group("1", c.yes)}}}
		out := told(func(o *output) { s.fairness(o, e) })
		if !strings.Contains(out, c.has) || strings.Contains(out, c.not) {
			t.Errorf("%+v:\n%s", c, out)
		}
	}
}

// TestDemoSelected: the share that is said is the one that was selected.
func TestDemoSelected(t *testing.T) {
	group := func(of int64, share float64) *model.Group {
		return &model.Group{Selected: &model.Share{Of: of, Estimate: share}}
	}
	if got := selected(15, group(300, 0.1), group(100, 0.3)); math.Abs(got-15) > 1e-9 {
		t.Errorf("60 of 400 are %g%%", got)
	}
	if got := selected(20, group(300, 0.1), &model.Group{}); got != 20 {
		t.Errorf("an unknown share is %g%%, asked were 20", got)
	}
}

func judgedSet(auc, oe float64, names ...string) model.Judged {
	top := []model.Top{{Fraction: 0.1, Precision: 0.7, Recall: 0.4}}
	return model.Judged{Institutions: names, OE: oe, Ranking: model.Ranking{AUC: auc, Top: top}}
}

// TestDemoJudged: any number of judged sets gives finite numbers and sentences
// that are true of them.
func TestDemoJudged(t *testing.T) {
	curve := []model.CurvePoint{{Sites: 1, AUC: 0.7}, {Sites: 80, AUC: 0.9}}
	for _, c := range []struct {
		name     string
		e        model.Evaluation
		has, not string
	}{
		{"nothing", model.Evaluation{}, "", "IN A BOARD"},
		{"one", model.Evaluation{LeftOut: []model.Judged{judgedSet(0.9, 1, "a")}}, "in a it sorts at .90.", "between"},
		{"one and all", model.Evaluation{LeftOut: []model.Judged{judgedSet(0.8, 1, "a"), judgedSet(0.9, 1, "a")}}, "in a it sorts at .80.", "between"},
		{"two and all", model.Evaluation{LeftOut: []model.Judged{judgedSet(0.8, 1, "a"), judgedSet(0.85, 1.5, "b"), judgedSet(0.9, 1, "a", "b")}},
			"between .80 and .85,\n           but predicts too few in b (1.50", "too many"},
		{"both", model.Evaluation{LeftOut: []model.Judged{judgedSet(0.8, 0.5, "a"), judgedSet(0.85, 1.5, "b"), judgedSet(0.9, 1, "a", "b")}},
			"too many in a (.50 happened for each one expected),\n           and too few in b", "but predicts too few"},
		{"folds alone", model.Evaluation{LeftOut: []model.Judged{judgedSet(0.8, 1, "a"), judgedSet(0.85, 1, "b")}}, "between .80 and .85.", "ANSWER"},
		{"curve of folds", model.Evaluation{Curve: curve, LeftOut: []model.Judged{judgedSet(0.9, 1, "a")}}, "of the same board; the last: at other boards)", "NaN"},
		{"curve within", model.Evaluation{Curve: curve}, "tested at other schools of the same board)", "other boards"},
		{"curve across", model.Evaluation{Curve: curve[1:], LeftOut: []model.Judged{judgedSet(0.9, 1, "a")}}, "tested at other boards)", "same board"},
	} {
		for lang, words := range map[string]*texts{"en": &english, "nl": &dutch} {
			s := shown(t, words, lang, "")
			out := told(func(o *output) { s.judged(o, &c.e) })
			if strings.Contains(out, "Inf") || strings.Contains(out, "%!") {
				t.Errorf("%s, %s:\n%s", c.name, lang, out)
			}
			if lang == "en" && (!strings.Contains(out, c.has) || strings.Contains(out, c.not)) {
				t.Errorf("%s:\n%s", c.name, out)
			}
		}
	}
}

// story is a demo that has run, with an answer of every part.
func story(t *testing.T, words *texts, lang string, round int) (*show, *outcome) {
	s := shown(t, words, lang, "")
	s.absence = &absence{name: "board5", round: round}
	s.data = &data{rows: 10}
	s.cheat = &federation.Cheat{Victim: "board2", Entry: 7, Noticed: []string{"board1", "researcher"}, Why: errors.New("why")}
	s.forged = &verify.Report{Findings: []verify.Finding{
		{Code: "SS2112", Index: 3, Party: "board1"}, {Code: "SS2325", Index: 7, Party: federation.CoordinatorName}}}
	return s, &outcome{opened: 5, thresholds: thresholds{6, 4, 1},
		document: &Document{Result: &model.Result{}, Rounds: []Round{{Round: 1, Included: 6}}}}
}

// TestDemoSays: what did not happen is said too, counts are those of the run,
// and what is to be typed next can be typed.
func TestDemoSays(t *testing.T) {
	s, done := story(t, &english, "en", 0)
	out := told(func(o *output) { s.tell(o, done) })
	for _, want := range []string{"did not succeed in this run", "by at least 5 of 6 boards together;", "of each board by itself",
		"CAUGHT   by 1 board and the researcher:", "auditor who never saw the honest log: entry 7, coordinator",
		"Next   smartstart demo --lang en --out demo-out   ·   smartstart audit verify demo-out/bundle\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("without %q:\n%s", want, out)
		}
	}
	if d := s.document(done.document, false); d.Demo.SwitchedOff != nil || d.Demo.Cheat.Code != "SS2325" || d.Demo.Findings != nil {
		t.Errorf("%+v", d.Demo)
	}
	s, done = story(t, &dutch, "nl", 4)
	s.study.Evaluate.Folds = nil
	method, err := node.OpenMethod(string(language.Study), language.Codebook)
	if err != nil {
		t.Fatal(err)
	}
	s.method = method // its totals are of all boards
	out = told(func(o *output) { s.tell(o, done) })
	if !strings.Contains(out, "zonder afwezige deelnemer board5 afgerond") || strings.Contains(out, "elk bestuur apart") || strings.Contains(out, "%!") {
		t.Error(out)
	}
}

// TestDemoProgress: a round of a study that shows single institutions does not
// claim to open only totals.
func TestDemoProgress(t *testing.T) {
	for apart, want := range map[bool]string{false: "round 1: only the total of 6 institutions was opened, by 4 institutions together,", true: "round 1: sums were opened, by 4 institutions together,"} {
		out := told(func(o *output) {
			r := newRounds(o, apart)
			r.applied(applied(1, &audit.Set{Points: []int{1, 2, 3, 4, 5, 6}}))
			r.applied(applied(1, &audit.Result{Valid: true, Used: []int{1, 2, 3, 4}}))
			r.applied(applied(1, &audit.Result{Reason: "canary"}))
		})
		if !strings.Contains(out, want) || strings.Count(out, "opened, by") != 1 {
			t.Errorf("%v: %s", apart, out)
		}
	}
}

// TestDemoSameBits: "bit for bit" takes the model on one table too.
func TestDemoSameBits(t *testing.T) {
	r, err := bundled()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.check(context.Background()); err != nil {
		t.Fatal(err)
	}
	tables, err := r.prepared(context.Background(), r.method)
	if err != nil {
		t.Fatal(err)
	}
	state, err := inTheClear(r.method.Plan, tables)
	if err != nil {
		t.Fatal(err)
	}
	result, err := r.method.Plan.Result(state)
	if err != nil {
		t.Fatal(err)
	}
	done := &outcome{state: crypto.DigestOf(state), document: &Document{Result: result}}
	is := func(want bool, why string) {
		t.Helper()
		if same, err := r.asPooledBits(done); err != nil || same != want {
			t.Errorf("%s: %v, %v", why, same, err)
		}
	}
	is(true, "the same")
	c := &result.Coefficients[1]
	c.StdError = math.Nextafter(c.StdError, 2)
	is(false, "one bit of a standard error")
	c.StdError = math.Nextafter(c.StdError, 0)
	is(true, "the bit back")
	done.state = crypto.Digest{}
	is(false, "another state")
}

// TestDemoDocumentFinite: what JSON cannot hold is an error, never an empty
// document.
func TestDemoDocumentFinite(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		d := &Document{Result: &model.Result{Model: configs.KindLogistic, Deviance: v}}
		var b bytes.Buffer
		if err := d.write(&b); err == nil || b.Len() > 0 {
			t.Errorf("%v: %v, %d bytes", v, err, b.Len())
		}
		if err := (&rehearsal{out: t.TempDir()}).keep(d); err == nil {
			t.Errorf("%v was kept", v)
		}
	}
}
