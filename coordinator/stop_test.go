package coordinator

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/coordinator/store"
)

// full is a Store on a disk that has no room for a second commit.
type full struct {
	*store.Memory
	commits int
}

func (f *full) Append(ctx context.Context, e []store.Entry) error {
	if f.commits++; f.commits > 1 {
		return errors.New("no space left on device")
	}
	return f.Memory.Append(ctx, e)
}

// When the log can no longer be made durable the coordinator stops, with the
// reason, instead of going on with a state that nobody else will see.
func TestServeEndsWhenTheDiskIsFull(t *testing.T) {
	s := newScript(t, 2)
	cfg := s.config()
	a, err := ca.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	sc, err := a.IssueServer("localhost")
	if err != nil {
		t.Fatal(err)
	}
	cc, err := a.IssueClient("researcher")
	if err != nil {
		t.Fatal(err)
	}
	cfg.TLS = ca.TLSServer(a.Pool(), sc)
	c, err := openOver(cfg, func(store.Store) store.Store { return &full{Memory: store.NewMemory()} })
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.PutBlob(t.Context(), s.codebook); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Log().Append(t.Context(), s.leaves[0]); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- c.Serve(t.Context(), l) }()
	client, err := api.Dial(l.Addr().String(), ca.TLSClient(a.Pool(), cc, "localhost"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan error, 1)
	go func() {
		_, err := client.Append(ctx, s.leaves[1])
		answered <- err
	}()
	err = <-served
	var e *api.Error
	if !errors.As(err, &e) || e.Code() != "SS6202" {
		t.Errorf("Serve ended with %v", err)
	}
	cancel()
	if err := <-answered; err == nil || errors.As(err, &e) && e.Refused() {
		t.Errorf("a statement that is not durable was answered %v", err)
	}
}
