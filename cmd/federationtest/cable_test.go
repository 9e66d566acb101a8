package federationtest

import (
	"net"
	"sync"
	"testing"
)

// outage is what a network does to the connections of one node.
type outage struct {
	name     string
	up, down bool // bytes towards the coordinator, bytes from it
	reset    bool // connections are reset, and so is every new one
	forgets  bool // what was dropped never comes, also after the network is whole; else it is late, as TCP sends it again
}

var (
	reset     = outage{name: "reset", up: true, down: true, reset: true}
	silent    = outage{name: "silent", up: true, down: true}
	forgotten = outage{name: "forgotten", up: true, down: true, forgets: true}
	outages   = []outage{
		reset, silent, forgotten,
		{name: "up silent", up: true}, {name: "down silent", down: true},
		{name: "up forgotten", up: true, forgets: true}, {name: "down forgotten", down: true, forgets: true},
	}
)

// cable is the way from one node to the coordinator, which a test cuts and
// mends. Connections are taken also while it is cut: a cable that is out looks
// the same to TLS as one on which nothing comes.
type cable struct {
	l  net.Listener
	to string
	wg sync.WaitGroup

	mu     sync.Mutex
	mended *sync.Cond
	cut    *outage // nil: whole
	closed bool
	wires  map[*twoEnds]bool
}

// twoEnds is one connection over the cable. What it lost in a direction stays
// lost, so that nothing may pass in that direction any more.
type twoEnds struct {
	node, coordinator net.Conn
	deadUp, deadDown  bool
}

func newCable(t *testing.T, to string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &cable{l: l, to: to, wires: map[*twoEnds]bool{}}
	n.mended = sync.NewCond(&n.mu)
	n.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n.wg.Go(func() { n.carry(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		n.mu.Lock()
		n.closed = true
		for w := range n.wires {
			w.close(false)
		}
		n.mended.Broadcast()
		n.mu.Unlock()
		n.wg.Wait()
	})
	return n
}

func (n *cable) address() string { return n.l.Addr().String() }

// fail cuts the cable; mend makes it whole again.
func (n *cable) fail(o outage) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cut = &o
	for w := range n.wires {
		w.suffer(o)
	}
}

func (n *cable) mend() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cut = nil
	n.mended.Broadcast()
}

func (w *twoEnds) suffer(o outage) {
	if o.reset {
		w.close(true)
	}
	if o.forgets {
		w.deadUp, w.deadDown = w.deadUp || o.up, w.deadDown || o.down
	}
}

func (w *twoEnds) close(reset bool) {
	for _, c := range []net.Conn{w.node, w.coordinator} {
		if tcp, ok := c.(*net.TCPConn); ok && reset {
			_ = tcp.SetLinger(0) // without it the close is a polite one
		}
		_ = c.Close()
	}
}

// carry forwards one connection until either side ends it.
func (n *cable) carry(c net.Conn) {
	s, err := net.Dial("tcp", n.to)
	if err != nil {
		_ = c.Close()
		return
	}
	w := &twoEnds{node: c, coordinator: s}
	n.mu.Lock()
	n.wires[w] = true
	if n.cut != nil {
		w.suffer(*n.cut)
	}
	if n.closed {
		w.close(false)
	}
	n.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { n.forward(w, true) })
	both.Go(func() { n.forward(w, false) })
	both.Wait()
	w.close(false)
	n.mu.Lock()
	delete(n.wires, w)
	n.mu.Unlock()
}

func (n *cable) forward(w *twoEnds, up bool) {
	from, to := w.coordinator, w.node
	if up {
		from, to = to, from
	}
	buf := make([]byte, 32<<10)
	for {
		size, err := from.Read(buf)
		passes, open := n.wait(w, up)
		if err != nil && passes || !open {
			// An end is news too: it passes, or waits, or is lost like bytes.
			w.close(false)
			return
		}
		if err != nil {
			return
		}
		if !passes {
			continue
		}
		if _, err := to.Write(buf[:size]); err != nil {
			w.close(false)
			return
		}
	}
}

// wait holds what came until the cable is whole in that direction. passes is
// false when it is lost, open when the test is over.
func (n *cable) wait(w *twoEnds, up bool) (passes, open bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for {
		dead := up && w.deadUp || !up && w.deadDown
		held := n.cut != nil && (up && n.cut.up || !up && n.cut.down)
		if n.closed || dead || !held || n.cut.reset {
			return !dead, !n.closed
		}
		n.mended.Wait()
	}
}
