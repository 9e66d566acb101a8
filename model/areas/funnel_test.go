package areas

import (
	"flag"
	"math/rand/v2"
	"testing"
)

var seeds = flag.Int("funnel-seeds", 200, "regions without a difference between areas that the funnel is tried on; 1000 for the figures in docs/methods.md")

// null is a region in which every area has the same rate.
func null(r *rand.Rand, areas, institutions int, rate float64, guard Guard) *Table {
	t := &Table{Column: "area"}
	i := Indicator{Name: "x"}
	sum := make([]Cell, areas+1)
	holders := make([]int64, areas+1)
	whole := make([][]Cell, institutions)
	for a := range areas {
		t.Areas = append(t.Areas, string(rune('a'+a%26))+string(rune('a'+a/26)))
		for h := range institutions {
			c := Cell{Children: int64(150+r.IntN(350)) / int64(institutions) * 2}
			for range c.Children {
				if r.Float64() < rate {
					c.Count++
				}
			}
			whole[h] = append(whole[h], c)
		}
	}
	for _, cells := range whole {
		told, _ := guard.Merge(cells)
		for a, c := range told {
			if c.Children > 0 {
				holders[a]++
			}
			sum[a] = sum[a].plus(c)
		}
	}
	var all Cell
	var n int64
	for a, c := range sum {
		all, n = all.plus(c), n+holders[a]
		if a < areas {
			i.Areas = append(i.Areas, NewRate(t.Areas[a], c.Count, c.Children, holders[a]))
		}
	}
	i.Region = NewRate("", all.Count, all.Children, n)
	t.Indicators = []Indicator{i}
	return t
}

// TestFunnelFalseAlarms: where no area differs, about 5% lie outside the inner
// limits and .2% outside the outer ones, with one institution and with six whose
// roundings add up; without allowing for rounding there are more.
func TestFunnelFalseAlarms(t *testing.T) {
	for _, c := range []struct {
		institutions int
		rate         float64
		least        int64
	}{{1, 0.12, 10}, {1, 0.3, 10}, {6, 0.25, 3}, {6, 0.12, 3}} {
		r := rand.New(rand.NewPCG(20, uint64(c.institutions)))
		points, outside, far, naive := 0, 0, 0, 0
		for range *seeds {
			table := null(r, 60, c.institutions, c.rate, Guard{Least: c.least})
			f, err := table.Funnel("x")
			if err != nil {
				t.Fatal(err)
			}
			points, outside, far = points+len(f.Points), outside+f.Outside95, far+f.Outside99
			for _, p := range f.Points {
				if l := BinomialLimits(p.Expected/f.Rate, f.Rate, 0); p.Ratio < l.Low95 || p.Ratio > l.High95 {
					naive++
				}
			}
		}
		share := func(n int) float64 { return 100 * float64(n) / float64(points) }
		t.Logf("%d institutions, rate %g: %d areas over %d seeds, outside 95%%: %.2f%%, outside 99.8%%: %.3f%%; without allowing for rounding %.2f%%",
			c.institutions, c.rate, points, *seeds, share(outside), share(far), share(naive))
		if s := share(outside); s < 4 || s > 6 {
			t.Errorf("%.2f%% lie outside the 95%% limits", s)
		}
		if s := share(far); s < 0.1 || s > 0.4 {
			t.Errorf("%.3f%% lie outside the 99.8%% limits", s)
		}
		if c.institutions > 1 && naive <= outside {
			t.Error("limits that know nothing of rounding have as many false alarms: allowing for it does nothing")
		}
	}
}

func TestFunnelFinds(t *testing.T) {
	table := null(rand.New(rand.NewPCG(1, 2)), 40, 1, 0.1, Guard{Least: 10})
	k := &table.Indicators[0]
	k.Areas[7] = NewRate(k.Areas[7].Area, 80, 300, 1)
	k.Areas[9] = NewRate(k.Areas[9].Area, 0, 0, 0)
	f, err := table.Funnel("x")
	if err != nil {
		t.Fatal(err)
	}
	found := ""
	for _, p := range f.Points {
		if p.Outside == "99.8%" {
			found += p.Area
		}
		if p.Area == table.Areas[9] {
			t.Error("an area with too few children has a point")
		}
	}
	if found != table.Areas[7] {
		t.Errorf("outside 99.8%%: %q", found)
	}
	if _, err := table.Funnel("y"); err == nil {
		t.Error("a funnel of an unknown indicator")
	}
	// Beside a situation that explains it, the area is inside.
	expected := map[string]float64{}
	for _, r := range k.Areas {
		expected[r.Area] = float64(r.Children) * 0.1
	}
	expected[table.Areas[7]] = 78
	if f, err = table.FunnelBeside("x", expected); err != nil || len(f.Points) == 0 {
		t.Fatal(err)
	}
	for _, p := range f.Points {
		if p.Area == table.Areas[7] && p.Outside != "" {
			t.Errorf("%+v", p)
		}
	}
}
