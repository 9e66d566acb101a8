package audit

import (
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Tree is the Merkle tree of RFC 6962 over the leaves of the log, in memory:
// just under 64 bytes a leaf. The zero Tree is empty. It is not safe for
// concurrent use.
type Tree struct {
	size   int64
	hashes []tlog.Hash // in tlog's stored order
}

// ReadHashes lets a Tree be a tlog.HashReader.
func (t *Tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(t.hashes)) {
			return nil, fmt.Errorf("hash %d lies outside a log of %d entries", x, t.size)
		}
		out[i] = t.hashes[x]
	}
	return out, nil
}

// Size returns the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Append adds a leaf and returns its leaf hash.
func (t *Tree) Append(leaf []byte) crypto.Digest {
	h := tlog.RecordHash(leaf)
	t.AppendHash(crypto.Digest(h))
	return crypto.Digest(h)
}

// AppendHash adds a leaf of which only the leaf hash is known.
func (t *Tree) AppendHash(h crypto.Digest) {
	stored, err := tlog.StoredHashesForRecordHash(t.size, tlog.Hash(h), t)
	if err != nil {
		return // the tree holds every hash below its size, so reading them cannot fail
	}
	t.hashes = append(t.hashes, stored...)
	t.size++
}

// RootAt returns the root over the first size leaves; false if the tree has
// fewer. The root of no leaves is SHA-256 of nothing.
func (t *Tree) RootAt(size int64) (crypto.Digest, bool) {
	switch {
	case size < 0 || size > t.size:
		return crypto.Digest{}, false
	case size == 0:
		return crypto.DigestOf(nil), true
	}
	h, err := tlog.TreeHash(size, t)
	return crypto.Digest(h), err == nil
}

// Head returns the size and root of the whole tree.
func (t *Tree) Head() Head {
	root, _ := t.RootAt(t.size)
	return Head{Size: t.size, Root: root}
}

// HeadWith returns the head that the tree would have after these leaves. The
// tree stays as it is.
func (t *Tree) HeadWith(leaves [][]byte) Head {
	next := Tree{size: t.size, hashes: slices.Clip(t.hashes)}
	for _, leaf := range leaves {
		next.Append(leaf)
	}
	return next.Head()
}

// ProveLeaf returns the audit path of leaf index in the tree of the given
// size; tlog.CheckRecord verifies it.
func (t *Tree) ProveLeaf(size, index int64) (tlog.RecordProof, error) {
	if size > t.size || index < 0 || index >= size {
		return nil, fmt.Errorf("no proof for entry %d at size %d in a log of %d entries", index, size, t.size)
	}
	return tlog.ProveRecord(size, index, t)
}

// ProvePrefix returns the proof that the tree at size has the one at old as a
// prefix; tlog.CheckTree verifies it.
func (t *Tree) ProvePrefix(size, old int64) (tlog.TreeProof, error) {
	if size > t.size || old < 1 || old > size {
		return nil, fmt.Errorf("no proof from size %d to %d in a log of %d entries", old, size, t.size)
	}
	return tlog.ProveTree(size, old, t)
}
