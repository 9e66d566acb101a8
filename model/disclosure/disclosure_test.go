package disclosure

import (
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestMergingLosesNothing: what is merged adds up to what there was, but for
// one or two rows that would stand alone.
func TestMergingLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.Int64Range(0, 6), 1, 12).Draw(t, "counts")
		merged := func(to []int) (out []int64, left int64) {
			out = make([]int64, len(counts))
			for i, n := range counts {
				if to[i] < 0 {
					left += n
				} else {
					out[to[i]] += n
				}
			}
			for i, n := range out {
				if n == 1 || n == 2 {
					t.Fatalf("%v becomes %v: cell %d is small", counts, out, i)
				}
			}
			return out, left
		}
		if _, left := merged(Settle(counts, Smallest)); left > 2 {
			t.Fatalf("%v: %d rows are left out", counts, left)
		}
		if n := Total(counts); n == 1 || n == 2 {
			return
		}
		to := Neighbours(counts, Smallest)
		out, left := merged(to)
		if left != 0 {
			t.Fatalf("%v: %d rows are in no bin", counts, left)
		}
		bound := Moved(counts, to)
		var was, is int64
		for i := range counts {
			was, is = was+counts[i], is+out[i]
			if was-is > bound || is-was > bound {
				t.Fatalf("%v becomes %v: below edge %d %d, now %d, said to differ by at most %d", counts, out, i+1, was, is, bound)
			}
		}
	})
}

// TestCellRules: of counts of any size, each rule leaves no one or two, keeps
// the total, and moves no more than it says.
func TestCellRules(t *testing.T) {
	ok := func(n int64) bool { return n == 0 || n >= 3 }
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.Int64Range(0, 9), 1, 20).Draw(t, "counts")
		total := int64(0)
		for _, n := range counts {
			total += n
		}
		out, crossed := Apart(counts)
		after, so, moves := int64(0), int64(0), int64(0)
		for i, n := range out {
			if !ok(n) {
				t.Fatalf("%v became %v", counts, out)
			}
			after += n
			so += n - counts[i]
			moves += max(so, -so)
		}
		switch {
		case total < 3:
			if after != 0 {
				t.Fatalf("%v became %v", counts, out)
			}
			return
		case after != total || crossed != moves:
			t.Fatalf("%v became %v, %d crossed, said %d", counts, out, moves, crossed)
		case !slices.ContainsFunc(counts, func(n int64) bool { return !ok(n) }) && crossed != 0:
			t.Fatalf("%v needed no move", counts)
		}
		levels := slices.Clone(counts)
		SettleLevels(levels)
		after = 0
		for _, n := range levels {
			if !ok(n) {
				t.Fatalf("%v became %v", counts, levels)
			}
			after += n
		}
		if after != total {
			t.Fatalf("%v became %v", counts, levels)
		}
		for _, all := range levels {
			n := rapid.Int64Range(0, 11).Draw(t, "selected")
			told := Nearest(n, all)
			if told < 0 || told > all || !ok(told) || !ok(all-told) || n <= all && max(told-n, n-told) > 2 {
				t.Fatalf("%d of %d told as %d", n, all, told)
			}
		}
	})
}

// TestRead: what can be no opened count is refused, and Proper holds the counts
// of a state to the same.
func TestRead(t *testing.T) {
	tooMany := new(big.Int).Lsh(big.NewInt(1), MaxCountBits+1)
	for _, v := range []*big.Int{big.NewInt(-1), big.NewInt(1), big.NewInt(2), tooMany} {
		if _, ok := Read([]*big.Int{big.NewInt(3), v}); ok {
			t.Errorf("%v was read as a count", v)
		}
		if v.IsInt64() && Proper([]int64{3, v.Int64()}, 2) {
			t.Errorf("%v is taken for a count of a state", v)
		}
	}
	counts, ok := Read([]*big.Int{big.NewInt(0), big.NewInt(3), big.NewInt(40)})
	if !ok || !slices.Equal(counts, []int64{0, 3, 40}) || Total(counts) != 43 || !Proper(counts, 3) || Proper(counts, 2) {
		t.Errorf("read %v, %v", counts, ok)
	}
}
