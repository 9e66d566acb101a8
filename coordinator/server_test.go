package coordinator

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto"
)

// raw returns a bare connection of name, without the client's own checks.
func (w *world) raw(name string) *grpc.ClientConn {
	w.t.Helper()
	cert, err := w.authority.IssueClient(name)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.dial(ca.TLSClient(w.authority.Pool(), cert, "localhost"))
}

func (w *world) dial(config *tls.Config) *grpc.ClientConn {
	w.t.Helper()
	conn, err := grpc.NewClient(w.address, grpc.WithTransportCredentials(credentials.NewTLS(config)))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// code makes one of the calls and returns the answer's code; "" for yes.
func (w *world) code(name, call string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	f := api.NewFederationClient(w.raw(name))
	var err error
	switch call {
	case "Append":
		_, err = f.Append(ctx, &api.AppendRequest{Leaf: []byte("nonsense")})
	case "Follow":
		var s grpc.ServerStreamingClient[api.Page]
		if s, err = f.Follow(ctx, &api.FollowRequest{From: 1 << 40}); err == nil {
			_, err = s.Recv()
		}
	case "Checkpoint":
		_, err = f.Checkpoint(ctx, &api.CheckpointRequest{})
	case "PutBlob":
		s, e := f.PutBlob(ctx)
		if e != nil {
			w.t.Fatal(e)
		}
		content := []byte("of " + name)
		d := crypto.DigestOf(content)
		_ = s.Send(&api.PutBlobRequest{Step: &api.PutBlobRequest_Header{Header: &api.BlobHeader{Digest: d[:], Size: int64(len(content))}}})
		_, err = s.Recv()
	case "GetBlob":
		var s grpc.ServerStreamingClient[api.GetBlobResponse]
		d := crypto.DigestOf([]byte("codebook"))
		if s, err = f.GetBlob(ctx, &api.GetBlobRequest{Digest: d[:], Length: -1}); err == nil {
			_, err = s.Recv()
		}
	}
	if err == nil {
		return ""
	}
	return api.FromStatus(err).Code()
}

// Who may make which call: the table of the design, in full.
func TestRoles(t *testing.T) {
	w := newWorld(t, 3, func(c *Config) { c.Allow = []string{"operator", "board01"} })
	const stranger, mayNot, nonsense, beyond = "SS6302", "SS6303", "SS2102", "SS6203"
	check := func(phase string, table map[string][5]string) {
		t.Helper()
		for name, want := range table {
			for i, call := range []string{"Append", "Follow", "Checkpoint", "PutBlob", "GetBlob"} {
				if got := w.code(name, call); got != want[i] {
					t.Errorf("%s: %s by %s is answered %q, want %q", phase, call, name, got, want[i])
				}
			}
		}
	}
	no := [5]string{stranger, stranger, stranger, stranger, stranger}
	check("before the charter", map[string][5]string{
		"operator": {nonsense, beyond, "", mayNot, "SS6405"},
		"board01":  {nonsense, beyond, "", mayNot, "SS6405"},
		"board02":  no, "researcher": no, "coordinator": no, "mallory": no,
	})
	charter := w.charter()
	charter.Auditors = []audit.Party{newKeys(t, "auditor").party()}
	var err error
	if charter.Codebook, err = w.c.PutBlob(w.ctx(), []byte("codebook")); err != nil {
		t.Fatal(err)
	}
	if err := w.c.Found(w.ctx(), charter); err != nil {
		t.Fatal(err)
	}
	w.say("board01.approver", audit.Header{}, w.member("board01"))
	yes := [5]string{nonsense, beyond, "", "", ""}
	reads := [5]string{nonsense, beyond, "", mayNot, ""}
	check("after it", map[string][5]string{
		"board01": yes, "researcher": yes, "coordinator": yes,
		"board01.approver": yes, "auditor": yes, // an amended codebook, and evidence of a fork
		"board02": reads, "operator": reads,
		"mallory": no, "board01 ": no, "BOARD01": no, "board04": no,
	})
}

func TestOnlyThisAuthority(t *testing.T) {
	w := newWorld(t, 1, nil)
	other, err := ca.NewAuthority("other")
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := other.IssueClient("operator")
	if err != nil {
		t.Fatal(err)
	}
	own, err := w.authority.IssueClient("operator")
	if err != nil {
		t.Fatal(err)
	}
	old := ca.TLSClient(w.authority.Pool(), own, "localhost")
	old.MinVersion, old.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	for what, config := range map[string]*tls.Config{
		"no certificate":        {RootCAs: w.authority.Pool(), ServerName: "localhost", MinVersion: tls.VersionTLS13},
		"another authority":     ca.TLSClient(w.authority.Pool(), foreign, "localhost"),
		"TLS 1.2":               old,
		"another server pinned": ca.TLSClient(other.Pool(), own, "localhost"),
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		_, err := api.NewFederationClient(w.dial(config)).Checkpoint(ctx, &api.CheckpointRequest{})
		cancel()
		if status.Code(err) != codes.Unavailable && status.Code(err) != codes.DeadlineExceeded {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestHealthAndReflection(t *testing.T) {
	w := newWorld(t, 1, nil)
	h := healthpb.NewHealthClient(w.raw("operator"))
	for _, service := range []string{"", "smartstart.v1.Federation"} {
		r, err := h.Check(w.ctx(), &healthpb.HealthCheckRequest{Service: service})
		if err != nil || r.Status != healthpb.HealthCheckResponse_SERVING {
			t.Errorf("%q: %v, %v", service, r, err)
		}
	}
	list := func(name string) error {
		s, err := reflectionpb.NewServerReflectionClient(w.raw(name)).ServerReflectionInfo(w.ctx())
		if err != nil {
			return err
		}
		_ = s.Send(&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}}) // Recv says why it failed
		_, err = s.Recv()
		return err
	}
	if err := list("operator"); err != nil {
		t.Error(err)
	}
	if err := list("mallory"); status.Code(err) != codes.PermissionDenied {
		t.Errorf("a stranger reads the service's description: %v", err)
	}
}

// Stopping ends followers and half-open uploads at once; both go on after it.
func TestGracefulStop(t *testing.T) {
	w := newWorld(t, 3, func(c *Config) { c.Dir = t.TempDir(); c.Grace = 10 * time.Second })
	w.found()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	pages := make(chan int64, 100)
	followed := make(chan error, 1)
	go func() {
		followed <- w.clients["board01.approver"].Follow(ctx, 0, func(from int64, leaves [][]byte, _ []byte) error {
			pages <- from + int64(len(leaves))
			return nil
		})
	}()
	for (<-pages) < 3 {
	}
	s, err := api.NewFederationClient(w.raw("board01")).PutBlob(ctx)
	if err != nil {
		t.Fatal(err)
	}
	content := []byte("half of it and the other half")
	d := crypto.DigestOf(content)
	_ = s.Send(&api.PutBlobRequest{Step: &api.PutBlobRequest_Header{Header: &api.BlobHeader{Digest: d[:], Size: int64(len(content))}}})
	if _, err := s.Recv(); err != nil {
		t.Fatal(err)
	}
	_ = s.Send(&api.PutBlobRequest{Step: &api.PutBlobRequest_Piece{Piece: &api.BlobPiece{Data: content[:10]}}})
	time.Sleep(50 * time.Millisecond) // the piece arrives

	start := time.Now()
	w.restart()
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("stopping took %v with a grace of 10 s", took)
	}
	if _, err := s.Recv(); api.FromStatus(err).Code() != "SS6201" {
		t.Errorf("the upload ended with %v", err)
	}
	if err := w.client("operator").PutBlob(ctx, d, int64(len(content)), bytes.NewReader(content)); err == nil || api.FromStatus(err).Code() != "SS6303" {
		t.Errorf("an upload by somebody without a key: %v", err)
	}
	if err := w.client("board01").PutBlob(ctx, d, int64(len(content)), bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	w.say("researcher", audit.Header{Study: "s"}, &audit.Proposal{Study: "text", Numbers: 1 << 20})
	for (<-pages) < 4 { // the same Follow, over the restart
	}
	cancel()
	if err := <-followed; !errors.Is(err, context.Canceled) {
		t.Errorf("the follower ended with %v", err)
	}
}

// A caller with its hands full is told so, and others are not held up.
func TestCallsAtOnce(t *testing.T) {
	w := newWorld(t, 3, func(c *Config) { c.Calls = 4 })
	w.found()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var streams []grpc.ServerStreamingClient[api.Page]
	for range 2 { // connections
		f := api.NewFederationClient(w.raw("board01"))
		for range 2 {
			s, err := f.Follow(ctx, &api.FollowRequest{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Recv(); err != nil {
				t.Fatal(err)
			}
			streams = append(streams, s)
		}
	}
	if got := w.code("board01", "Checkpoint"); got != "SS6304" {
		t.Errorf("a fifth call at once is answered %q", got)
	}
	if got := w.code("board02", "Checkpoint"); got != "" {
		t.Errorf("another caller is answered %q", got)
	}
	cancel()
	for _, s := range streams {
		for {
			if _, err := s.Recv(); err != nil {
				break
			}
		}
	}
	deadline := time.Now().Add(patience)
	for w.code("board01", "Checkpoint") != "" {
		if time.Now().After(deadline) {
			t.Fatal("places were not given back")
		}
	}
}

func TestConnectionsOfOneCaller(t *testing.T) {
	w := newWorld(t, 1, func(c *Config) { c.PerCaller = 2; c.Allow = []string{"operator", "other"} })
	open := func(name string) error {
		cert, err := w.authority.IssueClient(name)
		if err != nil {
			t.Fatal(err)
		}
		c := w.dial(ca.TLSClient(w.authority.Pool(), cert, "localhost"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = api.NewFederationClient(c).Checkpoint(ctx, &api.CheckpointRequest{})
		return err
	}
	for range 2 {
		if err := open("operator"); err != nil {
			t.Fatal(err)
		}
	}
	if err := open("operator"); err == nil {
		t.Error("a third connection was taken")
	}
	if err := open("other"); err != nil {
		t.Errorf("another caller: %v", err)
	}
}

// What goes wrong inside stays inside: the caller gets a class and an action,
// the operator's log the cause.
func TestCausesStayInside(t *testing.T) {
	var log bytes.Buffer
	dir := t.TempDir()
	w := newWorld(t, 3, func(c *Config) {
		c.Dir = dir
		c.Logger = hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Debug})
	})
	w.found()
	whole := filepath.Join(dir, "blobs", "whole")
	d := crypto.DigestOf([]byte("codebook"))
	if err := os.Remove(filepath.Join(whole, d.String())); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(whole, d.String()), 0o700); err != nil { // reading it fails
		t.Fatal(err)
	}
	s, err := api.NewFederationClient(w.raw("board01")).GetBlob(w.ctx(), &api.GetBlobRequest{Digest: d[:], Length: 1})
	if err == nil {
		_, err = s.Recv()
	}
	if status.Code(err) != codes.Internal || strings.Contains(fmt.Sprint(err), dir) || api.FromStatus(err).Remedy() == "" {
		t.Errorf("answered %v", err)
	}
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), dir) {
		t.Error("the operator's log does not hold the cause")
	}
}

func TestHostileAppends(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.found()
	f := api.NewFederationClient(w.raw("board01"))
	say := func(leaf []byte) string {
		_, err := f.Append(w.ctx(), &api.AppendRequest{Leaf: leaf})
		if err == nil {
			return ""
		}
		return api.FromStatus(err).Code()
	}
	good := w.leaf("researcher", audit.Header{Study: "s"}, &audit.Proposal{Study: "text", Numbers: 1 << 20})
	flip := bytes.Clone(good)
	flip[len(flip)/2] ^= 1
	forged := w.leaf("board01", audit.Header{Study: "s"}, &audit.Proposal{Study: "text", Numbers: 1 << 20})
	for what, x := range map[string]struct {
		leaf []byte
		want []string
	}{
		"nothing":         {nil, []string{"SS6101"}},
		"zeros":           {make([]byte, 100), []string{"SS2102"}},
		"too large":       {make([]byte, api.MaxLeaf+1), []string{"SS6101"}},
		"far too large":   {make([]byte, api.MaxMessage+1), []string{"SS6004"}},
		"cut":             {good[:len(good)-1], []string{"SS2102"}},
		"flipped":         {flip, []string{"SS2102", "SS2104", "SS2108", "SS2105", "SS2106", "SS2107", "SS2103", "SS2109", "SS2110", "SS2112"}},
		"by another role": {forged, []string{"SS2205"}},
		"doubled":         {append(bytes.Clone(good), good...), []string{"SS2102", "SS2104"}},
	} {
		if got := say(x.leaf); !slices.Contains(x.want, got) {
			t.Errorf("%s: answered %q, want one of %v", what, got, x.want)
		}
	}
	if got := say(good); got != "" {
		t.Errorf("after all that an honest statement is answered %q", got)
	}
}

func TestServeNeedsTLS(t *testing.T) {
	k := newKeys(t, "coordinator")
	c, err := Open(Config{Origin: origin, Signer: k.signer, Key: k.public})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Serve(t.Context(), l); err == nil {
		t.Fatal("served in the clear")
	}
	if _, err := Open(Config{Origin: origin, Signer: k.signer, Key: newKeys(t, "coordinator").public}); err == nil {
		t.Error("another key's public half was accepted")
	}
	if _, err := Open(Config{}); err == nil {
		t.Error("an empty config was accepted")
	}
}

func TestFound(t *testing.T) {
	w := newWorld(t, 3, nil)
	c := w.charter()
	c.Codebook = crypto.DigestOf([]byte("codebook"))
	refused(t, "a charter without its codebook", w.c.Found(w.ctx(), c), "SS6501")
	if _, err := w.c.PutBlob(w.ctx(), []byte("codebook")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.c.Found(w.ctx(), c); err != nil {
			t.Fatal(err)
		}
	}
	c.Name = "another"
	var r *audit.Refusal
	if err := w.c.Found(w.ctx(), c); !errors.As(err, &r) || r.Rule != audit.CodeCharterTwice {
		t.Errorf("another charter: %v", err)
	}
}
