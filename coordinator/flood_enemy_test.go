package coordinator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http2"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto"
)

// floodDir names, in the environment, the folder of a flood's plan: this test
// binary then is the enemy, until its standard input ends. It is a process of
// its own so that what it uses is not measured as the coordinator's memory.
const floodDir = "SMARTSTART_TEST_FLOOD"

const floodConnections = 64

func init() {
	if dir := os.Getenv(floodDir); dir != "" {
		flood(dir)
		os.Exit(0)
	}
}

// flooder is what the enemy knows.
type flooder struct {
	address string
	pool    *x509.CertPool
	certs   []tls.Certificate
	content crypto.Digest // of a blob that is there
}

// flooding lists what one hostile connection does, until it is cut off or ctx
// ends; then it comes back.
var flooding = []struct {
	name string
	do   func(ctx context.Context, f *flooder, i int) error
}{
	{"handshakes without a certificate", func(ctx context.Context, f *flooder, _ int) error {
		c, err := (&tls.Dialer{Config: &tls.Config{RootCAs: f.pool, ServerName: "localhost"}}).DialContext(ctx, "tcp", f.address)
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = io.Copy(io.Discard, c) // until the server has seen that there is none
		return err
	}},
	{"garbage", func(ctx context.Context, f *flooder, _ int) error {
		return f.tcp(ctx, func(c net.Conn) error {
			for {
				if _, err := c.Write(random(1000)); err != nil {
					return err
				}
			}
		})
	}},
	{"a handshake byte by byte", func(ctx context.Context, f *flooder, _ int) error {
		return f.tcp(ctx, func(c net.Conn) error {
			for _, b := range append([]byte{22, 3, 1, 2, 0, 1, 0, 1, 252}, make([]byte, 600)...) {
				if _, err := c.Write([]byte{b}); err != nil {
					return err
				}
				pause(100*time.Millisecond, ctx.Done())
			}
			return nil
		})
	}},
	{"requests that lack one byte", func(ctx context.Context, f *flooder, i int) error {
		return f.h2(ctx, i, true, func(e *enemy) error {
			for range 32 {
				s, err := e.call("smartstart.v1.Federation/Append")
				if err == nil {
					err = e.message(s, &api.AppendRequest{Leaf: make([]byte, api.MaxLeaf)}, 1, false)
				}
				if err != nil {
					return err
				}
			}
			<-ctx.Done()
			return nil
		})
	}},
	{"giant frames", func(ctx context.Context, f *flooder, i int) error {
		return f.h2(ctx, i, true, func(e *enemy) error {
			if err := e.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: e.block("x")}); err != nil {
				return err
			}
			for {
				if err := e.framer.WriteContinuation(1, false, make([]byte, 1<<20)); err != nil {
					return err
				}
			}
		})
	}},
	{"downloads that nobody takes", func(ctx context.Context, f *flooder, i int) error {
		return f.h2(ctx, i, false, func(e *enemy) error {
			for {
				if err := e.ask(getBlob, &api.GetBlobRequest{Digest: f.content[:], Length: -1}); err != nil {
					return err
				}
			}
		}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
	}},
	{"logs that nobody reads", func(ctx context.Context, f *flooder, i int) error {
		return f.h2(ctx, i, false, func(e *enemy) error {
			for {
				if err := e.ask("smartstart.v1.Federation/Follow", &api.FollowRequest{}); err != nil {
					return err
				}
			}
		}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 1})
	}},
	{"uploads never finished", func(ctx context.Context, f *flooder, i int) error {
		return f.h2(ctx, i, true, func(e *enemy) error {
			for {
				s, err := e.call("smartstart.v1.Federation/PutBlob")
				if err == nil {
					err = e.message(s, head(random(20), 4<<20), 0, false)
				}
				for at := int64(0); err == nil && at < 3<<20; at += api.MaxPiece {
					err = e.message(s, piece(at, make([]byte, api.MaxPiece)), 0, false)
				}
				if err != nil {
					return err
				}
			}
		})
	}},
	{"uploads begun again and again", func(ctx context.Context, f *flooder, i int) error {
		same := fmt.Append(nil, "the same of ", i)
		return f.h2(ctx, i, true, func(e *enemy) error {
			for {
				s, err := e.call("smartstart.v1.Federation/PutBlob")
				if err == nil {
					err = e.message(s, head(same, 4<<20), 0, false)
				}
				if err == nil {
					err = e.message(s, piece(0, make([]byte, api.MaxPiece)), 0, true)
				}
				if err != nil {
					return err
				}
			}
		})
	}},
	{"tiny blobs", func(ctx context.Context, f *flooder, i int) error {
		return f.h2(ctx, i, true, func(e *enemy) error {
			for {
				b := random(9)
				s, err := e.call("smartstart.v1.Federation/PutBlob")
				if err == nil {
					err = e.message(s, head(b, 9), 0, false)
				}
				if err == nil {
					err = e.message(s, piece(0, b), 0, true)
				}
				if err != nil {
					return err
				}
			}
		})
	}},
	{"statements that are none", func(ctx context.Context, f *flooder, i int) error {
		leaf := "smartstart/proposal/v1\n{\"x\":" + strings.Repeat("[", 60_000) + "\n\n\u2014 board05 "
		return f.h2(ctx, i, true, func(e *enemy) error {
			for {
				if err := e.ask("smartstart.v1.Federation/Append", &api.AppendRequest{Leaf: []byte(leaf)}); err != nil {
					return err
				}
			}
		})
	}},
	{"calls broken off at once", func(ctx context.Context, f *flooder, i int) error {
		return f.h2(ctx, i, true, func(e *enemy) error {
			for {
				s, err := e.call("smartstart.v1.Federation/Checkpoint")
				if err == nil {
					err = e.framer.WriteRSTStream(s, http2.ErrCodeCancel)
				}
				if err != nil {
					return err
				}
			}
		})
	}},
	{"settings and pings", func(ctx context.Context, f *flooder, i int) error {
		return f.h2(ctx, i, false, func(e *enemy) error {
			for n := 0; ; n++ {
				err := e.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(n % 1000)})
				if err == nil && n%1000 == 0 {
					err = e.framer.WritePing(false, [8]byte{})
				}
				if err != nil {
					return err
				}
			}
		})
	}},
}

func (f *flooder) tcp(ctx context.Context, do func(net.Conn) error) error {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", f.address)
	if err != nil {
		return err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	return do(c)
}

// h2 runs do on a connection of the i-th certificate; reads is whether what the
// coordinator sends is taken.
func (f *flooder) h2(ctx context.Context, i int, reads bool, do func(*enemy) error, settings ...http2.Setting) error {
	cert := f.certs[i%len(f.certs)]
	e, err := newEnemy(ctx, f.address, ca.TLSClient(f.pool, cert, "localhost"), settings...)
	if err != nil {
		return err
	}
	defer e.Close()
	defer context.AfterFunc(ctx, func() { _ = e.Close() })()
	if reads {
		if err := e.framer.WriteWindowUpdate(0, 1<<30); err != nil {
			return err
		}
		go e.read(nil)
	}
	return do(e)
}

// flood is the enemy's process: 64 connections, each of which comes back when
// it is cut off. On standard output it says how often.
func flood(dir string) {
	f, err := readFlooder(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	var mu sync.Mutex
	count := map[string]int{}
	var wg sync.WaitGroup
	for i := range floodConnections {
		k := flooding[i%len(flooding)]
		wg.Go(func() {
			for ctx.Err() == nil {
				_ = k.do(ctx, f, i/len(flooding)) // it was cut off, which is what this is about
				mu.Lock()
				count[k.name]++
				mu.Unlock()
				pause(20*time.Millisecond, ctx.Done())
			}
		})
	}
	wg.Wait()
	for _, k := range flooding {
		fmt.Printf("%s: came %d times\n", k.name, count[k.name])
	}
}

func readFlooder(dir string) (*flooder, error) {
	read := func(name string) []byte {
		b, e := os.ReadFile(filepath.Join(dir, name))
		if e != nil {
			fmt.Fprintln(os.Stderr, e)
		}
		return b
	}
	pool, err := ca.ParsePool(read("ca.pem"))
	if err != nil {
		return nil, err
	}
	f := &flooder{address: string(read("address")), pool: pool}
	if f.content.UnmarshalText(read("content")) != nil {
		return nil, errors.New("no content")
	}
	for i := 0; ; i++ {
		name := fmt.Sprint("cert", i)
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return f, nil
		}
		c, err := tls.X509KeyPair(read(name), read(fmt.Sprint("key", i)))
		if err != nil {
			return nil, err
		}
		f.certs = append(f.certs, c)
	}
}
