package survival

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestExpand(t *testing.T) {
	cuts := []float64{48, 72, 96, 120}
	for _, c := range []struct {
		what        string
		time, event float64
		unknown     bool
		want        []Row
	}{
		{"never reported, followed to the end", 120, 0, false, []Row{{0, 0, false}, {0, 1, false}, {0, 2, false}}},
		{"followed beyond the end", 500, 0, false, []Row{{0, 0, false}, {0, 1, false}, {0, 2, false}}},
		{"reported after the end", 121, 1, false, []Row{{0, 0, false}, {0, 1, false}, {0, 2, false}}},
		{"reported within the second period", 80, 1, false, []Row{{0, 0, false}, {0, 1, true}}},
		{"at the end of the first", 72, 1, false, []Row{{0, 0, true}}},
		{"just after it", 72.5, 1, false, []Row{{0, 0, false}, {0, 1, true}}},
		{"at the end of all", 120, 1, false, []Row{{0, 0, false}, {0, 1, false}, {0, 2, true}}},
		{"moved away within the second", 80, 0, false, []Row{{0, 0, false}, {0, 1, false}}},
		{"reported where risk begins", 48, 1, false, nil},
		{"before it", 12, 1, false, nil},
		{"not followed that far", 0, 0, false, nil},
		{"unknown", 80, 1, true, []Row{{0, Unknown, false}}},
	} {
		if got := Expand([]float64{c.time}, []float64{c.event}, []bool{c.unknown}, cuts); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

// TestNoRowAfterTheEvent: whatever the children, each is in the first periods
// without a gap, has at most one event, and that in its last row; who has the
// event within the cuts has exactly one.
func TestNoRowAfterTheEvent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cuts := []float64{rapid.Float64Range(0, 50).Draw(t, "first")}
		for range rapid.IntRange(1, 6).Draw(t, "periods") {
			cuts = append(cuts, cuts[len(cuts)-1]+rapid.Float64Range(0.5, 30).Draw(t, "width"))
		}
		n := rapid.IntRange(0, 20).Draw(t, "children")
		time, event, unknown := make([]float64, n), make([]float64, n), make([]bool, n)
		for i := range n {
			time[i] = rapid.OneOf(rapid.Float64Range(-5, 250), rapid.SampledFrom(cuts)).Draw(t, "time")
			event[i] = float64(rapid.IntRange(0, 1).Draw(t, "event"))
			unknown[i] = rapid.IntRange(0, 9).Draw(t, "unknown") == 0
		}
		of := map[int][]Row{}
		last := -1
		for _, r := range Expand(time, event, unknown, cuts) {
			if r.Child < last {
				t.Fatal("children out of order")
			}
			last = r.Child
			of[r.Child] = append(of[r.Child], r)
		}
		for i := range n {
			rows, events := of[i], 0
			if unknown[i] {
				if len(rows) != 1 || rows[0].Period != Unknown || rows[0].Event {
					t.Fatalf("unknown child: %v", rows)
				}
				continue
			}
			for k, r := range rows {
				if r.Period != k || time[i] <= cuts[k] {
					t.Fatalf("child %d at %g: %v", i, time[i], rows)
				}
				if r.Event {
					events++
					if k != len(rows)-1 || event[i] != 1 || time[i] > cuts[k+1] {
						t.Fatalf("child %d at %g: %v", i, time[i], rows)
					}
				}
			}
			within := event[i] == 1 && time[i] > cuts[0] && time[i] <= cuts[len(cuts)-1]
			if within != (events == 1) {
				t.Fatalf("child %d at %g: %d events", i, time[i], events)
			}
		}
	})
}
