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

// page folds one page of the log and holds it against its checkpoint.
func (p *Party) page(from int64, leaves [][]byte, checkpoint []byte) error {
	p.mu.Lock()
	held := p.state.Head()
	p.mu.Unlock()
	if from != held.Size {
		return &InconsistentError{held, errors.New("a page does not begin where the held log ends")}
	}
	// The signature and the size are checked before anything is folded; the
	// root can only be compared afterwards, and a mismatch ends this party.
	var head audit.Head
	var err error
	p.View(func(st *audit.State) { head, err = st.VerifyCheckpoint(checkpoint) })
	if err != nil {
		return &InconsistentError{held, err}
	}
	if head.Size != from+int64(len(leaves)) {
		return &InconsistentError{held, errors.New("a page does not end at its checkpoint")}
	}
	for _, leaf := range leaves {
		p.apply(leaf)
	}
	p.View(func(st *audit.State) {
		if st.Head() != head {
			err = &InconsistentError{held, errors.New("the entries do not hash to the signed root")}
		}
	})
	if err != nil {
		return err
	}
	if p.cfg.Journal != nil && len(leaves) > 0 {
		if err := p.cfg.Journal.Extend(from, leaves); err != nil {
			return err
		}
	}
	p.grown.Broadcast()
	p.Wake()
	return nil
}

func (p *Party) apply(leaf []byte) {
	p.mu.Lock()
	s, finding := p.state.Apply(leaf)
	index := p.state.Head().Size - 1
	p.mu.Unlock()
	if p.cfg.Applied != nil {
		p.cfg.Applied(Applied{Index: index, Statement: s, Finding: finding})
	}
}
