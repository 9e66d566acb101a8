package node

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// rubbish lets an institution sign boxes that no holder can open, and upload
// exactly those; spoilt lets other bytes arrive than it signed.
func (w *town) rubbish(name string, spoilt bool) {
	w.says(func(f *audittest.Federation) {
		at := f.At("a")
		u := f.UpdateBody(at, name)
		boxes := bytes.Repeat([]byte{1, 2, 3, 5}, int(u.Boxes.Size)/4)
		u.Boxes.Digest = crypto.DigestOf(boxes)
		for i := range u.BoxDigests {
			u.BoxDigests[i] = crypto.DigestOf(boxes[i*crypto.BoxSize : (i+1)*crypto.BoxSize])
		}
		f.Say(f.Nodes[name], audittest.In(at), u)
		if spoilt {
			boxes = make([]byte, len(boxes))
		}
		w.blobs[u.Boxes.Digest] = boxes
	})
}

// TestWrongSharesAreNamed: a contributor that seals rubbish stops the attempt,
// is named by everybody, and is left out of the next one, which then finds its
// votes. With the defence off nobody names it and it has its seat again. When
// the way here spoils the box, nobody is blamed.
func TestWrongSharesAreNamed(t *testing.T) {
	for _, c := range []struct {
		what   string
		spoilt bool
		off    []string
		code   string // at each holder
		reason string
		cannot []int
		seats  int // of the next attempt
	}{
		{"rubbish", false, nil, codeWrongShare, "cannot_accept", []int{4}, 3},
		{"rubbish, rule off", false, []string{codeWrongShare}, codeWrongShare, "no_certificate", []int{}, 4},
		{"spoilt on its way", true, nil, "SS3103", "no_certificate", []int{}, 4},
	} {
		t.Run(c.what, func(t *testing.T) {
			w := newTown(t, 4, map[string]string{"a": studyText("a", "iq_verbal")})
			var nodes []*resident
			for _, name := range boards(1, 2, 3) {
				cfg := w.configOf(name, t.TempDir(), pupils(t, 40))
				cfg.Policy = Policy{}.Off(c.off...)
				nodes = append(nodes, w.open(cfg).run())
			}
			attempt := func(number int, others ...string) {
				for i, r := range nodes {
					if i > 0 {
						others = nil
					}
					w.ready(r, "a", others...)
				}
				w.says(func(f *audittest.Federation) { f.Open("a") })
				w.until("the nodes gave their numbers", func(st *audit.State) bool { return len(st.Attempt("a", 1, number).Updates) == 3 })
			}
			attempt(1, "board04")
			w.rubbish("board04", c.spoilt)
			w.says(func(f *audittest.Federation) { f.Set("a") })
			for _, r := range nodes {
				w.until(r.cfg.Name+" saw that it cannot vote", func(*audit.State) bool { return r.refusedBy(c.code) })
			}
			w.later(11*time.Minute, nodes...)
			w.until("the attempt is closed", func(st *audit.State) bool { return st.Attempt("a", 1, 1).Closed() })
			w.says(func(f *audittest.Federation) {
				for name, a := range f.State.Attempt("a", 1, 1).Aborts {
					if b := a.Body.(*audit.Abort); b.Reason != c.reason || !slices.Equal(b.Cannot, c.cannot) {
						t.Errorf("%s gave up because of %s and names %v, want %s, %v", name, b.Reason, b.Cannot, c.reason, c.cannot)
					}
				}
				if b := f.OpenBody("a"); len(b.Seats) != c.seats {
					t.Errorf("the next attempt has the seats %+v, want %d", b.Seats, c.seats)
				}
			})
			if c.seats == 4 || t.Failed() {
				return
			}
			w.later(5*time.Minute, nodes...) // a node pauses after it gave up
			attempt(2)
			w.says(func(f *audittest.Federation) { f.Set("a") })
			w.until("the next attempt has its certificate", func(st *audit.State) bool { return st.Attempt("a", 1, 2).Certified() })
		})
	}
}
