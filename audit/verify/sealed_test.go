package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// sealedFederation is a test federation with real encrypted sums. Its hooks
// let a test lie at one place of a round and stay honest everywhere else.
type sealedFederation struct {
	*audittest.Federation
	blobs   memory
	holders map[string]*secret.Holder
	keys    map[string]secret.NodeKey
	model   audit.Method
	state   []byte

	rounds   int
	values   func(round, point int) []*big.Int
	onReady  func(round int, name string, b *audit.Ready)
	onFrames func(round int, name string, frames []byte) []byte
	onSet    func(round int, b *audit.Set)
	onShare  func(round int, name string, release []byte) []byte
	onResult func(round int, b *audit.Result)
	onClose  func(b *audit.Close)
}

// memory is a blob store.
type memory map[crypto.Digest][]byte

func (m memory) put(b []byte) audit.BlobRef {
	d := crypto.DigestOf(b)
	m[d] = bytes.Clone(b)
	return audit.BlobRef{Digest: d, Size: int64(len(b))}
}

func (m memory) GetBlob(_ context.Context, digest [32]byte, _, _ int64, w io.Writer) error {
	b, ok := m[digest]
	if !ok {
		return errors.New("no such blob")
	}
	_, err := w.Write(b)
	return err
}

// newSealed returns a federation of n institutions with a study of so many
// rounds that all approved. change may give the charter other rules.
func newSealed(t testing.TB, n, rounds int, change ...func(*audit.Charter)) *sealedFederation {
	f := newUndecided(t, n, rounds, change...)
	f.Approve("study")
	return f
}

// newUndecided is newSealed before anybody decided on the study.
func newUndecided(t testing.TB, n, rounds int, change ...func(*audit.Charter)) *sealedFederation {
	f := &sealedFederation{
		Federation: audittest.Plan(t, n), blobs: memory{}, rounds: rounds,
		holders: map[string]*secret.Holder{}, keys: map[string]secret.NodeKey{}, model: audittest.Counter{Rounds: rounds},
		values: func(round, point int) []*big.Int {
			return []*big.Int{big.NewInt(int64(round)), big.NewInt(int64(-point)), big.NewInt(int64(100*round + point))}
		},
	}
	for _, c := range change {
		c(f.CharterBody)
	}
	f.Charter()
	for _, name := range f.Institutions {
		f.Enrol(name)
	}
	f.blobs.put([]byte(audittest.Codebook))
	for _, name := range f.Institutions {
		f.keys[name] = secret.NewNodeKey()
	}
	proposal := audittest.ProposalBody(rounds)
	proposal.Numbers += int64(audittest.CounterShape().Values()) // one round too many is a finding of the model
	f.Say(f.Researcher, audit.Header{Study: "study"}, proposal)
	var err error
	if f.state, err = f.model.Start(); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *sealedFederation) must(err error) {
	f.T.Helper()
	if err != nil {
		f.T.Fatal(err)
	}
}

// run runs all rounds and closes the study.
func (f *sealedFederation) run() *sealedFederation {
	f.T.Helper()
	for r := 1; r <= f.rounds; r++ {
		f.Round(r, f.Institutions...)
	}
	f.Finish()
	return f
}

// Finish closes the study with the newest state.
func (f *sealedFederation) Finish() {
	f.T.Helper()
	b := &audit.Close{State: crypto.DigestOf(f.state), Reason: "finished"}
	if f.onClose != nil {
		f.onClose(b)
	}
	f.Say(f.Researcher, audit.Header{Study: "study"}, b)
}

// Round runs one round in which these institutions release.
func (f *sealedFederation) Round(round int, releasing ...string) {
	f.T.Helper()
	at, boxes, projections := f.upload(round)
	f.fixAndVote(round, at, boxes, projections)
	at = f.At("study")
	certificate, ok := at.Certificate()
	if !ok {
		f.T.Fatal("no certificate after all votes")
	}
	for _, name := range releasing {
		b, err := f.holders[name].Release(certificate, func([]byte) error { return nil })
		f.must(err)
		if f.onShare != nil {
			b = f.onShare(round, name, b)
		}
		f.Say(f.Nodes[name], audittest.In(at), &audit.Release{Open: at.ID, Sum: f.blobs.put(b)})
	}
	f.result(round)
}

// upload opens an attempt in which everybody gives its numbers.
func (f *sealedFederation) upload(round int) (at *audit.Attempt, boxes map[string][]byte, projections map[string]*crypto.Projection) {
	f.T.Helper()
	for _, name := range f.Institutions {
		h, err := secret.NewHolder()
		f.must(err)
		f.holders[name] = h
		shape, _, err := f.model.Shape(f.state)
		f.must(err)
		b := &audit.Ready{State: crypto.DigestOf(f.state), Shape: shape, Key: h.PublicKey()}
		if f.onReady != nil {
			f.onReady(round, name, b)
		}
		f.Say(f.Nodes[name], f.Next("study"), b)
	}
	at = f.Open("study")
	a := at.Crypto(f.State)
	boxes, projections = map[string][]byte{}, map[string]*crypto.Projection{}
	for _, name := range f.Institutions {
		f.must(f.holders[name].Bind(a, at.Point(name)))
		boxes[name], projections[name] = f.contribute(round, name, at, a)
	}
	return at, boxes, projections
}

// fixAndVote fixes the set, and everybody votes for it.
func (f *sealedFederation) fixAndVote(round int, at *audit.Attempt, boxes map[string][]byte, projections map[string]*crypto.Projection) {
	f.T.Helper()
	f.set(round, at, at.Crypto(f.State))
	at = f.At("study")
	set := at.Set.Body.(*audit.Set)
	for _, name := range f.Institutions {
		h := f.holders[name]
		for _, other := range at.Seats() {
			u := at.Updates[other].Body.(*audit.Update)
			mine := at.Point(name) - 1
			box := boxes[other][mine*crypto.BoxSize : (mine+1)*crypto.BoxSize]
			f.must(h.Accept(at.Point(other), box, u.BoxDigests[mine], u.Shares[mine]))
			f.must(h.Check(projections[other]))
		}
		f.must(h.Vote(crypto.Set(set.Points), set.Root, func() error { return nil }))
		f.Vote("study", name)
	}
}

// contribute encrypts and states one update, and returns the boxes and the
// checked projection. The nodes here check what was encrypted, also when the
// test states something else: what they would refuse, the verifier has to see.
func (f *sealedFederation) contribute(round int, name string, at *audit.Attempt, a crypto.Attempt) ([]byte, *crypto.Projection) {
	f.T.Helper()
	plain, err := crypto.EncodeStat(a.Shape, f.values(round, at.Point(name)))
	f.must(err)
	var frames bytes.Buffer
	sealed, err := secret.Encrypt(a, at.Point(name), plain, f.keys[name], &frames)
	f.must(err)
	b := frames.Bytes()
	projection, err := crypto.ParseProjection(a, sealed.Commitment(at.Point(name)), sealed.Projection)
	f.must(err)
	f.must(projection.CheckCanaries(bytes.NewReader(b)))
	if f.onFrames != nil {
		b = f.onFrames(round, name, b)
	}
	f.Say(f.Nodes[name], audittest.In(at), &audit.Update{
		Open: at.ID, Frames: f.blobs.put(b), Boxes: f.blobs.put(sealed.Boxes),
		BoxDigests: sealed.BoxDigests, Shares: sealed.Shares, Projection: f.blobs.put(sealed.Projection),
	})
	return sealed.Boxes, projection
}

// sum adds the frames of an attempt, as far as they can be added.
func (f *sealedFederation) sum(at *audit.Attempt, points []int) *crypto.Sum {
	f.T.Helper()
	sum, err := crypto.NewSum(at.Crypto(f.State))
	f.must(err)
	for _, p := range points {
		frames := f.blobs[at.Updates[at.Name(p)].Body.(*audit.Update).Frames.Digest]
		_ = sum.Add(p, bytes.NewReader(frames)) // malformed ones are the test's wish
	}
	return sum
}

func (f *sealedFederation) set(round int, at *audit.Attempt, _ crypto.Attempt) {
	f.T.Helper()
	b := f.SetBody("study")
	b.Root = f.sum(f.At("study"), b.Points).Root()
	if b.Root.IsZero() {
		b.Root = audittest.Digest("no root")
	}
	if f.onSet != nil {
		f.onSet(round, b)
	}
	f.Say(f.Coordinator, audittest.In(at), b)
}

// result opens the sum as the coordinator does and takes the model along.
func (f *sealedFederation) result(round int) {
	f.T.Helper()
	at := f.At("study")
	set := at.Set.Body.(*audit.Set).Points
	a := at.Crypto(f.State)
	var releases []crypto.Release
	for _, name := range at.Seats() {
		if s := at.Releases[name]; s != nil {
			if r, err := crypto.ParseRelease(a, f.blobs[s.Body.(*audit.Release).Sum.Digest]); err == nil && r.Point() == at.Point(name) {
				releases = append(releases, r)
			}
		}
	}
	b := &audit.Result{Open: at.ID}
	o, err := f.sum(at, set).Open(set, releases)
	var sums []*big.Int
	if err == nil {
		b.Used, b.Wrong, b.CanaryMax, b.Valid, b.Sums = o.Used, o.Wrong, o.CanaryMax, true, o.Digest()
		sums = o.Stat()
	} else {
		b.Reason = "canary"
	}
	if f.onResult != nil {
		f.onResult(round, b)
	}
	f.Say(f.Coordinator, audittest.In(at), b)
	if !b.Valid {
		return
	}
	if sums == nil { // a lie: what everybody would have got
		sums = []*big.Int{new(big.Int), new(big.Int), new(big.Int)}
		for _, p := range set {
			for i, v := range f.values(round, p) {
				sums[i].Add(sums[i], v)
			}
		}
	}
	f.state, err = f.model.Global(f.state, sums)
	f.must(err)
}

// bundle writes the bundle of the log as it is and returns its folder.
func (f *sealedFederation) bundle(kind bundle.Kind) string {
	f.T.Helper()
	dir := filepath.Join(f.T.TempDir(), "bundle")
	f.must(bundle.Write(context.Background(), dir, kind, f.Leaves, f.Checkpoint(), f.blobs))
	return dir
}

// check verifies a folder with these checks switched off.
func check(t testing.TB, dir string, off []audit.Code, options ...Option) *Report {
	t.Helper()
	options = append(options, func(v *verifier) {
		v.off = map[audit.Code]bool{}
		for _, c := range off {
			v.off[c] = true
		}
	})
	r, err := Bundle(context.Background(), os.DirFS(dir), audittest.Counters{}, options...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// opened is the sum that a study of these rounds must end with.
func (f *sealedFederation) opened() []string {
	total := []*big.Int{new(big.Int), new(big.Int), new(big.Int)}
	for r := 1; r <= f.rounds; r++ {
		for p := range f.Institutions {
			for i, v := range f.values(r, p+1) {
				total[i].Add(total[i], v)
			}
		}
	}
	var out []string
	for _, x := range total {
		out = append(out, fmt.Sprint(x))
	}
	return out
}
