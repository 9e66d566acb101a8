// Package node is an institution's daemon. It holds the records, judges every
// request by the institution's own policy, and takes part in rounds: what
// leaves is one encrypted vector of sums a round, and a share sum that opens
// only the total.
//
// It trusts its own disk and clock. It trusts no byte from the coordinator:
// the log must extend the log it holds, blobs must have the digests that
// signed statements name, sums are added again before they are used.
//
// It never sends a record, a value of a record, or an unencrypted sum of its
// own; and it never signs two votes, two releases or two ciphertexts for one
// attempt.
package node
