package audit_test

import (
	"slices"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

func openBreaches() []breach {
	ready := func(change func(f *audittest.Federation, h *audit.Header, b *audit.Ready)) func(f *audittest.Federation) []byte {
		return func(f *audittest.Federation) []byte {
			begun(f)
			h, b := f.Next("s"), f.ReadyBody("s")
			change(f, &h, b)
			return f.Leaf(f.Nodes["board01"], h, b)
		}
	}
	open := func(change func(f *audittest.Federation, b *audit.Open)) func(f *audittest.Federation) []byte {
		return func(f *audittest.Federation) []byte {
			readied(f)
			b := f.OpenBody("s")
			change(f, b)
			return f.Leaf(f.Coordinator, f.Next("s"), b)
		}
	}
	return []breach{
		{"ready for another round", audit.CodeRound, ready(func(_ *audittest.Federation, h *audit.Header, _ *audit.Ready) { h.Round = 2 }), nil, false},
		{"ready for a later attempt", audit.CodeAttemptNumber, ready(func(_ *audittest.Federation, h *audit.Header, _ *audit.Ready) { h.Attempt = 2 }), nil, false},
		{"ready while one is open", audit.CodeNotClosed, func(f *audittest.Federation) []byte {
			opened(f)
			return f.Leaf(f.Nodes["board01"], f.Next("s"), f.ReadyBody("s"))
		}, nil, false},
		{"key of the wrong length", audit.CodeAttemptKey, ready(func(_ *audittest.Federation, _ *audit.Header, b *audit.Ready) { b.Key = b.Key[1:] }), nil, false},
		{"key used before", audit.CodeAttemptKey, func(f *audittest.Federation) []byte {
			begun(f)
			b := f.ReadyBody("s")
			f.Say(f.Nodes["board02"], f.Next("s"), b)
			return f.Leaf(f.Nodes["board01"], f.Next("s"), b)
		}, nil, false},
		{"no state", audit.CodeBody, ready(func(_ *audittest.Federation, _ *audit.Header, b *audit.Ready) { b.State = crypto.Digest{} }), nil, false},
		{"impossible shape", audit.CodeShape, ready(func(_ *audittest.Federation, _ *audit.Header, b *audit.Ready) { b.Shape.Codec = "float" }), nil, false},
		{"not in the roster", audit.CodeNotInRoster, func(f *audittest.Federation) []byte {
			begun(f)
			f.Ready("s")
			at := f.Open("s")
			f.Update("s", "board01", "board02", "board03")
			f.Proceed("s", "board04")
			f.Set("s")
			f.Vote("s")
			f.Release("s")
			f.Result("s")
			_ = at
			return f.Leaf(f.Nodes["board04"], f.Next("s"), f.ReadyBody("s"))
		}, nil, false},

		{"open before all have decided", audit.CodeUndecided, func(f *audittest.Federation) []byte {
			f.Propose("s", 1)
			for _, name := range f.Others("board04") {
				f.Decide("s", name, "approve")
			}
			f.Ready("s", f.Others("board04")...)
			b := openAs(f, "s", "board01", "board02", "board03")
			b.T, b.C, b.MinInstitutions = 2, 0, 2
			return f.Leaf(f.Coordinator, f.Next("s"), b)
		}, nil, false},
		{"open for another round", audit.CodeRound, func(f *audittest.Federation) []byte {
			readied(f)
			h := f.Next("s")
			h.Round = 2
			return f.Leaf(f.Coordinator, h, f.OpenBody("s"))
		}, nil, false},
		{"number skipped", audit.CodeAttemptNumber, func(f *audittest.Federation) []byte {
			readied(f)
			h := f.Next("s")
			h.Attempt = 3
			return f.Leaf(f.Coordinator, h, f.OpenBody("s"))
		}, nil, false},
		{"smaller roster", audit.CodeRoster, open(func(f *audittest.Federation, b *audit.Open) {
			b.Roster, b.Seats = b.Roster[:3], b.Seats[:3]
		}), []audit.Code{audit.CodeSeats, audit.CodeThresholds}, false},
		{"lower threshold", audit.CodeThresholds, open(func(_ *audittest.Federation, b *audit.Open) { b.T-- }), nil, false},
		{"more colluders", audit.CodeThresholds, open(func(_ *audittest.Federation, b *audit.Open) { b.C-- }), nil, false},
		{"smaller sets", audit.CodeThresholds, open(func(_ *audittest.Federation, b *audit.Open) { b.MinInstitutions-- }), nil, false},
		{"seat left out", audit.CodeSeats, open(func(_ *audittest.Federation, b *audit.Open) { b.Seats = b.Seats[:3] }), nil, false},
		{"seat twice", audit.CodeSeats, open(func(_ *audittest.Federation, b *audit.Open) { b.Seats[1] = b.Seats[0] }), nil, true},
		{"seat of a withdrawn one", audit.CodeSeats, func(f *audittest.Federation) []byte {
			readied(f)
			b := f.OpenBody("s")
			f.Propose("other", 1) // the roster of the study stays the approved ones
			f.Decide("s", "board04", "withdraw")
			b.Roster = b.Roster[:3]
			b.T, b.C, b.MinInstitutions = 2, 0, 2
			b.Seats[3].Point = 3
			return f.Leaf(f.Coordinator, f.Next("s"), b)
		}, nil, true},
		{"old ready", audit.CodeOldReady, func(f *audittest.Federation) []byte {
			readied(f)
			b := f.OpenBody("s")
			f.Ready("s", "board02")
			return f.Leaf(f.Coordinator, f.Next("s"), b)
		}, nil, true},
		{"ready of another", audit.CodeOldReady, open(func(_ *audittest.Federation, b *audit.Open) { b.Seats[1].Ready = b.Seats[0].Ready }), nil, true},
		{"two states", audit.CodeStates, func(f *audittest.Federation) []byte {
			begun(f)
			f.Ready("s", "board01", "board02", "board03")
			b := f.ReadyBody("s")
			b.State = audittest.Digest("another model")
			f.Say(f.Nodes["board04"], f.Next("s"), b)
			return f.Leaf(f.Coordinator, f.Next("s"), f.OpenBody("s"))
		}, nil, false},
		{"two shapes", audit.CodeStates, func(f *audittest.Federation) []byte {
			begun(f)
			f.Ready("s", "board01", "board02", "board03")
			b := f.ReadyBody("s")
			b.Shape.Tensors = []crypto.Tensor{{Name: "x", Len: 2, Bits: 60}}
			f.Say(f.Nodes["board04"], f.Next("s"), b)
			return f.Leaf(f.Coordinator, f.Next("s"), f.OpenBody("s"))
		}, nil, false},
		{"another state than the readies", audit.CodeStates, open(func(_ *audittest.Federation, b *audit.Open) { b.State = audittest.Digest("slipped in") }), nil, false},
		{"too few ready", audit.CodeTooFew, func(f *audittest.Federation) []byte {
			begun(f)
			f.Say(f.Researcher, audit.Header{Study: "s"}, &audit.Proceed{Without: []string{"board03", "board04"}})
			f.Ready("s", "board01", "board02")
			return f.Leaf(f.Coordinator, f.Next("s"), f.OpenBody("s"))
		}, nil, false},
		{"open on an open attempt", audit.CodeNotClosed, func(f *audittest.Federation) []byte {
			at := opened(f)
			b := *at.Open.Body.(*audit.Open)
			return f.Leaf(f.Coordinator, f.Next("s"), &b)
		}, nil, true},
		{"two opens on one ready", audit.CodeOldReady, func(f *audittest.Federation) []byte {
			at := opened(f)
			f.Abort("s", "board01", "board02", "board03")
			b := *at.Open.Body.(*audit.Open)
			return f.Leaf(f.Coordinator, f.Next("s"), &b)
		}, nil, true},
		{"reopened with another set", audit.CodeRepeat, func(f *audittest.Federation) []byte {
			certified(f)
			f.Ready("s")
			b := f.OpenBody("s")
			b.Repeat = []int{1, 2, 3}
			return f.Leaf(f.Coordinator, f.Next("s"), b)
		}, nil, false},
		{"repeated with another model state", audit.CodeRepeat, func(f *audittest.Federation) []byte {
			certified(f)
			for _, name := range f.Institutions {
				b := f.ReadyBody("s")
				b.State = audittest.Digest("another model")
				f.Say(f.Nodes[name], f.Next("s"), b)
			}
			return f.Leaf(f.Coordinator, f.Next("s"), f.OpenBody("s"))
		}, nil, false},
		{"withdrawn from the frozen set", audit.CodeWithdrawn, func(f *audittest.Federation) []byte {
			begun(f)
			f.Round("s")
			f.Ready("s")
			b := f.OpenBody("s")
			f.Decide("s", "board04", "withdraw")
			return f.Leaf(f.Coordinator, f.Next("s"), b)
		}, nil, false},
		{"range failure tried again", audit.CodeRangeFailed, func(f *audittest.Federation) []byte {
			at := released(f)
			f.Say(f.Coordinator, audittest.In(at), &audit.Result{Open: at.ID, Reason: "range"})
			f.Ready("s")
			return f.Leaf(f.Coordinator, f.Next("s"), f.OpenBody("s"))
		}, nil, false},
	}
}

func roundBreaches() []breach {
	update := func(change func(f *audittest.Federation, u *audit.Update)) func(f *audittest.Federation) []byte {
		return func(f *audittest.Federation) []byte {
			at := opened(f)
			u := f.UpdateBody(at, "board02")
			change(f, u)
			return as(f, "board02", at, u)
		}
	}
	set := func(change func(b *audit.Set)) func(f *audittest.Federation) []byte {
		return func(f *audittest.Federation) []byte {
			at := updated(f)
			b := f.SetBody("s")
			change(b)
			return f.Leaf(f.Coordinator, audittest.In(at), b)
		}
	}
	vote := func(change func(b *audit.Vote)) func(f *audittest.Federation) []byte {
		return func(f *audittest.Federation) []byte {
			at := fixed(f)
			b := audittest.VoteBody(at)
			change(b)
			return as(f, "board01", at, b)
		}
	}
	result := func(change func(b *audit.Result)) func(f *audittest.Federation) []byte {
		return func(f *audittest.Federation) []byte {
			at := released(f)
			b := audittest.ResultBody(at)
			change(b)
			return f.Leaf(f.Coordinator, audittest.In(at), b)
		}
	}
	return []breach{
		{"no such attempt", audit.CodeNoAttempt, func(f *audittest.Federation) []byte {
			at := opened(f)
			at.Number = 2
			return as(f, "board01", at, f.UpdateBody(at, "board01"))
		}, nil, true},
		{"names another open", audit.CodeNoAttempt, func(f *audittest.Federation) []byte {
			at := opened(f)
			u := f.UpdateBody(at, "board01")
			u.Open = audittest.Digest("other")
			return as(f, "board01", at, u)
		}, nil, true},
		{"vote of an earlier round", audit.CodeRound, func(f *audittest.Federation) []byte {
			begun(f)
			f.Ready("s")
			f.Open("s")
			f.Update("s")
			at := f.Set("s")
			f.Vote("s", "board01", "board02", "board03")
			f.Release("s")
			f.Result("s")
			return as(f, "board04", at, audittest.VoteBody(at))
		}, nil, false},
		{"vote in a closed attempt", audit.CodeClosed, func(f *audittest.Federation) []byte {
			fixed(f)
			f.Abort("s", "board01", "board02", "board03")
			at := f.At("s")
			return as(f, "board04", at, audittest.VoteBody(at))
		}, nil, false},
		{"release in a closed attempt", audit.CodeClosed, func(f *audittest.Federation) []byte {
			certified(f)
			f.Abort("s", "board01", "board02", "board03")
			at := f.At("s")
			return as(f, "board04", at, audittest.ReleaseBody(at, "board04"))
		}, nil, false},
		{"no seat", audit.CodeNoSeat, func(f *audittest.Federation) []byte {
			begun(f)
			f.Say(f.Researcher, audit.Header{Study: "s"}, &audit.Proceed{Without: []string{"board04"}})
			f.Ready("s")
			at := f.Open("s")
			return as(f, "board04", at, f.UpdateBody(at, "board04"))
		}, nil, true},
		{"second update", audit.CodeTwice, func(f *audittest.Federation) []byte {
			at := opened(f)
			f.Update("s", "board01")
			u := f.UpdateBody(at, "board01")
			u.Frames.Digest, u.Boxes.Digest, u.Projection.Digest = audittest.Digest("again"), audittest.Digest("again too"), audittest.Digest("and again")
			return as(f, "board01", at, u)
		}, nil, false},
		{"second set", audit.CodeTwice, func(f *audittest.Federation) []byte {
			at := fixed(f)
			b := f.SetBody("s")
			b.Root = audittest.Digest("another root")
			return f.Leaf(f.Coordinator, audittest.In(at), b)
		}, nil, false},
		{"second vote", audit.CodeTwice, func(f *audittest.Federation) []byte {
			at := fixed(f)
			f.Vote("s", "board01")
			return as(f, "board01", at, audittest.VoteBody(at))
		}, nil, false},
		{"second release", audit.CodeTwice, func(f *audittest.Federation) []byte {
			at := certified(f)
			f.Release("s", "board01")
			return as(f, "board01", at, audittest.ReleaseBody(at, "board01"))
		}, nil, false},
		{"second result", audit.CodeTwice, func(f *audittest.Federation) []byte {
			at := released(f)
			f.Say(f.Coordinator, audittest.In(at), &audit.Result{Open: at.ID, Reason: "canary"})
			return f.Leaf(f.Coordinator, audittest.In(at), audittest.ResultBody(at))
		}, nil, false},
		{"late update", audit.CodeLate, func(f *audittest.Federation) []byte {
			at := opened(f)
			f.Update("s", "board01", "board02", "board03")
			f.Proceed("s", "board04")
			f.Set("s")
			return as(f, "board04", at, f.UpdateBody(at, "board04"))
		}, nil, false},
		{"short frames", audit.CodeSizes, update(func(_ *audittest.Federation, u *audit.Update) { u.Frames.Size-- }), nil, false},
		{"long boxes", audit.CodeSizes, update(func(_ *audittest.Federation, u *audit.Update) { u.Boxes.Size++ }), nil, false},
		{"a box too few", audit.CodeSizes, update(func(_ *audittest.Federation, u *audit.Update) { u.BoxDigests = u.BoxDigests[1:] }), nil, false},
		{"copied frames", audit.CodeCopied, func(f *audittest.Federation) []byte {
			at := opened(f)
			f.Update("s", "board01")
			u := f.UpdateBody(at, "board02")
			u.Frames = f.At("s").Updates["board01"].Body.(*audit.Update).Frames
			return as(f, "board02", at, u)
		}, nil, false},
		{"replayed frames of an earlier round", audit.CodeCopied, func(f *audittest.Federation) []byte {
			begun(f)
			f.Round("s")
			f.Ready("s")
			at := f.Open("s")
			u := f.UpdateBody(at, "board01")
			u.Frames = f.State.Attempt("s", 1, 1).Updates["board01"].Body.(*audit.Update).Frames
			return as(f, "board01", at, u)
		}, nil, false},
		{"projection", audit.CodeProjection, update(func(_ *audittest.Federation, u *audit.Update) {
			u.Projection.Size--
		}), nil, false},

		{"update dropped", audit.CodeSetMembers, set(func(b *audit.Set) {
			b.Points, b.Absent = b.Points[:3], []audit.Absence{{Point: 4, Reason: "no_update"}}
		}), []audit.Code{audit.CodeAbsent}, false},
		{"late one left out of a study that waits", audit.CodeSetWaits, func(f *audittest.Federation) []byte {
			at := opened(f)
			f.Update("s", "board01", "board02", "board03")
			return f.Leaf(f.Coordinator, audittest.In(at), f.SetBody("s"))
		}, nil, false},
		{"contributor without update", audit.CodeSetMembers, func(f *audittest.Federation) []byte {
			at := opened(f)
			f.Update("s", "board01", "board02", "board03")
			b := f.SetBody("s")
			b.Points, b.Absent = []int{1, 2, 3, 4}, []audit.Absence{}
			return f.Leaf(f.Coordinator, audittest.In(at), b)
		}, []audit.Code{audit.CodeAbsent, audit.CodeSetWaits}, false},
		{"point twice", audit.CodeSetMembers, set(func(b *audit.Set) { b.Points = []int{1, 2, 3, 3} }), nil, false},
		{"too small", audit.CodeSetSmall, func(f *audittest.Federation) []byte {
			at := opened(f)
			f.Update("s", "board01", "board02")
			f.Proceed("s", "board03", "board04")
			return f.Leaf(f.Coordinator, audittest.In(at), f.SetBody("s"))
		}, nil, false},
		{"smaller than what was opened", audit.CodeSetFrozen, func(f *audittest.Federation) []byte {
			begun(f)
			f.Round("s")
			f.Ready("s")
			at := f.Open("s")
			f.Update("s", "board01", "board02", "board03")
			return f.Leaf(f.Coordinator, audittest.In(at), f.SetBody("s"))
		}, []audit.Code{audit.CodeSetWaits}, false},
		{"absence not explained", audit.CodeAbsent, func(f *audittest.Federation) []byte {
			at := opened(f)
			f.Update("s", "board01", "board02", "board03")
			f.Proceed("s", "board04")
			b := f.SetBody("s")
			b.Absent = nil
			return f.Leaf(f.Coordinator, audittest.In(at), b)
		}, nil, false},
		{"no root", audit.CodeBody, set(func(b *audit.Set) { b.Root = crypto.Digest{} }), nil, false},

		{"vote before the set", audit.CodeNoSet, func(f *audittest.Federation) []byte {
			at := updated(f)
			return as(f, "board01", at, &audit.Vote{Open: at.ID, Points: []int{1, 2, 3, 4}, Root: audittest.Digest("root", at.ID)})
		}, nil, true},
		{"vote for another set", audit.CodeOtherSet, vote(func(b *audit.Vote) { b.Points = []int{1, 2, 3} }), nil, false},
		{"vote for another root", audit.CodeOtherSet, vote(func(b *audit.Vote) { b.Root = audittest.Digest("other") }), nil, false},
		{"vote whose seen lies before the set", audit.CodeSeenSet, func(f *audittest.Federation) []byte {
			at := updated(f)
			h := f.State.Next("board01", f.Nodes["board01"].Boot, audittest.In(at))
			h.Time = f.Clock.Format("2006-01-02T15:04:05Z")
			at = f.Set("s")
			leaf, err := audit.Sign(h, audittest.VoteBody(at), f.Nodes["board01"])
			if err != nil {
				f.T.Fatal(err)
			}
			return leaf
		}, nil, false},
		{"restarted node votes", audit.CodeRestarted, func(f *audittest.Federation) []byte {
			at := fixed(f)
			f.Nodes["board01"].Restart()
			return as(f, "board01", at, audittest.VoteBody(at))
		}, nil, false},
		{"restarted node aborts", audit.CodeRestarted, func(f *audittest.Federation) []byte {
			at := fixed(f)
			f.Nodes["board01"].Restart()
			return as(f, "board01", at, audittest.AbortBody(at))
		}, nil, false},
		{"vote after abort", audit.CodeAborted, func(f *audittest.Federation) []byte {
			at := fixed(f)
			f.Abort("s", "board01")
			return as(f, "board01", at, audittest.VoteBody(at))
		}, nil, false},
		{"release after abort", audit.CodeAborted, func(f *audittest.Federation) []byte {
			at := certified(f)
			f.Abort("s", "board01")
			return as(f, "board01", at, audittest.ReleaseBody(at, "board01"))
		}, nil, false},
		{"abort after release", audit.CodeReleased, func(f *audittest.Federation) []byte {
			at := certified(f)
			f.Release("s", "board01")
			return as(f, "board01", at, audittest.AbortBody(at))
		}, nil, false},
		{"vote with a withdrawn contributor", audit.CodeWithdrawn, func(f *audittest.Federation) []byte {
			at := fixed(f)
			f.Decide("s", "board04", "withdraw")
			return as(f, "board01", at, audittest.VoteBody(at))
		}, nil, false},
		{"unknown reason to abort", audit.CodeBody, func(f *audittest.Federation) []byte {
			at := fixed(f)
			b := audittest.AbortBody(at)
			b.Reason = "mood"
			return as(f, "board01", at, b)
		}, nil, false},
		{"abort names one without update", audit.CodeBody, func(f *audittest.Federation) []byte {
			at := opened(f)
			b := audittest.AbortBody(at)
			b.Cannot = []int{4}
			return as(f, "board01", at, b)
		}, nil, false},

		{"release without certificate", audit.CodeNoCertificate, func(f *audittest.Federation) []byte {
			at := fixed(f)
			f.Vote("s", "board01", "board02")
			return as(f, "board01", at, audittest.ReleaseBody(at, "board01"))
		}, nil, false},
		{"release without own vote", audit.CodeNotVoted, func(f *audittest.Federation) []byte {
			at := fixed(f)
			f.Vote("s", "board01", "board02", "board03")
			return as(f, "board04", at, audittest.ReleaseBody(at, "board04"))
		}, nil, false},
		{"release signed before the certificate", audit.CodeSeenVotes, func(f *audittest.Federation) []byte {
			at := fixed(f)
			f.Vote("s", "board01", "board02")
			h := f.State.Next("board01", f.Nodes["board01"].Boot, audittest.In(at))
			h.Time = f.Clock.Format("2006-01-02T15:04:05Z")
			f.Vote("s", "board03")
			leaf, err := audit.Sign(h, audittest.ReleaseBody(at, "board01"), f.Nodes["board01"])
			if err != nil {
				f.T.Fatal(err)
			}
			return leaf
		}, nil, false},
		{"release of another size", audit.CodeBody, func(f *audittest.Federation) []byte {
			at := certified(f)
			b := audittest.ReleaseBody(at, "board01")
			b.Sum.Size--
			return as(f, "board01", at, b)
		}, nil, false},

		{"result of too few releases", audit.CodeFewReleases, func(f *audittest.Federation) []byte {
			certified(f)
			f.Release("s", "board01", "board02")
			at := f.At("s")
			return f.Leaf(f.Coordinator, audittest.In(at), audittest.ResultBody(at))
		}, nil, false},
		{"result without certificate", audit.CodeNoCertificate, func(f *audittest.Federation) []byte {
			at := fixed(f)
			return f.Leaf(f.Coordinator, audittest.In(at), audittest.ResultBody(at))
		}, []audit.Code{audit.CodeFewReleases}, false},
		{"result uses an unlogged release", audit.CodeUsed, func(f *audittest.Federation) []byte {
			certified(f)
			f.Release("s", "board01", "board02", "board03")
			at := f.At("s")
			b := audittest.ResultBody(at)
			b.Used = []int{1, 2, 4}
			return f.Leaf(f.Coordinator, audittest.In(at), b)
		}, nil, false},
		{"result out of order", audit.CodeUsed, result(func(b *audit.Result) { slices.Reverse(b.Used) }), nil, false},
		{"result used and wrong", audit.CodeUsed, result(func(b *audit.Result) { b.Wrong = []int{1} }), nil, false},
		{"valid with a reason", audit.CodeResult, result(func(b *audit.Result) { b.Reason = "range" }), nil, false},
		{"valid without sums", audit.CodeResult, result(func(b *audit.Result) { b.Sums = crypto.Digest{} }), nil, false},
		{"invalid with canaries below nothing", audit.CodeResult, result(func(b *audit.Result) {
			b.Valid, b.Reason, b.Sums, b.CanaryMax = false, "canary", crypto.Digest{}, -1
		}), nil, false},
		{"valid with open canaries", audit.CodeResult, result(func(b *audit.Result) { b.CanaryMax = crypto.CanaryTolerance + 1 }), nil, false},
		{"invalid without reason", audit.CodeResult, result(func(b *audit.Result) { b.Valid, b.Sums = false, crypto.Digest{} }), nil, false},
		{"invalid with sums", audit.CodeResult, result(func(b *audit.Result) { b.Valid, b.Reason = false, "canary" }), nil, false},
	}
}
