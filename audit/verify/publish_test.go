package verify

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/crypto"
)

// publishing are counters whose results can be made public.
type publishing struct{ audittest.Counters }

func (publishing) Open(study string, codebook []byte) (audit.Method, error) {
	m, err := audittest.Counters{}.Open(study, codebook)
	return publisher{m}, err
}

type publisher struct{ audit.Method }

func (publisher) Publication(state []byte) ([]byte, error) {
	return append([]byte("rounded "), state...), nil
}

// publish lets the researcher ask that a document is made public, and the
// institutions agree.
func (f *sealedFederation) publish(document []byte) {
	f.T.Helper()
	h := audit.Header{Study: "study"}
	s := f.Say(f.Researcher, h, &audit.Publish{Close: f.State.Studies["study"].Close.Hash, Document: f.blobs.put(document)})
	for _, name := range f.Institutions {
		if f.State.Studies["study"].Published == nil {
			f.Say(f.Approvers[name], h, &audit.Endorse{Motion: s.Hash})
		}
	}
}

func verifyPublished(t *testing.T, f *sealedFederation, off ...audit.Code) []string {
	t.Helper()
	r, err := Bundle(t.Context(), os.DirFS(f.bundle(bundle.Sealed)), publishing{}, func(v *verifier) {
		v.off = map[audit.Code]bool{}
		for _, c := range off {
			v.off[c] = true
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return codes(r)
}

// TestPublished: the document that institutions agreed on is what the final state
// gives, to the byte; with the check off another one passes.
func TestPublished(t *testing.T) {
	honest := newSealed(t, 4, 1).run()
	document, err := publisher{}.Publication(honest.state)
	honest.must(err)
	honest.publish(document)
	if got := verifyPublished(t, honest); len(got) != 0 {
		t.Errorf("an honest document: %v", got)
	}
	if b, err := os.ReadFile(honest.bundle(bundle.Public) + "/blobs/" + crypto.DigestOf(document).String()); err != nil || !bytes.Equal(b, document) {
		t.Errorf("what is public is not in the public bundle: %v", err)
	}
	for _, spoilt := range [][]byte{append(bytes.Clone(document), ' '), bytes.Replace(document, []byte("rounded"), []byte("changed"), 1)} {
		f := newSealed(t, 4, 1).run()
		if bytes.Equal(f.state, honest.state) != true {
			t.Fatal("two runs of the same study differ")
		}
		f.publish(spoilt)
		if got := verifyPublished(t, f); !slices.Equal(got, []string{string(audit.CodePublished)}) {
			t.Errorf("another document: %v", got)
		}
		if got := verifyPublished(t, f, audit.CodePublished); len(got) != 0 {
			t.Errorf("with the check off: %v", got)
		}
	}
}

// TestAmendedCodebook: a study is computed with the codebook that was in force
// when it was proposed, whatever the institutions agree on later.
func TestAmendedCodebook(t *testing.T) {
	f := newSealed(t, 4, 2)
	f.Round(1, f.Institutions...)
	next := *f.CharterBody
	next.Amends = f.State.Charter.Hash
	next.Codebook = f.blobs.put([]byte("[[column]]\nname = \"y\"\n")).Digest
	s := f.Say(f.Approvers["board01"], audit.Header{}, &next)
	for _, name := range f.Institutions[1:] {
		if f.State.Charter != s {
			f.Say(f.Approvers[name], audit.Header{}, &audit.Endorse{Motion: s.Hash})
		}
	}
	if f.State.Charter.Body.(*audit.Charter).Codebook != next.Codebook {
		t.Fatal("the amendment is not in force")
	}
	f.Round(2, f.Institutions...)
	f.Finish()
	dir := f.bundle(bundle.Sealed)
	if r := check(t, dir, nil); len(r.Findings) != 0 {
		t.Errorf("findings: %v", r.Findings)
	}
	// Without the old codebook the study cannot be computed: it is that one.
	if err := os.Remove(dir + "/blobs/" + crypto.DigestOf([]byte(audittest.Codebook)).String()); err != nil {
		t.Fatal(err)
	}
	if got := codes(check(t, dir, nil)); !slices.Equal(got, []string{string(audit.CodeMethod)}) {
		t.Errorf("without the codebook of its proposal: %v", got)
	}
}
