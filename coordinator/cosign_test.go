package coordinator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/store"
)

// checkpoint asks for the newest one.
func (w *world) checkpoint() []byte {
	w.t.Helper()
	signed, err := w.client("board01").Checkpoint(w.ctx())
	if err != nil {
		w.t.Fatal(err)
	}
	return signed
}

// cosigned returns a checkpoint with the co-signature of name alone.
func (w *world) cosigned(name string, signed []byte) (out []byte) {
	w.t.Helper()
	var err error
	w.c.seq.View(func(st *audit.State) { out, err = st.Cosign(signed, w.people[name].signer, time.Now()) })
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// cosign has name co-sign a checkpoint over the network.
func (w *world) cosign(name string, signed []byte) {
	w.t.Helper()
	if err := w.client(name).Cosign(w.ctx(), w.cosigned(name, signed)); err != nil {
		w.t.Fatalf("%s co-signs: %v", name, err)
	}
}

// by returns who co-signed a checkpoint, as anybody can check.
func (w *world) by(signed []byte) []string {
	w.t.Helper()
	names, err := w.read(signed)
	if err != nil {
		w.t.Fatal(err)
	}
	return names
}

// read is by for goroutines, which may not end a test.
func (w *world) read(signed []byte) (names []string, err error) {
	w.c.seq.View(func(st *audit.State) {
		var c *audit.Cosigned
		if c, err = st.ReadCosigned(signed); err == nil {
			names = c.Institutions()
		}
	})
	return names, err
}

// hear follows as a client does until told of a checkpoint of a size with so
// many co-signatures.
func (w *world) hear(name string, from, size int64, want int) (got []byte, err error) {
	client, err := w.reach(name)
	if err != nil {
		return nil, err
	}
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(w.ctx())
	defer cancel(nil)
	client.Cosigned(func(signed []byte) {
		h, err := audit.ReadUnverified(signed)
		if err != nil || h.Size != size {
			return
		}
		if names, err := w.read(signed); err == nil && len(names) == want {
			got = signed
			cancel(enough)
		}
	})
	err = client.Follow(ctx, from, func(int64, [][]byte, []byte) error { return nil })
	if context.Cause(ctx) != enough {
		return nil, fmt.Errorf("%s never heard of %d co-signatures of size %d: %w", name, want, size, err)
	}
	return got, nil
}

// heard is hear, which must succeed.
func (w *world) heard(name string, from, size int64, want int) {
	w.t.Helper()
	if _, err := w.hear(name, from, size, want); err != nil {
		w.t.Fatal(err)
	}
}

// TestCosignaturesAreMergedAndKept: each party's line is kept before it is
// answered, all stand under the one checkpoint of their size, followers hear of
// them while the log is silent, and a restart loses none.
func TestCosignaturesAreMergedAndKept(t *testing.T) {
	w := newWorld(t, 4, func(c *Config) { c.Dir = filepath.Join(t.TempDir(), "coordinator") })
	w.found()
	plain := w.checkpoint()
	h, err := audit.ReadUnverified(plain)
	if err != nil {
		t.Fatal(err)
	}
	first := w.cosigned("board03", plain)
	for range 2 { // the same again does nothing
		if err := w.client("board03").Cosign(w.ctx(), first); err != nil {
			t.Fatal(err)
		}
	}
	w.cosign("board01", plain)
	told := make(chan error, 1)
	var heard []byte
	go func() {
		var err error
		heard, err = w.hear("board04", h.Size, h.Size, 3)
		told <- err
	}()
	w.cosign("board02", w.checkpoint()) // which has the lines of others
	if err := <-told; err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(heard, plain) {
		t.Errorf("the co-signatures stand under another checkpoint:\n%s\n%s", heard, plain)
	}
	want := []string{"board01", "board02", "board03"}
	before := w.checkpoint()
	if got := w.by(before); !slices.Equal(got, want) || !bytes.HasPrefix(before, plain) {
		t.Errorf("co-signed by %v, want %v", got, want)
	}
	w.restart()
	if after := w.checkpoint(); !bytes.Equal(before, after) {
		t.Errorf("a restart changed it:\n%s\n%s", before, after)
	}
	w.heard("board04", 0, h.Size, 3)

	// A later one takes the place of the earlier one; an earlier one is kept and
	// changes nothing.
	w.say("researcher", audit.Header{Study: "s"}, &audit.Proposal{Study: "text", Numbers: 9})
	w.cosign("board01", w.checkpoint())
	if err := w.client("board04").Cosign(w.ctx(), w.cosigned("board04", plain)); err != nil {
		t.Error(err)
	}
	w.heard("board04", 0, h.Size+1, 1)
	w.heard("board04", 0, h.Size, 3) // board02, board03, board04
	if err := w.client("board01").Cosign(w.ctx(), w.cosigned("board01", plain)); err != nil {
		t.Error(err)
	}
	if got := w.by(w.checkpoint()); !slices.Equal(got, []string{"board01"}) {
		t.Errorf("the newest checkpoint is co-signed by %v", got)
	}
}

// TestCosignIsRefused: whoever may not, whatever is not theirs, and whatever is
// not of this log.
func TestCosignIsRefused(t *testing.T) {
	w := newWorld(t, 3, func(c *Config) { c.Allow = append(c.Allow, "stranger") })
	w.found()
	plain := w.checkpoint()
	good := w.cosigned("board01", plain)
	fork, err := audit.MakeCheckpoint(origin, audit.Head{Size: 2}, w.self.signer)
	if err != nil {
		t.Fatal(err)
	}
	ahead, err := audit.MakeCheckpoint(origin, audit.Head{Size: 99}, w.self.signer)
	if err != nil {
		t.Fatal(err)
	}
	line := good[len(plain):]
	flipped := bytes.Clone(good)
	other := byte('A') // another digit of base64, whichever stands there
	if flipped[len(flipped)-9] == other {
		other = 'B'
	}
	flipped[len(flipped)-9] = other
	for _, c := range []struct {
		what, who string
		signed    []byte
		code      string
	}{
		{"an approver", "board01.approver", good, "SS6306"},
		{"the researcher", "researcher", good, "SS6306"},
		{"a stranger", "stranger", good, "SS6306"},
		{"another's line", "board02", good, "SS6108"},
		{"no line", "board01", plain, "SS6108"},
		{"a line that is not theirs", "board01", flipped, string(audit.CodeCosignature)},
		{"a line of another checkpoint", "board01", slices.Concat(w.otherSize(1), line), string(audit.CodeCosignature)},
		{"another history", "board01", slices.Concat(fork, line), string(audit.CodeFork)},
		{"what is not here", "board01", slices.Concat(ahead, line), "SS6203"},
		{"no checkpoint", "board01", []byte("nothing"), string(audit.CodeCheckpointMalformed)},
		{"too large", "board01", make([]byte, api.MaxCheckpoint+1), "SS6207"},
		{"nothing", "board01", nil, "SS6107"},
	} {
		refused(t, c.what, w.client(c.who).Cosign(w.ctx(), c.signed), c.code)
	}
	if got := w.by(w.checkpoint()); len(got) != 0 {
		t.Errorf("co-signed by %v", got)
	}
}

// otherSize is the coordinator's own checkpoint of an earlier size.
func (w *world) otherSize(size int64) []byte {
	w.t.Helper()
	signed, err := w.c.seq.plainAt(size)
	if err != nil {
		w.t.Fatal(err)
	}
	return signed
}

// TestOneCheckpointASize: whatever way it is asked for, at whatever time, the
// coordinator's own lines are the same bytes, or co-signatures could not be put
// together.
func TestOneCheckpointASize(t *testing.T) {
	w := newWorld(t, 3, func(c *Config) { c.Dir = filepath.Join(t.TempDir(), "coordinator") })
	w.found()
	seen := map[int64][]byte{}
	look := func(signed []byte) {
		h, err := audit.ReadUnverified(signed)
		if err != nil {
			t.Fatal(err)
		}
		if old := seen[h.Size]; old != nil && !bytes.Equal(old, signed) {
			t.Errorf("size %d has two checkpoints:\n%s\n%s", h.Size, old, signed)
		}
		seen[h.Size] = signed
	}
	end := errors.New("end")
	all := func() {
		look(w.checkpoint())
		for size := range int64(5) {
			look(w.otherSize(size))
		}
		err := w.client("board02").Follow(w.ctx(), 0, func(from int64, leaves [][]byte, signed []byte) error {
			look(signed)
			return end
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
	}
	all()
	w.restart()
	all()
	if len(seen) != 5 {
		t.Errorf("%d sizes", len(seen))
	}
}

// lost is a store whose disk fails for co-signatures.
type lost struct{ store.Store }

func (lost) Cosign(context.Context, store.Cosignature) error { return errors.New("the disk failed") }

// TestCosignIsAnsweredWhenKept: what could not be kept is neither acknowledged
// nor shown.
func TestCosignIsAnsweredWhenKept(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.found()
	w.c.seq.store = lost{w.c.seq.store}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := w.client("board01").Cosign(ctx, w.cosigned("board01", w.checkpoint())); err == nil {
		t.Error("a co-signature that was not kept is acknowledged")
	}
	if got := w.by(w.checkpoint()); len(got) != 0 {
		t.Errorf("and shown: %v", got)
	}
}

// TestManyCosignatures: a common reader of signed notes takes 100 lines.
func TestManyCosignatures(t *testing.T) {
	var list []audit.Cosignature
	for i := range 150 {
		list = append(list, audit.Cosignature{Name: fmt.Sprintf("x%03d", i), Institution: fmt.Sprintf("x%03d", i), Line: []byte("— line\n")})
	}
	if n := bytes.Count(audit.WithCosignatures(nil, list), []byte("\n")); n >= 100 {
		t.Errorf("%d lines", n)
	}
}
