// Package coordinator is the sequencer, blob store and adder of a federation:
// it puts signed statements in one order, keeps the blobs that they name, adds
// ciphertexts, and says when an attempt begins, which set it has and what it
// opened.
//
// It trusts nobody: every statement goes through audit.State.Check before it
// gets a place, every blob through its digest and, where a statement gives it
// a meaning, through the strict decoders of package crypto. Nobody has to trust
// it either: what it decides are signed statements that everybody checks.
//
// It never holds a key that opens anything, never acknowledges what is not
// durable, and never decides what is allowed: that is the log's state machine.
package coordinator
