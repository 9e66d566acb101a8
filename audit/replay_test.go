package audit_test

import (
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// longLog writes a log of about n entries: one study, round after round.
func longLog(t testing.TB, n int) *audittest.Federation {
	f := audittest.New(t, 10)
	f.Begin("study", 1<<20)
	for len(f.Leaves) < n {
		f.Round("study")
	}
	return f
}

// BenchmarkReplay10k folds 10,000 entries of a federation of ten: the goal is
// under two seconds.
func BenchmarkReplay10k(b *testing.B) {
	f := longLog(b, 10_000)
	for b.Loop() {
		st := audit.NewState(audittest.Origin, f.Coordinator.Party.Key)
		for _, leaf := range f.Leaves {
			if _, finding := st.Apply(leaf); finding != nil {
				b.Fatal(finding)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(f.Leaves)), "ns/entry")
}
