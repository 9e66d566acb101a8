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
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

// cosign returns the checkpoint with one more line.
func cosign(t testing.TB, f *audittest.Federation, signed []byte, names ...string) []byte {
	t.Helper()
	c, err := f.State.ReadCosigned(signed)
	if err != nil {
		t.Fatal(err)
	}
	list := c.By
	for _, name := range names {
		s := f.Nodes[name]
		if s == nil {
			s = audittest.NewSigner(name, "")
		}
		one, err := f.State.Cosign(signed, s, f.Clock)
		if err != nil {
			t.Fatal(err)
		}
		c, err := f.State.ReadCosigned(one)
		if err != nil || len(c.By) != 1 || c.By[0].Name != name || !c.By[0].Time.Equal(f.Clock) {
			t.Fatalf("%s: %+v, %v", name, c, err)
		}
		list = append(list, c.By...)
	}
	return audit.WithCosignatures(c.Plain, list)
}

// withAuditor has an auditor beside its institutions.
func withAuditor(t testing.TB, n int) *audittest.Federation {
	f := audittest.Plan(t, n)
	f.CharterBody.Auditors = []audit.Party{audittest.NewSigner("auditor", "").Party}
	f.Charter()
	for _, name := range f.Institutions {
		f.Enrol(name)
	}
	return f
}

// TestCosign: lines of nodes and auditors, merged in any order, are the same
// note; the coordinator's own lines stay as they are.
func TestCosign(t *testing.T) {
	f := withAuditor(t, 3)
	plain := f.Checkpoint()
	a := cosign(t, f, cosign(t, f, plain, "board02", "auditor"), "board01")
	b := cosign(t, f, plain, "auditor", "board01", "board02", "board01")
	if !bytes.Equal(a, b) || !bytes.HasPrefix(a, plain) {
		t.Errorf("merged otherwise:\n%s\n%s", a, b)
	}
	c, err := f.State.ReadCosigned(a)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Institutions(); !slices.Equal(got, []string{"board01", "board02"}) || len(c.By) != 3 || len(c.Bad) != 0 {
		t.Errorf("co-signed by %v of %+v", got, c.By)
	}
	if h, err := f.State.VerifyCheckpoint(a); err != nil || h != f.State.Head() {
		t.Errorf("a checkpoint with co-signatures: %v", err)
	}
	// The signature is over what C2SP says, so another program can check it.
	line := strings.Fields(string(c.By[1].Line))
	text, _, _ := strings.Cut(string(plain), "\n\n")
	raw := decode64(t, line[2])
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s\n", f.Clock.Unix(), text)
	if c.By[1].Name != "board01" || len(raw) != 4+8+64 || !ed25519.Verify(f.Nodes["board01"].Key.Public().(ed25519.PublicKey), []byte(message), raw[12:]) {
		t.Error("not a cosignature/v1")
	}
}

// TestCosignWho: whose lines count. Names and keys of others are ignored, as
// the format says; a false line in the name and key of a party is told.
func TestCosignWho(t *testing.T) {
	f := withAuditor(t, 3)
	signed := f.Checkpoint()
	for _, s := range []*audittest.Signer{f.Approvers["board01"], f.Researcher, f.Coordinator, audittest.NewSigner("board01", "other key")} {
		if _, err := f.State.Cosign(signed, s, f.Clock); err == nil {
			t.Errorf("%s co-signs", s.Name())
		}
	}
	good := cosign(t, f, signed, "board01", "board02")
	lines := bytes.SplitAfter(good[len(signed):], []byte("\n"))
	other := audittest.New(t, 3)
	other.State.Apply(nil) // another log of the same parties, one entry longer
	their := cosign(t, other, other.Checkpoint(), "board01")
	elsewhere := their[len(other.Checkpoint()):]
	strange, err := note.Sign(&note.Note{Text: "x\n"}, audittest.NewSigner("board01", "other key"))
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		signed   []byte
		by, bad  []string
		refusing bool
	}{
		"two lines":                     {good, []string{"board01", "board02"}, nil, false},
		"one twice":                     {slices.Concat(signed, lines[0], lines[0]), []string{"board01"}, nil, false},
		"an unknown key":                {slices.Concat(signed, strange[3:], lines[1]), []string{"board02"}, nil, false},
		"a plain signature of a party":  {plainSignature(t, signed, f.Nodes["board01"]), nil, nil, false},
		"a line of another checkpoint":  {slices.Concat(signed, elsewhere), nil, []string{"board01"}, false},
		"a line that was changed":       {slices.Concat(signed, flip(t, lines[0]), lines[1]), []string{"board02"}, []string{"board01"}, false},
		"without the coordinator's own": {slices.Concat(signed[:bytes.Index(signed, []byte("\n\n"))+2], lines[0]), nil, nil, true},
	} {
		got, err := f.State.ReadCosigned(c.signed)
		if (err != nil) != c.refusing {
			t.Errorf("%s: %v", what, err)
		}
		if err == nil && (!slices.Equal(got.Institutions(), c.by) || !slices.Equal(got.Bad, c.bad)) {
			t.Errorf("%s: by %v, bad %v", what, got.Institutions(), got.Bad)
		}
	}
	fork := f.State.Head()
	fork.Root[0] ^= 1
	forked, err := audit.MakeCheckpoint(audittest.Origin, fork, f.Coordinator)
	if err != nil {
		t.Fatal(err)
	}
	ahead, err := audit.MakeCheckpoint(audittest.Origin, audit.Head{Size: 99}, f.Coordinator)
	if err != nil {
		t.Fatal(err)
	}
	var r *audit.Refusal
	if _, err := f.State.Cosign(forked, f.Nodes["board01"], f.Clock); !errors.As(err, &r) || r.Rule != audit.CodeFork {
		t.Errorf("another history is co-signed: %v", err)
	}
	if _, err := f.State.Cosign(ahead, f.Nodes["board01"], f.Clock); err == nil {
		t.Error("what is not held is co-signed")
	}
}

func plainSignature(t testing.TB, signed []byte, s note.Signer) []byte {
	text, lines, _ := strings.Cut(string(signed), "\n\n")
	more, err := note.Sign(&note.Note{Text: text + "\n"}, s)
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(more), "\n\n")
	return []byte(text + "\n\n" + lines + line)
}

// flip changes one bit of a line's signature.
func flip(t testing.TB, line []byte) []byte {
	parts := strings.Fields(string(line))
	raw := decode64(t, parts[2])
	raw[20] ^= 1
	return []byte(parts[0] + " " + parts[1] + " " + encode64(raw) + "\n")
}

// TestQuorumIsOfInstitutions: keys are not counted, institutions are, and
// auditors are none. Whoever co-signed more has co-signed less too.
func TestQuorumIsOfInstitutions(t *testing.T) {
	f := withAuditor(t, 4) // a quorum is three
	key := func(name string) string {
		if s := f.Nodes[name]; s != nil {
			return s.Party.Key
		}
		return audittest.NewSigner(name, "").Party.Key
	}
	sizes := map[string]int64{key("board01"): 5, key("board02"): 4, key("auditor"): 9, audittest.NewSigner("board03", "other").Party.Key: 9, key("board01.approver"): 9}
	if got := f.State.CosignedSize(sizes); got != 0 {
		t.Errorf("two institutions and an auditor are a quorum for %d", got)
	}
	sizes[key("board03")] = 2
	if got := f.State.CosignedSize(sizes); got != 2 {
		t.Errorf("a quorum for %d, want 2", got)
	}
	sizes[key("board04")] = 7
	if got := f.State.CosignedSize(sizes); got != 4 {
		t.Errorf("a quorum for %d, want 4", got)
	}
	if got := f.State.NotCosigned(4, sizes); !slices.Equal(got, []string{"board02", "board03"}) {
		t.Errorf("%v have not co-signed entry 4", got)
	}
	if (audit.Head{Size: 4}).Covers(4) || !(audit.Head{Size: 5}).Covers(4) || (audit.Head{Size: 5}).Covers(-1) {
		t.Error("what a head covers")
	}
	if got := audit.NewState("x", "y").CosignedSize(sizes); got != 0 {
		t.Errorf("before the charter: %d", got)
	}
}

// TestCheckFork: two checkpoints of one size prove to whoever has the key that
// two histories were signed, and nothing else does.
func TestCheckFork(t *testing.T) {
	f := audittest.New(t, 3)
	a := f.Checkpoint()
	head := f.State.Head()
	sign := func(origin string, h audit.Head, s note.Signer) []byte {
		c, err := audit.MakeCheckpoint(origin, h, s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	other := head
	other.Root[5] ^= 1
	b := sign(audittest.Origin, other, f.Coordinator)
	fork, err := audit.CheckFork(f.Coordinator.Party.Key, cosign(t, f, a, "board01"), b)
	if err != nil || fork.Size != head.Size || fork.Roots[0] != head.Root || fork.Roots[1] != other.Root || fork.Code() != string(audit.CodeFork) {
		t.Fatalf("%+v, %v", fork, err)
	}
	longer := head
	longer.Size++
	for what, c := range map[string][2][]byte{
		"the same":        {a, a},
		"another size":    {a, sign(audittest.Origin, longer, f.Coordinator)},
		"another log":     {a, sign("other", other, f.Coordinator)},
		"another signer":  {a, sign(audittest.Origin, other, audittest.NewSigner(audittest.Origin, "x"))},
		"no checkpoint":   {a, []byte("x")},
		"nothing, nothng": {nil, nil},
	} {
		for _, pair := range [][2][]byte{{c[0], c[1]}, {c[1], c[0]}} {
			if fork, err := audit.CheckFork(f.Coordinator.Party.Key, pair[0], pair[1]); err == nil {
				t.Errorf("%s proves %+v", what, fork)
			}
		}
	}
	if _, err := audit.CheckFork(f.Coordinator.Party.Key, a, a); !errors.Is(err, audit.ErrNoFork) {
		t.Errorf("%v", err)
	}
	evidence, err := audit.EncodeFork(f.Coordinator.Party.Key, a, b)
	if err != nil {
		t.Fatal(err)
	}
	x, y, err := audit.DecodeFork(evidence)
	if err != nil || !bytes.Equal(x, a) || !bytes.Equal(y, b) {
		t.Errorf("evidence: %q, %q, %v", x, y, err)
	}
	if _, _, err := audit.DecodeFork([]byte(`{"format":"smartstart-fork","version":2}`)); err == nil {
		t.Error("evidence of another version is read")
	}
}

// TestContradiction: a co-signer under two histories is named.
func TestContradiction(t *testing.T) {
	f, g := audittest.New(t, 3), audittest.New(t, 3)
	f.Propose("a", 1)
	g.Propose("b", 1)
	older := cosign(t, g, g.Checkpoint(), "board01", "board03")
	f.Propose("c", 1)
	newer, err := f.State.ReadCosigned(cosign(t, f, f.Checkpoint(), "board01", "board02"))
	if err != nil {
		t.Fatal(err)
	}
	names, err := f.State.Contradiction(newer, older)
	if err != nil || !slices.Equal(names, []string{"board01"}) {
		t.Errorf("%v, %v", names, err)
	}
	same, err := f.State.Contradiction(newer, cosign(t, f, f.Checkpoint(), "board01"))
	if err != nil || len(same) > 0 {
		t.Errorf("one history: %v, %v", same, err)
	}
}

// cosignedDecoder: whatever lines stand under a checkpoint, only true ones are
// counted, each party once, and they read the same when put together again.
func cosignedDecoder(t testing.TB) mutate.Decoder {
	f := withAuditor(t, 3)
	f.Clock = time.Unix(1_800_000_000, 0)
	signed := cosign(t, f, f.Checkpoint(), "board01", "board02", "auditor")
	return mutate.Decoder{Slow: true, Seeds: [][]byte{signed, f.Checkpoint()}, Check: func(t testing.TB, b []byte) bool {
		c, err := f.State.ReadCosigned(b)
		if err != nil {
			return false
		}
		for _, s := range c.By {
			if !bytes.Contains(signed, s.Line) {
				t.Fatalf("a line that nobody signed counts: %q", s.Line)
			}
		}
		again, err := f.State.ReadCosigned(audit.WithCosignatures(c.Plain, c.By))
		if err != nil || len(again.By) != len(c.By) || len(again.Bad) != 0 {
			t.Fatalf("put together again: %+v, %v", again, err)
		}
		return true
	}}
}

func FuzzCosigned(f *testing.F)       { cosignedDecoder(f).Fuzz(f) }
func TestMutateCosigned(t *testing.T) { cosignedDecoder(t).Run(t) }

func decode64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func encode64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
