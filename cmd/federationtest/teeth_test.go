package federationtest

import (
	"math/big"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/examples/language"
)

// TestHarnessHasTeeth shows that the check at cleanup of every test would see
// a sum that is not the sum of what went in: one number of one node's input,
// changed by one, is found.
func TestHarnessHasTeeth(t *testing.T) {
	f := New(t, 3)
	if _, err := f.Run(language.Study, "language-delay", 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := f.checkSums(); err != nil {
		t.Fatalf("honest sums: %v", err)
	}
	for _, byNode := range f.inputs {
		for _, values := range byNode {
			one := values[len(values)/2]
			one.Add(one, big.NewInt(1))
			if err := f.checkSums(); err == nil {
				t.Error("a changed input was not found")
			}
			one.Sub(one, big.NewInt(1))
			return
		}
	}
	t.Error("no input was recorded")
}
