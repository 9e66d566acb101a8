package coordinator

import (
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/blobs"
	"github.com/smartstart-federation/smartstart/crypto"
)

// TestForkNeedsEvidence: who says that the coordinator signed two logs shows
// them; without the check the accusation would stand in the log.
func TestForkNeedsEvidence(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.found()
	signed := func(name string, root byte) []byte {
		c, err := audit.MakeCheckpoint(name, audit.Head{Size: 2, Root: crypto.Digest{root}}, w.self.signer)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	dispute := func(a, b []byte) []byte {
		t.Helper()
		content, err := audit.EncodeFork(w.self.public, a, b)
		if err == nil {
			_, err = blobs.Put(w.c.blobs, "board01", content)
		}
		if err != nil {
			t.Fatal(err)
		}
		return w.leaf("board01", audit.Header{}, &audit.Dispute{Kind: audit.DisputeFork, Evidence: audit.BlobRef{Digest: crypto.DigestOf(content), Size: int64(len(content))}})
	}
	for what, pair := range map[string][2][]byte{
		"the same twice":                 {signed(origin, 1), signed(origin, 1)},
		"two heads of another log":       {signed("another", 1), signed("another", 2)},
		"a head that nobody signed":      {signed(origin, 1), []byte("nothing")},
		"nothing":                        {nil, nil},
		"the true head and an empty one": {w.checkpoint(), nil},
	} {
		_, err := w.client("board01").Append(w.ctx(), dispute(pair[0], pair[1]))
		refused(t, what, err, "SS6506")
	}
	if _, err := w.client("board01").Append(w.ctx(), dispute(signed(origin, 1), signed(origin, 2))); err != nil {
		t.Errorf("a fork: %v", err)
	}
}
