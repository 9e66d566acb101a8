// Package bundle writes and reads audit bundles: a folder with a log up to a
// checkpoint, in the public formats of C2SP tlog-checkpoint and tlog-tiles,
// and the blobs that an auditor needs. docs/audit-format.md describes it for
// whoever writes another verifier.
//
// A public bundle has the statements, proofs and digests and opens nothing. A
// sealed one also has the encrypted frames and the releases: whoever has it
// can open every sum of the log, never one institution's numbers.
//
// It trusts nothing it reads: every length is known or bounded before memory
// is taken, and every blob is hashed while it is read. It does not judge what
// the statements say; package verify does.
package bundle
