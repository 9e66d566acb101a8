package store

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Memory is a Store that forgets everything when the process ends: for tests
// and for a federation that lives as long as one command.
type Memory struct {
	mu       sync.RWMutex
	leaves   [][]byte
	byHash   map[crypto.Digest]int64
	receipts map[receipt]int64
	cosigned map[string][]Cosignature // by signer, in order of size
}

type receipt struct {
	signer string
	seq    int64
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{byHash: map[crypto.Digest]int64{}, receipts: map[receipt]int64{}, cosigned: map[string][]Cosignature{}}
}

// Append implements Store.
func (m *Memory) Append(_ context.Context, entries []Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	hashes, receipts := map[crypto.Digest]bool{}, map[receipt]bool{}
	for i, e := range entries {
		r := receipt{e.Signer, e.Seq}
		_, known := m.byHash[e.Hash]
		_, counted := m.receipts[r]
		if e.Index != int64(len(m.leaves)+i) || known || counted || hashes[e.Hash] || receipts[r] {
			return ErrConflict
		}
		hashes[e.Hash], receipts[r] = true, true
	}
	for _, e := range entries {
		m.leaves = append(m.leaves, slices.Clone(e.Leaf))
		m.byHash[e.Hash] = e.Index
		m.receipts[receipt{e.Signer, e.Seq}] = e.Index
	}
	return nil
}

// Size implements Store.
func (m *Memory) Size(context.Context) (int64, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return int64(len(m.leaves)), nil
}

// Leaves implements Store.
func (m *Memory) Leaves(_ context.Context, from int64, limit, maxBytes int) ([][]byte, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var out [][]byte
	total := 0
	for i := max(from, 0); i < int64(len(m.leaves)) && len(out) < limit; i++ {
		total += len(m.leaves[i])
		if len(out) > 0 && total > maxBytes {
			break
		}
		out = append(out, m.leaves[i])
	}
	return out, nil
}

// Find implements Store.
func (m *Memory) Find(_ context.Context, hash crypto.Digest) (int64, bool, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	i, ok := m.byHash[hash]
	return i, ok, nil
}

// Receipt implements Store.
func (m *Memory) Receipt(_ context.Context, signer string, seq int64) (int64, bool, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	i, ok := m.receipts[receipt{signer, seq}]
	return i, ok, nil
}

// Cosign implements Store.
func (m *Memory) Cosign(_ context.Context, c Cosignature) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := m.cosigned[c.Signer]
	at, found := slices.BinarySearchFunc(list, c.Size, func(have Cosignature, size int64) int { return cmp.Compare(have.Size, size) })
	if !found {
		c.Line = slices.Clone(c.Line)
		m.cosigned[c.Signer] = slices.Insert(list, at, c)
	}
	return nil
}

// Cosignatures implements Store.
func (m *Memory) Cosignatures(context.Context) (out []Cosignature, err error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, list := range m.cosigned {
		out = append(out, list[len(list)-1])
	}
	slices.SortFunc(out, func(a, b Cosignature) int { return cmp.Compare(a.Signer, b.Signer) })
	return out, nil
}

// Close implements Store.
func (m *Memory) Close() error { return nil }
