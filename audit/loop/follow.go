package loop

import (
	"context"
	"errors"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
)

// follow keeps the state at the end of the log. It returns nil when ctx ends
// and an error that is final otherwise.
func (p *Party) follow(ctx context.Context) error {
	pause := 50 * time.Millisecond
	for {
		var from int64
		p.View(func(st *audit.State) { from = st.Head().Size })
		before := from
		err := p.cfg.Log.Follow(ctx, from, func(at int64, leaves [][]byte, checkpoint []byte) error {
			return p.page(at, leaves, checkpoint)
		})
		if ctx.Err() != nil {
			return nil
		}
		var bad *InconsistentError
		if errors.As(err, &bad) {
			return bad
		}
		p.trouble("follow", err)
		p.View(func(st *audit.State) { from = st.Head().Size })
		if from > before {
			pause = 50 * time.Millisecond
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, 10*time.Second)
	}
}

// page judges one page of the log against its checkpoint, keeps it, and only
// then folds it: no task ever works on an entry that is not verified and kept.
// An error of the journal changes nothing; the page is asked for again.
func (p *Party) page(from int64, leaves [][]byte, checkpoint []byte) error {
	var held, head, next audit.Head
	var err error
	p.View(func(st *audit.State) {
		held = st.Head()
		head, err = st.VerifyCheckpoint(checkpoint)
		next = st.Tree().HeadWith(leaves)
	})
	switch {
	case from != held.Size:
		err = errors.New("a page does not begin where the held log ends")
	case err != nil:
	case head.Size != next.Size:
		err = errors.New("a page does not end at its checkpoint")
	case head != next:
		err = errors.New("the entries do not hash to the signed root")
	}
	if err != nil {
		return p.contradicted(checkpoint, err)
	}
	if p.cfg.Journal != nil && len(leaves) > 0 {
		if err := p.cfg.Journal.Extend(from, leaves); err != nil {
			return err
		}
	}
	for _, leaf := range leaves {
		p.apply(leaf)
	}
	p.saw(head, checkpoint)
	p.trouble("follow", nil)
	p.grown.Broadcast()
	p.Wake()
	return nil
}

func (p *Party) apply(leaf []byte) {
	s, finding := p.fold(leaf)
	if s == nil || finding != nil || s.Signer != p.cfg.Name {
		return
	}
	p.mu.Lock()
	own := p.mine[s.Hash]
	delete(p.mine, s.Hash)
	if !own && s.Boot == p.boot {
		p.boot = newBoot()
	}
	p.mu.Unlock()
	if !own && p.cfg.Foreign != nil {
		p.cfg.Foreign(s)
	}
}

// catchUp closes p.fresh once the state covers a checkpoint that was signed
// after this start asked for it. Nothing new is signed before: what an old
// copy of the log asks for may have been answered already.
func (p *Party) catchUp(ctx context.Context) error {
	source, ok := p.cfg.Log.(interface {
		Checkpoint(ctx context.Context) ([]byte, error)
	})
	for pause := 50 * time.Millisecond; ok; pause = min(2*pause, 10*time.Second) {
		signed, err := source.Checkpoint(ctx)
		if err == nil {
			if ok, err = p.behind(ctx, signed); err != nil && !ok {
				return err
			}
		}
		p.trouble("checkpoint", err)
		if !ok {
			break
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
	close(p.fresh)
	return nil
}

// behind waits until the state covers a checkpoint. It reports whether to ask
// again, and why: an older one than what is held is no news, and if it stays
// the other side runs from an old copy. Any other error is final.
func (p *Party) behind(ctx context.Context, signed []byte) (bool, error) {
	var head, held audit.Head
	var err error
	p.View(func(st *audit.State) {
		held = st.Head()
		head, err = st.VerifyCheckpoint(signed)
	})
	if err != nil {
		return false, p.contradicted(signed, err)
	}
	if head.Size < held.Size {
		return true, audit.Refuse(audit.CodeStale, head.Size, held.Size)
	}
	if p.reach(ctx, head.Size) != nil {
		return true, nil
	}
	p.View(func(st *audit.State) { _, err = st.VerifyCheckpoint(signed) })
	if err != nil { // now that the entries are here
		return false, p.contradicted(signed, err)
	}
	p.saw(head, signed)
	p.heard(signed) // it may have co-signatures
	return false, nil
}

func (p *Party) fold(leaf []byte) (*audit.Statement, *audit.Finding) {
	p.mu.Lock()
	s, finding := p.state.Apply(leaf)
	index := p.state.Head().Size - 1
	if finding == nil && audit.NeedsCosigning(s.Type) {
		p.cosigning.due = index + 1
	}
	p.mu.Unlock()
	if p.cfg.Applied != nil {
		p.cfg.Applied(Applied{Index: index, Statement: s, Finding: finding})
	}
	return s, finding
}
