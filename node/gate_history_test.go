package node

import (
	"slices"
	"strings"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// differs makes the set that a second history prescribes another one, or one
// with another root. It comes after the upload.
var differs = map[string]func(*gate, *audittest.Federation){
	"other set":  func(g *gate, f *audittest.Federation) { f.Decide("a", g.colluders[0], "withdraw") },
	"other root": func(g *gate, f *audittest.Federation) {},
}

// second fixes in a history a set, or a root, that the first one does not have,
// and lets the colluders vote for it.
func (g *gate) second(w *town, how string) {
	w.says(func(f *audittest.Federation) {
		differs[how](g, f)
		b := f.SetBody("a")
		b.Root = audittest.Digest("the second root")
		f.Append(f.Leaf(f.Coordinator, audittest.In(f.At("a")), b))
	})
	time.Sleep(2 * time.Second)
	g.colludes(w)
}

// carryOver puts every vote that was signed into every history.
func (g *gate) carryOver() {
	g.watch.Lock()
	votes := slices.Clone(g.cast)
	g.watch.Unlock()
	for _, w := range g.histories {
		w.says(func(f *audittest.Federation) {
			for _, v := range votes {
				if !slices.ContainsFunc(f.Leaves, func(l []byte) bool { return string(l) == string(v.leaf) }) {
					f.Append(v.leaf)
				}
			}
		})
	}
}

// historyAttacks show different logs to different nodes, or to one node at
// different times.
func historyAttacks() (list []attack) {
	for _, side := range [][]string{boards(1), boards(2), boards(3), boards(1, 2), boards(1, 3), boards(2, 3)} {
		for how := range differs {
			list = append(list, onItsOwn("fork", "at the set: "+how+" for "+strings.Join(side, " "), setup{}, func(g *gate) {
				at := g.uploaded()
				other := g.fork(g, g.size())
				for _, name := range side {
					g.spies[name].show(other)
				}
				g.second(other, how)
				g.says(func(f *audittest.Federation) { f.Set("a") })
				g.votes(g.town, at, g.honest)
				g.colludes(g.town)
				g.carryOver()
			}))
		}
	}
	for _, victim := range boards(1, 2, 3) {
		list = append(list,
			onItsOwn("fork", "at the open: another one for "+victim, setup{}, func(g *gate) {
				g.offered()
				other := g.fork(g, g.size())
				g.spies[victim].show(other)
				other.says(func(f *audittest.Federation) { f.Decide("a", g.colluders[0], "withdraw"); f.Open("a") })
				g.says(func(f *audittest.Federation) { f.Open("a") })
				time.Sleep(4 * time.Second)
				g.corrupt()
				g.says(func(f *audittest.Federation) {
					f.Proceed("a", victim)
					f.Append(f.Leaf(f.Coordinator, audittest.In(f.At("a")), f.SetBody("a")))
				})
				other.says(func(f *audittest.Federation) { claimOf(f.At("a"), 1, 2, 3).states(f) })
				time.Sleep(2 * time.Second)
				g.colludes(g.town)
				g.carryOver()
			}),
			onItsOwn("votes of another history", "for "+victim, setup{}, func(g *gate) {
				at := g.uploaded()
				other := g.fork(g, g.size())
				g.spies[victim].show(other)
				var set []byte
				g.says(func(f *audittest.Federation) {
					set = f.Leaf(f.Coordinator, audittest.In(at), f.SetBody("a"))
					f.Decide("a", g.colluders[0], "approve") // what the other history hides
					f.Append(set)
				})
				other.says(func(f *audittest.Federation) { f.Append(set) })
				g.votes(g.town, at, g.others(victim))
				g.votes(other, at, []string{victim}, victim)
				g.carryOver()
			}))
	}
	list = append(list, onItsOwn("fork", "three histories, each with its own set", setup{}, func(g *gate) {
		at := g.uploaded()
		for name, how := range map[string]string{"board02": "other set", "board03": "other root"} {
			other := g.fork(g, g.size())
			g.spies[name].show(other)
			g.second(other, how)
		}
		g.says(func(f *audittest.Federation) { f.Set("a") })
		g.votes(g.town, at, g.honest)
		g.colludes(g.town)
		g.carryOver()
	}))
	list = append(list, rollbacks()...)
	return append(list, otherStudies()...)
}

// rollbacks: a node that voted in one history is shown another one, or pages
// that its checkpoints do not cover.
func rollbacks() (list []attack) {
	for _, victim := range boards(1, 2, 3) {
		for name, more := range map[string]int{"as long": 0, "longer": 9} {
			list = append(list, onItsOwn("another history after the vote", victim+", "+name, setup{}, func(g *gate) {
				g.uploaded()
				other := g.fork(g, g.size())
				g.fixed(g.town, g.honest, victim)
				g.second(other, "other set")
				other.says(func(f *audittest.Federation) {
					for range more {
						f.Append([]byte("an entry of no meaning"))
					}
				})
				g.spies[victim].show(other)
				time.Sleep(2 * time.Second)
				g.restart(victim, other)
			}))
		}
	}
	for name, alter := range map[string]func(g *gate, p *page, vote []byte){
		"an entry more":           func(_ *gate, p *page, vote []byte) { p.leaves = append(p.leaves, vote) },
		"an entry changed":        func(_ *gate, p *page, vote []byte) { p.leaves[len(p.leaves)-1] = vote },
		"a head of another's key": func(g *gate, p *page, vote []byte) { p.leaves = append(p.leaves, vote); p.resign(g, g.colluder(g.f)) },
		"a head of another log": func(g *gate, p *page, vote []byte) {
			p.leaves = append(p.leaves, vote)
			p.origin = "log.example/another"
			p.resign(g, g.f.Coordinator)
		},
		"the same entries again": func(_ *gate, p *page, vote []byte) { p.from--; p.leaves = append([][]byte{vote}, p.leaves...) },
		"a head of a longer history": func(g *gate, p *page, vote []byte) {
			p.size = 1
			p.leaves = append(p.leaves, vote)
			p.resign(g, g.f.Coordinator)
		},
	} {
		list = append(list, onItsOwn("pages that no checkpoint covers", name, setup{}, func(g *gate) {
			at := g.voted(boards(1, 2)...)
			var vote []byte
			g.says(func(f *audittest.Federation) { vote = f.Leaf(g.colluder(f), audittest.In(at), audittest.VoteBody(at)) })
			change := func(p *page) { alter(g, p, vote) }
			g.spies["board01"].alter.Store(&change)
			g.says(func(f *audittest.Federation) { f.Append([]byte("an entry of no meaning")) })
		}))
	}
	return list
}

// otherStudies: one node is shown another study text under the same id, so that
// its model state is another one.
func otherStudies() (list []attack) {
	for _, victim := range boards(1, 2, 3) {
		list = append(list, onItsOwn("other model state", "another study for "+victim, setup{}, func(g *gate) {
			other := g.fork(g, g.founded)
			other.propose("a", studyText("a", "girl"))
			for _, name := range g.others(victim) {
				g.start(name, g.dirs[name], g.town).run()
			}
			g.start(victim, g.dirs[victim], other).run()
			time.Sleep(2 * time.Second)
			var here []*audit.Statement
			g.says(func(f *audittest.Federation) { here = readys(f) })
			var b *audit.Open
			other.says(func(f *audittest.Federation) {
				for _, name := range g.colluders {
					of := readys(f)[0].Body.(*audit.Ready) // the victim's
					f.Append(f.Leaf(f.Nodes[name], f.Next("a"), &audit.Ready{State: of.State, Shape: of.Shape, Key: f.Key()}))
				}
				for _, m := range here { // of nodes that were ready for the other text
					f.Append(m.Leaf)
				}
				b = f.OpenBody("a")
				for i := range b.Seats {
					for _, m := range readys(f) {
						if m.Signer == b.Roster[b.Seats[i].Point-1] {
							b.Seats[i].Ready = m.Hash
						}
					}
				}
			})
			g.opens(other, 1, b, 1, 2, 3, 4)
		}))
	}
	return list
}

// memoryAttacks end a node's process, put its folder back, or run it twice.
func memoryAttacks() (list []attack) {
	for _, victim := range boards(1, 2, 3) {
		rest := func(g *gate) string { return g.others(victim)[0] }
		for name, run := range map[string]func(g *gate){
			"after its ready": func(g *gate) {
				g.offered()
				var b *audit.Open
				g.says(func(f *audittest.Federation) { b = f.OpenBody("a") })
				g.restart(victim, g.town)
				g.opens(g.town, 1, b, 1, 2, 3, 4)
			},
			"after its upload": func(g *gate) {
				g.uploaded()
				g.restart(victim, g.town)
				g.fixed(g.town, g.others(victim), rest(g))
				g.colludes(g.town)
			},
			"after its vote": func(g *gate) {
				g.voted(victim, rest(g))
				g.restart(victim, g.town)
				g.colludes(g.town)
			},
			"with its vote on the way": func(g *gate) {
				g.voted(rest(g))
				g.halt(victim)
				g.feels("", audit.TypeVote, victim)
				g.restart(victim, g.town)
				time.Sleep(12 * time.Second)
				g.colludes(g.town)
			},
		} {
			list = append(list, onItsOwn("restarted, then asked", victim+" "+name, setup{}, run))
		}
		for _, where := range []string{"in the same history", "in another one"} {
			for _, again := range []bool{false, true} {
				kind := "restored snapshot"
				if again {
					kind = "cloned node"
				}
				list = append(list, onItsOwn(kind, victim+" "+where, setup{}, func(g *gate) {
					g.uploaded()
					kept, m := g.keep(victim), g.nodes[victim].memory()
					other := g.fork(g, g.size())
					g.fixed(g.town, g.honest, victim)
					if where == "in the same history" {
						other = g.town
						g.wants(other, claimOf(g.first(), 1, 2, 3))
					} else {
						g.second(other, "other set")
					}
					g.put(victim, kept, m, other, again)
					time.Sleep(2 * time.Second)
					g.colludes(other)
				}))
			}
		}
		list = append(list, onItsOwn("asked again after its release", victim, setup{}, func(g *gate) {
			g.uploaded()
			kept, m := g.keep(victim), g.nodes[victim].memory()
			other := g.fork(g, g.size())
			g.fixed(g.town, g.honest, victim, rest(g))
			g.colludes(g.town)
			g.until("it released", func(st *audit.State) bool { return st.Attempt("a", 1, 1).Releases[victim] != nil })
			g.restart(victim, g.town)
			time.Sleep(2 * time.Second)
			g.second(other, "other set")
			g.put(victim, kept, m, other, false)
		}))
	}
	for _, victim := range boards(1, 3) {
		list = append(list, onItsOwn("cloned machine, memory and all", victim+" in two histories", setup{n: 6, forgetful: 1, forgets: victim}, func(g *gate) {
			at := g.uploaded()
			kept, m := g.keep(victim), g.nodes[victim].memory()
			other := g.fork(g, g.size())
			for _, name := range boards(4, 5) {
				g.spies[name].show(other)
			}
			g.nodes[victim+" before"] = g.nodes[victim]
			g.start(victim, kept, other).remember(m, true).run()
			g.says(func(f *audittest.Federation) { f.Set("a") })
			g.second(other, "other set")
			g.votes(g.town, at, g.honest)
			g.colludes(g.town)
		}))
	}
	return list
}

// put ends a node and starts it on an older copy of its folder, or starts the
// copy beside it. A mutant finds the attempt's secrets in the copy.
func (g *gate) put(name, dir string, m memory, w *town, beside bool) {
	if beside {
		g.nodes[name+" before"] = g.nodes[name]
	} else {
		g.halt(name)
	}
	r := g.start(name, dir, w)
	if g.off.memory {
		r.remember(m, false)
	}
	r.run()
}
