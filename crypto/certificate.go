package crypto

import (
	"slices"
)

// Certificate is the permission to release: t distinct holders of the attempt
// voted for exactly this set and root. It is a value that only Certify makes,
// never bytes from the network; the zero Certificate permits nothing.
type Certificate struct {
	attempt Digest // fingerprint
	set     uint64
	root    Digest
}

// Certify makes a certificate from the points of those whose votes for (set,
// root) stand in the log. The caller MUST have checked their signatures; this
// checks that they are at least t distinct holders and the set lawful.
func Certify(a Attempt, set Set, root Digest, voters []int) (Certificate, error) {
	if err := a.Check(); err != nil {
		return Certificate{}, err
	}
	if err := set.Check(a); err != nil {
		return Certificate{}, err
	}
	if root.IsZero() {
		return Certificate{}, failure(codeVotes, "", "the votes name no root")
	}
	sorted := slices.Clone(voters)
	slices.Sort(sorted)
	for i, p := range sorted {
		if a.Index(p) < 0 {
			return Certificate{}, failure(codeVotes, "", "point %d voted but takes no part in the attempt", p)
		}
		if i > 0 && sorted[i-1] == p {
			return Certificate{}, failure(codeVotes, "", "point %d is counted twice among the votes", p)
		}
	}
	if len(sorted) < a.Thresholds.T {
		return Certificate{}, failure(codeVotes, "wait for more votes",
			"%d institutions voted but %d are needed", len(sorted), a.Thresholds.T)
	}
	return Certificate{attempt: a.fingerprint(), set: set.bits(), root: root}, nil
}

// Check refuses a certificate for anything but exactly this attempt, set and
// root.
func (c Certificate) Check(a Attempt, set Set, root Digest) error {
	switch {
	case c == Certificate{}:
		return failure(codeVotes, "", "there is no certificate")
	case c.attempt != a.fingerprint():
		return failure(codeVotes, "", "the certificate is for another attempt")
	case c.set != set.bits():
		return failure(codeVotes, "", "the certificate is for another set")
	case c.root != root:
		return failure(codeVotes, "", "the certificate is for another root")
	}
	return nil
}
