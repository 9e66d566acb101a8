package api

import (
	"context"
	"crypto/tls"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
)

// Client is one party's connection to a coordinator. All calls are idempotent:
// failures of the transport are retried with growing, jittered pauses until
// the call's ctx ends. It is safe for concurrent use.
type Client struct {
	conn   *grpc.ClientConn
	rpc    FederationClient
	notify atomic.Pointer[func(call string, err error)]
	hear   atomic.Pointer[func(signed []byte)]
}

// Cosigned sets who is told, while Follow runs, of checkpoints with
// co-signatures that are news. They are not checked here, and f must not block.
func (c *Client) Cosigned(f func(signed []byte)) { c.hear.Store(&f) }

// Notify sets who is told after every try of a call, by the call's name: of the
// error for which it will be made again, or by which this party is shut out, or
// nil when the other side answers.
// It must not block.
func (c *Client) Notify(f func(call string, err error)) { c.notify.Store(&f) }

func (c *Client) tell(call string, err error) {
	if f := c.notify.Load(); f != nil {
		(*f)(call, err)
	}
}

// Dial prepares a client for the coordinator at address ("host:port"). It does
// not wait for a connection; that is made, and made again, when a call needs
// it. An HTTPS_PROXY of the environment is used. Close it after use.
//
// An error (*Error, class Invalid) means that address or config are unusable.
func Dial(address string, config *tls.Config) (*Client, error) {
	return dial(address, config, keepalive.ClientParameters{Time: PingAfter, Timeout: PingTimeout, PermitWithoutStream: true})
}

func dial(address string, config *tls.Config, pings keepalive.ClientParameters) (*Client, error) {
	if config == nil || len(config.Certificates) == 0 && config.GetClientCertificate == nil {
		return nil, Errorf(Invalid, "SS6005", "give the client certificate that the coordinator's operator issued", "a client certificate is needed to connect")
	}
	config = config.Clone()
	if config.MinVersion < tls.VersionTLS13 {
		config.MinVersion = tls.VersionTLS13
	}
	conn, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(credentials.NewTLS(config)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(MaxMessage), grpc.MaxCallSendMsgSize(MaxMessage)),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: firstPause, Multiplier: 1.6, Jitter: 0.3, MaxDelay: longestPause},
			MinConnectTimeout: connectAtMost,
		}),
		grpc.WithKeepaliveParams(pings),
		grpc.WithDisableServiceConfig(), // a name server must not choose our retry policy
		grpc.WithDisableRetry(),         // retries are ours: one place, one policy
		grpc.WithIdleTimeout(0),
	)
	if err != nil {
		return nil, Errorf(Invalid, "SS6006", `give it as "host:port"`, "the coordinator's address cannot be used").Because(err)
	}
	return &Client{conn: conn, rpc: NewFederationClient(conn)}, nil
}

// Close ends the connection and every call under way.
func (c *Client) Close() error { return c.conn.Close() }

// Append sends one signed statement (at most MaxLeaf bytes) and returns its
// index once it is durable. The same bytes again return the same index.
//
// The error is an *Error. Refused() true is final for these bytes; otherwise
// ctx ended first and nothing is known about whether they were taken.
func (c *Client) Append(ctx context.Context, leaf []byte) (int64, error) {
	if len(leaf) == 0 || len(leaf) > MaxLeaf {
		return 0, Errorf(Invalid, "SS6101", "put anything large in a blob", "a statement has 1 to %d bytes, not %d", MaxLeaf, len(leaf))
	}
	var index int64
	err := c.retry(ctx, "append", func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		r, err := c.rpc.Append(ctx, &AppendRequest{Leaf: leaf})
		index = r.GetIndex()
		return false, err
	})
	if err != nil {
		return 0, err
	}
	return index, nil
}

// Checkpoint returns the newest signed checkpoint. The signature is not
// checked here.
func (c *Client) Checkpoint(ctx context.Context) ([]byte, error) {
	var signed []byte
	err := c.retry(ctx, "checkpoint", func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		r, err := c.rpc.Checkpoint(ctx, &CheckpointRequest{})
		signed = r.GetCheckpoint()
		return false, err
	})
	if err != nil {
		return nil, err
	}
	return signed, nil
}

// Cosign hands in a checkpoint with the coordinator's signature and this
// party's co-signature, and returns once it is durable. Errors are as those of
// Append.
func (c *Client) Cosign(ctx context.Context, signed []byte) error {
	return c.retry(ctx, "cosign", func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		_, err := c.rpc.Cosign(ctx, &CosignRequest{Checkpoint: signed})
		return false, err
	})
}

// Follow calls page with the log from index `from` on, in order and without
// gaps, and goes on as the log grows. A broken connection is made again and
// the stream goes on where it stopped. It returns ctx's error when ctx ends,
// page's error when page returns one, and an *Error when the server refuses.
//
// Neither leaves nor checkpoint are checked here.
func (c *Client) Follow(ctx context.Context, from int64, page func(from int64, leaves [][]byte, checkpoint []byte) error) error {
	var stop error
	next := from
	err := c.retry(ctx, "follow", func(ctx context.Context) (progress bool, err error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		stream, err := c.rpc.Follow(ctx, &FollowRequest{From: next})
		if err != nil {
			return false, err
		}
		// The server answers before it has anything to send: a silent log can
		// be told from a dead line.
		if _, err := stream.Header(); err == nil && stream.Context().Err() == nil {
			c.tell("follow", nil)
		}
		for {
			p, err := stream.Recv()
			if err != nil {
				return progress, err
			}
			if cosigned := p.GetCosigned(); len(cosigned) > 0 {
				if f := c.hear.Load(); f != nil {
					(*f)(cosigned)
				}
				continue
			}
			if stop = page(p.GetFrom(), p.GetLeaves(), p.GetCheckpoint()); stop != nil {
				return true, nil
			}
			next = p.GetFrom() + int64(len(p.GetLeaves()))
			progress = true
			c.tell("follow", nil)
		}
	})
	if stop != nil {
		return stop
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// retry makes try until it succeeds, is refused, or ctx ends. Progress starts
// the pauses anew.
func (c *Client) retry(ctx context.Context, call string, try func(context.Context) (progress bool, err error)) error {
	pause := firstPause
	for {
		progress, err := try(ctx)
		e := FromStatus(err)
		if e == nil {
			c.tell(call, nil)
			return nil
		}
		switch {
		case ctx.Err() != nil:
		case e.Refused() && e.Class != Denied:
			c.tell(call, nil) // an answer to this request; the line works
		default:
			c.tell(call, e)
		}
		if !again(ctx, e) {
			return e
		}
		if progress {
			pause = firstPause
		}
		// Anything from half the pause to one and a half: clients that lost
		// the same server must not come back all at once.
		timer := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return e
		}
		pause = min(2*pause, longestPause)
	}
}
