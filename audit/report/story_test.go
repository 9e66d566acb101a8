package report_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/audit/report"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/crypto"
)

// told is a federation in which a lot happens, so that a report has all its
// parts to show.
func told(t *testing.T) *audittest.Federation {
	f := audittest.Plan(t, 5)
	f.CharterBody.Retention = "1 year"
	f.CharterBody.Rehearsal = false
	f.CharterBody.DPIA, f.CharterBody.Review = audittest.Digest("dpia"), audittest.Digest("review")
	officer := audittest.NewSigner("board01.fg", "")
	second := audittest.NewSigner("board02.approver2", "")
	f.CharterBody.Founders[0].Officer = officer.Party
	f.CharterBody.Founders[1].Second = second.Party
	f.Charter()
	for _, name := range f.Institutions {
		f.Enrol(name)
	}
	say := func(s *audittest.Signer, study string, b audit.Body) *audit.Statement {
		return f.Say(s, audit.Header{Study: study}, b)
	}
	decide := func(s *audittest.Signer, study, name, verdict string) {
		b := f.DecisionBody(study, name, verdict)
		if verdict == "approve" {
			b.Ground, b.Purpose, b.DPIA = audit.GroundPublicTask, "earlier help with language", audittest.Digest("dpia of", name)
			b.AcceptAlone = name == "board03"
		}
		say(s, study, b)
	}

	// Somebody comes, the rules change.
	auditor := audittest.NewSigner("chamber", "")
	grant := say(f.Approvers["board01"], "", &audit.Member{Charter: f.State.Charter.Hash, Act: audit.ActGrant, Grant: &audit.Grant{Role: "auditor", Party: auditor.Party}})
	for _, name := range []string{"board02", "board03", "board04"}[:f.State.Quorum()-1] {
		say(f.Approvers[name], "", &audit.Endorse{Motion: grant.Hash})
	}
	amended := *f.CharterBody
	amended.Amends, amended.Numbers = f.State.Charter.Hash, 5000
	motion := say(f.Approvers["board02"], "", &amended)
	for _, name := range []string{"board01", "board03", "board04"}[:f.State.Quorum()-1] {
		say(f.Approvers[name], "", &audit.Endorse{Motion: motion.Hash})
	}
	say(f.Nodes["board01"], "", &audit.Epoch{Epoch: "school-year-2026"})

	// A study: one denies, one needs two signatures, one officer has a condition.
	proposal := f.Propose("study", 2)
	say(officer, "study", &audit.Advice{Proposal: proposal.Hash, Institution: "board01", Advice: "agree_if", Text: "inform the parents' council before the first round"})
	for _, name := range f.Institutions[:4] {
		decide(f.Approvers[name], "study", name, "approve")
	}
	decide(second, "study", "board02", "approve")
	decide(f.Approvers["board05"], "study", "board05", "deny")

	// A closed attempt, then two rounds.
	f.Ready("study", f.Institutions[:4]...)
	f.Open("study")
	f.Update("study", "board01", "board02", "board03")
	at := f.At("study")
	say2 := func(s *audittest.Signer, b audit.Body) { f.Say(s, audittest.In(at), b) }
	say2(f.Nodes["board02"], &audit.Dispute{Kind: audit.DisputeShare, Open: at.ID, Contributor: at.Point("board03")})
	f.Abort("study", "board01", "board02", "board03")
	for range 2 {
		f.Ready("study", f.Institutions[:4]...)
		f.Open("study")
		f.Update("study")
		f.Set("study")
		f.Vote("study")
		f.Release("study")
		f.Result("study")
	}
	end := f.Close("study")
	publish := say(f.Researcher, "study", &audit.Publish{Close: end.Hash, Document: audit.BlobRef{Digest: audittest.Digest("results"), Size: 4000}})
	say(f.Approvers["board04"], "study", &audit.Endorse{Motion: publish.Hash})

	// Another one, from which somebody withdrew.
	f.Propose("second", 1)
	decide(f.Approvers["board01"], "second", "board01", "approve")
	decide(f.Approvers["board01"], "second", "board01", "withdraw")
	return f
}

// blobs are what the coordinator keeps.
type blobs [][]byte

func (b blobs) GetBlob(_ context.Context, d [32]byte, _, _ int64, w io.Writer) error {
	for _, content := range b {
		if crypto.DigestOf(content) == d {
			_, err := w.Write(content)
			return err
		}
	}
	return errors.New("it is not here")
}

// bundled writes the public bundle of a federation whose coordinator keeps the
// codebook and this.
func bundled(t *testing.T, f *audittest.Federation, checkpoint []byte, content ...[]byte) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bundle")
	if err := bundle.Write(t.Context(), dir, bundle.Public, f.Leaves, checkpoint, append(blobs{[]byte(audittest.Codebook)}, content...)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// question stands in for a study file's meaning.
func question(study string, codebook []byte) (*report.Question, error) {
	if !strings.HasPrefix(study, "rounds = ") {
		return nil, errors.New("not a counter study")
	}
	if string(codebook) != audittest.Codebook {
		return nil, errors.New("not the counters' codebook")
	}
	return &report.Question{
		Question: "Which children speak later than others?", Purpose: "to help them sooner", Kind: "logistic", Outcome: "late",
		Rows: "age > 4 && age < 7", Derived: []string{"young = age < 5"}, MinRows: 30, MinCell: 10, Until: "2027-07-31",
		Columns: []report.Column{
			{Name: "late", Label: "Language delay", Role: "outcome", Sensitivity: "health"},
			{Name: "age", Label: "Age in years", Role: `predictor, predictor (in "young")`, Sensitivity: "ordinary"},
			{Name: "origin", Label: "Born abroad", Role: "judged by", Sensitivity: "origin"},
		},
		Never: []string{"name", "address"}, HeldOut: 0.2, By: "school", Groups: []string{"origin"},
	}, nil
}

// made makes the report of a bundle folder.
func made(t *testing.T, dir string, o report.Options, options ...verify.Option) (*report.Document, *verify.Report) {
	t.Helper()
	log := new(report.Log)
	options = append([]verify.Option{verify.Watching(log.Add), verify.At(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))}, options...)
	r, err := verify.Bundle(t.Context(), os.DirFS(dir), audittest.Counters{}, options...)
	if err != nil {
		t.Fatal(err)
	}
	if o.Read == nil {
		o.Read = question
	}
	o.Version = "v0"
	d, err := report.New(r, log, o)
	if err != nil {
		t.Fatal(err)
	}
	if says := text(d); strings.Contains(says, "%!") {
		t.Errorf("it writes a value in the wrong way:\n%s", says)
	}
	return d, r
}

// text is a document without its markup.
func text(d *report.Document) string {
	return string(bytes.ReplaceAll(d.Markdown(), []byte("\\"), nil))
}
