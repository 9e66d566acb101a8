package node

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
)

const testBook = `
[[column]]
name = "delay"
kind = "yes_no"
[[column]]
name = "iq_verbal"
kind = "number"
min = -10.0
max = 10.0
[[column]]
name = "girl"
kind = "yes_no"
[[column]]
name = "minority"
kind = "yes_no"
sensitivity = "origin"
audit_only = true
[[column]]
name = "asthma"
kind = "yes_no"
sensitivity = "health"
[[column]]
name = "convicted"
kind = "yes_no"
sensitivity = "criminal"
[[column]]
name = "jeugdcriminaliteit"
kind = "yes_no"
[[column]]
name = "contact"
kind = "yes_no"
label = "Contact with the politie in the last year"
[[column]]
name = "social_media_hours"
kind = "number"
min = 0.0
max = 24.0
[[column]]
name = "board"
kind = "category"
levels = ["board01", "board02", "board03"]
[[column]]
name = "denomination"
kind = "category"
levels = ["catholic", "public"]
[[column]]
name = "a/b"
kind = "yes_no"
`

func book(t testing.TB) *configs.Codebook {
	t.Helper()
	cb, err := configs.ParseCodebook([]byte(testBook))
	if err != nil {
		t.Fatal(err)
	}
	return cb
}

// honest is a question that nothing stands against.
func honest(t testing.TB) *question {
	s := configs.DefaultStudy()
	s.About.ID, s.About.Expires = "s", "2027-07-31"
	s.Model.Kind, s.Model.Outcome, s.Model.Features = configs.KindLogistic, "delay", []string{"iq_verbal", "girl"}
	return &question{
		institution: "board01", id: "s", study: s, codebook: book(t),
		charter:      &audit.Charter{MinInstitutions: 3},
		institutions: []string{"board01", "board02", "board03"},
		proposal:     &audit.Proposal{MinInstitutions: 3},
		decision:     &audit.Decision{Verdict: "approve", Expires: "2026-12-31"},
		policy: &Policy{
			AllowColumns: []string{"iq_*", "girl", "delay", "denomination"}, DenyColumns: []string{"BSN", "name*"},
			AllowMethods: []string{"linear", "logistic"}, Openness: configs.OpenConfidential, Objections: "objections.csv",
		},
		now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC),
	}
}

// simply are the uses of a study without derived columns, also of one that the
// method itself refuses: the node does not rely on that.
func simply(s *configs.Study) uses {
	return uses{
		read: append(slices.Clone(s.Model.Features), s.Model.Outcome), predict: s.Model.Features,
		explain: []string{s.Model.Outcome}, outcome: configs.Column{Name: s.Model.Outcome},
	}
}

func codes(j *judgement) []string {
	var list []string
	for _, r := range j.broken {
		list = append(list, r.code)
	}
	return list
}

// TestStudyRules: every rule that needs no row refuses what it is for, with its
// own code, a sentence and a remedy; and with that one rule switched off the
// same study passes, so the test would see a rule that is gone.
func TestStudyRules(t *testing.T) {
	for _, c := range []struct {
		what, code string
		says       string
		change     func(*question)
	}{
		{"other figure than stated", CodeStated, "another min_institutions", func(q *question) { q.proposal.MinInstitutions = 4 }},
		{"other numbers than stated", CodeStated, "asks for 5 opened numbers", func(q *question) { q.study.Privacy.Numbers, q.proposal.Numbers = 4, 5 }},
		{"another id in its file than in the log", CodeStated, `calls it "other"`, func(q *question) { q.study.About.ID = "other" }},
		{"too few institutions", CodeMinInstitutions, "only from 5 on", func(q *question) { q.policy.MinInstitutions = 5 }},
		{"method", CodeMethodDenied, "a linear regression", func(q *question) {
			q.study.Model.Kind = configs.KindLinear
			q.policy.AllowMethods = []string{"logistic"}
		}},
		{"denied", CodeColumnDenied, `"girl"`, func(q *question) { q.policy.DenyColumns = []string{"g?rl"} }},
		{"denied whatever the case", CodeColumnDenied, `"girl"`, func(q *question) { q.policy.DenyColumns = []string{"GIRL"} }},
		{"denied wins", CodeColumnDenied, `"iq_verbal"`, func(q *question) { q.policy.DenyColumns = []string{"iq_*"} }},
		{"denied over a slash", CodeColumnDenied, `"a/b"`, func(q *question) {
			q.study.Model.Features = []string{"a/b"}
			q.policy.AllowColumns, q.policy.DenyColumns = nil, []string{"a*"}
		}},
		{"denied outcome", CodeColumnDenied, `"delay"`, func(q *question) { q.policy.DenyColumns = []string{"delay"} }},
		{"not allowed", CodeColumnUnlisted, `"girl"`, func(q *question) { q.policy.AllowColumns = []string{"iq_*", "delay"} }},
		{"protected", CodeProtected, `"minority"`, func(q *question) {
			q.study.Model.Features = []string{"minority"}
			q.policy.AllowColumns = nil
		}},
		{"offending by its mark", CodeOffendingAsked, `"convicted"`, func(q *question) {
			q.study.Model.Outcome = "convicted"
			q.policy.AllowColumns = nil
		}},
		{"offending inside a Dutch word", CodeOffendingAsked, "offending", func(q *question) {
			q.study.Model.Outcome = "jeugdcriminaliteit"
			q.policy.AllowColumns = nil
		}},
		{"offending by its label", CodeOffendingAsked, `"contact"`, func(q *question) {
			q.study.Model.Outcome = "contact"
			q.policy.AllowColumns = nil
		}},
		{"confidential in a rehearsal", CodeRehearsal, "confidential", func(q *question) { q.charter.Rehearsal = true }},
		{"sensitive in a rehearsal", CodeRehearsal, "marked health", func(q *question) {
			q.charter.Rehearsal, q.policy.Openness = true, configs.OpenSynthetic
			q.policy.AllowColumns, q.study.Model.Features = nil, []string{"asthma"}
		}},
		{"social media", CodeSocialMedia, "social media", func(q *question) {
			q.policy.AllowColumns, q.study.Model.Features = nil, []string{"social_media_hours"}
		}},
		{"institutions as levels", CodeSiteColumn, `"board"`, func(q *question) {
			q.policy.AllowColumns, q.study.Model.Features = nil, []string{"board"}
		}},
		{"withdrawn", CodeApproval, "withdrawn", func(q *question) { q.decision.Verdict = "withdraw" }},
		{"undecided", CodeApproval, "not approved", func(q *question) { q.decision = nil }},
		{"expired approval", CodeApproval, "expired", func(q *question) { q.decision.Expires = "2026-11-20" }},
		{"ended study", CodeStudyEnded, "2026-11-20", func(q *question) { q.study.About.Expires = "2026-11-20" }},
	} {
		judge := func(off ...string) []string {
			q := honest(t)
			c.change(q)
			q.uses = simply(q.study)
			p := q.policy.Off(off...)
			q.policy = &p
			j := &judgement{off: p.off}
			q.approval(j)
			q.judge(j)
			for _, r := range j.broken {
				if r.code == c.code && (!strings.Contains(r.Error(), c.says) || r.Remedy() == "" || r.Code() != c.code) {
					t.Errorf("%s: %q (%s), remedy %q, want it to say %q", c.what, r.Error(), r.Code(), r.Remedy(), c.says)
				}
			}
			return codes(j)
		}
		if got := judge(); !slices.Contains(got, c.code) || len(slices.Compact(got)) != 1 {
			t.Errorf("%s: refused by %v, want %s alone", c.what, got, c.code)
		}
		if got := judge(c.code); len(got) > 0 {
			t.Errorf("%s: with the rule off, refused by %v", c.what, got)
		}
	}
	j := &judgement{}
	q := honest(t)
	q.uses = simply(q.study)
	q.approval(j)
	q.judge(j)
	if err := j.first(); err != nil {
		t.Errorf("an honest study is refused: %v", err)
	}
}

// TestWhatIsAllowed are questions near a rule that it must let through.
func TestWhatIsAllowed(t *testing.T) {
	for what, change := range map[string]func(*question){
		"the zero policy in a rehearsal": func(q *question) {
			q.charter.Rehearsal, q.policy = true, &Policy{}
			q.study.Model.Features = []string{"asthma", "denomination", "iq_verbal"}
		},
		"a sensitive column after the rehearsal": func(q *question) {
			q.policy.AllowColumns, q.study.Model.Features = nil, []string{"asthma"}
		},
		"criminal as a predictor outside a rehearsal": func(q *question) {
			q.policy.AllowColumns, q.study.Model.Features = nil, []string{"convicted"}
		},
		"institutions as levels, accepted": func(q *question) {
			q.policy.AllowColumns, q.study.Model.Features = nil, []string{"board"}
			q.decision.AcceptAlone = true
		},
		"the last day of approval and study": func(q *question) {
			q.decision.Expires, q.study.About.Expires = "2026-11-21", "2026-11-21"
		},
		"the charter's figure, when the study states none": func(q *question) {
			q.proposal.MinInstitutions, q.study.Privacy.MinInstitutions = 0, 0
			q.charter.MinInstitutions, q.policy.MinInstitutions = 5, 5
		},
	} {
		q := honest(t)
		change(q)
		q.uses = simply(q.study)
		j := &judgement{}
		q.approval(j)
		q.judge(j)
		if err := j.first(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestPolicyCheck(t *testing.T) {
	for what, p := range map[string]Policy{
		"pattern":  {AllowColumns: []string{"iq_["}},
		"empty":    {DenyColumns: []string{""}},
		"openness": {Openness: "secret"},
		"window":   {RunBetween: "20:00"},
		"figure":   {NumbersPerRow: 1.5},
		"negative": {MinRows: -1},
	} {
		if err := p.Check(); err == nil || err.(*RefusalError).Code() != CodePolicy {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := honest(t).policy.Check(); err != nil {
		t.Error(err)
	}
	if err := (&Policy{}).Check(); err != nil {
		t.Error(err)
	}
	// A denial that cannot be read denies.
	if !matchesAny([]string{"x["}, "anything", true) || matchesAny([]string{"x["}, "anything", false) {
		t.Error("a broken pattern must deny and must not allow")
	}
}

func TestStricterFigureWins(t *testing.T) {
	s := configs.DefaultStudy()
	for _, c := range []struct {
		openness          string
		policy, of, wants float64
	}{
		{configs.OpenConfidential, 0, 0.15, 0.15}, {configs.OpenConfidential, 0, 1, 0.15}, {configs.OpenConfidential, 0.1, 0.15, 0.1},
		{configs.OpenConfidential, 0.9, 0.05, 0.05}, {configs.OpenConfidential, 0.9, 0.9, 0.15}, {configs.OpenPublic, 0, 0.9, 0.9},
	} {
		s.Privacy.NumbersPerRow = c.of
		p := Policy{Openness: c.openness, NumbersPerRow: c.policy}
		if got := p.numbersPerRow(s); got != c.wants {
			t.Errorf("%+v: %g", c, got)
		}
	}
	s.Privacy.MinRows = 30
	if (&Policy{MinRows: 50}).leastRows(s) != 50 || (&Policy{MinRows: 5}).leastRows(s) != 30 || (&Policy{}).leastInstitutions() != 3 {
		t.Error("the stricter figure must win")
	}
}
