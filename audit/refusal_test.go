package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// refused checks that the leaf breaks exactly the rule, for Check and Apply.
func refused(t *testing.T, f *audittest.Federation, leaf []byte, want audit.Code) {
	t.Helper()
	_, err := f.State.Check(leaf)
	var r *audit.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("accepted, want %s", want)
	}
	if r.Rule != want {
		t.Fatalf("refused with %s (%v), want %s", r.Rule, r, want)
	}
	before := f.State.FoldDigest()
	_, finding := f.Append(leaf)
	if finding == nil || finding.Code != string(want) || finding.Index != f.State.Head().Size-1 {
		t.Fatalf("Apply finds %v, want %s", finding, want)
	}
	if f.State.FoldDigest() != before {
		t.Fatal("a void entry changed the state")
	}
}

// lastReady is the leaf hash of an institution's newest `ready` of a study.
func lastReady(f *audittest.Federation, study, name string) (h crypto.Digest) {
	for _, leaf := range f.Leaves {
		if s, err := audit.Parse(leaf); err == nil && s.Type == audit.TypeReady && s.Signer == name && s.Study == study {
			h = s.Hash
		}
	}
	return h
}

// breach is one way to break one rule.
type breach struct {
	name string
	code audit.Code
	// leaf brings the federation where the rule matters and returns the
	// statement that breaks it.
	leaf func(f *audittest.Federation) []byte
	// also lists rules that guard the same breach a second time; they are
	// switched off together with code.
	also []audit.Code
	// structural rules cannot be switched off: without what they ask for,
	// the rules behind them would have nothing to look at.
	structural bool
}

// raw signs a text that Sign would not make.
func raw(f *audittest.Federation, s *audittest.Signer, text string) []byte {
	f.T.Helper()
	leaf, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		f.T.Fatal(err)
	}
	return leaf
}

// proposalText is the text of a good proposal, for tampering with it.
func proposalText(f *audittest.Federation) string {
	leaf := f.Leaf(f.Researcher, audit.Header{Study: "s"}, audittest.ProposalBody(1))
	text, _, _ := bytes.Cut(leaf, []byte("\n\n"))
	return string(text) + "\n"
}

// proposal signs a proposal with a changed header.
func proposal(f *audittest.Federation, change func(h *audit.Header)) []byte {
	f.T.Helper()
	h := f.State.Next(f.Researcher.Name(), f.Researcher.Boot, audit.Header{Study: "s"})
	h.Time = f.Clock.Format("2006-01-02T15:04:05Z")
	change(&h)
	leaf, err := audit.Sign(h, audittest.ProposalBody(1), f.Researcher)
	if err != nil {
		f.T.Fatal(err)
	}
	return leaf
}

// the stages of a study, each on top of the one before.
func begun(f *audittest.Federation)   { f.Begin("s", 2) }
func readied(f *audittest.Federation) { begun(f); f.Ready("s") }
func opened(f *audittest.Federation) *audit.Attempt {
	readied(f)
	return f.Open("s")
}
func updated(f *audittest.Federation) *audit.Attempt {
	opened(f)
	f.Update("s")
	return f.At("s")
}
func fixed(f *audittest.Federation) *audit.Attempt { updated(f); return f.Set("s") }
func certified(f *audittest.Federation) *audit.Attempt {
	fixed(f)
	f.Vote("s")
	return f.At("s")
}
func released(f *audittest.Federation) *audit.Attempt {
	certified(f)
	f.Release("s")
	return f.At("s")
}

// as signs a body by a node inside an attempt.
func as(f *audittest.Federation, name string, at *audit.Attempt, b audit.Body) []byte {
	f.T.Helper()
	return f.Leaf(f.Nodes[name], audittest.In(at), b)
}

func (b breach) run(t *testing.T, n int) {
	f := audittest.New(t, n)
	leaf := b.leaf(f)
	refused(t, f, leaf, b.code)
	if b.structural {
		return
	}
	// Teeth: with the rule switched off the very same statement passes.
	f = audittest.New(t, n)
	leaf = b.leaf(f)
	f.State.SwitchOff(append(b.also, b.code)...)
	if _, err := f.State.Check(leaf); err != nil {
		t.Errorf("with %s off the statement is still refused: %v", b.code, err)
	}
}

// TestEveryRefusal reaches every rule that a statement can break.
func TestEveryRefusal(t *testing.T) {
	all := slices.Concat(statementBreaches(), permissionBreaches(), roundBreaches(), openBreaches(), memberBreaches(), disputeBreaches(), isolateBreaches())
	reached := map[audit.Code]bool{
		audit.CodeNoCharter: true, audit.CodeCharterTwice: true, audit.CodeCharter: true, audit.CodeProtocol: true, // TestCharterRefusals
		audit.CodeNotEnrolled: true,                         // TestNotEnrolled
		audit.CodeQuorum:      true, audit.CodeSecond: true, // TestQuorum, TestSecondApprover
	}
	for _, b := range all {
		reached[b.code] = true
		t.Run(string(b.code)+" "+b.name, func(t *testing.T) { b.run(t, 4) })
	}
	for _, c := range audit.Codes() {
		if family := c.Short()[0]; (family == 'S' || family == 'P' || family == 'R' || family == 'E') && !reached[c] {
			t.Errorf("no test reaches %s", c)
		}
	}
}

// TestCodes: every code is used once and says what to do.
func TestCodes(t *testing.T) {
	seen := map[audit.Code]bool{}
	for _, c := range audit.Codes() {
		sentence, remedy := audit.Lookup(c)
		if seen[c] || sentence == "" || remedy == "" || len(c.Short()) != 3 {
			t.Errorf("code %s is doubled or says nothing", c)
		}
		seen[c] = true
	}
}

func statementBreaches() []breach {
	text := func(change func(string) string) func(*audittest.Federation) []byte {
		return func(f *audittest.Federation) []byte { return raw(f, f.Researcher, change(proposalText(f))) }
	}
	head := func(change func(*audit.Header)) func(*audittest.Federation) []byte {
		return func(f *audittest.Federation) []byte { return proposal(f, change) }
	}
	return []breach{
		{"64 KiB", audit.CodeTooLarge, text(func(s string) string { return strings.Repeat(" ", audit.MaxLeaf) + s }), nil, true},
		{"two signatures", audit.CodeNote, func(f *audittest.Federation) []byte {
			n, err := note.Sign(&note.Note{Text: proposalText(f)}, f.Researcher, f.Coordinator)
			if err != nil {
				f.T.Fatal(err)
			}
			return n
		}, nil, true},
		{"no signature", audit.CodeNote, func(f *audittest.Federation) []byte { return []byte(proposalText(f)) }, nil, true},
		{"loose base64", audit.CodeNote, func(f *audittest.Federation) []byte {
			leaf := f.Leaf(f.Researcher, audit.Header{Study: "s"}, audittest.ProposalBody(1))
			i := bytes.LastIndexByte(leaf, ' ') + 1
			b64 := string(bytes.TrimSuffix(leaf[i:], []byte("\n")))
			sig, err := base64.StdEncoding.DecodeString(b64)
			if err != nil {
				f.T.Fatal(err)
			}
			// The last sextet has unused bits: another spelling of the same bytes.
			const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
			for _, c := range alphabet {
				end := len(strings.TrimRight(b64, "="))
				other := b64[:end-1] + string(c) + b64[end:]
				if again, err := base64.StdEncoding.DecodeString(other); err == nil && other != b64 && bytes.Equal(again, sig) {
					return append(bytes.Clone(leaf[:i]), other+"\n"...)
				}
			}
			f.T.Fatal("no second spelling")
			return nil
		}, nil, true},
		{"header names another signer", audit.CodeNote, text(func(s string) string {
			return strings.Replace(s, `"signer":"researcher"`, `"signer":"board01"`, 1)
		}), nil, true},
		{"unknown type", audit.CodeType, text(func(s string) string { return strings.ReplaceAll(s, "proposal", "wish") }), nil, true},
		{"newer version", audit.CodeType, text(func(s string) string {
			return strings.Replace(strings.Replace(s, "/v1", "/v2", 1), `"version":1`, `"version":2`, 1)
		}), nil, true},
		{"unknown key", audit.CodeCanonical, text(func(s string) string {
			return strings.Replace(s, `"min_institutions":0`, `"min_institutions":0,"extra":1`, 1)
		}), nil, true},
		{"duplicate key", audit.CodeCanonical, text(func(s string) string {
			return strings.Replace(s, `"study":"s"`, `"study":"s","study":"s"`, 1)
		}), nil, true},
		{"key in other case", audit.CodeCanonical, text(func(s string) string { return strings.Replace(s, `"signer"`, `"Signer"`, 1) }), nil, true},
		{"spaces", audit.CodeCanonical, text(func(s string) string { return strings.Replace(s, `":`, `": `, 1) }), nil, true},
		{"null list", audit.CodeCanonical, func(f *audittest.Federation) []byte {
			leaf := f.Leaf(f.Researcher, audit.Header{Study: "s"}, &audit.Proceed{Without: []string{}})
			body, _, _ := bytes.Cut(leaf, []byte("\n\n"))
			return raw(f, f.Researcher, strings.Replace(string(body), "[]", "null", 1)+"\n")
		}, nil, true},
		{"type line differs", audit.CodeCanonical, text(func(s string) string { return strings.Replace(s, "smartstart/proposal", "smartstart/close", 1) }), nil, true},
		{"no boot epoch", audit.CodeHeader, head(func(h *audit.Header) { h.Boot = crypto.Digest{} }), nil, false},
		{"local time", audit.CodeHeader, head(func(h *audit.Header) { h.Time = "2026-09-01T10:00:00+02:00" }), nil, false},
		{"before all calendars", audit.CodeHeader, head(func(h *audit.Header) { h.Time = "0000-09-01T10:00:00Z" }), nil, false},
		{"round on a proposal", audit.CodeHeader, head(func(h *audit.Header) { h.Round = 1 }), nil, false},
		{"bad study id", audit.CodeHeader, head(func(h *audit.Header) { h.Study = "../s" }), nil, false},
		{"another log", audit.CodeLog, head(func(h *audit.Header) { h.Log = "log.example/other" }), nil, false},
		{"stranger", audit.CodeSigner, func(f *audittest.Federation) []byte {
			return f.Leaf(audittest.NewSigner("stranger", ""), audit.Header{Study: "s"}, audittest.ProposalBody(1))
		}, nil, true},
		{"forged signature", audit.CodeSignature, func(f *audittest.Federation) []byte {
			return f.Leaf(audittest.NewSigner("researcher", "stolen name"), audit.Header{Study: "s"}, audittest.ProposalBody(1))
		}, nil, false},
		{"flipped bit in the text", audit.CodeSignature, func(f *audittest.Federation) []byte {
			leaf := f.Leaf(f.Researcher, audit.Header{Study: "s"}, audittest.ProposalBody(1))
			return bytes.Replace(leaf, []byte("rounds = 1"), []byte("rounds = 0"), 1)
		}, nil, false},
		{"doubled statement", audit.CodeSeq, func(f *audittest.Federation) []byte {
			f.Propose("s", 1)
			return f.Leaves[len(f.Leaves)-1]
		}, []audit.Code{audit.CodePrev, audit.CodeSeenBack, audit.CodeStudyExists}, false},
		{"gap in the chain", audit.CodeSeq, head(func(h *audit.Header) { h.Seq++ }), nil, false},
		{"other predecessor", audit.CodePrev, head(func(h *audit.Header) { h.Prev = audittest.Digest("other") }), nil, false},
		{"old boot epoch", audit.CodeBoot, func(f *audittest.Federation) []byte {
			f.Propose("s1", 1)
			old := f.Researcher.Boot
			f.Researcher.Restart()
			f.Propose("s2", 1)
			return proposal(f, func(h *audit.Header) { h.Boot = old })
		}, nil, false},
		{"saw a fork", audit.CodeSeen, head(func(h *audit.Header) { h.Seen.Root = audittest.Digest("fork") }), nil, false},
		{"saw the future", audit.CodeSeen, head(func(h *audit.Header) { h.Seen.Size++ }), nil, false},
		{"seen goes back", audit.CodeSeenBack, func(f *audittest.Federation) []byte {
			f.Propose("s1", 1)
			return proposal(f, func(h *audit.Header) {
				h.Seen.Size -= 2
				h.Seen.Root, _ = f.State.RootAt(h.Seen.Size)
			})
		}, nil, false},
		{"empty study file", audit.CodeBody, func(f *audittest.Federation) []byte {
			return f.Leaf(f.Researcher, audit.Header{Study: "s"}, &audit.Proposal{Numbers: 1})
		}, nil, false},
		{"study file too long", audit.CodeBody, func(f *audittest.Federation) []byte {
			return f.Leaf(f.Researcher, audit.Header{Study: "s"}, &audit.Proposal{Study: strings.Repeat("x", 32<<10+1), Numbers: 1})
		}, nil, false},
	}
}

func permissionBreaches() []breach {
	member := func(change func(f *audittest.Federation, m *audit.Member)) func(f *audittest.Federation) []byte {
		return func(f *audittest.Federation) []byte {
			m := f.MemberBody("board01")
			change(f, m)
			return f.Leaf(f.Approvers["board01"], audit.Header{}, m)
		}
	}
	decision := func(change func(d *audit.Decision)) func(f *audittest.Federation) []byte {
		return func(f *audittest.Federation) []byte {
			f.Propose("s", 1)
			d := f.DecisionBody("s", "board01", "approve")
			change(d)
			return f.Leaf(f.Approvers["board01"], audit.Header{Study: "s"}, d)
		}
	}
	return []breach{
		{"coordinator proposes", audit.CodeRole, func(f *audittest.Federation) []byte {
			return f.Leaf(f.Coordinator, audit.Header{Study: "s"}, audittest.ProposalBody(1))
		}, nil, false},
		{"node approves", audit.CodeRole, func(f *audittest.Federation) []byte {
			f.Propose("s", 1)
			return f.Leaf(f.Nodes["board01"], audit.Header{Study: "s"}, f.DecisionBody("s", "board01", "approve"))
		}, nil, false},
		{"other charter", audit.CodeOtherCharter, member(func(_ *audittest.Federation, m *audit.Member) { m.Charter = audittest.Digest("other") }),
			[]audit.Code{audit.CodeEnrolled, audit.CodeKeyInUse, audit.CodeProof}, false},
		{"enrols twice", audit.CodeEnrolled, member(func(*audittest.Federation, *audit.Member) {}), []audit.Code{audit.CodeKeyInUse}, false},
		{"study exists", audit.CodeStudyExists, func(f *audittest.Federation) []byte {
			f.Propose("s", 1)
			return proposal(f, func(*audit.Header) {})
		}, nil, false},
		{"no such study", audit.CodeNoStudy, func(f *audittest.Federation) []byte {
			return f.Leaf(f.Researcher, audit.Header{Study: "s"}, &audit.Close{Reason: "stopped"})
		}, nil, true},
		{"study closed", audit.CodeStudyClosed, func(f *audittest.Federation) []byte {
			f.Propose("s", 1)
			f.Say(f.Researcher, audit.Header{Study: "s"}, &audit.Close{Reason: "stopped"})
			return f.Leaf(f.Researcher, audit.Header{Study: "s"}, &audit.Close{Reason: "stopped"})
		}, nil, false},
		{"other proposal", audit.CodeOtherProposal, decision(func(d *audit.Decision) { d.Proposal = audittest.Digest("other") }), nil, false},
		{"for another institution", audit.CodeBody, decision(func(d *audit.Decision) { d.Institution = "board02" }), nil, false},
		{"unknown verdict", audit.CodeBody, decision(func(d *audit.Decision) { d.Verdict = "perhaps" }), nil, false},
		{"no ground", audit.CodeApproval, decision(func(d *audit.Decision) { d.Ground = "because" }), nil, false},
		{"confidential data in a rehearsal", audit.CodeApproval, decision(func(d *audit.Decision) { d.Ground = audit.GroundPublicTask }), nil, false},
		{"no purpose", audit.CodeApproval, decision(func(d *audit.Decision) { d.Purpose = " " }), nil, false},
		{"no end date", audit.CodeApproval, decision(func(d *audit.Decision) { d.Expires = "never" }), nil, false},
		{"end date passed", audit.CodeApproval, decision(func(d *audit.Decision) { d.Expires = "2026-08-31" }), nil, false},
		{"approval after the beginning", audit.CodeTooLate, func(f *audittest.Federation) []byte {
			f.Propose("s", 1)
			for _, name := range f.Others("board04") {
				f.Decide("s", name, "approve")
			}
			f.Decide("s", "board04", "deny")
			f.Ready("s", f.Others("board04")...)
			f.Open("s")
			return f.Leaf(f.Approvers["board04"], audit.Header{Study: "s"}, f.DecisionBody("s", "board04", "approve"))
		}, nil, false},
		{"denial after the beginning", audit.CodeTooLate, func(f *audittest.Federation) []byte {
			opened(f)
			return f.Leaf(f.Approvers["board04"], audit.Header{Study: "s"}, f.DecisionBody("s", "board04", "deny"))
		}, nil, false},
		{"withdrawal without approval", audit.CodeNotApproved, func(f *audittest.Federation) []byte {
			f.Propose("s", 1)
			return f.Leaf(f.Approvers["board01"], audit.Header{Study: "s"}, f.DecisionBody("s", "board01", "withdraw"))
		}, nil, false},
		{"ready without approval", audit.CodeNotApproved, func(f *audittest.Federation) []byte {
			f.Propose("s", 1)
			for _, name := range f.Others("board04") {
				f.Decide("s", name, "approve")
			}
			return f.Leaf(f.Nodes["board04"], f.Next("s"), f.ReadyBody("s"))
		}, nil, false},
		{"ready after withdrawal", audit.CodeNotApproved, func(f *audittest.Federation) []byte {
			begun(f)
			f.Decide("s", "board04", "withdraw")
			return f.Leaf(f.Nodes["board04"], f.Next("s"), f.ReadyBody("s"))
		}, []audit.Code{audit.CodeExpired}, false},
		{"update after withdrawal", audit.CodeNotApproved, func(f *audittest.Federation) []byte {
			at := opened(f)
			f.Decide("s", "board04", "withdraw")
			return as(f, "board04", at, f.UpdateBody(at, "board04"))
		}, nil, false},
		{"expired approval", audit.CodeExpired, func(f *audittest.Federation) []byte {
			begun(f)
			f.Clock = f.Clock.AddDate(1, 0, 0)
			return f.Leaf(f.Nodes["board04"], f.Next("s"), f.ReadyBody("s"))
		}, nil, false},
		{"closed by another", audit.CodeNotProposer, func(f *audittest.Federation) []byte {
			f2 := audittest.NewSigner("second", "")
			*f = *withResearcher(f, f2)
			f.Propose("s", 1)
			return f.Leaf(f2, audit.Header{Study: "s"}, &audit.Close{Reason: "stopped"})
		}, nil, false},
		{"proceed without a stranger", audit.CodeProceed, func(f *audittest.Federation) []byte {
			f.Propose("s", 1)
			return f.Leaf(f.Researcher, audit.Header{Study: "s"}, &audit.Proceed{Without: []string{"board99"}})
		}, nil, false},
		{"proceed out of order", audit.CodeProceed, func(f *audittest.Federation) []byte {
			f.Propose("s", 1)
			return f.Leaf(f.Researcher, audit.Header{Study: "s"}, &audit.Proceed{Without: []string{"board02", "board01"}})
		}, nil, false},
		{"proceed after the first opening", audit.CodeProceed, func(f *audittest.Federation) []byte {
			begun(f)
			f.Round("s")
			return f.Leaf(f.Researcher, audit.Header{Study: "s"}, &audit.Proceed{Without: []string{"board04"}})
		}, nil, false},
		{"unknown reason to close", audit.CodeBody, func(f *audittest.Federation) []byte {
			f.Propose("s", 1)
			return f.Leaf(f.Researcher, audit.Header{Study: "s"}, &audit.Close{Reason: "bored"})
		}, nil, false},
		{"finished without a sum", audit.CodeCloseEarly, func(f *audittest.Federation) []byte {
			begun(f)
			return f.Leaf(f.Researcher, audit.Header{Study: "s"}, &audit.Close{Reason: "finished", State: audittest.StateDigest(1)})
		}, nil, false},
		{"finished without a state", audit.CodeCloseEarly, func(f *audittest.Federation) []byte {
			begun(f)
			f.Round("s")
			return f.Leaf(f.Researcher, audit.Header{Study: "s"}, &audit.Close{Reason: "finished"})
		}, nil, false},
		{"key of another party", audit.CodeKeyInUse, func(f *audittest.Federation) []byte {
			return unenrolled(f, func(m *audit.Member, own *audittest.Signer) *audittest.Signer {
				return rename(f.Nodes["board02"], "board01")
			})
		}, nil, false},
		{"no proof of the key", audit.CodeProof, func(f *audittest.Federation) []byte {
			return unenrolled(f, func(m *audit.Member, own *audittest.Signer) *audittest.Signer {
				m.Node = own.Party
				return f.Nodes["board02"] // signs with a key it has, for a key it has not
			})
		}, nil, false},
		{"node of another name", audit.CodeBody, func(f *audittest.Federation) []byte {
			return unenrolled(f, func(m *audit.Member, own *audittest.Signer) *audittest.Signer {
				m.Node = audit.Party{Name: "board09", Key: own.Party.Key}
				return own
			})
		}, nil, true},
	}
}

// TestNotEnrolled: an approver decides only after its institution joined.
func TestNotEnrolled(t *testing.T) {
	f := audittest.Plan(t, 4)
	f.Charter()
	for _, name := range f.Others("board01") {
		f.Enrol(name)
	}
	f.Propose("s", 1)
	leaf := f.Leaf(f.Approvers["board01"], audit.Header{Study: "s"}, f.DecisionBody("s", "board01", "approve"))
	refused(t, f, leaf, audit.CodeNotEnrolled)
}

// TestCharterRefusals: what cannot be a charter, and when.
func TestCharterRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		code   audit.Code
		change func(f *audittest.Federation, c *audit.Charter)
	}{
		"other protocol":    {audit.CodeProtocol, func(_ *audittest.Federation, c *audit.Charter) { c.Protocol = 1 }},
		"other coordinator": {audit.CodeCharter, func(f *audittest.Federation, c *audit.Charter) { c.Coordinator = f.Researcher.Party }},
		"no institutions":   {audit.CodeCharter, func(_ *audittest.Federation, c *audit.Charter) { c.Founders = nil }},
		"out of order": {audit.CodeCharter, func(_ *audittest.Federation, c *audit.Charter) {
			c.Founders[0], c.Founders[1] = c.Founders[1], c.Founders[0]
		}},
		"approver's name": {audit.CodeCharter, func(f *audittest.Federation, c *audit.Charter) { c.Founders[0].Approver = f.Nodes["board01"].Party }},
		"one key twice": {audit.CodeCharter, func(f *audittest.Federation, c *audit.Charter) {
			c.Founders[0].Approver = rename(f.Approvers["board02"], "board01.approver").Party
		}},
		"a name twice": {audit.CodeCharter, func(f *audittest.Federation, c *audit.Charter) {
			c.Researchers = []audit.Party{audittest.NewSigner("board01", "x").Party}
		}},
		"malformed key":               {audit.CodeCharter, func(_ *audittest.Federation, c *audit.Charter) { c.Researchers[0].Key = "researcher+00000000+AAAA" }},
		"other parameters":            {audit.CodeCharter, func(_ *audittest.Federation, c *audit.Charter) { c.Parameters = "otk9" }},
		"min above n":                 {audit.CodeCharter, func(_ *audittest.Federation, c *audit.Charter) { c.MinInstitutions = 5 }},
		"no codebook":                 {audit.CodeCharter, func(_ *audittest.Federation, c *audit.Charter) { c.Codebook = crypto.Digest{} }},
		"no retention":                {audit.CodeCharter, func(_ *audittest.Federation, c *audit.Charter) { c.Retention = "" }},
		"negative forgetful":          {audit.CodeCharter, func(_ *audittest.Federation, c *audit.Charter) { c.Forgetful = -1 }},
		"no rehearsal without papers": {audit.CodeCharter, func(_ *audittest.Federation, c *audit.Charter) { c.Rehearsal = false }},
		"no rehearsal without a review": {audit.CodeCharter, func(_ *audittest.Federation, c *audit.Charter) {
			c.Rehearsal, c.DPIA = false, audittest.Digest("dpia")
		}},
		"no rehearsal without a DPIA": {audit.CodeCharter, func(_ *audittest.Federation, c *audit.Charter) {
			c.Rehearsal, c.Review = false, audittest.Digest("review")
		}},
		"no name": {audit.CodeCharter, func(_ *audittest.Federation, c *audit.Charter) { c.Name = "" }},
	} {
		t.Run(name, func(t *testing.T) {
			f := audittest.Plan(t, 4)
			c.change(f, f.CharterBody)
			leaf := f.Leaf(f.Coordinator, audit.Header{}, f.CharterBody)
			refused(t, f, leaf, c.code)
		})
	}
	t.Run("something before it", func(t *testing.T) {
		f := audittest.Plan(t, 4)
		refused(t, f, proposal(f, func(*audit.Header) {}), audit.CodeNoCharter)
		refused(t, f, f.Leaf(f.Coordinator, audit.Header{}, f.CharterBody), audit.CodeNoCharter)
	})
	t.Run("twice", func(t *testing.T) {
		f := audittest.New(t, 4)
		refused(t, f, f.Leaf(f.Coordinator, audit.Header{}, f.CharterBody), audit.CodeCharterTwice)
	})
	t.Run("two institutions", func(t *testing.T) {
		f := audittest.Plan(t, 2)
		refused(t, f, f.Leaf(f.Coordinator, audit.Header{}, f.CharterBody), audit.CodeCharter)
		f = audittest.Plan(t, 2)
		f.CharterBody.AllowPair = true
		f.Charter()
	})
}

// rename returns a signer with the same key under another name.
func rename(s *audittest.Signer, name string) *audittest.Signer {
	vkey, err := note.NewEd25519VerifierKey(name, s.Key.Public().(ed25519.PublicKey))
	if err != nil {
		panic(fmt.Sprint(err))
	}
	c := *s
	c.Party = audit.Party{Name: name, Key: vkey}
	return &c
}

// unenrolled makes f a federation in which board01 has not joined yet, and
// returns its enrolment with a node key that change chooses: the signer it
// returns makes the proof, and is the node unless change has set m.Node.
func unenrolled(f *audittest.Federation, change func(m *audit.Member, own *audittest.Signer) *audittest.Signer) []byte {
	g := audittest.Plan(f.T, 4)
	g.Charter()
	g.Enrol("board02")
	*f = *g
	m := f.MemberBody("board01")
	m.Node = audit.Party{}
	prover := change(m, f.Nodes["board01"])
	if m.Node == (audit.Party{}) {
		m.Node = prover.Party
	}
	m.Proof = audittest.Prove(prover, m)
	return f.Leaf(f.Approvers["board01"], audit.Header{}, m)
}

// withResearcher is a federation with a second researcher.
func withResearcher(f *audittest.Federation, second *audittest.Signer) *audittest.Federation {
	g := audittest.Plan(f.T, 4)
	g.CharterBody.Researchers = append(g.CharterBody.Researchers, second.Party)
	g.Charter()
	for _, name := range g.Institutions {
		g.Enrol(name)
	}
	return g
}
