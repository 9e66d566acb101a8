package federationtest

import (
	"context"
	"errors"
	"math/big"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto/secret"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
)

// rigNode is one institution's machine.
type rigNode struct {
	rig     *rig
	name    string
	dir     string
	key     secret.NodeKey
	seat    *party.Seat
	records atomic.Pointer[node.Records]
	hook    atomic.Pointer[func(when string, s *audit.Statement) error]
	sends   atomic.Pointer[sends]

	mu      sync.Mutex // guards the life
	node    *node.Node
	cancel  context.CancelFunc
	done    chan error
	refused []error
}

// start runs the node from its folder, with nothing in memory.
func (m *rigNode) start() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.node != nil {
		return
	}
	client, err := m.seat.Dial()
	if err != nil {
		m.rig.t.Error(err)
		return
	}
	w := &wire{Client: client, m: m}
	n, err := node.Open(node.Config{
		Name: m.name, Origin: rigOrigin, CoordinatorKey: m.rig.keys.Party.Key, Signer: m.seat.Signer, Key: m.key,
		Dir: m.dir, Coordinator: w, Records: m, Timeout: m.rig.timeout,
		Summed: func(in node.RoundInput) {
			m.rig.mu.Lock()
			defer m.rig.mu.Unlock()
			if m.rig.sums[in.Attempt] == nil {
				m.rig.sums[in.Attempt] = map[string][]*big.Int{}
			}
			m.rig.sums[in.Attempt][in.Node] = in.Values
		},
		Applied: func(a loop.Applied) { m.applied(a) },
		Refused: func(err error) {
			m.rig.mu.Lock()
			defer m.rig.mu.Unlock()
			m.refused = append(m.refused, err)
		},
	})
	if err != nil {
		m.rig.t.Errorf("opening %s: %v", m.name, err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	m.node, m.cancel, m.done = n, cancel, done
	w.ctx = ctx
	go func() { done <- errors.Join(n.Run(ctx), client.Close()) }()
}

// kill ends the node's memory; nothing leaves it from now on.
func (m *rigNode) kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.node == nil {
		return
	}
	m.cancel()
	if err := <-m.done; err != nil {
		m.rig.t.Errorf("%s ended with %v", m.name, err)
	}
	m.node = nil
}

func (m *rigNode) restart() { m.kill(); m.start() }

// Table implements node.Records with the rows of the moment.
func (m *rigNode) Table(ctx context.Context, columns []string, outOfRange string, texts ...configs.TextColumn) (*model.Table, error) {
	return (*m.records.Load()).Table(ctx, columns, outOfRange, texts...)
}

// on sets what happens when this node says something: "before" a statement
// leaves, when it is in the log ("after"), or when it is read ("read"). An
// error from the hook keeps the statement from leaving.
func (m *rigNode) on(f func(when string, s *audit.Statement) error) { m.hook.Store(&f) }

func (m *rigNode) tell(when string, s *audit.Statement) error {
	if f := m.hook.Load(); f != nil && s != nil {
		return (*f)(when, s)
	}
	return nil
}

func (m *rigNode) applied(a loop.Applied) {
	if a.Finding == nil {
		_ = m.tell("read", a.Statement)
	}
}

// errGone is what a stopped machine's program would see, if it could.
var errGone = errors.New("the machine stopped")

// wire is the node's connection. It notes what leaves and lets the test stop
// the machine before or after a statement.
type wire struct {
	*api.Client
	m   *rigNode
	ctx context.Context
}

func (w *wire) Append(ctx context.Context, leaf []byte) (int64, error) {
	s, err := audit.Parse(leaf)
	if err != nil {
		return 0, err
	}
	if err := w.m.tell("before", s); err != nil {
		<-ctx.Done()
		return 0, err
	}
	w.m.rig.once(s)
	var index int64
	err = w.m.call(ctx, func(ctx context.Context) (err error) {
		index, err = w.Client.Append(ctx, leaf)
		return err
	}, nil)
	if err == nil && w.m.tell("after", s) != nil {
		<-ctx.Done()
		return 0, errGone
	}
	return index, err
}

// refusals returns what the node refused.
func (m *rigNode) refusals() []error {
	m.rig.mu.Lock()
	defer m.rig.mu.Unlock()
	return slices.Clone(m.refused)
}
