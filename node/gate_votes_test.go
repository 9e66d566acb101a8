package node

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// attack is one crafted request. begin brings the federation to where it is
// made, run makes it, and settle then waits for what comes of it. Requests with
// the same stage are void, change nothing, and may be made in one federation
// after each other.
type attack struct {
	kind, name string
	setup      setup
	stage      string // "" is a federation of its own
	begin      func(*gate)
	run        func(*gate)
	opens      func(*gate) // makes the lawful request, which proves that the nodes could release all the time
}

// onItsOwn is an attack in a federation of its own.
func onItsOwn(kind, name string, s setup, run func(*gate)) attack {
	return attack{kind: kind, name: name, setup: s, begin: func(*gate) {}, run: run}
}

// pairs are the two honest votes that are in the log when t is three.
var pairs = [][]string{boards(1, 2), boards(1, 3), boards(2, 3)}

// last makes the attacks in which t-1 honest votes are logged and the one that
// is missing is crafted.
func last(kind, name string, craft func(*gate, *audittest.Federation, *audit.Attempt)) (list []attack) {
	for _, logged := range pairs {
		list = append(list, afterVotes(kind, name, logged, func(g *gate) {
			at := g.first()
			g.says(func(f *audittest.Federation) { craft(g, f, at) })
		}))
	}
	return list
}

// afterVotes is a request when everybody has voted and some votes are logged.
func afterVotes(kind, name string, logged []string, run func(*gate)) attack {
	after := "the votes of " + strings.Join(logged, " ")
	a := attack{kind: kind, name: name + " after " + after, stage: after, begin: func(g *gate) { g.voted(logged...) }, run: run}
	if len(logged) > 0 {
		a.opens = func(g *gate) { g.colludes(g.town) }
	}
	return a
}

// afterColluders is a request when one honest vote is logged and the colluder's.
func afterColluders(kind, name, logged string, run func(*gate)) attack {
	after := "the votes of " + logged + " and the colluder"
	return attack{kind: kind, name: name + " after " + after, stage: after, run: run, begin: func(g *gate) {
		g.voted(logged)
		g.colludes(g.town)
	}, opens: func(g *gate) { g.feels("", audit.TypeVote, g.honest...) }}
}

// first is the first attempt as it stands.
func (g *gate) first() (at *audit.Attempt) {
	g.says(func(f *audittest.Federation) { at = f.State.Attempt("a", 1, 1) })
	return at
}

// signs appends a vote, whatever becomes of it, by any signer.
func signs(f *audittest.Federation, s note.Signer, boot crypto.Digest, at *audit.Attempt, change func(*audit.Header, *audit.Vote)) {
	f.T.Helper()
	h, v := f.State.Next(s.Name(), boot, audittest.In(at)), audittest.VoteBody(at)
	h.Time = f.Clock.UTC().Format(time.RFC3339)
	v.Points = slices.Clone(v.Points)
	if change != nil {
		change(&h, v)
	}
	leaf, err := audit.Sign(h, v, s)
	if err != nil {
		f.T.Fatal(err)
	}
	f.Append(leaf)
}

// colluder is the signer of the first colluder's node.
func (g *gate) colluder(f *audittest.Federation) *audittest.Signer { return f.Nodes[g.colluders[0]] }

// colludes lets the colluders vote for the logged set.
func (g *gate) colludes(w *town) {
	w.says(func(f *audittest.Federation) {
		for _, name := range g.colluders {
			f.Append(f.Leaf(f.Nodes[name], audittest.In(f.At("a")), audittest.VoteBody(f.At("a"))))
		}
	})
}

// forger signs under a name and key hash that are not its own.
type forger struct {
	note.Signer
	sign func([]byte) ([]byte, error)
}

func (f forger) Sign(msg []byte) ([]byte, error) { return f.sign(msg) }

// voteAttacks are those on the votes of one attempt.
func voteAttacks() (list []attack) {
	list = append(list, missingVotes()...)
	list = append(list, forgedVotes()...)
	list = append(list, twiceCounted()...)
	for name, change := range map[string]func(*gate, *audit.Header, *audit.Vote){
		"another attempt's id": func(_ *gate, _ *audit.Header, v *audit.Vote) { v.Open = audittest.Digest("another open") },
		"its own ready":        func(g *gate, _ *audit.Header, v *audit.Vote) { v.Open = g.readyOf(g.colluders[0]) },
		"the next attempt":     func(_ *gate, h *audit.Header, _ *audit.Vote) { h.Attempt++ },
		"the next round":       func(_ *gate, h *audit.Header, _ *audit.Vote) { h.Round++ },
		"another study":        func(_ *gate, h *audit.Header, _ *audit.Vote) { h.Study = "b" },
	} {
		list = append(list, voteChanged("other attempt", name, change)...)
	}
	for name, change := range map[string]func(*gate, *audit.Header, *audit.Vote){
		"another root": func(_ *gate, _ *audit.Header, v *audit.Vote) { v.Root = audittest.Digest("another root") },
		"no root":      func(_ *gate, _ *audit.Header, v *audit.Vote) { v.Root = crypto.Digest{} },
	} {
		list = append(list, voteChanged("other root", name, change)...)
	}
	for name, points := range map[string][]int{
		"three of the four": {1, 2, 3}, "itself and two": {1, 2, 4}, "a stranger more": {1, 2, 3, 4, 5}, "nobody": {},
	} {
		list = append(list, voteChanged("vote for another set", name, func(_ *gate, _ *audit.Header, v *audit.Vote) { v.Points = points })...)
	}
	for name, back := range map[string]int{"just before the set": 0, "before the updates": 4} {
		list = append(list, last("seen before the set", name, func(g *gate, f *audittest.Federation, at *audit.Attempt) {
			signs(f, g.colluder(f), g.colluder(f).Boot, at, func(h *audit.Header, _ *audit.Vote) {
				h.Seen.Size = at.Set.Index - int64(back)
				h.Seen.Root, _ = f.State.RootAt(h.Seen.Size)
			})
		})...)
	}
	for name, change := range map[string]func(*gate, *audit.Header, *audit.Vote){
		"another history":     func(_ *gate, h *audit.Header, _ *audit.Vote) { h.Seen.Root = audittest.Digest("another history") },
		"more than there is":  func(_ *gate, h *audit.Header, _ *audit.Vote) { h.Seen.Size += 7 },
		"a number too many":   func(_ *gate, h *audit.Header, _ *audit.Vote) { h.Seq++ },
		"a number of before":  func(_ *gate, h *audit.Header, _ *audit.Vote) { h.Seq-- },
		"after nothing":       func(_ *gate, h *audit.Header, _ *audit.Vote) { h.Prev = crypto.Digest{} },
		"after somebody else": func(g *gate, h *audit.Header, _ *audit.Vote) { h.Prev = g.readyOf(g.honest[0]) },
		"another log":         func(_ *gate, h *audit.Header, _ *audit.Vote) { h.Log = "log.example/another" },
		"after a restart":     func(_ *gate, h *audit.Header, _ *audit.Vote) { h.Boot = audittest.Digest("another start") },
	} {
		list = append(list, voteChanged("void vote counted", name, change)...)
	}
	return list
}

// voteChanged lets the colluder sign a vote that differs in one thing.
func voteChanged(kind, name string, change func(*gate, *audit.Header, *audit.Vote)) []attack {
	return last(kind, name, func(g *gate, f *audittest.Federation, at *audit.Attempt) {
		signs(f, g.colluder(f), g.colluder(f).Boot, at, func(h *audit.Header, v *audit.Vote) { change(g, h, v) })
	})
}

// readyOf is the leaf hash of an institution's ready in the first attempt.
func (g *gate) readyOf(name string) crypto.Digest {
	return g.f.State.Attempt("a", 1, 1).Readys[name].Hash
}

// missingVotes: all votes were given, and the log shows fewer than t of them.
func missingVotes() (list []attack) {
	for _, logged := range append([][]string{{}, boards(1), boards(2), boards(3)}, pairs...) {
		for _, colludes := range []bool{false, true} {
			if colludes && len(logged) == 2 {
				continue // that is a certificate
			}
			list = append(list, onItsOwn("missing votes", fmt.Sprintf("%v and the colluder %v", logged, colludes), setup{}, func(g *gate) {
				g.voted(logged...)
				if colludes {
					g.colludes(g.town)
				}
			}))
		}
	}
	return list
}

// forgedVotes: one honest vote and the colluder's are logged, and those of the
// other two are made up.
func forgedVotes() (list []attack) {
	forgeries := map[string]func(g *gate, f *audittest.Federation, name string) note.Signer{
		"another key": func(_ *gate, _ *audittest.Federation, name string) note.Signer {
			return audittest.NewSigner(name, "forged")
		},
		"rubbish": func(_ *gate, f *audittest.Federation, name string) note.Signer {
			return forger{f.Nodes[name], func([]byte) ([]byte, error) { return bytes.Repeat([]byte{7}, ed25519.SignatureSize), nil }}
		},
		"the colluder's signature": func(g *gate, f *audittest.Federation, name string) note.Signer {
			return forger{f.Nodes[name], g.colluder(f).Sign}
		},
		"the coordinator's signature": func(_ *gate, f *audittest.Federation, name string) note.Signer {
			return forger{f.Nodes[name], f.Coordinator.Sign}
		},
		"one bit flipped": func(_ *gate, f *audittest.Federation, name string) note.Signer {
			return forger{f.Nodes[name], func(msg []byte) ([]byte, error) {
				sig, err := f.Nodes[name].Sign(msg)
				if err == nil {
					sig[40] ^= 1
				}
				return sig, err
			}}
		},
		"a signature of something else": func(_ *gate, f *audittest.Federation, name string) note.Signer {
			return forger{f.Nodes[name], func(msg []byte) ([]byte, error) { return f.Nodes[name].Sign(append([]byte("x"), msg...)) }}
		},
	}
	for what, by := range forgeries {
		for _, victim := range boards(1, 2, 3) {
			list = append(list, afterColluders("forged votes", what, victim, func(g *gate) {
				at := g.first()
				g.says(func(f *audittest.Federation) {
					for _, name := range g.honest {
						if name != victim {
							signs(f, by(g, f, name), at.Readys[name].Boot, at, nil)
						}
					}
				})
			}))
		}
	}
	return list
}

// twiceCounted: with one honest vote in the log, one colluding institution
// stands in for two.
func twiceCounted() (list []attack) {
	again := map[string]func(*gate, *audittest.Federation, *audit.Attempt){
		"a second vote": func(g *gate, f *audittest.Federation, at *audit.Attempt) {
			signs(f, g.colluder(f), g.colluder(f).Boot, at, nil)
		},
		"a second vote after a restart": func(g *gate, f *audittest.Federation, at *audit.Attempt) {
			signs(f, g.colluder(f), audittest.Digest("a new start"), at, nil)
		},
		"the same bytes": func(_ *gate, f *audittest.Federation, _ *audit.Attempt) { f.Append(f.Leaves[len(f.Leaves)-1]) },
		"the honest bytes": func(_ *gate, f *audittest.Federation, at *audit.Attempt) {
			for _, v := range at.Votes {
				f.Append(v.Leaf)
			}
		},
		"its approver's key": func(g *gate, f *audittest.Federation, at *audit.Attempt) {
			signs(f, f.Approvers[g.colluders[0]], g.colluder(f).Boot, at, nil)
		},
		"the coordinator's key": func(_ *gate, f *audittest.Federation, at *audit.Attempt) {
			signs(f, f.Coordinator, f.Coordinator.Boot, at, nil)
		},
		"the researcher's key": func(_ *gate, f *audittest.Federation, at *audit.Attempt) {
			signs(f, f.Researcher, f.Researcher.Boot, at, nil)
		},
		"a node nobody knows": func(_ *gate, f *audittest.Federation, at *audit.Attempt) {
			s := audittest.NewSigner("board05", "")
			signs(f, s, s.Boot, at, nil)
		},
	}
	for what, craft := range again {
		kind := "one institution twice"
		if strings.HasSuffix(what, "key") || strings.HasSuffix(what, "knows") {
			kind = "all keys of one institution"
		}
		for _, victim := range boards(1, 3) {
			list = append(list, afterColluders(kind, what, victim, func(g *gate) {
				at := g.first()
				g.says(func(f *audittest.Federation) {
					for range 2 {
						craft(g, f, at)
					}
				})
			}))
		}
	}
	return list
}
