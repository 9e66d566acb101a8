package blobs

import (
	"bytes"
	"io"
	"sync"

	"github.com/smartstart-federation/smartstart/crypto"
)

// memory is a medium that forgets everything when the process ends.
type memory struct {
	mu    sync.Mutex
	whole map[crypto.Digest][]byte
	parts map[uploadKey]*memoryPart
}

// NewMemory returns an empty Shelf in memory.
func NewMemory(limits Limits) *Shelf {
	return newShelf(&memory{whole: map[crypto.Digest][]byte{}, parts: map[uploadKey]*memoryPart{}}, newLedger(limits))
}

func (m *memory) has(d crypto.Digest) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.whole[d] != nil
}

func (m *memory) open(d crypto.Digest) (Blob, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.whole[d]
	if b == nil {
		return nil, ErrMissing
	}
	return memoryBlob{bytes.NewReader(b)}, nil
}

func (m *memory) part(c claim) (part, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := uploadKey{c.owner, c.digest}
	if m.parts[key] == nil {
		m.parts[key] = new(memoryPart)
	}
	return m.parts[key], nil
}

func (m *memory) publish(c claim) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := uploadKey{c.owner, c.digest}
	m.whole[c.digest] = m.parts[key].b
	delete(m.parts, key)
	return nil
}

func (m *memory) kept(claim) error { return nil }

func (m *memory) forget(c claim) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.whole {
		delete(m.whole, c.digest)
	}
	delete(m.parts, uploadKey{c.owner, c.digest})
	return nil
}

type memoryPart struct{ b []byte }

func (p *memoryPart) Write(b []byte) (int, error) {
	p.b = append(p.b, b...)
	return len(b), nil
}

func (p *memoryPart) ReadAt(b []byte, off int64) (int, error) {
	if off >= int64(len(p.b)) {
		return 0, io.EOF
	}
	n := copy(b, p.b[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (p *memoryPart) size() (int64, error) { return int64(len(p.b)), nil }

func (p *memoryPart) sync() error { return nil }

func (p *memoryPart) Close() error { return nil }

type memoryBlob struct{ *bytes.Reader }

func (memoryBlob) Close() error { return nil }
