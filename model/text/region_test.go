package text

import (
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/examples/region"
)

// ofRegion are notes of the made-up region with their truth.
func ofRegion(seed uint64, n int, unseen bool) (all []planted) {
	for _, note := range region.Notes(seed, n, unseen) {
		p := planted{note: note.Text}
		for _, s := range note.Spans {
			p.hidden = append(p.hidden, s.Text)
		}
		for _, term := range note.Terms {
			for _, w := range Tokens(term.Text) {
				switch {
				case stop(w) || triggers(w):
				case term.Negated:
					p.denied = append(p.denied, w)
				default:
					p.said = append(p.said, w)
				}
			}
		}
		// A word that stands there both ways has no one truth.
		both := slices.DeleteFunc(slices.Clone(p.said), func(w string) bool { return !slices.Contains(p.denied, w) })
		drop := func(w string) bool { return slices.Contains(both, w) }
		p.said, p.denied = slices.DeleteFunc(p.said, drop), slices.DeleteFunc(p.denied, drop)
		all = append(all, p)
	}
	return all
}

// TestRegion measures on notes that somebody else wrote: of the templates in the
// region's files every name and number goes, of the others 99 in 100.
func TestRegion(t *testing.T) {
	small := harmless
	harmless = nil // here a "van der" must be gone too
	t.Cleanup(func() { harmless = small })
	for _, c := range []struct {
		unseen bool
		least  float64
	}{{false, 1}, {true, 0.99}} {
		gone, polarity, wrong := measure(ofRegion(1, 4000, c.unseen))
		t.Logf("unseen %v: taken out %v, read right %v", c.unseen, gone, polarity)
		if gone.all < 1000 || polarity.all < 1000 || gone.share() < c.least || polarity.share() < 0.95 {
			t.Errorf("unseen %v: taken out %v, read right %v:\n%s", c.unseen, gone, polarity, strings.Join(wrong, "\n"))
		}
	}
}
