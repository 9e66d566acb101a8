package audittest

import (
	"crypto/hpke"
	"crypto/sha256"
	"fmt"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Key returns a fresh attempt key that follows from how many were made.
func (f *Federation) Key() []byte {
	f.T.Helper()
	f.keys++
	ikm := sha256.Sum256(fmt.Appendf(nil, "audittest attempt key %d", f.keys))
	k, err := hpke.MLKEM768X25519().DeriveKeyPair(ikm[:])
	if err != nil {
		f.T.Fatal(err)
	}
	return k.PublicKey().Bytes()
}

// ReadyBody is a `ready` for the Counter state of a round.
func (f *Federation) ReadyBody(study string) *audit.Ready {
	return &audit.Ready{State: StateDigest(f.State.Studies[study].Round), Shape: CounterShape(), Key: f.Key()}
}

// StateDigest is a stand-in for the digest of the model state of a round.
func StateDigest(round int) crypto.Digest { return Digest("state", round) }

// Ready lets these nodes be ready for the next attempt, or everybody.
func (f *Federation) Ready(study string, names ...string) {
	f.T.Helper()
	if len(names) == 0 {
		names = f.Institutions
	}
	for _, name := range names {
		f.Say(f.Nodes[name], f.Next(study), f.ReadyBody(study))
	}
}

// OpenBody is the `open` that the log prescribes now.
func (f *Federation) OpenBody(study string) *audit.Open {
	f.T.Helper()
	b, r := f.State.NextOpen(f.State.Studies[study])
	if r != nil {
		f.T.Fatalf("study %s cannot be opened: %v", study, r)
	}
	return b
}

// Open opens the next attempt.
func (f *Federation) Open(study string) *audit.Attempt {
	f.T.Helper()
	f.Say(f.Coordinator, f.Next(study), f.OpenBody(study))
	return f.At(study)
}

// UpdateBody names an upload of the right size that holds nothing.
func (f *Federation) UpdateBody(at *audit.Attempt, name string) *audit.Update {
	b := at.Open.Body.(*audit.Open)
	n := len(b.Seats)
	u := &audit.Update{
		Open:       at.ID,
		Frames:     audit.BlobRef{Digest: Digest("frames", at.ID, name), Size: b.Shape.FrameSize()},
		Boxes:      audit.BlobRef{Digest: Digest("boxes", at.ID, name), Size: int64(n) * crypto.BoxSize},
		Projection: audit.BlobRef{Digest: Digest("projection", at.ID, name), Size: int64(crypto.ProjectionSize(b.T))},
	}
	for i := range n {
		u.BoxDigests = append(u.BoxDigests, Digest("box", at.ID, name, i))
		u.Shares = append(u.Shares, Digest("share", at.ID, name, i))
	}
	return u
}

// Update lets these nodes upload, or every seat.
func (f *Federation) Update(study string, names ...string) {
	f.T.Helper()
	at := f.At(study)
	if len(names) == 0 {
		names = at.Seats()
	}
	for _, name := range names {
		f.Say(f.Nodes[name], In(at), f.UpdateBody(at, name))
	}
}

// SetBody is the `set` that the log prescribes now.
func (f *Federation) SetBody(study string) *audit.Set {
	at := f.At(study)
	points, absent := f.State.NextSet(study, at.Round, at.Number)
	return &audit.Set{Open: at.ID, Points: points, Absent: absent, Root: Digest("root", at.ID)}
}

// Set fixes the set.
func (f *Federation) Set(study string) *audit.Attempt {
	f.T.Helper()
	f.Say(f.Coordinator, In(f.At(study)), f.SetBody(study))
	return f.At(study)
}

// VoteBody votes for the logged set.
func VoteBody(at *audit.Attempt) *audit.Vote {
	s := at.Set.Body.(*audit.Set)
	return &audit.Vote{Open: at.ID, Points: s.Points, Root: s.Root}
}

// Vote lets these nodes vote, or every seat.
func (f *Federation) Vote(study string, names ...string) {
	f.T.Helper()
	at := f.At(study)
	if len(names) == 0 {
		names = at.Seats()
	}
	for _, name := range names {
		f.Say(f.Nodes[name], In(at), VoteBody(at))
	}
}

// AbortBody aborts an attempt.
func AbortBody(at *audit.Attempt) *audit.Abort {
	return &audit.Abort{Open: at.ID, Reason: "no_certificate"}
}

// Abort lets these nodes abort.
func (f *Federation) Abort(study string, names ...string) {
	f.T.Helper()
	at := f.At(study)
	for _, name := range names {
		f.Say(f.Nodes[name], In(at), AbortBody(at))
	}
}

// ReleaseBody names a release that holds nothing.
func ReleaseBody(at *audit.Attempt, name string) *audit.Release {
	return &audit.Release{Open: at.ID, Sum: audit.BlobRef{Digest: Digest("release", at.ID, name), Size: crypto.ReleaseSize}}
}

// Release lets these nodes release, or every seat that voted.
func (f *Federation) Release(study string, names ...string) {
	f.T.Helper()
	at := f.At(study)
	if len(names) == 0 {
		for _, name := range at.Seats() {
			if at.Votes[name] != nil {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		f.Say(f.Nodes[name], In(at), ReleaseBody(at, name))
	}
}

// ResultBody is a valid result over all releases.
func ResultBody(at *audit.Attempt) *audit.Result {
	b := &audit.Result{Open: at.ID, Valid: true, CanaryMax: 7, Sums: Digest("sums", at.ID)}
	for _, name := range at.Seats() {
		if at.Releases[name] != nil {
			b.Used = append(b.Used, at.Point(name))
		}
	}
	return b
}

// Result states a valid result.
func (f *Federation) Result(study string) {
	f.T.Helper()
	at := f.At(study)
	f.Say(f.Coordinator, In(at), ResultBody(at))
}

// Round runs a whole round with everybody.
func (f *Federation) Round(study string) {
	f.T.Helper()
	f.Ready(study)
	f.Open(study)
	f.Update(study)
	f.Set(study)
	f.Vote(study)
	f.Release(study)
	f.Result(study)
}

// Close ends a study as finished.
func (f *Federation) Close(study string) *audit.Statement {
	f.T.Helper()
	return f.Say(f.Researcher, audit.Header{Study: study},
		&audit.Close{State: StateDigest(f.State.Studies[study].Round), Reason: "finished"})
}
