package api

import (
	"context"
	"crypto/tls"
	"errors"
	"math"
	"testing"
	"time"

	"google.golang.org/grpc/keepalive"
)

// healed is how soon after the network is whole again a client must be back.
const healed = 30 * time.Second

// TestBackInTime adds up the waits that stand between a network that is whole
// again and a client that follows the log.
func TestBackInTime(t *testing.T) {
	if d := PingAfter + PingTimeout; d >= healed {
		t.Errorf("a connection that died without a word is noticed after %v, of the %v that coming back may take", d, healed)
	}
	if d := connectAtMost + longestPause*13/10 + longestPause*3/2; d >= healed {
		t.Errorf("after an attempt to connect that leads nowhere the next call is made after %v, of the %v that coming back may take", d, healed)
	}
}

// TestSilentlyDeadConnection lets the machine on the way forget connections:
// they stay open and pass nothing, for ever, while new ones work. A client asks,
// gets no answer and connects again. One that does not ask never would: nothing
// is on its way that could fail.
func TestSilentlyDeadConnection(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a ping that nobody answers; run without -short")
	}
	asks := followThrough(t, 10*time.Second) // gRPC allows no less
	silent := followThrough(t, math.MaxInt64)
	died := time.Now()
	asks.proxy.lost.Store(asks.proxy.made.Load())
	silent.proxy.lost.Store(silent.proxy.made.Load())
	for asks.times() < 2 && time.Since(died) < healed {
		time.Sleep(100 * time.Millisecond)
	}
	if asks.times() < 2 {
		t.Errorf("%v after its connection died the client that asks does not follow the log", healed)
	}
	t.Logf("back after %v, with pings after 10 s and 1 s of patience", time.Since(died).Round(time.Second/10))
	time.Sleep(time.Second)
	if n := silent.times(); n != 1 {
		t.Errorf("the client that never asks follows for the %d. time: this test would not see that asking is off", n)
	}
}

// following is a client that follows the log through a proxy.
type following struct {
	*fake
	proxy *between
}

// followThrough returns when the first entry was read.
func followThrough(t *testing.T, pingAfter time.Duration) following {
	t.Helper()
	f := following{&fake{leaves: [][]byte{{0}}}, &between{}}
	client := behindWith(t, f.fake, func(server string) string {
		f.proxy.to = server
		f.proxy.run(t)
		return f.proxy.l.Addr().String()
	}, func(address string, config *tls.Config) (*Client, error) {
		return dial(address, config, keepalive.ClientParameters{Time: pingAfter, Timeout: time.Second, PermitWithoutStream: true})
	})
	ctx, cancel := context.WithCancel(context.Background())
	read, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- client.Follow(ctx, 0, func(int64, [][]byte, []byte) error { close(read); return nil })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	<-read
	return f
}

// times is how often the log was followed from somewhere on.
func (f *fake) times() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.starts)
}
