// Package replay redoes the arithmetic of logged rounds: it adds the frames of
// a round again, opens the sum with the logged releases, and follows the model
// from state to state. Nodes do this before they use a sum, researchers to
// read a result, auditors afterwards; all with this code.
//
// It trusts no blob (each is checked against the digest in the log), not the
// coordinator's root and not its result. It holds no secret and sees no vector
// of one institution.
package replay
