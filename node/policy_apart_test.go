package node

import (
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// TestOneStudyKeepsNoOtherOut: a study that asks for many rows of an institution
// does not keep every other cohort out for the rest of the epoch.
func TestOneStudyKeepsNoOtherOut(t *testing.T) {
	key, policy := secret.NewNodeKey(), &Policy{Openness: configs.OpenConfidential, Objections: write(t, "o.csv", "pseudonym\n")}
	before, p := rowsOf(t, key, policy, school(t, many(600)...), "earlier"), rowsOf(t, key, policy, school(t, many(600)[100:]...), "s")
	q := honest(t)
	q.policy = policy
	judge := func() error {
		j := &judgement{}
		if err := q.judgeCohort(j, p, []opening{{study: "earlier", cohort: before.cohort.id(), least: policy.leastApart(q.study)}},
			func(crypto.Digest) (cohort, error) { return before.cohort, nil }); err != nil {
			t.Fatal(err)
		}
		return j.first()
	}
	q.study.Privacy.MinRows = 500
	if err := judge(); err != nil {
		t.Errorf("100 children apart: %v", err)
	}
	p = rowsOf(t, key, policy, school(t, many(600)[29:]...), "s")
	coded(t, "29 children apart", judge(), CodeCohort)
}
