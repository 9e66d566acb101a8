// Package verify checks an audit bundle offline: it rebuilds the log, replays
// it with the same state machine that every party used, adds every sum again
// from the encrypted frames, opens it again with the releases, and computes
// every model state again from the sums.
//
// It trusts nothing in the bundle but the coordinator's key that its caller
// pins; without one, the key in the charter, which it says. It needs no secret
// and no network, and it never sees one institution's numbers: what opens is
// sums only. It says in its report what it cannot prove.
package verify
