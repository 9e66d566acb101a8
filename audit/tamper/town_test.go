package tamper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
	"github.com/smartstart-federation/smartstart/node"
	"github.com/smartstart-federation/smartstart/node/records"
)

// book is the town's codebook.
const book = "[[column]]\nname = \"delay\"\nkind = \"yes_no\"\n[[column]]\nname = \"iq\"\nkind = \"number\"\nmin = -10.0\nmax = 10.0\n"

// question is a study of several rounds.
func question(id string) string {
	return fmt.Sprintf("[study]\nid = %q\npurpose = \"to learn\"\n[model]\nkind = \"logistic\"\noutcome = \"delay\"\nfeatures = [\"iq\"]\n", id)
}

// town is a federation of four institutions around a crooked coordinator: whole
// nodes with their own folders, over gRPC and TLS. Board 4 has no program: the
// test speaks with its key and its certificate. c is 1 and t is 3.
type town struct {
	*crooked
	t         *testing.T
	off       []string // checks that are off at every party
	authority *ca.Authority
	address   string
	nodes     map[string]*resident
	said      *lines
	policy    node.Policy

	summed sync.Mutex
	inputs map[crypto.Digest][]*big.Int // by attempt and node: what went in, before encryption
}

// resident is one institution's node.
type resident struct {
	*node.Node
	w      *town
	name   string
	dir    string
	rows   string // path of its records
	key    secret.NodeKey
	wire   *wire
	cancel context.CancelFunc
	ended  chan struct{}
	err    error // read after ended

	mu      sync.Mutex
	refused []error
}

// lines is what all nodes wrote to their logs.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) has(words string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.b.String(), words)
}

// patience is how long the test waits for what must come.
const patience = 40 * time.Second

func boards(n ...int) (names []string) {
	for _, i := range n {
		names = append(names, fmt.Sprintf("board%02d", i))
	}
	return names
}

// newTown founds it; the study "a" is approved by all, and nodes run.
func newTown(t *testing.T, off []string, prepare ...func(*town)) *town {
	t.Helper()
	f := audittest.Plan(t, 4)
	f.CharterBody.MinInstitutions = 3
	f.CharterBody.Codebook = crypto.DigestOf([]byte(book))
	w := &town{
		crooked: &crooked{f: f, born: time.Now(), blobs: map[crypto.Digest][]byte{}, grown: make(chan struct{}), forks: map[string]*fork{}},
		t:       t, off: off, nodes: map[string]*resident{}, said: &lines{}, inputs: map[crypto.Digest][]*big.Int{},
	}
	stateWithout(f.State, off)
	w.put([]byte(book))
	f.Charter()
	for _, name := range f.Institutions {
		f.Enrol(name)
	}
	var err error
	w.authority, err = ca.NewAuthority("town")
	w.must(err)
	var stop func()
	w.address, stop, err = w.listen(w.authority)
	w.must(err)
	t.Cleanup(stop)
	w.propose("a")
	for _, p := range prepare {
		p(w)
	}
	for i, name := range boards(1, 2, 3) {
		r := &resident{w: w, name: name, dir: t.TempDir(), rows: filepath.Join(t.TempDir(), "pupils.csv"), key: secret.NewNodeKey()}
		w.nodes[name] = r
		r.write(40+i, "")
		r.start()
	}
	return w
}

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) propose(id string) {
	m, err := node.OpenMethod(question(id), []byte(book))
	w.must(err)
	late, wait := node.StatedLate(m.Study)
	w.does(func(f *audittest.Federation) {
		f.Say(f.Researcher, audit.Header{Study: id}, &audit.Proposal{
			Study: question(id), MinInstitutions: m.Study.Privacy.MinInstitutions, OnLate: late, Wait: wait, Numbers: 100_000,
		})
		f.Approve(id)
	})
}

// write gives an institution n children; spoil replaces the number of the first
// if it is not empty.
func (r *resident) write(n int, spoil string) {
	var b strings.Builder
	b.WriteString("pseudonym,delay,iq\n")
	for i := range n {
		iq := fmt.Sprintf("%d.5", i%9-4)
		if i == 0 && spoil != "" {
			iq = spoil
		}
		fmt.Fprintf(&b, "%s-%04d,%d,%s\n", r.name, i, i%3&1, iq)
	}
	r.w.must(os.WriteFile(r.rows, []byte(b.String()), 0o600))
}

// dial connects with an institution's certificate.
func (w *town) dial(name string) *api.Client {
	w.t.Helper()
	cert, err := w.authority.IssueClient(name)
	w.must(err)
	c, err := api.Dial(w.address, ca.TLSClient(w.authority.Pool(), cert, "localhost"))
	w.must(err)
	return c
}

// start runs the node from its folder, with nothing in memory.
func (r *resident) start() {
	w := r.w
	w.t.Helper()
	cb, err := configs.ParseCodebook([]byte(book))
	w.must(err)
	r.wire = &wire{Client: w.dial(r.name), r: r, careless: slices.Contains(w.off, "SS6105")}
	cfg := node.Config{
		Name: r.name, Origin: audittest.Origin, CoordinatorKey: w.f.Coordinator.Party.Key, Signer: w.f.Nodes[r.name], Key: r.key,
		Dir: r.dir, Coordinator: r.wire, Records: &records.File{Path: r.rows, Codebook: cb}, Now: w.now,
		Logger: hclog.New(&hclog.LoggerOptions{Output: w.said, Level: hclog.Info}),
		Summed: w.note,
		Refused: func(err error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.refused = append(r.refused, err)
		},
	}
	cfg.Policy = policyWithout(w.policy, w.off)
	r.Node, err = node.Open(cfg)
	w.must(err)
	stateWithout(stateOf(r.Node), w.off)
	ctx, cancel := context.WithCancel(context.Background())
	n, client, ended := r.Node, r.wire.Client, make(chan struct{})
	r.cancel, r.ended = cancel, ended
	go func() {
		defer close(ended)
		r.err = errors.Join(n.Run(ctx), client.Close())
	}()
	w.t.Cleanup(r.stop)
}

func (r *resident) stop() {
	r.cancel()
	<-r.ended
}

// refusedBy reports whether the node has refused something with this code.
func (r *resident) refusedBy(code string) (text string, is bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, err := range r.refused {
		var c interface{ Code() string }
		if errors.As(err, &c) && c.Code() == code {
			return err.Error(), true
		}
	}
	return "", false
}

// refuses waits until a node has refused with a code, in words that a person
// can use.
func (r *resident) refuses(code, words string) {
	r.w.t.Helper()
	r.w.wait(r.name+" refuses with "+code, func() bool { _, is := r.refusedBy(code); return is })
	if text, _ := r.refusedBy(code); !strings.Contains(text, words) {
		r.w.t.Errorf("%s says %q, want %q in it", r.name, text, words)
	}
}

// wire is a node's connection; careless does not hold whole blobs against their
// digest.
type wire struct {
	*api.Client
	r        *resident
	careless bool
}

func (n *wire) Append(ctx context.Context, leaf []byte) (int64, error) {
	off := n.r.w.off
	unchecked := slices.Contains(off, "SS3110") || slices.Contains(off, "SS3013")
	if s, err := audit.Parse(leaf); err == nil && s.Type == audit.TypeReady && unchecked {
		voteAnyway(n.r.Node)
	}
	return n.Client.Append(ctx, leaf)
}

func (n *wire) GetBlob(ctx context.Context, digest [32]byte, offset, length int64, to io.Writer) error {
	if !n.careless {
		return n.Client.GetBlob(ctx, digest, offset, length, to)
	}
	if err := n.Client.GetBlob(ctx, digest, offset, length, to); err != nil && !coded(err, "SS6105") {
		return err
	}
	return nil
}

func coded(err error, code string) bool {
	var c interface{ Code() string }
	return errors.As(err, &c) && c.Code() == code
}

// wait waits until something is so.
func (w *town) wait(what string, so func() bool) {
	w.t.Helper()
	for limit := time.Now().Add(patience); !so(); time.Sleep(4 * time.Millisecond) {
		if time.Now().After(limit) {
			for _, r := range w.nodes {
				r.mu.Lock()
				w.t.Logf("%s refused %v", r.name, r.refused)
				r.mu.Unlock()
				for _, x := range r.Party().Waiting() {
					w.t.Logf("%s waits for %v: %s; until %v; %s", r.name, x.Who, x.What, x.Until, x.Remedy)
				}
			}
			w.t.Fatalf("it never came to this: %s\n%s", what, w.said.b.String())
		}
	}
}

// until waits for something to become true of the log.
func (w *town) until(what string, is func(st *audit.State) bool) {
	w.t.Helper()
	w.wait(what, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return is(w.f.State)
	})
}

// later moves everybody's clock.
func (w *town) later(d time.Duration) {
	w.mu.Lock()
	w.f.Clock = w.f.Clock.Add(time.Since(w.born) + d)
	w.born = time.Now()
	w.mu.Unlock()
	for _, r := range w.nodes {
		r.Party().Wake()
	}
}

// ready waits until these nodes have offered themselves for the next attempt.
func (w *town) ready(study string, names ...string) {
	w.t.Helper()
	w.until(fmt.Sprint(names, " are ready for ", study), func(st *audit.State) bool {
		b, refused := st.NextOpen(st.Studies[study])
		if refused != nil {
			return false
		}
		for _, name := range names {
			if !slices.ContainsFunc(b.Seats, func(s audit.OpenSeat) bool { return b.Roster[s.Point-1] == name && !s.Ready.IsZero() }) {
				return false
			}
		}
		return true
	})
}

// at is the newest attempt of a study's round.
func (w *town) at(study string) (at *audit.Attempt) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.f.At(study)
}

func (w *town) open(study string) *audit.Attempt {
	w.t.Helper()
	w.does(func(f *audittest.Federation) { f.Open(study) })
	return w.at(study)
}

func (w *town) updates(study string, n int) {
	w.t.Helper()
	w.until(fmt.Sprint(n, " institutions gave their numbers"), func(*audit.State) bool { return len(w.f.At(study).Updates) == n })
}

// sum adds the frames of a set.
func (w *town) sum(at *audit.Attempt, points []int) *crypto.Sum {
	sum, err := crypto.NewSum(at.Crypto(w.f.State))
	w.must(err)
	for _, p := range points {
		w.must(sum.Add(p, bytes.NewReader(w.blobs[at.Updates[at.Name(p)].Body.(*audit.Update).Frames.Digest])))
	}
	return sum
}

// set is the honest set, without whom leave says.
func (w *town) set(study string, leave ...int) {
	w.t.Helper()
	w.does(func(f *audittest.Federation) {
		b := f.SetBody(study)
		b.Points = slices.DeleteFunc(slices.Clone(b.Points), func(p int) bool { return slices.Contains(leave, p) })
		for _, p := range leave {
			if !slices.ContainsFunc(b.Absent, func(a audit.Absence) bool { return a.Point == p }) {
				b.Absent = append(b.Absent, audit.Absence{Point: p, Reason: "no_update"})
			}
		}
		b.Root = w.sum(f.At(study), b.Points).Root()
		f.Append(f.Leaf(f.Coordinator, audittest.In(f.At(study)), b))
	})
}

// certified waits for t votes.
func (w *town) certified(study string) {
	w.t.Helper()
	w.until("there is a certificate", func(*audit.State) bool { return w.f.At(study).Certified() })
}

// released waits for the releases of n nodes.
func (w *town) released(study string, n int) {
	w.t.Helper()
	w.until(fmt.Sprint(n, " nodes released"), func(*audit.State) bool { return len(w.f.At(study).Releases) >= n })
}

// result opens the sum as the coordinator must, and says what came out; change
// may lie. It reports whether a sum was reached.
func (w *town) result(study string, change func(*audit.Result)) bool {
	w.t.Helper()
	var reached bool
	w.does(func(f *audittest.Federation) {
		at := f.At(study)
		set := at.Set.Body.(*audit.Set).Points
		var list []crypto.Release
		for _, name := range at.Seats() {
			if s := at.Releases[name]; s != nil {
				r, err := crypto.ParseRelease(at.Crypto(f.State), w.blobs[s.Body.(*audit.Release).Sum.Digest])
				w.must(err)
				list = append(list, r)
			}
		}
		b := &audit.Result{Open: at.ID, Reason: "canary"}
		if o, err := w.sum(at, set).Open(set, list); err == nil {
			*b = audit.Result{Open: at.ID, Used: o.Used, Wrong: o.Wrong, CanaryMax: o.CanaryMax, Valid: true, Sums: o.Digest()}
			reached = true
			w.compare(at, set, o.Stat())
		}
		if change != nil {
			change(b)
		}
		f.Append(f.Leaf(f.Coordinator, audittest.In(at), b))
	})
	return reached
}

func inputOf(attempt crypto.Digest, name string) crypto.Digest {
	return crypto.DigestOf(append(attempt[:], name...))
}

func (w *town) note(in node.RoundInput) {
	w.summed.Lock()
	defer w.summed.Unlock()
	w.inputs[inputOf(in.Attempt, in.Node)] = in.Values
}

// compare holds that a sum is that of what its institutions put in, whoever
// lied; board 4 puts in zeros.
func (w *town) compare(at *audit.Attempt, set []int, sums []*big.Int) {
	w.t.Helper()
	w.summed.Lock()
	defer w.summed.Unlock()
	for i, sum := range sums {
		total := new(big.Int)
		for _, p := range set {
			if name := at.Name(p); name != liar {
				total.Add(total, w.inputs[inputOf(at.ID, name)][i])
			}
		}
		if total.Cmp(sum) != 0 {
			w.t.Errorf("value %d: the inputs sum to %v, opened was %v", i, total, sum)
		}
	}
}

// goesOn finishes an attempt in which everybody is honest: the sum over its set
// is opened, and every node computes the next state from it itself.
func (w *town) goesOn(study string, n int) {
	w.t.Helper()
	w.certified(study)
	w.released(study, n)
	if !w.result(study, nil) {
		w.t.Fatal("the honest sum was not reached")
	}
	w.advanced(study)
}

// advanced waits until every running node has computed the next state.
func (w *town) advanced(study string) {
	w.t.Helper()
	round := 0
	w.until("the round is over", func(st *audit.State) bool { round = st.Studies[study].Round; return true })
	for _, r := range w.nodes {
		w.wait(r.name+" computed the state of the next round", func() bool {
			_, _, at, ok := r.Chain().State(study)
			return ok && at == round
		})
	}
}

// findings waits until every running node holds the whole log, and returns the
// codes of what each of them found void.
func (w *town) findings() map[string][]string {
	w.t.Helper()
	out := map[string][]string{}
	for _, r := range w.nodes {
		if len(w.forks) > 0 {
			continue
		}
		w.wait(r.name+" holds the whole log", func() (is bool) {
			w.mu.Lock()
			size := w.f.State.Head().Size
			w.mu.Unlock()
			r.Party().View(func(st *audit.State) {
				is = st.Head().Size >= size
				out[r.name] = nil
				for _, f := range st.Findings {
					out[r.name] = append(out[r.name], f.Code)
				}
			})
			return is
		})
	}
	return out
}

// allFind holds that every honest node found an entry void by a code.
func (w *town) allFind(code string) {
	w.t.Helper()
	for name, codes := range w.findings() {
		if !slices.Contains(codes, code) {
			w.t.Errorf("%s found %v, want %s", name, codes, code)
		}
	}
}

// audit writes the sealed bundle of the log and verifies it.
func (w *town) audit(options ...verify.Option) *verify.Report {
	w.t.Helper()
	dir := filepath.Join(w.t.TempDir(), "bundle")
	w.mu.Lock()
	leaves, signed := slices.Clone(w.f.Leaves), w.f.Checkpoint()
	w.mu.Unlock()
	w.must(bundle.Write(w.t.Context(), dir, bundle.Sealed, leaves, signed, fetch(w.getBlob)))
	for d, b := range w.blobs { // a writer without the check would have taken them along
		if len(w.off) > 0 {
			w.must(os.WriteFile(filepath.Join(dir, "blobs", d.String()), b, 0o600))
		}
	}
	r := verified(w.t, dir, node.Methods{}, w.off, options...)
	if want := 5; len(w.off) == 0 && len(options) == 0 && !r.Verified {
		exits(w.t, dir, want)
	}
	return r
}

type fetch func(ctx context.Context, digest [32]byte, offset, length int64, w io.Writer) error

func (f fetch) GetBlob(ctx context.Context, digest [32]byte, offset, length int64, w io.Writer) error {
	return f(ctx, digest, offset, length, w)
}

// clean holds that an auditor finds nothing.
func (w *town) clean(options ...verify.Option) *verify.Report {
	w.t.Helper()
	r := w.audit(options...)
	if !r.Verified {
		w.t.Errorf("the bundle does not verify:\n%s", r)
	}
	return r
}

// blames holds that an auditor finds a code, against a party.
func (w *town) blames(code, party, words string) {
	w.t.Helper()
	x := found(w.t, w.audit(), code, -1)
	if x.Party != party || !strings.Contains(x.Sentence, words) || x.Remedy == "" {
		w.t.Errorf("the auditor reads %v, want %s of %q with %q", &x, code, party, words)
	}
}
