package api

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"github.com/smartstart-federation/smartstart/coordinator/ca"
)

// between is a machine on the way: it forwards what it likes.
type between struct {
	l     net.Listener
	to    string
	idle  time.Duration // of silence after which it cuts; 0 never
	after int64         // bytes towards the server after which it cuts the first connection; 0 never
	made  atomic.Int32  // connections
	lost  atomic.Int32  // connections up to this one stay open and pass nothing
	mu    sync.Mutex
	conns []net.Conn
	wg    sync.WaitGroup
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (b *between) run(t *testing.T) {
	b.l = listen(t)
	b.wg.Go(func() {
		for {
			c, err := b.l.Accept()
			if err != nil {
				return
			}
			b.wg.Go(func() { b.carry(c) })
		}
	})
	t.Cleanup(b.stop)
}

func (b *between) stop() {
	_ = b.l.Close()
	b.mu.Lock()
	for _, c := range b.conns {
		_ = c.Close()
	}
	b.mu.Unlock()
	b.wg.Wait()
}

// carry forwards one connection until either side ends or it is cut.
func (b *between) carry(c net.Conn) {
	number := b.made.Add(1)
	s, err := net.Dial("tcp", b.to)
	if err != nil {
		_ = c.Close()
		return
	}
	b.mu.Lock()
	b.conns = append(b.conns, c, s)
	b.mu.Unlock()
	cut := func() { _, _ = c.Close(), s.Close() }
	defer cut()
	alive := func() {}
	if b.idle > 0 {
		timer := time.AfterFunc(b.idle, cut)
		defer timer.Stop()
		alive = func() { timer.Reset(b.idle) }
	}
	var both sync.WaitGroup
	forward := func(to, from net.Conn, limit int64) {
		defer cut()
		buf := make([]byte, 8<<10)
		for sent := int64(0); limit == 0 || sent < limit; {
			n, err := from.Read(buf)
			if err != nil {
				return
			}
			alive()
			if number <= b.lost.Load() {
				continue
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
			sent += int64(n)
		}
	}
	limit := int64(0)
	if number == 1 {
		limit = b.after
	}
	both.Go(func() { forward(s, c, limit) })
	both.Go(func() { forward(c, s, 0) })
	both.Wait()
}

// behind serves f as the coordinator does, with its answers to pings, and
// returns a client that reaches it at an address of the test's.
func behind(t *testing.T, f *fake, address func(server string) string) *Client {
	t.Helper()
	return behindWith(t, f, address, Dial)
}

func behindWith(t *testing.T, f *fake, address func(server string) string, dial func(string, *tls.Config) (*Client, error)) *Client {
	t.Helper()
	a, err := ca.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	sc, err := a.IssueServer("localhost")
	if err != nil {
		t.Fatal(err)
	}
	cc, err := a.IssueClient("board1")
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t)
	s := grpc.NewServer(grpc.Creds(credentials.NewTLS(ca.TLSServer(a.Pool(), sc))), grpc.MaxRecvMsgSize(MaxMessage),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: PingAfter / 2, PermitWithoutStream: true}))
	RegisterFederationServer(s, f)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() { s.Stop(); <-done })
	c, err := dial(address(l.Addr().String()), ca.TLSClient(a.Pool(), cc, "localhost"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestUploadResumesAfterACut cuts the wire in the middle of an upload: it goes
// on where it stopped, over a new connection.
func TestUploadResumesAfterACut(t *testing.T) {
	want := blob(20 * MaxPiece)
	f := &fake{}
	proxy := &between{after: 7 * MaxPiece}
	c := behind(t, f, func(server string) string {
		proxy.to = server
		proxy.run(t)
		return proxy.l.Addr().String()
	})
	if err := c.PutBlob(soon(t), sha256.Sum256(want), int64(len(want)), bytes.NewReader(want)); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !bytes.Equal(f.have, want) {
		t.Error("the upload is not what was sent")
	}
	if n := len(f.starts); n < 2 || f.starts[n-1] == 0 || proxy.made.Load() < 2 {
		t.Errorf("uploads began at %v over %d connections", f.starts, proxy.made.Load())
	}
}

// TestKeptAliveThroughAnIdleCut follows a silent log through a proxy that cuts
// connections on which nothing moves. Pings keep the connection; behind a
// proxy that cuts sooner than they come, the follower connects again and
// misses nothing.
func TestKeptAliveThroughAnIdleCut(t *testing.T) {
	if testing.Short() {
		t.Skip("two idle cuts take most of a minute; run without -short")
	}
	for _, c := range []struct {
		name string
		idle time.Duration
		many bool
	}{
		{"pings come sooner", PingAfter + PingAfter/4, false},
		{"the cut comes sooner", PingAfter / 2, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{leaves: [][]byte{{0}, {1}}}
			proxy := &between{idle: c.idle}
			client := behind(t, f, func(server string) string {
				proxy.to = server
				proxy.run(t)
				return proxy.l.Addr().String()
			})
			ctx, cancel := context.WithTimeout(t.Context(), 2*PingAfter+PingAfter/2)
			defer cancel()
			var got []byte
			err := client.Follow(ctx, 0, func(_ int64, leaves [][]byte, _ []byte) error {
				got = append(got, leaves[0]...)
				return nil
			})
			if !errors.Is(err, context.DeadlineExceeded) || !bytes.Equal(got, []byte{0, 1}) {
				t.Errorf("read %v, %v", got, err)
			}
			if n := proxy.made.Load(); (n > 1) != c.many {
				t.Errorf("%d connections in %v of silence with a cut after %v", n, 2*PingAfter+PingAfter/2, c.idle)
			}
		})
	}
}

const childVariable = "SMARTSTART_TEST_BEHIND_PROXY"

// TestThroughConnectProxy reaches a coordinator that only an HTTP proxy knows
// the way to. The environment is read once in a process, so that the client
// lives in a process of its own.
func TestThroughConnectProxy(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		f := &fake{}
		c := behind(t, f, func(server string) string {
			_, port, err := net.SplitHostPort(server)
			if err != nil {
				t.Fatal(err)
			}
			return "coordinator.example:" + port
		})
		if i, err := c.Append(soon(t), []byte("leaf")); err != nil || i != 4 {
			t.Fatalf("append: %d, %v", i, err)
		}
		return
	}
	l := listen(t)
	var asked sync.Map
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { connect(c, &asked) })
		}
	})
	defer wg.Wait()
	defer l.Close()
	run := func(proxy string) (string, error) {
		cmd := exec.Command(os.Args[0], "-test.run=^TestThroughConnectProxy$", "-test.timeout=60s")
		cmd.Env = append(os.Environ(), childVariable+"=1", "HTTPS_PROXY="+proxy, "NO_PROXY=", "no_proxy=")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run("http://" + l.Addr().String()); err != nil {
		t.Errorf("through the proxy: %v\n%s", err, out)
	}
	n := 0
	asked.Range(func(host, _ any) bool {
		n++
		if !strings.HasPrefix(host.(string), "coordinator.example:") {
			t.Errorf("the proxy was asked for %v", host)
		}
		return true
	})
	if n == 0 {
		t.Error("the proxy was not asked")
	}
}

// connect is a proxy that knows where coordinator.example is: here.
func connect(c net.Conn, asked *sync.Map) {
	defer c.Close()
	in := bufio.NewReader(c)
	r, err := http.ReadRequest(in)
	if err != nil || r.Method != http.MethodConnect {
		return
	}
	asked.Store(r.Host, true)
	_, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		return
	}
	s, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return
	}
	defer s.Close()
	if _, err := io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(s, in); _ = s.Close() })
	both.Go(func() { _, _ = io.Copy(c, s); _ = c.Close() })
	both.Wait()
}
