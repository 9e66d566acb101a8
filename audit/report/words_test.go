package report_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/report"
	"github.com/smartstart-federation/smartstart/crypto"
)

// finds tests whether a report has all of some words and none of others.
func finds(t *testing.T, says string, has []string, not ...string) {
	t.Helper()
	for _, want := range has {
		if !strings.Contains(says, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	for _, bad := range not {
		if strings.Contains(says, bad) {
			t.Errorf("it says %q", bad)
		}
	}
	if t.Failed() {
		t.Log(says)
	}
}

// TestSingles: where numbers of one institution may have been opened, no
// sentence says that all are totals of more; where none were, every one does.
func TestSingles(t *testing.T) {
	run := func(alone bool, folds [][]string) (*audittest.Federation, report.Options) {
		f := audittest.New(t, 4)
		f.Propose("study", 1)
		for _, name := range f.Institutions {
			b := f.DecisionBody("study", name, "approve")
			b.AcceptAlone = alone && name == "board02"
			f.Say(f.Approvers[name], audit.Header{Study: "study"}, b)
		}
		f.Round("study")
		f.Close("study")
		return f, report.Options{Read: func(study string, codebook []byte) (*report.Question, error) {
			q, err := question(study, codebook)
			if err == nil {
				q.Folds = folds
			}
			return q, err
		}}
	}
	whole := map[string][]string{
		"en": {"each over 4 institutions together", "Every total holds at least", "Each number is a total over"},
		"nl": {"elk over 4 organisaties samen", "In elk totaal zitten ten minste", "Elk getal is een totaal over"},
	}
	may := map[string][]string{
		"en": {"may be those of one institution alone. Accepted that beforehand: ", "Yet some of its numbers may be those of one institution alone", "it is that one's number"},
		"nl": {"kunnen van één organisatie zijn. Vooraf aanvaard door: ", "Toch kunnen er getallen van één organisatie bij zijn", "is het een getal van die organisatie"},
	}
	for _, c := range []struct {
		what   string
		alone  bool
		folds  [][]string
		single bool
	}{
		{"plain", false, nil, false},
		{"accepted", true, nil, true},
		{"a fold of one", false, [][]string{{"board01"}, {"board02", "board03", "board04"}}, true},
		{"folds of two", false, [][]string{{"board01", "board04"}, {"board02", "board03"}}, false},
	} {
		f, o := run(c.alone, c.folds)
		dir := bundled(t, f, f.Checkpoint())
		for _, o.Lang = range report.Languages() {
			d, _ := made(t, dir, o)
			has, not := whole[o.Lang], may[o.Lang]
			if c.single {
				has, not = not, has
			}
			if c.folds != nil {
				has = slices.Concat(has, []string{"“fold k”", "1: " + c.folds[0][0]})
			} else {
				not = slices.Concat(not, []string{"“fold k”"})
			}
			finds(t, text(d), has, not...)
		}
	}
}

// TestFork: that somebody shows a fork is what that party says; what was found
// of it stands beside it.
func TestFork(t *testing.T) {
	for _, c := range []struct {
		what string
		root byte // flipped in the second checkpoint
		gone bool
		says string
	}{
		{"a fork", 1, false, "board01 says it shows two logs that the coordinator signed; checked: it does ["},
		{"nothing", 0, false, "board01 says it shows two logs that the coordinator signed; checked: it shows nothing ["},
		{"no evidence", 1, true, "board01 says it shows two logs that the coordinator signed; checked: not possible, it is not in this bundle ["},
	} {
		f := audittest.New(t, 3)
		h := f.State.Head()
		h.Root[3] ^= c.root
		other, err := audit.MakeCheckpoint(audittest.Origin, h, f.Coordinator)
		if err != nil {
			t.Fatal(err)
		}
		evidence, err := audit.EncodeFork(f.Coordinator.Party.Key, f.Checkpoint(), other)
		if err != nil {
			t.Fatal(err)
		}
		ref := audit.BlobRef{Digest: crypto.DigestOf(evidence), Size: int64(len(evidence))}
		f.Say(f.Nodes["board01"], audit.Header{}, &audit.Dispute{Kind: audit.DisputeFork, Evidence: ref})
		dir := bundled(t, f, f.Checkpoint(), evidence)
		if c.gone {
			if err := os.Remove(filepath.Join(dir, "blobs", ref.Digest.String())); err != nil {
				t.Fatal(err)
			}
		}
		d, r := made(t, dir, report.Options{Lang: "en"})
		if r.Verified {
			t.Errorf("%s: it verifies", c.what)
		}
		finds(t, text(d), []string{c.says}, "shows two checkpoints")
	}
}

// TestUnreadable: what nobody could read is said to be unknown.
func TestUnreadable(t *testing.T) {
	f := audittest.New(t, 3)
	dir := bundled(t, f, f.Checkpoint())
	for what, checkpoint := range map[string]string{"noise": "nothing", "empty": ""} {
		if err := os.WriteFile(filepath.Join(dir, "checkpoint"), []byte(checkpoint), 0o600); err != nil {
			t.Fatal(err)
		}
		for lang, unknown := range map[string]string{"en": "not known", "nl": "niet bekend"} {
			d, r := made(t, dir, report.Options{Lang: lang})
			if r.Verified {
				t.Errorf("%s: it verifies", what)
			}
			finds(t, text(d), []string{unknown + "; log", "):** " + unknown}, "00000000", "up to entry", "tot en met regel")
		}
	}
}

// TestQuorumOf: those who have not enrolled count too.
func TestQuorumOf(t *testing.T) {
	f := audittest.Plan(t, 5)
	f.Charter()
	f.Enrol("board01")
	d, _ := made(t, bundled(t, f, f.Checkpoint()), report.Options{Lang: "en"})
	finds(t, text(d), []string{"of the 5 institutions in force"})
}

// TestDescribe: sentences have no words of the program in them.
func TestDescribe(t *testing.T) {
	motion := crypto.DigestOf([]byte("motion"))
	find := func(d crypto.Digest) (int64, bool) { return 7, d == motion }
	for _, c := range []struct {
		body   audit.Body
		en, nl string
	}{
		{&audit.Endorse{Motion: motion}, "x agrees with the change in entry 7", "x stemt in met de wijziging in regel 7"},
		{&audit.Endorse{}, "x agrees with a change that is not in this log", "x stemt in met een wijziging die niet in dit logboek staat"},
		{&audit.Member{Act: audit.ActGrant, Grant: &audit.Grant{Role: "researcher", Party: audit.Party{Name: "r"}}}, "x moves to make r a researcher", "x stelt voor r aan te stellen als onderzoeker"},
		{&audit.Dispute{Kind: audit.DisputeOpening}, "(with the share itself)", "(met de deelsleutel zelf)"},
	} {
		s := &audit.Statement{Body: c.body}
		s.Signer = "x"
		for lang, want := range map[string]string{"en": c.en, "nl": c.nl} {
			if got := report.Describe(s, nil, find, lang); !strings.Contains(got, want) {
				t.Errorf("%q does not have %q", got, want)
			}
		}
	}
}

// TestNumber: sentences about several things are in the plural.
func TestNumber(t *testing.T) {
	for void, c := range map[int][2]string{
		1: {"1 entry broke a rule and changed nothing: every party ignores it. It is", "1 logregel brak een regel en veranderde niets: elke partij negeert die. Hij staat"},
		2: {"2 entries broke a rule and changed nothing: every party ignores them. They are", "2 logregels braken een regel en veranderden niets: elke partij negeert ze. Ze staan"},
	} {
		f := audittest.New(t, 4)
		for range void {
			f.Append(f.Leaf(f.Approvers["board01"], audit.Header{}, &audit.Endorse{Motion: audittest.Digest("none")}))
		}
		cosigned, err := f.State.Cosign(f.Checkpoint(), f.Nodes["board01"], f.Clock)
		if err != nil {
			t.Fatal(err)
		}
		dir := bundled(t, f, cosigned)
		en, _ := made(t, dir, report.Options{Lang: "en"})
		finds(t, text(en), []string{c[0], "board01 (1 institution; 3 needed): each held the log up to entry"})
		nl, _ := made(t, dir, report.Options{Lang: "nl"})
		finds(t, text(nl), []string{c[1], "board01 (1 organisatie; 3 nodig): elk had het logboek tot en met regel"})
	}
}

// TestDutchCodes: every rule has its Dutch sentence, and no other.
func TestDutchCodes(t *testing.T) {
	known := map[audit.Code]bool{}
	for _, c := range audit.Codes() {
		known[c] = true
		if s := report.Dutch[c]; !strings.HasSuffix(s, ".") || strings.Contains(s, "%") {
			t.Errorf("%s: %q", c, s)
		}
	}
	for c := range report.Dutch {
		if !known[c] {
			t.Errorf("%s is no rule", c)
		}
	}
}
