package node

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// claim is what the coordinator says is the sum, whatever the log says.
type claim struct {
	header audit.Header
	open   crypto.Digest
	points []int
	absent []audit.Absence
	root   crypto.Digest
}

// claimOf is a set in an attempt, its absences explained as a lawful one's.
func claimOf(at *audit.Attempt, points ...int) claim {
	c := claim{audittest.In(at), at.ID, append([]int{}, points...), []audit.Absence{}, audittest.Digest("claimed root")}
	for _, seat := range at.Open.Body.(*audit.Open).Seats {
		if !slices.Contains(points, seat.Point) {
			c.absent = append(c.absent, audit.Absence{Point: seat.Point, Reason: "no_update"})
		}
	}
	return c
}

// states lets the coordinator sign the claim as a set.
func (c claim) states(f *audittest.Federation) {
	f.Append(f.Leaf(f.Coordinator, c.header, &audit.Set{Open: c.open, Points: c.points, Absent: c.absent, Root: c.root}))
}

// wants lets the coordinator sign the claim as a set, and when the nodes had
// time to follow, lets the colluders vote for it.
func (g *gate) wants(w *town, c claim) {
	w.says(c.states)
	time.Sleep(2 * time.Second)
	w.says(func(f *audittest.Federation) {
		for _, name := range g.colluders {
			f.Append(f.Leaf(f.Nodes[name], c.header, &audit.Vote{Open: c.open, Points: c.points, Root: c.root}))
		}
	})
}

// setAttacks are those on what is summed in an attempt.
func setAttacks() (list []attack) {
	for _, points := range [][]int{{1, 2, 3}, {1, 2, 4}, {1, 3, 4}, {2, 3, 4}, {1, 2}, {2, 4}, {3, 4}, {1}, {4}, {}} {
		kind := "subset"
		if len(points) == 3 {
			kind = "other set than voted"
		}
		for _, logged := range [][]string{{}, boards(1, 2)} {
			list = append(list, afterVotes(kind, fmt.Sprint(points), logged, func(g *gate) {
				g.wants(g.town, claimOf(g.first(), points...))
			}))
		}
	}
	for _, logged := range pairs {
		list = append(list, afterVotes("other root", "a second set over the same", logged, func(g *gate) {
			g.wants(g.town, claimOf(g.first(), 1, 2, 3, 4))
		}))
	}
	for name, change := range map[string]func(*claim){
		"without board01": func(c *claim) { c.points, c.absent = []int{2, 3, 4}, []audit.Absence{{Point: 1, Reason: "no_update"}} },
		"without board03": func(c *claim) { c.points, c.absent = []int{1, 2, 4}, []audit.Absence{{Point: 3, Reason: "no_update"}} },
		"without board04": func(c *claim) { c.points, c.absent = []int{1, 2, 3}, []audit.Absence{{Point: 4, Reason: "no_update"}} },
		"as if withdrawn": func(c *claim) { c.points, c.absent = []int{1, 2, 4}, []audit.Absence{{Point: 3, Reason: "withdrawn"}} },
		"as if proved": func(c *claim) {
			c.points, c.absent = []int{1, 2, 4}, []audit.Absence{{Point: 3, Reason: "proved_wrong"}}
		},
		"silently without":  func(c *claim) { c.points = []int{1, 2, 4} },
		"two of them":       func(c *claim) { c.points = []int{1, 4} },
		"one of them":       func(c *claim) { c.points = []int{1} },
		"nobody":            func(c *claim) { c.points = []int{} },
		"a stranger more":   func(c *claim) { c.points = []int{1, 2, 3, 4, 5} },
		"one twice":         func(c *claim) { c.points = []int{1, 2, 3, 3, 4} },
		"in another order":  func(c *claim) { c.points = []int{2, 1, 3, 4} },
		"absent and there":  func(c *claim) { c.absent = []audit.Absence{{Point: 4, Reason: "no_update"}} },
		"a sum of nothing":  func(c *claim) { c.root = crypto.Digest{} },
		"another open":      func(c *claim) { c.open = audittest.Digest("another open") },
		"the next attempt":  func(c *claim) { c.header.Attempt++ },
		"the next round":    func(c *claim) { c.header.Round++ },
		"a negative number": func(c *claim) { c.points = []int{-1, 1, 2, 3} },
	} {
		list = append(list, afterUploads("set that the log does not allow", name, func(g *gate) {
			c := claimOf(g.first(), 1, 2, 3, 4)
			change(&c)
			g.wants(g.town, c)
		}))
	}
	list = append(list, supersets()...)
	list = append(list, wrongBoxes()...)
	list = append(list, early()...)
	return append(list, withdrawals()...)
}

// afterUploads is a request when everybody gave numbers and there is no set.
func afterUploads(kind, name string, run func(*gate)) attack {
	return attack{kind: kind, name: name, stage: "the uploads", begin: func(g *gate) { g.uploaded() }, run: run, opens: func(g *gate) {
		g.fixed(g.town, g.honest, g.honest...)
	}}
}

// supersets: the colluder has a seat and gives nothing.
func supersets() (list []attack) {
	for name, points := range map[string][]int{"with who gave nothing": {1, 2, 3, 4}, "not waiting for it": {1, 2, 3}, "it instead of another": {1, 2, 4}, "it instead of two": {3, 4}} {
		list = append(list, onItsOwn("superset", name, setup{idle: true}, func(g *gate) {
			g.wants(g.town, claimOf(g.uploaded(), points...))
		}))
	}
	for name, votes := range map[string]bool{"while nothing of it is there, with its vote": true, "while nothing of it is there": false} {
		list = append(list, onItsOwn("superset", name, setup{idle: true}, func(g *gate) {
			at := g.uploaded()
			g.says(func(f *audittest.Federation) { // an update that names bytes which are nowhere
				f.Append(f.Leaf(g.colluder(f), audittest.In(at), f.UpdateBody(at, g.colluders[0])))
				f.Append(f.Leaf(f.Coordinator, audittest.In(at), f.SetBody("a")))
			})
			if votes {
				g.colludes(g.town)
			}
		}))
	}
	return list
}

// wrongBoxes: what the colluder sealed holds no shares, or comes spoilt.
func wrongBoxes() (list []attack) {
	for _, spoilt := range []bool{false, true} {
		list = append(list, onItsOwn("wrong box", fmt.Sprintf("rubbish for everybody, spoilt %v", spoilt), setup{idle: true}, func(g *gate) {
			g.uploaded()
			g.rubbish(g.colluders[0], spoilt)
			g.says(func(f *audittest.Federation) { f.Set("a") })
			time.Sleep(2 * time.Second)
			g.colludes(g.town)
		}))
	}
	for _, victim := range boards(1, 2, 3) {
		list = append(list, onItsOwn("wrong box", "spoilt for "+victim, setup{}, func(g *gate) {
			g.uploaded()
			g.spies[victim].spoil.Store(true)
			g.fixed(g.town, g.others(victim), g.others(victim)[0])
			g.colludes(g.town)
		}))
	}
	return list
}

// others are the honest institutions but one.
func (g *gate) others(victim string) []string {
	return slices.DeleteFunc(slices.Clone(g.honest), func(n string) bool { return n == victim })
}

// early: votes before there is a set, results before there are releases.
func early() (list []attack) {
	for name, also := range map[string]func(*gate, *audittest.Federation, *audit.Attempt){
		"a release": func(g *gate, f *audittest.Federation, at *audit.Attempt) {
			f.Append(f.Leaf(g.colluder(f), audittest.In(at), audittest.ReleaseBody(at, g.colluders[0])))
		},
		"a result": func(_ *gate, f *audittest.Federation, at *audit.Attempt) {
			f.Append(f.Leaf(f.Coordinator, audittest.In(at), &audit.Result{Open: at.ID, Valid: true, Used: []int{1, 2, 3}, Sums: audittest.Digest("sums")}))
		},
		"votes in every name": func(g *gate, f *audittest.Federation, at *audit.Attempt) {
			for _, name := range g.everybody {
				s := audittest.NewSigner(name, "forged")
				h := f.State.Next(name, at.Readys[name].Boot, audittest.In(at))
				h.Time = f.Clock.UTC().Format(time.RFC3339)
				leaf, err := audit.Sign(h, &audit.Vote{Open: at.ID, Points: []int{1, 2, 3, 4}, Root: audittest.Digest("root", at.ID)}, s)
				if err != nil {
					f.T.Fatal(err)
				}
				f.Append(leaf)
			}
		},
	} {
		list = append(list, afterUploads("asked before the set", name, func(g *gate) {
			at := g.first()
			g.says(func(f *audittest.Federation) { also(g, f, at) })
		}))
		for _, logged := range pairs[:1] {
			list = append(list, onItsOwn("asked before the set", name+", and the colluder's vote, then the votes of "+strings.Join(logged, " "), setup{}, func(g *gate) {
				at := g.uploaded()
				g.says(func(f *audittest.Federation) {
					root := audittest.Digest("root", at.ID)
					f.Append(f.Leaf(g.colluder(f), audittest.In(at), &audit.Vote{Open: at.ID, Points: []int{1, 2, 3, 4}, Root: root}))
					also(g, f, at)
				})
				g.fixed(g.town, g.honest, logged...)
			}))
		}
	}
	for name, body := range map[string]audit.Result{
		"valid":                 {Valid: true, Used: []int{1, 2, 4}, Sums: audittest.Digest("sums")},
		"valid over nothing":    {Valid: true, Sums: audittest.Digest("sums")},
		"not valid: the canary": {Reason: "canary", Wrong: []int{4}},
		"not valid: the range":  {Reason: "range"},
	} {
		for _, logged := range pairs {
			list = append(list, afterVotes("result before releases", name, logged, func(g *gate) {
				at := g.first()
				g.says(func(f *audittest.Federation) {
					b := body
					b.Open = at.ID
					f.Append(f.Leaf(f.Coordinator, audittest.In(at), &b))
				})
			}))
		}
	}
	return list
}

// withdrawals: an institution withdraws, or its approval ends, before the
// certificate.
func withdrawals() (list []attack) {
	for _, who := range boards(1, 3, 4) {
		list = append(list,
			onItsOwn("withdrawn", who+" before the set, which has it", setup{}, func(g *gate) {
				at := g.uploaded()
				g.says(func(f *audittest.Federation) { f.Decide("a", who, "withdraw") })
				g.wants(g.town, claimOf(at, 1, 2, 3, 4))
			}),
			onItsOwn("withdrawn", who+" before the open, which has it", setup{}, func(g *gate) {
				g.offered()
				var b *audit.Open
				g.says(func(f *audittest.Federation) {
					b = f.OpenBody("a")
					f.Decide("a", who, "withdraw")
				})
				g.opens(g.town, 1, b, 1, 2, 3, 4)
			}))
		for _, logged := range pairs[:1] {
			list = append(list, onItsOwn("withdrawn", who+" after the votes of "+strings.Join(logged, " "), setup{}, func(g *gate) {
				g.voted(logged...)
				g.says(func(f *audittest.Federation) { f.Decide("a", who, "withdraw") })
				g.colludes(g.town)
			}))
		}
	}
	list = append(list, onItsOwn("approval expired", "before the open", setup{}, func(g *gate) {
		g.offered()
		g.pass(400 * 24 * time.Hour)
		var b *audit.Open
		g.says(func(f *audittest.Federation) { b = f.OpenBody("a") })
		g.opens(g.town, 1, b, 1, 2, 3, 4)
	}))
	return append(list, onItsOwn("approval expired", "before the set", setup{}, func(g *gate) {
		at := g.uploaded()
		g.pass(400 * 24 * time.Hour)
		g.wants(g.town, claimOf(at, 1, 2, 4))
	}))
}
