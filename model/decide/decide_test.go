package decide

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// row is a judged row as only its institution sees it.
type row struct {
	p float64
	y int64
}

// drawRows makes rows that the model ranks somehow, in order of prediction.
func drawRows(t *rapid.T) []row {
	rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) row {
		p := rapid.Float64Range(0.001, 0.999).Draw(t, "p")
		if rapid.IntRange(0, 3).Draw(t, "ranked") > 0 {
			if rapid.Float64Range(0, 1).Draw(t, "u") < p {
				return row{p, 1}
			}
			return row{p, 0}
		}
		return row{p, int64(rapid.IntRange(0, 1).Draw(t, "y"))}
	}), 20, 120).Draw(t, "rows")
	rows[0].y, rows[1].y = 0, 1
	slices.SortFunc(rows, func(a, b row) int { return int(math.Copysign(1, a.p-b.p)) })
	return slices.CompactFunc(rows, func(a, b row) bool { return a.p == b.p && a.y == b.y })
}

func events(rows []row) (n int64) {
	for _, r := range rows {
		n += r.y
	}
	return n
}

// binned cuts ordered rows anywhere.
func binned(t *rapid.T, rows []row) []Bin {
	cuts := rapid.SliceOfN(rapid.IntRange(0, len(rows)), 0, 8).Draw(t, "cuts")
	slices.Sort(cuts)
	bins, from := []Bin{}, 0
	for _, to := range append(cuts, len(rows)) {
		b := Bin{Rows: int64(to - from)}
		for _, r := range rows[from:to] {
			b.Events, b.Expected = b.Events+r.y, b.Expected+r.p
		}
		bins, from = append(bins, b), to
	}
	return bins
}

// mixUp counts some rows in a neighbouring bin, as an institution does that
// hides a cell of one or two, and returns how many.
func mixUp(t *rapid.T, rows []row, bins []Bin) (moved int64) {
	if len(bins) < 2 {
		return 0
	}
	at := 0
	for i := range len(bins) - 1 {
		at += int(bins[i].Rows)
		if at == 0 || at >= len(rows) || !rapid.Bool().Draw(t, "move") {
			continue
		}
		from, to, r := i, i+1, rows[at-1]
		if rapid.Bool().Draw(t, "down") {
			from, to, r = i+1, i, rows[at]
		}
		if bins[from].Rows < 2 || bins[from].Events < r.y || bins[from].Rows-bins[from].Events < 1-r.y || bins[from].Expected < r.p {
			continue
		}
		bins[from].Rows, bins[to].Rows = bins[from].Rows-1, bins[to].Rows+1
		bins[from].Events, bins[to].Events = bins[from].Events-r.y, bins[to].Events+r.y
		bins[from].Expected, bins[to].Expected = bins[from].Expected-r.p, bins[to].Expected+r.p
		moved++
		if r = rows[at-1]; from == i {
			at-- // what moved is no longer there to be moved again
		} else {
			at++
		}
	}
	return moved
}

func within(f Figure, exact float64) bool {
	return f.Least <= exact+1e-9 && exact <= f.Most+1e-9 && f.Least <= f.Estimate+1e-9 && f.Estimate <= f.Most+1e-9
}

// TestExactLiesWithin: whatever the rows and wherever the cuts, precision,
// recall, threshold and net benefit of the rows themselves lie between the
// bounds that the bins give.
func TestExactLiesWithin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t)
		total := events(rows)
		if total == 0 || total == int64(len(rows)) {
			t.Skip()
		}
		bins := binned(t, rows)
		moved := int64(0)
		if rapid.Bool().Draw(t, "mixed up") {
			moved = mixUp(t, rows, bins)
		}
		e, err := Read(bins, moved)
		if err != nil {
			t.Fatal(err)
		}
		n := float64(len(rows))
		seen := rapid.IntRange(1, len(rows)).Draw(t, "seen")
		s, err := e.Capacity(float64(seen), n, "month")
		if err != nil {
			t.Fatal(err)
		}
		top := rows[len(rows)-seen:]
		found := float64(events(top))
		for what, c := range map[string]struct {
			f     Figure
			exact float64
		}{
			"precision": {s.Precision, found / float64(seen)}, "recall": {s.Recall, found / float64(total)},
			"false alarms": {s.FalseAlarms, float64(seen) - found}, "missed": {s.Missed, float64(total) - found},
			"with the outcome": {s.WithOutcome, found}, "threshold": {s.Threshold, top[0].p},
		} {
			if !within(c.f, c.exact) {
				t.Fatalf("%s %g of %d of %d lies outside %+v; bins %+v, %d moved", what, c.exact, seen, len(rows), c.f, bins, moved)
			}
		}
		k := rapid.Float64Range(1, 100).Draw(t, "missed is")
		p, err := e.Price(k)
		if err != nil {
			t.Fatal(err)
		}
		if exact := netBenefit(rows, 1/(1+k)); !within(p.Model, exact) {
			t.Fatalf("net benefit %g at %g lies outside %+v; bins %+v, %d moved", exact, p.Threshold, p.Model, bins, moved)
		}
	})
}

// netBenefit is Vickers and Elkin's definition, row by row.
func netBenefit(rows []row, threshold float64) float64 {
	sum := 0.0
	for _, r := range rows {
		switch {
		case r.p >= threshold && r.y == 1:
			sum++
		case r.p >= threshold:
			sum -= threshold / (1 - threshold)
		}
	}
	return sum / float64(len(rows))
}

// four bins of a hundred rows; the model is right on average.
func four() []Bin { return []Bin{{100, 2, 2}, {100, 8, 8}, {100, 20, 20}, {100, 60, 60}} }

func read(t *testing.T, bins []Bin, moved int64) *Evidence {
	t.Helper()
	e, err := Read(bins, moved)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-11 {
		t.Errorf("%s: %.15g, want %.15g", what, got, want)
	}
}

func TestCapacity(t *testing.T) {
	e := read(t, four(), 0)
	// 12 of 32 a month: 150 of 400 rows, 100 with 60 events and half of the 100 with 20.
	s, err := e.Capacity(12, 32, "month")
	if err != nil {
		t.Fatal(err)
	}
	near(t, "share", s.Share, 0.375)
	near(t, "precision", s.Precision.Estimate, 70./150)
	near(t, "precision, least", s.Precision.Least, 60./150) // all 20 may lie in the half not selected
	near(t, "precision, most", s.Precision.Most, 80./150)
	near(t, "recall", s.Recall.Estimate, 70./90)
	near(t, "with the outcome", s.WithOutcome.Estimate, 12*70./150)
	near(t, "false alarms, most", s.FalseAlarms.Most, 12*90./150)
	near(t, "missed", s.Missed.Estimate, 32*90./400-12*70./150)
	near(t, "threshold", s.Threshold.Estimate, 0.2)
	near(t, "threshold, least", s.Threshold.Least, 0.08)
	near(t, "threshold, most", s.Threshold.Most, 0.08+(20-8)/50.) // 50 rows cannot all be predicted more

	// A cut between bins is known exactly, whatever the order within them.
	s, _ = e.Capacity(8, 32, "month")
	if s.Precision != (Figure{0.6, 0.6, 0.6}) {
		t.Errorf("a whole bin: %+v", s.Precision)
	}
	// Rows that were counted elsewhere widen it.
	s, _ = read(t, four(), 3).Capacity(8, 32, "month")
	near(t, "least with three moved", s.Precision.Least, 0.57)
	near(t, "most with three moved", s.Precision.Most, 0.63)
	// A team larger than the need sees everybody.
	s, _ = e.Capacity(50, 32, "week")
	near(t, "all", s.Selected, 32)
	near(t, "recall of all", s.Recall.Least, 1)
	near(t, "missed of none", s.Missed.Most, 0)
}

// TestWilson: R's prop.test(events, of, correct = FALSE).
func TestWilson(t *testing.T) {
	for _, c := range []struct{ events, of, low, high float64 }{
		{60, 150, 0.325043207363, 0.479950841511}, {80, 150, 0.453662491308, 0.611339492401}, {0, 46, 0, 0.077073563086},
		{12, 70, 0.100877246405, 0.276166480321}, {590, 3449, 0.158864414213, 0.183995654208}, {7, 7, 0.645669564933, 1},
	} {
		low, high := Wilson(c.events, c.of)
		near(t, "low", low, c.low)
		near(t, "high", high, c.high)
	}
}

func TestPrice(t *testing.T) {
	e := read(t, four(), 0)
	for _, c := range []struct {
		missedIs         float64
		model, everybody float64
		best             string
	}{
		// 1/(1+19) = .05: lies between the means .02 and .08, half way: the lower 100 and half of the second are not selected.
		{19, ((60 + 20 + 8.*0.5 + 2.*0 + 4) - (40+80+92)/19.) / 400, (90 - 310/19.) / 400, CannotTell},
		{1, 0, (90. - 310) / 400, CannotTell}, // .5 lies in the highest bin
	} {
		p, err := e.Price(c.missedIs)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "threshold", p.Threshold, 1/(1+c.missedIs))
		near(t, "everybody", p.Everybody, c.everybody)
		if c.missedIs == 19 {
			near(t, "model", p.Model.Estimate, c.model)
		}
		if p.Best != c.best {
			t.Errorf("one missed is %g: %s, want %s (%+v)", c.missedIs, p.Best, c.best, p)
		}
	}
	// Many rows in many bins tell, but not what lies within the lowest.
	many := []Bin{}
	for i := range 20 {
		share := 0.01 * math.Pow(1.25, float64(i))
		many = append(many, Bin{10000, int64(10000 * share), 10000 * share})
	}
	e = read(t, many, 0)
	for missedIs, best := range map[float64]string{2: Model, 8: Model, 500: CannotTell} {
		p, err := e.Price(missedIs)
		if err != nil || p.Best != best {
			t.Errorf("one missed is %g: %s, want %s (%+v)", missedIs, p.Best, best, p)
		}
	}
	// A ranking the wrong way round is worth less than nobody, or everybody.
	slices.Reverse(many)
	for i := range many { // predictions rise all the same
		many[i].Expected = 10000 * 0.01 * math.Pow(1.25, float64(i))
	}
	e = read(t, many, 0)
	for missedIs, best := range map[float64]string{1: Nobody, 40: Everybody} {
		if p, err := e.Price(missedIs); err != nil || p.Best != best {
			t.Errorf("the wrong way round, one missed is %g: %s, want %s (%+v)", missedIs, p.Best, best, p)
		}
	}
}
