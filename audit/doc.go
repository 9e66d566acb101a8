// Package audit is the federation's log and its rules: signed statements in
// one append-only Merkle log, and the state machine that every party folds it
// with. Check says whether a statement may be the next entry, Apply folds it,
// Expect says what a party has to do now. Node, coordinator, researcher and
// verifier use the same three functions, so nobody has to trust that another
// one kept the rules.
//
// It trusts the coordinator's pinned key for the order of entries only, and no
// statement beyond what its signer's role allows. A bad entry that got into the
// log all the same is void: it is recorded as a finding and changes nothing.
//
// It never computes a model, never touches encrypted frames or secrets, never
// reads a clock, and never forgets: how an old statement folds is never
// changed, which golden logs hold.
package audit
