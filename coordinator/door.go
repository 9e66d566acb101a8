package coordinator

import (
	"net"
	"sync"
	"time"
)

// Bounds of connections that have not shown a certificate yet.
const (
	visitors        = 256 // at once
	visitorsASecond = 100 // a handshake costs about a millisecond, so a tenth of a core
	handshakeWithin = 10 * time.Second
)

// door is the listener. Whoever comes without a certificate can be anybody, so
// they must neither use up the connections that members share nor the processor:
// handshakes begin at a steady pace, and when too many have not ended the oldest
// of the address with the most is sent away. An honest caller is inside after
// two round trips, so it is never the oldest for long.
type door struct {
	net.Listener
	off  defences
	pace bucket

	mu   sync.Mutex
	room []*visitor // in the order in which they came
}

func newDoor(l net.Listener, off defences) *door {
	return &door{Listener: l, off: off, pace: newBucket(visitorsASecond, visitors)}
}

// Accept implements net.Listener.
func (d *door) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if err != nil || d.off.door {
		return conn, err
	}
	time.Sleep(d.pace.take(1)) // a hundredth of a second at most: nobody else takes
	v := &visitor{Conn: conn, door: d, from: host(conn)}
	if old := d.enter(v); old != nil {
		_ = old.Close() // it has had its time
	}
	return v, nil
}

// enter returns whom to send away for v, if anybody.
func (d *door) enter(v *visitor) (old *visitor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = append(d.room, v)
	if len(d.room) <= visitors {
		return nil
	}
	count := map[string]int{}
	for _, w := range d.room {
		count[w.from]++
	}
	for _, w := range d.room {
		if old == nil || count[w.from] > count[old.from] {
			old = w
		}
	}
	return old
}

func (d *door) leave(v *visitor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, w := range d.room {
		if w == v {
			d.room = append(d.room[:i], d.room[i+1:]...)
			return
		}
	}
}

// visitor is a connection before its certificate, and the same one after.
type visitor struct {
	net.Conn
	door *door
	from string
}

// known ends the visit: the caller has a name now, and is counted by it.
func (v *visitor) known() { v.door.leave(v) }

// Close implements net.Conn.
func (v *visitor) Close() error {
	v.door.leave(v)
	return v.Conn.Close()
}

func host(c net.Conn) string {
	at := c.RemoteAddr().String()
	if h, _, err := net.SplitHostPort(at); err == nil {
		return h
	}
	return at
}
