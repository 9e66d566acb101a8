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

// opens lets the coordinator sign an open, whatever becomes of it, then a set
// of these points in it, and the colluders vote for that.
func (g *gate) opens(w *town, number int, b *audit.Open, points ...int) {
	var at *audit.Attempt
	w.says(func(f *audittest.Federation) {
		m, _ := f.Append(f.Leaf(f.Coordinator, audit.Header{Study: "a", Round: 1, Attempt: number}, b))
		at = &audit.Attempt{Study: "a", Round: 1, Number: number, ID: m.Hash, Open: m}
	})
	time.Sleep(4 * time.Second)
	for _, name := range g.colluders { // what their nodes had to give, they gave
		if r := g.nodes[name]; r != nil {
			g.halt(name)
			delete(g.nodes, name)
		}
	}
	w.says(func(f *audittest.Federation) {
		for _, seat := range b.Seats {
			for _, m := range readys(f) {
				if m.Hash == seat.Ready && slices.Contains(g.colluders, m.Signer) {
					f.Nodes[m.Signer].Boot = m.Boot
				}
			}
		}
	})
	g.wants(w, claimOf(at, points...))
}

// readys are all the offers in a history.
func readys(f *audittest.Federation) (list []*audit.Statement) {
	for _, leaf := range f.Leaves {
		if m, err := audit.Parse(leaf); err == nil && m.Type == audit.TypeReady {
			list = append(list, m)
		}
	}
	return list
}

// leaveOut takes an institution off the roster, as if it had never approved.
func leaveOut(b *audit.Open, point int, thresholds bool) {
	b.Roster = slices.Delete(slices.Clone(b.Roster), point-1, point)
	b.Seats = slices.DeleteFunc(b.Seats, func(s audit.OpenSeat) bool { return s.Point == point })
	for i := range b.Seats {
		b.Seats[i].Point = i + 1
	}
	if thresholds {
		if th, err := crypto.ThresholdsFor(len(b.Roster), 0, 3, false); err == nil {
			b.T, b.C, b.MinInstitutions = th.T, th.C, th.MinInstitutions
		}
	}
}

// openAttacks are those on how an attempt begins, and on those after it.
func openAttacks() (list []attack) {
	crafted := func(kind, name string, points []int, change func(*gate, *audit.Open)) {
		list = append(list, attack{kind: kind, name: name, stage: "the readys", begin: (*gate).offered, run: func(g *gate) {
			var b *audit.Open
			g.says(func(f *audittest.Federation) { b = f.OpenBody("a") })
			b.Seats = slices.Clone(b.Seats)
			change(g, b)
			g.opens(g.town, 1, b, points...)
		}})
	}
	for point := range 4 {
		crafted("smaller roster", fmt.Sprintf("without point %d, thresholds of three", point+1), []int{1, 2, 3}, func(_ *gate, b *audit.Open) { leaveOut(b, point+1, true) })
		rest := slices.DeleteFunc([]int{1, 2, 3, 4}, func(p int) bool { return p == point+1 })
		crafted("smaller roster", fmt.Sprintf("no seat for point %d", point+1), rest, func(_ *gate, b *audit.Open) {
			b.Seats = slices.DeleteFunc(b.Seats, func(s audit.OpenSeat) bool { return s.Point == point+1 })
		})
	}
	crafted("smaller roster", "without point 3, thresholds of four", []int{1, 2, 3}, func(_ *gate, b *audit.Open) { leaveOut(b, 3, false) })
	for name, change := range map[string]func(*audit.Open){
		"two releases do":            func(b *audit.Open) { b.T = 2 },
		"one release does":           func(b *audit.Open) { b.T = 1 },
		"nobody colludes":            func(b *audit.Open) { b.C = 0 },
		"two institutions do":        func(b *audit.Open) { b.MinInstitutions = 2 },
		"nobody colludes and two do": func(b *audit.Open) { b.C, b.T, b.MinInstitutions = 0, 2, 2 },
	} {
		crafted("other thresholds", name, []int{1, 2, 3, 4}, func(_ *gate, b *audit.Open) { change(b) })
	}
	list = append(list, onItsOwn("other thresholds", "four of six where the study asks for five", setup{n: 6, least: 5}, func(g *gate) {
		g.offered()
		var b *audit.Open
		g.says(func(f *audittest.Federation) { b = f.OpenBody("a") })
		b.MinInstitutions = 4
		g.opens(g.town, 1, b, 1, 2, 3, 6)
	}))
	for name, change := range map[string]func(*audit.Open){
		"another state": func(b *audit.Open) { b.State = audittest.Digest("another state") },
		"a number more": func(b *audit.Open) {
			b.Shape.Tensors = append(slices.Clone(b.Shape.Tensors), crypto.Tensor{Name: "more", Len: 1, Bits: 60})
		},
		"a number less":       func(b *audit.Open) { b.Shape.Tensors = slices.Clone(b.Shape.Tensors)[1:] },
		"wider numbers":       func(b *audit.Open) { b.Shape.Tensors = slices.Clone(b.Shape.Tensors); b.Shape.Tensors[0].Bits++ },
		"another ready":       func(b *audit.Open) { b.Seats[0].Ready = audittest.Digest("another ready") },
		"somebody's ready":    func(b *audit.Open) { b.Seats[0].Ready = b.Seats[3].Ready },
		"the readys turned":   func(b *audit.Open) { b.Seats[0].Ready, b.Seats[1].Ready = b.Seats[1].Ready, b.Seats[0].Ready },
		"nobody's ready":      func(b *audit.Open) { b.Seats[3].Ready = crypto.Digest{} },
		"a repeat of nothing": func(b *audit.Open) { b.Repeat = []int{1, 2, 3} },
	} {
		kind := "other model state"
		if strings.Contains(name, "ready") || strings.Contains(name, "repeat") {
			kind = "open on other readys"
		}
		crafted(kind, name, []int{1, 2, 3, 4}, func(_ *gate, b *audit.Open) { change(b) })
	}
	list = append(list, secondOpens()...)
	list = append(list, afterAborts()...)
	return append(list, repeats()...)
}

// secondOpens: another open while the first attempt is not closed.
func secondOpens() (list []attack) {
	for name, number := range map[string]int{"the same attempt again": 1, "the next attempt": 2} {
		for stage, until := range map[string]func(*gate){
			"in one page":     func(g *gate) { g.offered(); g.says(func(f *audittest.Federation) { f.Open("a") }) },
			"after uploads":   func(g *gate) { g.uploaded() },
			"after two votes": func(g *gate) { g.voted(boards(1, 2)...) },
		} {
			list = append(list, attack{kind: "two opens on one ready", name: name + " " + stage, stage: "one open " + stage, begin: until, run: func(g *gate) {
				at := g.first()
				b := *at.Open.Body.(*audit.Open)
				b.Seats = slices.Clone(b.Seats[:3])
				g.opens(g.town, number, &b, 1, 2, 3)
			}})
		}
	}
	for _, aborts := range [][]string{{}, boards(4), boards(1, 4), boards(2, 4)} {
		for _, votes := range []bool{false, true} {
			list = append(list, onItsOwn("restarted without t aborts", fmt.Sprintf("aborts of %v, votes %v", aborts, votes), setup{}, func(g *gate) {
				g.feels(refuse, audit.TypeAbort, g.honest...)
				g.feels("", audit.TypeAbort, aborts...)
				if votes {
					g.feels(refuse, audit.TypeVote, g.honest...)
					g.voted()
				} else {
					g.uploaded()
				}
				g.pass(11 * time.Minute)
				time.Sleep(2 * time.Second)
				at := g.first()
				b := *at.Open.Body.(*audit.Open)
				b.Seats = slices.Clone(b.Seats)
				g.says(func(f *audittest.Federation) {
					if slices.Contains(aborts, g.colluders[0]) {
						f.Append(f.Leaf(g.colluder(f), audittest.In(at), audittest.AbortBody(at)))
					}
					f.Append(f.Leaf(g.colluder(f), f.Next("a"), &audit.Ready{State: b.State, Shape: b.Shape, Key: f.Key()}))
				})
				var offers []*audit.Statement
				g.says(func(f *audittest.Federation) { offers = readys(f) })
				for i := range b.Seats { // the newest offers, where there are any
					for _, m := range offers {
						if m.Attempt == 2 && m.Signer == b.Roster[b.Seats[i].Point-1] {
							b.Seats[i].Ready = m.Hash
						}
					}
				}
				g.opens(g.town, 2, &b, 1, 2, 4)
			}))
		}
	}
	return list
}

// closed brings the first attempt to t aborts while one honest node's vote is
// still on its way.
func (g *gate) closed(logged ...string) *audit.Attempt {
	at := g.voted(logged...)
	g.pass(11 * time.Minute)
	g.until("two gave up", func(st *audit.State) bool { return len(st.Attempt("a", 1, 1).Aborts) == 2 })
	g.says(func(f *audittest.Federation) { f.Abort("a", g.colluders...) })
	return at
}

// third is the honest institution that is not in a pair.
func (g *gate) third(pair []string) string {
	return slices.DeleteFunc(slices.Clone(g.honest), func(n string) bool { return slices.Contains(pair, n) })[0]
}

// leafOf is the vote that an institution signed in an attempt, logged or not.
func (g *gate) leafOf(name string, attempt crypto.Digest) []byte {
	g.watch.Lock()
	defer g.watch.Unlock()
	for _, c := range g.cast {
		if c.name == name && c.vote.Open == attempt {
			return c.leaf
		}
	}
	return nil
}

// afterAborts: what was closed by t aborts is asked for later, or its votes are
// shown in the next attempt.
func afterAborts() (list []attack) {
	for _, logged := range pairs {
		later := map[string]func(*gate, *audittest.Federation, *audit.Attempt){
			"the colluder votes": func(g *gate, f *audittest.Federation, at *audit.Attempt) {
				f.Append(f.Leaf(g.colluder(f), audittest.In(at), audittest.VoteBody(at)))
			},
			"the vote on its way comes": func(g *gate, f *audittest.Federation, at *audit.Attempt) {
				f.Append(g.leafOf(g.third(logged), at.ID))
			},
			"the set comes again": func(_ *gate, f *audittest.Federation, at *audit.Attempt) { claimOf(at, 1, 2, 3, 4).states(f) },
			"a smaller set comes": func(_ *gate, f *audittest.Federation, at *audit.Attempt) { claimOf(at, 1, 2, 3).states(f) },
		}
		for name, craft := range later {
			list = append(list, attack{
				kind: "closed attempt opened later", name: name + " after " + strings.Join(logged, " "),
				stage: "the aborts of " + strings.Join(logged, " ") + " and the colluder",
				begin: func(g *gate) { g.closed(logged...) },
				run: func(g *gate) {
					at := g.first()
					g.says(func(f *audittest.Federation) { craft(g, f, at) })
				},
			})
		}
		list = append(list, onItsOwn("certificate of another attempt", "the votes of "+strings.Join(logged, " "), setup{}, func(g *gate) {
			first := g.closed(logged...)
			g.again(first)
			g.fixed(g.town, g.honest, g.third(logged))
			g.says(func(f *audittest.Federation) {
				for _, name := range g.honest {
					f.Append(g.leafOf(name, first.ID))
				}
			})
			g.colludes(g.town)
		}))
	}
	return list
}

// again runs the next attempt of the round up to its set.
func (g *gate) again(first *audit.Attempt) {
	g.feels(refuse, audit.TypeVote, g.honest...)
	time.Sleep(11 * time.Second) // a vote on its way is sent again, and refused
	g.pass(6 * time.Minute)      // a node pauses after it gave up
	g.feels(hold, audit.TypeVote, g.honest...)
	g.renew()
	g.says(func(f *audittest.Federation) { f.Open("a") })
	g.until("everybody gave numbers again", func(st *audit.State) bool { return len(st.Attempt("a", 1, first.Number+1).Updates) == len(g.nodes) })
	g.corrupt()
	g.feels("", audit.TypeVote, g.honest...)
}

// renew runs the colluders' nodes again, until everybody is ready.
func (g *gate) renew() {
	for _, name := range g.colluders {
		g.start(name, g.dirs[name], g.town).run()
	}
	for _, r := range g.nodes {
		g.ready(r, "a")
	}
}

// repeats: an attempt with a set was not closed, so only that set may be asked
// for again.
func repeats() (list []attack) {
	for name, c := range map[string]struct {
		change func(*audit.Open)
		points []int
	}{
		"a smaller set in the lawful open":  {func(*audit.Open) {}, []int{1, 2, 3}},
		"another one in the lawful open":    {func(*audit.Open) {}, []int{1, 2, 4}},
		"an open that repeats nothing":      {func(b *audit.Open) { b.Repeat = nil }, []int{1, 2, 3, 4}},
		"an open that repeats another set":  {func(b *audit.Open) { b.Repeat = []int{1, 2, 3} }, []int{1, 2, 3}},
		"an open without a seat for one":    {func(b *audit.Open) { b.Seats = b.Seats[:3] }, []int{1, 2, 3}},
		"an open that has forgotten it all": {func(b *audit.Open) { b.Seats, b.Repeat = b.Seats[:3], nil }, []int{1, 2, 3}},
		"an open for another model state":   {func(b *audit.Open) { b.State = audittest.Digest("another state") }, []int{1, 2, 3, 4}},
	} {
		list = append(list, onItsOwn("repeat with another set", name, setup{}, func(g *gate) {
			g.feels(refuse, audit.TypeVote, g.honest...)
			g.feels(refuse, audit.TypeAbort, g.honest...)
			g.voted()
			g.pass(11 * time.Minute)
			time.Sleep(time.Second)
			g.feels("", audit.TypeVote, g.honest...)
			g.renew()
			var b *audit.Open
			g.says(func(f *audittest.Federation) { b = f.OpenBody("a") })
			c.change(b)
			g.opens(g.town, 2, b, c.points...)
		}))
	}
	return list
}
