package coordinator

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/blobs"
	"github.com/smartstart-federation/smartstart/coordinator/store"
	"github.com/smartstart-federation/smartstart/crypto"
)

// script is a valid log of a charter and proposals, made without a coordinator.
type script struct {
	self, researcher keys
	codebook         []byte
	leaves           [][]byte
	entries          []store.Entry
}

func newScript(t testing.TB, n int) *script {
	t.Helper()
	s := &script{self: newKeys(t, "coordinator"), researcher: newKeys(t, "researcher"), codebook: []byte("codebook")}
	st := audit.NewState(origin, s.self.public)
	var boards []audit.Founder
	for i := range 3 {
		name := fmt.Sprintf("board%d", i)
		boards = append(boards, audit.Founder{Institution: name, Approver: newKeys(t, name+".approver").party()})
	}
	add := func(k keys, h audit.Header, b audit.Body) {
		h = st.Next(k.name, crypto.Digest{1}, h)
		h.Time = time.Now().UTC().Format(time.RFC3339)
		leaf, err := audit.Sign(h, b, k.signer)
		if err != nil {
			t.Fatal(err)
		}
		e, finding := st.Apply(leaf)
		if finding != nil {
			t.Fatal(finding)
		}
		s.leaves = append(s.leaves, leaf)
		s.entries = append(s.entries, store.Entry{Index: e.Index, Leaf: leaf, Hash: e.Hash, Signer: e.Signer, Seq: e.Seq})
	}
	add(s.self, audit.Header{}, &audit.Charter{
		Protocol: audit.Protocol, Name: "test", Coordinator: s.self.party(), Founders: boards,
		Researchers: []audit.Party{s.researcher.party()}, Auditors: []audit.Party{}, Parameters: crypto.Parameters,
		MinInstitutions: 2, Codebook: crypto.DigestOf(s.codebook), Rehearsal: true, Retention: "test",
	})
	for i := 1; i < n; i++ {
		add(s.researcher, audit.Header{Study: fmt.Sprintf("s%d", i)}, &audit.Proposal{Study: "text", Numbers: 1 << 20})
	}
	return s
}

func (s *script) config() Config {
	return Config{Origin: origin, Signer: s.self.signer, Key: s.self.public}
}

// sequencer runs one over st for the time of the test; end stops it.
func (s *script) sequencer(t testing.TB, st store.Store) (q *sequencer, end func()) {
	t.Helper()
	cfg, err := s.config().withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	b := blobs.NewMemory(cfg.limits())
	if _, err := blobs.Put(b, "coordinator", s.codebook); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if q, err = newSequencer(ctx, cfg, st, b); err != nil {
		t.Fatal(err)
	}
	go q.run(ctx)
	end = func() { cancel(); <-q.done }
	t.Cleanup(end)
	return q, end
}
