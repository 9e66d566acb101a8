package loop

import (
	"context"
	"fmt"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
)

// Say signs body as this party's next statement, keeps it in the outbox, sends
// the same bytes until the coordinator has answered, and returns once the
// statement has come back in the followed log. Only Study, Round and Attempt
// of h are used.
//
// before, when not nil, runs after signing and before the first byte leaves:
// the place to journal, or to remember what the statement promises. An error
// from it means that nothing was sent.
func (p *Party) Say(ctx context.Context, h audit.Header, body audit.Body, before func(*audit.Statement) error) (*audit.Statement, error) {
	select {
	case p.saying <- struct{}{}:
		defer func() { <-p.saying }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var s *audit.Statement
	var err error
	p.View(func(st *audit.State) {
		h = st.Next(p.cfg.Name, p.boot, h)
		h.Time = p.cfg.Now().UTC().Format(time.RFC3339)
		var leaf []byte
		if leaf, err = audit.Sign(h, body, p.cfg.Signer); err != nil {
			return
		}
		s, err = st.Check(leaf)
	})
	if err != nil {
		return nil, err
	}
	if before != nil {
		if err := before(s); err != nil {
			return nil, err
		}
	}
	p.mu.Lock()
	p.mine[s.Hash] = true
	p.mu.Unlock()
	if p.cfg.Journal != nil {
		if err := p.cfg.Journal.SetOutbox(s.Leaf); err != nil {
			return nil, fmt.Errorf("keeping a statement before sending it: %w", err)
		}
	}
	index, err := p.send(ctx, s.Leaf)
	if err != nil {
		if refused(err) {
			p.mu.Lock()
			delete(p.mine, s.Hash)
			p.mu.Unlock()
		}
		return nil, err
	}
	s.Index = index
	return s, p.reach(ctx, index+1)
}

// send delivers leaf, again and again, until it is taken or refused.
func (p *Party) send(ctx context.Context, leaf []byte) (int64, error) {
	pause := 50 * time.Millisecond
	for {
		index, err := p.cfg.Log.Append(ctx, leaf)
		if err == nil || refused(err) {
			if p.cfg.Journal != nil {
				if err := p.cfg.Journal.SetOutbox(nil); err != nil {
					return 0, err
				}
			}
			return index, err
		}
		select {
		case <-ctx.Done():
			return 0, err
		case <-time.After(pause):
		}
		pause = min(2*pause, 10*time.Second)
	}
}

// resend delivers what an earlier start had promised, byte for byte. Only a
// `ready` is let go: it offers a key that was in the memory of that start, and
// an attempt that counted on it would wait for this party in vain.
func (p *Party) resend(ctx context.Context) {
	p.saying <- struct{}{}
	defer func() { <-p.saying }()
	leaf, err := p.cfg.Journal.Outbox()
	if err != nil || leaf == nil {
		return
	}
	if s, err := audit.Parse(leaf); err == nil && s.Type == audit.TypeReady {
		_ = p.cfg.Journal.SetOutbox(nil) // if it stays, it is let go at the next start
		return
	}
	if index, err := p.send(ctx, leaf); err == nil {
		_ = p.reach(ctx, index+1)
	}
}

// reach waits until the folded log has at least size entries.
func (p *Party) reach(ctx context.Context, size int64) error {
	stop := context.AfterFunc(ctx, func() {
		// Under the lock, so that no waiter stands between its check and its wait.
		p.mu.Lock()
		defer p.mu.Unlock()
		p.grown.Broadcast()
	})
	defer stop()
	p.mu.RLock()
	defer p.mu.RUnlock()
	for p.state.Head().Size < size {
		if p.ended != nil {
			return p.ended
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.grown.Wait()
	}
	return nil
}

// Reach waits until the folded log covers a signed checkpoint.
func (p *Party) Reach(ctx context.Context, checkpoint []byte) error {
	var head audit.Head
	var err error
	p.View(func(st *audit.State) { head, err = st.VerifyCheckpoint(checkpoint) })
	if err != nil {
		return err
	}
	return p.reach(ctx, head.Size)
}
