// Package store keeps the coordinator's log: the leaves, in order, with the
// receipt of each signer's statements, and the co-signatures of its checkpoints.
//
// It trusts its caller to have checked every statement; what it holds itself
// is that indexes have no gap, that nothing is ever changed or removed, that
// one signer's sequence number is used once, and that Append returns only when
// a loss of power no longer loses the entries.
//
// Merkle hashes are not kept: they are a function of the leaves, a start has to
// read every leaf anyway to fold the state, and hashing 10^4 of them takes
// milliseconds. One thing less can then disagree with another on disk.
//
// It never interprets a leaf.
package store
