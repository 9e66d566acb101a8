package coordinator

import (
	"errors"
	"net"
	"sync"

	"google.golang.org/grpc/credentials"
)

// callers is TLS that lets one certificate name have only so many connections
// at once, so that no member can use up what all share.
type callers struct {
	credentials.TransportCredentials
	limit int
	count *connectionCount
}

type connectionCount struct {
	mu sync.Mutex
	by map[string]int
}

func newCallers(inner credentials.TransportCredentials, limit int) *callers {
	return &callers{inner, limit, &connectionCount{by: map[string]int{}}}
}

// Clone implements credentials.TransportCredentials.
func (c *callers) Clone() credentials.TransportCredentials {
	return &callers{c.TransportCredentials.Clone(), c.limit, c.count}
}

// ServerHandshake implements credentials.TransportCredentials.
func (c *callers) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := c.TransportCredentials.ServerHandshake(raw)
	if err != nil {
		return nil, nil, err
	}
	name := certificateName(info)
	if !c.count.add(name, c.limit) {
		return nil, nil, errors.Join(errors.New("too many connections of "+name), conn.Close())
	}
	return &countedConn{Conn: conn, leave: sync.OnceFunc(func() { c.count.drop(name) })}, info, nil
}

func (n *connectionCount) add(name string, limit int) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.by[name] >= limit {
		return false
	}
	n.by[name]++
	return true
}

func (n *connectionCount) drop(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.by[name]--; n.by[name] <= 0 {
		delete(n.by, name)
	}
}

// countedConn gives its place back when it is closed.
type countedConn struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *countedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
