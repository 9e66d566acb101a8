package federationtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"math/big"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/replay"
	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/coordinator"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
	"github.com/smartstart-federation/smartstart/examples/language"
	"github.com/smartstart-federation/smartstart/node/records"
)

const rigOrigin = "rig.example/log"

// rig is a federation whose parties a test stops, starts, holds back and
// moves to older copies of their folders. Everything is real but the processes:
// a stopped party loses its memory and keeps its folder.
type rig struct {
	t         *testing.T
	dir       string
	timeout   time.Duration // of an attempt, as nodes see it
	authority *ca.Authority
	keys      *party.Seat // the coordinator's
	address   string
	nodes     map[string]*rigNode
	names     []string
	people    map[string]*party.Seat
	research  *party.Researcher

	restarts    sync.Mutex    // of the coordinator, one after the other
	mu          sync.Mutex    // guards what follows
	patience    time.Duration // of an attempt, as the coordinator sees it
	coordinator *coordinator.Coordinator
	stop        context.CancelFunc
	stopped     chan error
	sums        map[crypto.Digest]map[string][]*big.Int // by attempt, by node
	disclosed   map[string]string                       // what must happen once, by "node act attempt"
	complain    func(string)                            // told when it did not
	wg          sync.WaitGroup
}

// newRig founds a federation over n institutions; nodes are enrolled and run.
func newRig(t *testing.T, n int, timeout time.Duration) *rig {
	t.Helper()
	timeout *= slower
	r := &rig{
		t: t, dir: t.TempDir(), timeout: timeout, patience: timeout, nodes: map[string]*rigNode{}, people: map[string]*party.Seat{},
		sums: map[crypto.Digest]map[string][]*big.Int{}, disclosed: map[string]string{},
		complain: func(what string) { t.Error(what) },
	}
	var err error
	r.authority, err = ca.NewAuthority(rigOrigin)
	r.must(err)
	r.keys = r.newSeat("coordinator")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	r.must(err)
	r.address = l.Addr().String()
	parts := r.cut(n, language.Pupils)
	for _, in := range parts {
		r.names = append(r.names, in.Name)
		r.people[in.Name] = r.newSeat(in.Name + ".approver")
		m := &rigNode{rig: r, name: in.Name, dir: filepath.Join(r.dir, in.Name), key: secret.NewNodeKey(), seat: r.newSeat(in.Name)}
		m.records.Store(&in.Records)
		r.nodes[in.Name] = m
	}
	researcher := r.newSeat("researcher")
	r.startCoordinator(l)
	r.found(researcher)
	for _, name := range r.names {
		r.enrol(name)
	}
	r.research, err = party.NewResearcher(researcher, timeout, nil)
	r.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	r.wg.Go(func() {
		if err := r.research.Run(ctx); err != nil {
			t.Errorf("the researcher ended with %v", err)
		}
	})
	t.Cleanup(func() {
		for _, m := range r.nodes {
			m.kill()
		}
		cancel()
		r.wg.Wait()
		r.stopCoordinator()
	})
	for _, m := range r.nodes {
		m.start()
	}
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// cut divides pupils over n institutions.
func (r *rig) cut(n int, pupils []byte) []federation.Institution {
	r.t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(pupils)).ReadAll()
	r.must(err)
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for i, row := range rows {
		who := "institution"
		if i > 0 {
			school, err := strconv.Atoi(row[0])
			r.must(err)
			who = fmt.Sprintf("inst%02d", school%n+1)
		}
		r.must(w.Write(append(row, who)))
	}
	w.Flush()
	parts, err := records.SplitCSV(&b, "pupils", "institution")
	r.must(err)
	cb, err := configs.ParseCodebook(language.Codebook)
	r.must(err)
	return federation.Institutions(parts, cb)
}

func (r *rig) newSeat(name string) *party.Seat {
	r.t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	r.must(err)
	signer, err := note.NewSigner(skey)
	r.must(err)
	cert, err := r.authority.IssueClient(name)
	r.must(err)
	s := &party.Seat{
		Party: audit.Party{Name: name, Key: vkey}, Secret: skey, Signer: signer,
		TLS: ca.TLSClient(r.authority.Pool(), cert, "localhost"), Origin: rigOrigin, Address: r.address,
	}
	if r.keys != nil {
		s.CoordinatorKey = r.keys.Party.Key
	}
	return s
}

// startCoordinator serves on l, or on the address of before.
func (r *rig) startCoordinator(l net.Listener) {
	cert, err := r.authority.IssueServer("localhost", "127.0.0.1")
	r.must(err)
	allow := []string{"coordinator", "researcher"}
	for _, name := range r.names {
		allow = append(allow, name, name+".approver")
	}
	c, err := coordinator.Open(coordinator.Config{
		Origin: rigOrigin, Dir: filepath.Join(r.dir, "coordinator"), Signer: r.keys.Signer, Key: r.keys.Party.Key,
		TLS: ca.TLSServer(r.authority.Pool(), cert), Allow: allow, Timeout: r.patience, Grace: 50 * time.Millisecond,
	})
	if err != nil {
		r.t.Errorf("opening the coordinator: %v", err)
		return
	}
	if l == nil {
		if l, err = net.Listen("tcp", r.address); err != nil {
			r.t.Errorf("listening again: %v", err)
			return
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.mu.Lock()
	r.coordinator, r.stop, r.stopped = c, cancel, make(chan error, 1)
	ended := r.stopped
	r.mu.Unlock()
	go func() { ended <- errors.Join(c.Serve(ctx, l), c.Close()) }()
}

func (r *rig) stopCoordinator() {
	r.mu.Lock()
	stop, stopped := r.stop, r.stopped
	r.mu.Unlock()
	stop()
	if err := <-stopped; err != nil {
		r.t.Errorf("the coordinator ended with %v", err)
	}
}

// restartCoordinator gives the coordinator a new memory.
func (r *rig) restartCoordinator() {
	r.restarts.Lock()
	patience := r.patience
	r.restarts.Unlock()
	r.patient(patience)
}

// patient restarts the coordinator with another time-out of attempts.
func (r *rig) patient(patience time.Duration) {
	r.restarts.Lock()
	defer r.restarts.Unlock()
	r.stopCoordinator()
	r.patience = patience
	r.startCoordinator(nil)
}

func (r *rig) found(researcher *party.Seat) {
	r.t.Helper()
	ctx := r.t.Context()
	codebook, err := r.coordinator.PutBlob(ctx, language.Codebook)
	r.must(err)
	charter := &audit.Charter{
		Protocol: audit.Protocol, Name: "rig", Coordinator: r.keys.Party, Founders: []audit.Founder{},
		Researchers: []audit.Party{researcher.Party}, Auditors: []audit.Party{}, Parameters: crypto.Parameters,
		MinInstitutions: 3, Codebook: codebook, Rehearsal: true, Retention: "a test",
	}
	for _, name := range r.names {
		charter.Founders = append(charter.Founders, audit.Founder{Institution: name, Approver: r.people[name].Party})
	}
	r.must(r.coordinator.Found(ctx, charter))
	r.people["researcher"] = researcher
}

func (r *rig) enrol(name string) {
	r.t.Helper()
	r.must(r.people[name].Act(r.t.Context(), func(ctx context.Context, s *party.Session) error {
		_, err := s.Join(ctx, name, r.nodes[name].seat.Party, r.nodes[name].seat.Secret)
		return err
	}))
}

// submit proposes a study that everybody approves.
func (r *rig) submit(study []byte) {
	r.t.Helper()
	p, err := configs.ParseStudy(study)
	r.must(err)
	_, err = party.Propose(r.t.Context(), r.research.Party, study, 1<<20)
	r.must(err)
	for _, name := range r.names {
		r.must(r.people[name].Act(r.t.Context(), func(ctx context.Context, s *party.Session) error {
			_, err := s.Decide(ctx, p.About.ID, audit.Decision{
				Institution: name, Verdict: "approve", Ground: audit.GroundRehearsal, Purpose: "a test", Expires: "2100-01-01",
			})
			return err
		}))
	}
}

// begin submits a study and waits for its first sum. Nobody may be late for it,
// however busy this machine is: who is would be left out of all.
func (r *rig) begin(study []byte, id string) {
	r.t.Helper()
	r.patient(2 * time.Minute)
	r.submit(study)
	r.until("the first sum of "+id+" is open", 3*time.Minute, func(st *audit.State) bool { return st.Studies[id].Round > 1 })
	r.patient(r.timeout)
}

// until waits for something to be true of the log.
func (r *rig) until(what string, limit time.Duration, true func(*audit.State) bool) {
	r.t.Helper()
	r.wait(what, limit, func() (is bool) {
		r.research.Party.View(func(st *audit.State) { is = true(st) })
		return is
	})
}

// wait waits for something to be so. Unlike what is asked of a state, it may
// ask the parties themselves.
func (r *rig) wait(what string, limit time.Duration, so func() bool) {
	r.t.Helper()
	limit *= slower
	deadline := time.Now().Add(limit)
	for {
		if so() {
			return
		}
		if time.Now().After(deadline) {
			for _, w := range r.research.Party.Waiting() {
				r.t.Logf("waits for %v: %s; since %v until %v; %s", w.Who, w.What, w.Since, w.Until, w.Remedy)
			}
			for _, m := range r.nodes {
				m.mu.Lock()
				if m.node != nil {
					for _, w := range m.node.Party().Waiting() {
						r.t.Logf("%s waits for %v: %s; until %v", m.name, w.Who, w.What, w.Until)
					}
				}
				m.mu.Unlock()
				r.t.Logf("%s refused %v", m.name, m.refusals())
			}
			r.t.Fatalf("after %v still not: %s", limit, what)
		}
		select {
		case <-r.research.Changed():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// finished waits for the end of a study. It holds that the final model state is
// the one that the rows of those in the sums give in the clear, bit for bit.
func (r *rig) finished(study []byte, id string, limit time.Duration) {
	r.t.Helper()
	r.until("study "+id+" is closed", limit, func(st *audit.State) bool {
		s := st.Studies[id]
		return s != nil && s.Close != nil
	})
	r.judge(id)
	rows, err := csv.NewReader(bytes.NewReader(language.Pupils)).ReadAll()
	r.must(err)
	in := r.inTheSum(id, 1)
	kept := rows[:1]
	for _, row := range rows[1:] {
		if slices.Contains(in, r.goesTo(row)) {
			kept = append(kept, row)
		}
	}
	var b bytes.Buffer
	r.must(csv.NewWriter(&b).WriteAll(kept))
	want := inTheClearOf(r.t, study, language.Codebook, b.Bytes())
	if got := r.research.Chain.Models()[id].Digest; got != want {
		r.t.Errorf("%s ended in state %v, the rows of %v together in %v", id, got, in, want)
	}
}

// goesTo names the institution of a pupil.
func (r *rig) goesTo(row []string) string {
	school, err := strconv.Atoi(row[0])
	r.must(err)
	return fmt.Sprintf("inst%02d", school%len(r.names)+1)
}

// judge holds what must be true of every log: no void entry, and every opened
// sum is the sum of what its set put in.
func (r *rig) judge(study string) {
	r.t.Helper()
	var rosters [][]string
	r.research.Party.View(func(st *audit.State) {
		for _, f := range st.Findings {
			r.t.Errorf("finding: %v", f)
		}
		for round := 1; round < st.Studies[study].Round; round++ {
			at := st.Studies[study].Opened(round)
			rosters = append(rosters, at.Open.Body.(*audit.Open).Roster)
		}
	})
	for i, roster := range rosters {
		number := 0
		r.research.Party.View(func(st *audit.State) { number = st.Studies[study].Opened(i + 1).Number })
		round, err := replay.Read(r.research.Party, study, i+1, number)
		r.must(err)
		o, err := round.Open(r.t.Context(), r.research.Client)
		r.must(err)
		r.mu.Lock()
		for v, sum := range o.Stat() {
			total := new(big.Int)
			for _, point := range round.Set {
				total.Add(total, r.sums[round.Attempt.ID][roster[point-1]][v])
			}
			if total.Cmp(sum) != 0 {
				r.t.Errorf("round %d value %d: the inputs sum to %v, opened was %v", i+1, v, total, sum)
			}
		}
		r.mu.Unlock()
	}
}

// once holds that a node never says two different things where it may say one.
func (r *rig) once(s *audit.Statement) {
	var what string
	switch b := s.Body.(type) {
	case *audit.Update:
		what = b.Frames.Digest.String()
	case *audit.Vote:
		what = fmt.Sprint(b.Points, b.Root)
	case *audit.Release:
		what = b.Sum.Digest.String()
	default:
		return
	}
	key := fmt.Sprint(s.Signer, " ", s.Type, " ", s.Study, " ", s.Round, " ", s.Attempt)
	r.mu.Lock()
	defer r.mu.Unlock()
	if before, ok := r.disclosed[key]; ok && before != what {
		r.complain(fmt.Sprintf("%s: first %s, then %s", key, before, what))
	}
	r.disclosed[key] = what
}
