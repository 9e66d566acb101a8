package coordinator

import (
	"errors"
	"net"
	"time"

	"google.golang.org/grpc/credentials"
)

// callers is TLS that knows who is on each connection, and lets one certificate
// name have only so many at once, so that no member can use up what all share.
type callers struct {
	credentials.TransportCredentials
	people *people
	limit  int
	off    defences
	within time.Duration
}

func newCallers(inner credentials.TransportCredentials, p *people) *callers {
	return &callers{inner, p, p.cfg.PerCaller, p.cfg.off, min(p.cfg.Idle, writeWithin)}
}

// callerInfo is what a call knows of its connection.
type callerInfo struct {
	credentials.TLSInfo
	wire *wire
}

// Clone implements credentials.TransportCredentials.
func (c *callers) Clone() credentials.TransportCredentials {
	d := *c
	d.TransportCredentials = c.TransportCredentials.Clone()
	return &d
}

// ServerHandshake implements credentials.TransportCredentials.
func (c *callers) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := c.TransportCredentials.ServerHandshake(raw)
	if err != nil {
		return nil, nil, err
	}
	name := certificateName(info)
	p := c.people.get(name)
	if !p.connect(c.limit) {
		return nil, nil, errors.Join(errors.New("too many connections of "+name), conn.Close())
	}
	if v, ok := raw.(*visitor); ok {
		v.known()
	}
	w := newWire(conn, p, c.off, c.within)
	return w, callerInfo{info.(credentials.TLSInfo), w}, nil // a name comes from nowhere else
}
