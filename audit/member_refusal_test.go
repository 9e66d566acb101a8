package audit_test

import (
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// fresh is a party with a key that nobody has used.
func fresh(name string) audit.Party { return audittest.NewSigner(name, "fresh").Party }

// change is a `member` of an approver.
func change(f *audittest.Federation, by string, m *audit.Member) []byte {
	m.Charter = f.State.Charter.Hash
	return f.Leaf(f.Approvers[by], audit.Header{}, m)
}

func grant(role, name, until string) *audit.Member {
	return &audit.Member{Act: audit.ActGrant, Grant: &audit.Grant{Role: role, Party: fresh(name), Expires: until}}
}

func admit(name string) *audit.Member {
	return &audit.Member{Act: audit.ActAdmit, Admit: &audit.Founder{Institution: name, Approver: fresh(name + ".approver")}}
}

// admitKey gives an institution's approver another key.
func admitKey(name, key string) *audit.Member {
	return &audit.Member{Act: audit.ActAdmit, Admit: &audit.Founder{Institution: name, Approver: audittest.NewSigner(name+".approver", key).Party}}
}

// moved lets board01 move a change; with endorse, others agree until it is in force.
func moved(f *audittest.Federation, m *audit.Member, endorse ...string) *audit.Statement {
	s, finding := f.Append(change(f, "board01", m))
	if finding != nil {
		f.T.Fatal(finding)
	}
	for _, name := range endorse {
		f.Say(f.Approvers[name], audit.Header{}, &audit.Endorse{Motion: s.Hash})
	}
	return s
}

// amended is the charter in force with another rule.
func amended(f *audittest.Federation) *audit.Charter {
	c := *f.State.Charter.Body.(*audit.Charter)
	c.Amends, c.MinInstitutions = f.State.Charter.Hash, 3
	return &c
}

func memberBreaches() []breach {
	by := func(m func(f *audittest.Federation) *audit.Member) func(*audittest.Federation) []byte {
		return func(f *audittest.Federation) []byte { return change(f, "board01", m(f)) }
	}
	endorse := func(by string, motion func(f *audittest.Federation) crypto.Digest) func(*audittest.Federation) []byte {
		return func(f *audittest.Federation) []byte {
			m := motion(f)
			return f.Leaf(f.Approvers[by], audit.Header{}, &audit.Endorse{Motion: m})
		}
	}
	finished := func(f *audittest.Federation) *audit.Publish {
		f.Begin("s", 1)
		f.Round("s")
		return &audit.Publish{Close: f.Close("s").Hash, Document: audit.BlobRef{Digest: audittest.Digest("doc"), Size: 9}}
	}
	publish := func(change func(f *audittest.Federation, b *audit.Publish)) func(*audittest.Federation) []byte {
		return func(f *audittest.Federation) []byte {
			b := finished(f)
			change(f, b)
			return f.Leaf(f.Researcher, audit.Header{Study: "s"}, b)
		}
	}
	return []breach{
		{"revoked node speaks", audit.CodeRevoked, func(f *audittest.Federation) []byte {
			f.Begin("s", 1)
			moved(f, &audit.Member{Act: audit.ActRevoke, Revoke: "board01"})
			return f.Leaf(f.Nodes["board01"], f.Next("s"), f.ReadyBody("s"))
		}, nil, false},
		{"expelled approver speaks", audit.CodeRevoked, func(f *audittest.Federation) []byte {
			f.Propose("s", 1)
			moved(f, &audit.Member{Act: audit.ActExpel, Institution: "board04"}, "board02", "board03")
			return f.Leaf(f.Approvers["board04"], audit.Header{Study: "s"}, f.DecisionBody("s", "board04", "deny"))
		}, []audit.Code{audit.CodeNotEnrolled}, false},
		{"open for a revoked researcher", audit.CodeRevoked, func(f *audittest.Federation) []byte {
			readied(f)
			b := f.OpenBody("s")
			moved(f, &audit.Member{Act: audit.ActRevoke, Revoke: "researcher"}, "board02", "board03")
			return f.Leaf(f.Coordinator, f.Next("s"), b)
		}, nil, false},
		{"fields of another act", audit.CodeBody, by(func(f *audittest.Federation) *audit.Member {
			m := grant("researcher", "second", "")
			m.Revoke = "board02"
			return m
		}), nil, false},
		{"unknown act", audit.CodeBody, by(func(*audittest.Federation) *audit.Member { return &audit.Member{Act: "elect"} }), nil, true},
		{"grant of a third role", audit.CodeBody, by(func(*audittest.Federation) *audit.Member { return grant("boss", "second", "") }), nil, false},
		{"grant of a name in use", audit.CodeKeyInUse, by(func(*audittest.Federation) *audit.Member { return grant("researcher", "board02", "") }), nil, false},
		{"grant of a key in use", audit.CodeKeyInUse, by(func(f *audittest.Federation) *audit.Member {
			m := grant("auditor", "second", "")
			m.Grant.Party = rename(f.Nodes["board02"], "second").Party
			return m
		}), nil, false},
		{"grant of a key that was replaced", audit.CodeKeyInUse, func(f *audittest.Federation) []byte {
			moved(f, &audit.Member{Act: audit.ActRevoke, Revoke: "board01"})
			m := grant("auditor", "second", "")
			m.Grant.Party = rename(f.Nodes["board01"], "second").Party
			return change(f, "board02", m)
		}, nil, false},
		{"institution with a researcher's name", audit.CodeKeyInUse, by(func(*audittest.Federation) *audit.Member { return admit("researcher") }), nil, false},
		{"institution admitted as it is", audit.CodeMember, by(func(f *audittest.Federation) *audit.Member {
			i, _ := f.State.Institution("board02")
			return &audit.Member{Act: audit.ActAdmit, Admit: &i}
		}), nil, false},
		{"stranger expelled", audit.CodeMember, by(func(*audittest.Federation) *audit.Member {
			return &audit.Member{Act: audit.ActExpel, Institution: "nobody"}
		}), nil, false},
		{"coordinator revoked", audit.CodeMember, by(func(*audittest.Federation) *audit.Member {
			return &audit.Member{Act: audit.ActRevoke, Revoke: audittest.Origin}
		}), nil, false},
		{"amendment of an old charter", audit.CodeAmends, func(f *audittest.Federation) []byte {
			c := amended(f)
			s, _ := f.Append(f.Leaf(f.Approvers["board01"], audit.Header{}, amended(f)))
			f.Say(f.Approvers["board02"], audit.Header{}, &audit.Endorse{Motion: s.Hash})
			f.Say(f.Approvers["board03"], audit.Header{}, &audit.Endorse{Motion: s.Hash})
			return f.Leaf(f.Approvers["board04"], audit.Header{}, c)
		}, nil, false},
		{"amendment that changes parties", audit.CodeCharter, func(f *audittest.Federation) []byte {
			c := amended(f)
			c.Researchers = nil
			return f.Leaf(f.Approvers["board01"], audit.Header{}, c)
		}, nil, false},
		{"amendment without thresholds", audit.CodeCharter, func(f *audittest.Federation) []byte {
			c := amended(f)
			c.MinInstitutions = 9
			return f.Leaf(f.Approvers["board01"], audit.Header{}, c)
		}, nil, false},

		{"no motion", audit.CodeNoMotion, endorse("board02", func(f *audittest.Federation) crypto.Digest { return f.State.Charter.Hash }), nil, true},
		{"endorsed twice", audit.CodeEndorsed, endorse("board02", func(f *audittest.Federation) crypto.Digest {
			return moved(f, grant("auditor", "second", ""), "board02").Hash
		}), nil, false},
		{"mover endorses", audit.CodeEndorsed, endorse("board01", func(f *audittest.Federation) crypto.Digest {
			return moved(f, grant("auditor", "second", "")).Hash
		}), nil, false},
		{"in force already", audit.CodeMotionOver, endorse("board04", func(f *audittest.Federation) crypto.Digest {
			return moved(f, grant("auditor", "second", ""), "board02", "board03").Hash
		}), nil, true},
		{"control characters in the charter", audit.CodeCharter, func(f *audittest.Federation) []byte {
			c := amended(f)
			c.Retention = "1 year\x1b[6A"
			return f.Leaf(f.Approvers["board01"], audit.Header{}, c)
		}, nil, false},
		{"grant of a name that an officer may get", audit.CodeKeyInUse, by(func(*audittest.Federation) *audit.Member { return grant("auditor", "board02.fg", "") }), nil, false},
		{"old keys put back by an older motion", audit.CodeMotionOver, endorse("board03", func(f *audittest.Federation) crypto.Digest {
			old := moved(f, admitKey("board04", "first"), "board02")
			moved(f, admitKey("board04", "second"), "board02", "board03")
			return old.Hash
		}), nil, false},
		{"a new node revoked by an older motion", audit.CodeMotionOver, endorse("board03", func(f *audittest.Federation) crypto.Digest {
			old := moved(f, &audit.Member{Act: audit.ActRevoke, Revoke: "board04"}, "board02")
			if _, finding := f.Append(change(f, "board04", &audit.Member{Act: audit.ActRevoke, Revoke: "board04"})); finding != nil {
				f.T.Fatal(finding)
			}
			f.Nodes["board04"] = audittest.NewSigner("board04", "new machine")
			f.Enrol("board04")
			return old.Hash
		}), nil, false},
		{"grant moved under an older charter", audit.CodeMotionOver, endorse("board04", func(f *audittest.Federation) crypto.Digest {
			m := moved(f, grant("auditor", "second", ""), "board02")
			s, _ := f.Append(f.Leaf(f.Approvers["board01"], audit.Header{}, amended(f)))
			f.Say(f.Approvers["board02"], audit.Header{}, &audit.Endorse{Motion: s.Hash})
			f.Say(f.Approvers["board03"], audit.Header{}, &audit.Endorse{Motion: s.Hash})
			return m.Hash
		}), nil, false},
		{"name taken meanwhile", audit.CodeMotionOver, endorse("board04", func(f *audittest.Federation) crypto.Digest {
			m := moved(f, grant("auditor", "second", ""), "board02")
			other := grant("auditor", "second", "")
			other.Grant.Party = audittest.NewSigner("second", "another").Party
			moved(f, other, "board02", "board03")
			return m.Hash
		}), nil, false},

		{"proposal after the grant's end", audit.CodeGrantExpired, func(f *audittest.Federation) []byte {
			moved(f, grant("researcher", "second", "2026-08-31"), "board02", "board03")
			return f.Leaf(audittest.NewSigner("second", "fresh"), audit.Header{Study: "s"}, audittest.ProposalBody(1))
		}, nil, false},
		{"epoch twice", audit.CodeEpoch, func(f *audittest.Federation) []byte {
			f.Say(f.Nodes["board01"], audit.Header{}, &audit.Epoch{Epoch: "2026"})
			f.Say(f.Nodes["board01"], audit.Header{}, &audit.Epoch{Epoch: "2027"})
			return f.Leaf(f.Nodes["board01"], audit.Header{}, &audit.Epoch{Epoch: "2026"})
		}, nil, false},
		{"published before the close", audit.CodePublish, func(f *audittest.Federation) []byte {
			begun(f)
			return f.Leaf(f.Researcher, audit.Header{Study: "s"}, &audit.Publish{Document: audit.BlobRef{Digest: audittest.Digest("doc"), Size: 9}})
		}, nil, false},
		{"published of another close", audit.CodePublish, publish(func(_ *audittest.Federation, b *audit.Publish) { b.Close = audittest.Digest("other") }), nil, false},
		{"gigantic document", audit.CodePublish, publish(func(_ *audittest.Federation, b *audit.Publish) { b.Document.Size = 1 << 40 }), nil, false},
		{"published twice", audit.CodePublish, publish(func(f *audittest.Federation, b *audit.Publish) {
			s := f.Say(f.Researcher, audit.Header{Study: "s"}, b)
			for _, name := range []string{"board01", "board02", "board03"} {
				f.Say(f.Approvers[name], audit.Header{Study: "s"}, &audit.Endorse{Motion: s.Hash})
			}
		}), nil, false},
		{"no numbers", audit.CodeNumbersMissing, func(f *audittest.Federation) []byte {
			return f.Leaf(f.Researcher, audit.Header{Study: "s"}, &audit.Proposal{Study: "rounds = 1"})
		}, nil, false},
		{"numbers over the charter's cap", audit.CodeNumbersCap, func(f *audittest.Federation) []byte {
			c := amended(f)
			c.Numbers = 2
			s, _ := f.Append(f.Leaf(f.Approvers["board01"], audit.Header{}, c))
			f.Say(f.Approvers["board02"], audit.Header{}, &audit.Endorse{Motion: s.Hash})
			f.Say(f.Approvers["board03"], audit.Header{}, &audit.Endorse{Motion: s.Hash})
			return f.Leaf(f.Researcher, audit.Header{Study: "s"}, audittest.ProposalBody(1))
		}, nil, false},
		{"more numbers than approved", audit.CodeNumbers, func(f *audittest.Federation) []byte {
			f.Begin("s", 1)
			f.Round("s")
			f.Ready("s")
			return f.Leaf(f.Coordinator, f.Next("s"), f.OpenBody("s"))
		}, nil, false},
	}
}

// TestQuorum: nothing that a quorum decides is in force before it, and all of
// it is after; with the count switched off it is at once.
func TestQuorum(t *testing.T) {
	for name, c := range map[string]struct {
		motion func(f *audittest.Federation) []byte
		done   func(st *audit.State) bool
	}{
		"amendment": {
			func(f *audittest.Federation) []byte {
				return f.Leaf(f.Approvers["board01"], audit.Header{}, amended(f))
			},
			func(st *audit.State) bool { return st.Charter.Body.(*audit.Charter).MinInstitutions == 3 },
		},
		"admission": {
			func(f *audittest.Federation) []byte { return change(f, "board01", admit("board09")) },
			func(st *audit.State) bool { _, ok := st.Institution("board09"); return ok },
		},
		"grant": {
			func(f *audittest.Federation) []byte { return change(f, "board01", grant("researcher", "second", "")) },
			func(st *audit.State) bool { return len(st.Granted("researcher")) == 2 },
		},
		"expulsion": {
			func(f *audittest.Federation) []byte {
				return change(f, "board01", &audit.Member{Act: audit.ActExpel, Institution: "board04"})
			},
			func(st *audit.State) bool {
				_, ok := st.Institution("board04")
				return !ok && st.Members["board04"] == nil
			},
		},
		"another's node revoked": {
			func(f *audittest.Federation) []byte {
				return change(f, "board01", &audit.Member{Act: audit.ActRevoke, Revoke: "board04"})
			},
			func(st *audit.State) bool { return st.Members["board04"] == nil },
		},
		"publication": {
			func(f *audittest.Federation) []byte {
				f.Begin("s", 1)
				f.Round("s")
				return f.Leaf(f.Researcher, audit.Header{Study: "s"}, &audit.Publish{Close: f.Close("s").Hash, Document: audit.BlobRef{Digest: audittest.Digest("doc"), Size: 9}})
			},
			func(st *audit.State) bool { return st.Studies["s"].Published != nil },
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := audittest.New(t, 4)
			s, finding := f.Append(c.motion(f))
			if finding != nil {
				t.Fatal(finding)
			}
			for _, by := range []string{"board01", "board02", "board03"} {
				m := f.State.Motions[s.Hash]
				if need, _ := f.State.Need(m); c.done(f.State) != (len(f.State.Endorsers(m)) >= need) {
					t.Fatalf("with %d of %d endorsements in force is %v", len(f.State.Endorsers(m)), need, c.done(f.State))
				}
				if m.Endorsed[by] == nil && m.InForce == nil {
					f.Say(f.Approvers[by], audit.Header{Study: s.Study}, &audit.Endorse{Motion: s.Hash})
				}
			}
			if !c.done(f.State) {
				t.Fatal("three of four do not put it in force")
			}
			g := audittest.New(t, 4)
			leaf := c.motion(g)
			g.State.SwitchOff(audit.CodeQuorum)
			if g.Append(leaf); !c.done(g.State) {
				t.Error("with the quorum switched off the motion is not in force at once: the test has no teeth")
			}
		})
	}
}

// TestReplacedKeyEndorsesNothing: what an approver's key agreed to before it was
// replaced does not count, and the new key can agree.
func TestReplacedKeyEndorsesNothing(t *testing.T) {
	f := audittest.New(t, 4)
	m := moved(f, &audit.Member{Act: audit.ActExpel, Institution: "board04"}, "board02")
	moved(f, admitKey("board02", "second"), "board03", "board04")
	f.Approvers["board02"] = audittest.NewSigner("board02.approver", "second")
	f.Say(f.Approvers["board03"], audit.Header{}, &audit.Endorse{Motion: m.Hash})
	if _, in := f.State.Institution("board04"); !in {
		t.Fatal("an endorsement under a replaced key counted")
	}
	f.Say(f.Approvers["board02"], audit.Header{}, &audit.Endorse{Motion: m.Hash})
	if _, in := f.State.Institution("board04"); in {
		t.Error("the new key cannot agree")
	}
}

// TestQuorumsShareSomebodyWhoRemembers: two quorums share more institutions than
// conspire and forget together, and a quorum can be there without those.
func TestQuorumsShareSomebodyWhoRemembers(t *testing.T) {
	for n := 3; n <= 20; n++ {
		for r := 0; r <= 2; r++ {
			f := audittest.Plan(t, n)
			f.CharterBody.Forgetful = r
			th, err := crypto.ThresholdsFor(n, r, 2, false)
			if err != nil {
				continue
			}
			f.Charter()
			if q := f.State.Quorum(); 2*q-n <= th.C+r || q > n-th.C {
				t.Errorf("n %d, c %d, r %d: a quorum of %d", n, th.C, r, q)
			}
		}
	}
}

// TestFirstToEnrolDecidesNothing: who has not enrolled yet counts as well.
func TestFirstToEnrolDecidesNothing(t *testing.T) {
	f := audittest.Plan(t, 4)
	f.Charter()
	f.Enrol("board01")
	if moved(f, &audit.Member{Act: audit.ActExpel, Institution: "board04"}); len(f.State.Institutions()) != 4 {
		t.Error("the only institution that has enrolled expelled another one")
	}
}

// TestAdmittedInstitutionJoins: it enrols, decides on the next study, and is
// not part of the one before; a replaced node goes on with its own chain.
func TestAdmittedInstitutionJoins(t *testing.T) {
	f := audittest.New(t, 4)
	f.Propose("before", 1)
	approver, node := audittest.NewSigner("board09.approver", "fresh"), audittest.NewSigner("board09", "")
	moved(f, admit("board09"), "board02", "board03")
	f.Approvers["board09"], f.Nodes["board09"] = approver, node
	f.Enrol("board09")
	f.Propose("after", 1)
	_, err := f.State.Check(f.Leaf(approver, audit.Header{Study: "before"}, f.DecisionBody("before", "board09", "approve")))
	refusedAs(t, err, audit.CodeNotInRoster)
	f.Decide("after", "board09", "approve")
	f.Approve("after")
	f.Institutions = append(f.Institutions, "board09")
	f.Round("after")

	f.Say(approver, audit.Header{}, &audit.Member{Charter: f.State.Charter.Hash, Act: audit.ActRevoke, Revoke: "board09"})
	_, err = f.State.Check(f.Leaf(approver, audit.Header{}, f.MemberBody("board09")))
	refusedAs(t, err, audit.CodeKeyInUse) // a key that was taken back never returns
	f.Nodes["board09"] = audittest.NewSigner("board09", "new machine")
	f.Enrol("board09")
	f.Say(f.Nodes["board09"], audit.Header{}, &audit.Epoch{Epoch: "2027"})
}

// TestExpelledInstitutionLeavesItsStudies: as if it had withdrawn.
func TestExpelledInstitutionLeavesItsStudies(t *testing.T) {
	f := audittest.New(t, 5)
	f.Begin("s", 2)
	moved(f, &audit.Member{Act: audit.ActExpel, Institution: "board05"}, "board02", "board03", "board04")
	f.Ready("s", f.Others("board05")...)
	if b := f.OpenBody("s"); len(b.Seats) != 4 {
		t.Errorf("%d seats without the institution that left, want 4", len(b.Seats))
	}
}

// TestFullFederationTakesNobodyBack: an institution that was expelled is one more
// when it returns, as any other.
func TestFullFederationTakesNobodyBack(t *testing.T) {
	f := audittest.New(t, crypto.MaxInstitutions)
	others := f.Institutions[1 : f.State.Quorum()+1] // of two quorums, as the number changes
	moved := func(m *audit.Member) {
		s := f.Say(f.Approvers["board01"], audit.Header{}, forCharter(f, m))
		for _, name := range others {
			if f.State.Motions[s.Hash].InForce == nil {
				f.Say(f.Approvers[name], audit.Header{}, &audit.Endorse{Motion: s.Hash})
			}
		}
	}
	moved(&audit.Member{Act: audit.ActExpel, Institution: "board64"})
	moved(admit("board65"))
	refused(t, f, change(f, "board01", admit("board64")), audit.CodeMember)
}

func forCharter(f *audittest.Federation, m *audit.Member) *audit.Member {
	m.Charter = f.State.Charter.Hash
	return m
}

// TestNobodyBurnsAnothersKey: an upload that is said to be the key of somebody
// who is about to be admitted does not keep that key out.
func TestNobodyBurnsAnothersKey(t *testing.T) {
	f := audittest.New(t, 4)
	f.Begin("s", 1)
	f.Ready("s")
	at := f.Open("s")
	m := admit("board09")
	s := moved(f, m)
	key, err := audit.PublicKey(m.Admit.Approver.Key)
	if err != nil {
		t.Fatal(err)
	}
	u := f.UpdateBody(at, "board04")
	u.Boxes.Digest = crypto.DigestOf(key)
	f.Say(f.Nodes["board04"], audittest.In(at), u)
	for _, name := range []string{"board02", "board03"} {
		f.Say(f.Approvers[name], audit.Header{}, &audit.Endorse{Motion: s.Hash})
	}
	if _, in := f.State.Institution("board09"); !in {
		t.Error("it was endorsed by a quorum and is not admitted")
	}
}
