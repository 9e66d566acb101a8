package federation

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/coordinator"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto/secret"
	"github.com/smartstart-federation/smartstart/node"
)

// Names of the parties that are not institutions.
const (
	CoordinatorName = "coordinator"
	ResearcherName  = "researcher"
)

// Institution is one member and its records.
type Institution struct {
	Name    string
	Records node.Records
}

// Config describes a federation on this machine.
type Config struct {
	Name            string // of the federation; also the origin of its log
	Institutions    []Institution
	Codebook        []byte // TOML
	Dir             string // every party gets a folder in it
	MinInstitutions int    // of the charter; 0 means 3
	AllowPair       bool   // let two institutions compute
	AcceptIsolated  bool   // every approver accepts that a difference of sums may show its institution alone
	Forgetful       int    // r of the threshold rule
	Policy          node.Policy
	Timeout         time.Duration // of an attempt; 0 means 10 minutes
	Logger          hclog.Logger
	Applied         func(loop.Applied)    // the log as the researcher sees it
	Summed          func(node.RoundInput) // for the harness that checks the sums
}

// Federation is a running federation.
type Federation struct {
	cfg         Config
	authority   *ca.Authority
	coordinator *coordinator.Coordinator
	sequencer   *party.Seat
	address     string
	approvers   map[string]*party.Seat
	machines    map[string]*machine
	researcher  *researcher
	serving     *daemon // the coordinator's

	ctx      context.Context
	cancel   context.CancelCauseFunc
	wg       sync.WaitGroup
	mu       sync.Mutex // of machines
	cheating atomic.Bool
}

// Start founds the federation: charter, enrolment of every institution, all
// daemons running. The caller must Close it.
func Start(ctx context.Context, cfg Config) (f *Federation, err error) {
	if cfg.Logger == nil {
		cfg.Logger = hclog.NewNullLogger()
	}
	if cfg.MinInstitutions == 0 {
		cfg.MinInstitutions = 3
	}
	sort.Slice(cfg.Institutions, func(i, j int) bool { return cfg.Institutions[i].Name < cfg.Institutions[j].Name })
	f = &Federation{cfg: cfg, approvers: map[string]*party.Seat{}, machines: map[string]*machine{}}
	f.ctx, f.cancel = context.WithCancelCause(ctx)
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	if f.authority, err = ca.NewAuthority(cfg.Name); err != nil {
		return f, err
	}
	if f.sequencer, err = f.newSeat(CoordinatorName); err != nil {
		return f, err
	}
	if err = f.startCoordinator(); err != nil {
		return f, err
	}
	for _, in := range cfg.Institutions {
		if f.approvers[in.Name], err = f.newSeat(in.Name + ".approver"); err != nil {
			return f, err
		}
	}
	if err = f.startResearcher(); err != nil {
		return f, err
	}
	if err = f.found(); err != nil {
		return f, err
	}
	return f, f.startNodes()
}

// startCoordinator opens the coordinator's store and serves on loopback.
func (f *Federation) startCoordinator() error {
	allow := []string{CoordinatorName, ResearcherName}
	for _, in := range f.cfg.Institutions {
		allow = append(allow, in.Name, in.Name+".approver")
	}
	cert, err := f.authority.IssueServer(serverName, "127.0.0.1")
	if err != nil {
		return err
	}
	f.coordinator, err = coordinator.Open(coordinator.Config{
		Origin: f.cfg.Name, Dir: filepath.Join(f.cfg.Dir, CoordinatorName), Signer: f.sequencer.Signer,
		Key: f.sequencer.Party.Key, TLS: ca.TLSServer(f.authority.Pool(), cert), Allow: allow,
		Logger: f.cfg.Logger.Named(CoordinatorName), Timeout: f.cfg.Timeout,
	})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening on loopback: %w", err)
	}
	f.address = l.Addr().String()
	f.serving = f.run(func(ctx context.Context) error { return f.coordinator.Serve(ctx, l) })
	return nil
}

// startNodes opens and runs a daemon per institution.
func (f *Federation) startNodes() error {
	for _, in := range f.cfg.Institutions {
		if err := f.startNode(in); err != nil {
			return err
		}
	}
	return nil
}

// machine is an institution's computer: what stays when it is switched off.
type machine struct {
	Institution
	seat *party.Seat
	key  secret.NodeKey
	node *node.Node // nil while it is off
	*daemon
}

func (f *Federation) startNode(in Institution) error {
	seat, err := f.newSeat(in.Name)
	if err != nil {
		return err
	}
	if err := f.enrol(in.Name, seat); err != nil {
		return fmt.Errorf("enrolling %s: %w", in.Name, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.machines[in.Name] = &machine{Institution: in, seat: seat, key: secret.NewNodeKey()}
	return f.switchOn(f.machines[in.Name])
}

func (f *Federation) switchOn(m *machine) error {
	client, err := m.seat.Dial()
	if err != nil {
		return err
	}
	n, err := node.Open(node.Config{
		Name: m.Name, Origin: f.cfg.Name, CoordinatorKey: f.sequencer.Party.Key, Signer: m.seat.Signer, Key: m.key,
		Dir: filepath.Join(f.cfg.Dir, m.Name), Coordinator: client, Records: m.Records, Policy: f.cfg.Policy,
		Logger: f.cfg.Logger, Timeout: f.cfg.Timeout, Summed: f.cfg.Summed, Refused: f.researcher.loop.Refused,
	})
	if err != nil {
		return errors.Join(err, client.Close())
	}
	m.node = n
	m.daemon = f.run(func(ctx context.Context) error { return errors.Join(n.Run(ctx), client.Close()) })
	return nil
}

// SwitchOff ends an institution's daemon, as a computer that is switched off:
// what it held in memory is gone, its folder stays.
func (f *Federation) SwitchOff(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.machines[name]
	if m == nil || m.node == nil {
		return fmt.Errorf("%s is not running", name)
	}
	m.stop()
	m.node = nil
	return nil
}

// SwitchOn starts an institution's daemon again.
func (f *Federation) SwitchOn(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.machines[name]
	if m == nil || m.node != nil {
		return fmt.Errorf("%s is not switched off", name)
	}
	return f.switchOn(m)
}

// newSeat makes the keys of one party of this federation.
func (f *Federation) newSeat(name string) (*party.Seat, error) {
	seat, err := newSeat(f.authority, name, f.cfg.Name)
	if err != nil {
		return nil, err
	}
	seat.Address = f.address
	if f.sequencer != nil {
		seat.CoordinatorKey = f.sequencer.Party.Key
	}
	return seat, nil
}

// daemon is one running part, which can be stopped by itself.
type daemon struct {
	cancel context.CancelFunc
	ended  chan struct{}
	err    error // read after ended
}

func (d *daemon) stop() {
	d.cancel()
	<-d.ended
}

// run keeps one daemon; the first that fails by itself ends the federation,
// unless cheating is what the federation shows.
func (f *Federation) run(work func(context.Context) error) *daemon {
	ctx, cancel := context.WithCancel(f.ctx)
	d := &daemon{cancel: cancel, ended: make(chan struct{})}
	f.wg.Go(func() {
		defer close(d.ended)
		if d.err = work(ctx); d.err != nil && !f.cheating.Load() {
			f.cancel(d.err)
		}
	})
	return d
}

// Node returns a running institution's daemon, or nil.
func (f *Federation) Node(name string) *node.Node {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m := f.machines[name]; m != nil {
		return m.node
	}
	return nil
}

// Coordinator returns the running coordinator.
func (f *Federation) Coordinator() *coordinator.Coordinator { return f.coordinator }

// Address is where the coordinator listens.
func (f *Federation) Address() string { return f.address }

// Close stops every daemon and waits for it. It returns why the federation
// ended before, if it did.
func (f *Federation) Close() error {
	f.cancel(nil)
	f.wg.Wait()
	if f.coordinator != nil {
		if err := f.coordinator.Close(); err != nil {
			return fmt.Errorf("closing the coordinator's folder: %w", err)
		}
	}
	if err := context.Cause(f.ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
