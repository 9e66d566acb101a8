// Package party is one party's place in a federation, as the commands of
// approvers, researchers and auditors use it: its keys, its connection, and
// the acts that it signs. The one-machine federation of simulate and demo uses
// the same code, so a rehearsal rehearses what later runs.
//
// It trusts the files of its own party and the coordinator's pinned key. It
// trusts nothing that the coordinator shows: the log must extend the newest
// checkpoint this party has seen, and results are computed again from re-added
// sums.
package party
