package audit_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

// samples is one statement of every type, with every field set.
func samples() []audit.Body {
	d := audittest.Digest("d")
	party := audittest.NewSigner("board01", "").Party
	return []audit.Body{
		&audit.Charter{Protocol: audit.Protocol, Name: "naïve <name> & \"quotes\"", Coordinator: party, Parameters: crypto.Parameters, Codebook: d,
			Founders: []audit.Founder{{Institution: "board01", Approver: party}}, Researchers: []audit.Party{party}, Auditors: []audit.Party{party}},
		&audit.Member{Charter: d, Institution: "board01", Node: party, Proof: bytes.Repeat([]byte{7}, 64)},
		&audit.Proposal{Study: "[study]\nid = \"x\"\t# \u2028 <&>\n", MinInstitutions: 3},
		&audit.Decision{Proposal: d, Institution: "board01", Verdict: "approve", Ground: audit.GroundRehearsal, Purpose: "p", DPIA: d, Expires: "2027-01-01", AcceptAlone: true},
		&audit.Ready{State: d, Shape: audittest.CounterShape(), Key: []byte{1, 2, 3}},
		&audit.Open{Roster: []string{"board01"}, Seats: []audit.OpenSeat{{Point: 1, Ready: d}}, T: 3, C: 1, MinInstitutions: 3, State: d, Shape: audittest.CounterShape(), Repeat: []int{1}},
		&audit.Update{Open: d, Frames: audit.BlobRef{Digest: d, Size: 1}, Boxes: audit.BlobRef{Digest: d, Size: 2}, BoxDigests: []crypto.Digest{d}, Shares: []crypto.Digest{d}, Projection: audit.BlobRef{Digest: d, Size: 3}},
		&audit.Set{Open: d, Points: []int{1, 2}, Absent: []audit.Absence{{Point: 3, Reason: "no_update"}}, Root: d},
		&audit.Vote{Open: d, Points: []int{1}, Root: d},
		&audit.Abort{Open: d, Reason: "no_certificate", Cannot: []int{2}},
		&audit.Release{Open: d, Sum: audit.BlobRef{Digest: d, Size: 9}},
		&audit.Result{Open: d, Used: []int{1}, Wrong: []int{2}, CanaryMax: 5, Reason: "range", Sums: d},
		&audit.Proceed{Without: []string{"board02"}},
		&audit.Close{State: d, Reason: "finished"},
	}
}

func sampleHeader() audit.Header {
	d := audittest.Digest("h")
	return audit.Header{Log: audittest.Origin, Study: "s", Round: 1, Attempt: 2, Boot: d, Seq: 3, Prev: d, Seen: audit.Head{Size: 4, Root: d}, Time: "2026-09-01T08:00:00Z"}
}

// TestStatementsSurvive: every type decodes to what was signed, empty lists
// included, and a stock signed-note client verifies it.
func TestStatementsSurvive(t *testing.T) {
	s := audittest.NewSigner("board01", "")
	for _, b := range samples() {
		t.Run(b.Type(), func(t *testing.T) {
			leaf, err := audit.Sign(sampleHeader(), b, s)
			if err != nil {
				t.Fatal(err)
			}
			m, err := audit.Parse(leaf)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(m.Body, b) {
				t.Errorf("signed %+v, got %+v", b, m.Body)
			}
			want := sampleHeader()
			want.Type, want.Version, want.Signer = b.Type(), audit.Version, "board01"
			if m.Header != want || m.Hash != crypto.Digest(tlog.RecordHash(leaf)) {
				t.Errorf("header %+v", m.Header)
			}
			v, err := note.NewVerifier(s.Party.Key)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := note.Open(leaf, note.VerifierList(v)); err != nil || !strings.HasPrefix(n.Text, "smartstart/"+b.Type()+"/v1\n{") {
				t.Errorf("a stock client cannot open it: %v", err)
			}
			empty := reflect.New(reflect.TypeOf(b).Elem()).Interface().(audit.Body)
			leaf, err = audit.Sign(sampleHeader(), empty, s)
			if err != nil || bytes.Contains(leaf, []byte("null")) {
				t.Errorf("an empty body: %v", err)
			}
		})
	}
}

// TestTruncations: no part of a statement is a statement.
func TestTruncations(t *testing.T) {
	s := audittest.NewSigner("board01", "")
	for _, b := range samples() {
		leaf, err := audit.Sign(sampleHeader(), b, s)
		if err != nil {
			t.Fatal(err)
		}
		for i := range leaf {
			if _, err := audit.Parse(leaf[:i]); err == nil {
				t.Fatalf("%s: the first %d of %d bytes are accepted", b.Type(), i, len(leaf))
			}
		}
		if _, err := audit.Parse(append(leaf, '\n')); err == nil {
			t.Fatalf("%s: a byte too many is accepted", b.Type())
		}
	}
}

// TestSignRefusesTooLarge: what others would refuse to read is not signed.
func TestSignRefusesTooLarge(t *testing.T) {
	s := audittest.NewSigner("board01", "")
	if _, err := audit.Sign(sampleHeader(), &audit.Proposal{Study: strings.Repeat("x", audit.MaxLeaf)}, s); err == nil {
		t.Fatal("signed")
	}
}

// statementDecoder: whatever is accepted encodes to the very same bytes again,
// and no shorter part of it is accepted.
func statementDecoder(t testing.TB) mutate.Decoder {
	s := audittest.NewSigner("board01", "")
	seeds := [][]byte{[]byte("smartstart/close/v1\n{}\n\n\u2014 a AAAA\n")}
	for _, b := range samples() {
		leaf, err := audit.Sign(sampleHeader(), b, s)
		if err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, leaf)
	}
	return mutate.Decoder{Seeds: seeds, Check: func(t testing.TB, leaf []byte) bool {
		m, err := audit.Parse(leaf)
		if err != nil {
			return false
		}
		text, err := audit.EncodeText(m.Header, m.Body)
		if err != nil {
			t.Fatal(err)
		}
		i := bytes.LastIndex(leaf, []byte("\n\n"))
		if !bytes.Equal(text, leaf[:i+1]) || !bytes.Equal(m.Leaf, leaf) {
			t.Fatal("it encodes to other bytes")
		}
		for _, cut := range []int{1, 2, 9, len(leaf) / 2, len(leaf) - 1} {
			if _, err := audit.Parse(leaf[:len(leaf)-cut]); err == nil {
				t.Fatalf("accepted without its last %d bytes", cut)
			}
		}
		return true
	}}
}

func FuzzParse(f *testing.F)       { statementDecoder(f).Fuzz(f) }
func TestMutateParse(t *testing.T) { statementDecoder(t).Run(t) }
