package loop

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
)

// Cosigning is what a Log may have besides: the co-signatures of checkpoints.
type Cosigning interface {
	// Cosign hands in a checkpoint with this party's co-signature and returns
	// once it is durable. An error that answers Refused() with true is final.
	Cosign(ctx context.Context, signed []byte) error
	// Cosigned sets who is told, while Follow runs, of checkpoints with
	// co-signatures; f does not block. They may be ahead of the entries.
	Cosigned(f func(signed []byte))
}

// CosignJournal is what a co-signer keeps over restarts. One that forgets it
// can be led to co-sign two histories.
type CosignJournal interface {
	// Cosigned returns what SetCosigned kept last; nil before the first time.
	Cosigned() ([]byte, error)
	// SetCosigned keeps a checkpoint with this party's co-signature. It MUST be
	// durable when it returns: only then the co-signature leaves.
	SetCosigned(signed []byte) error
}

const (
	mostPending = 128 // sizes with checkpoints that wait for their entries
	mostOfSize  = 4   // of them of one size: two ways bring them, and the older may come last
	mostKnown   = 1000
	mostSeen    = 128 // checkpoints kept in memory, as evidence against another history
)

// cosigning is what a party knows of checkpoints and their co-signatures.
type cosigning struct {
	log Cosigning // nil when the log has none

	// Guarded by the party's mu.
	due     int64              // size that covers the newest entry which needs co-signatures
	seen    []checkpoint       // verified ones that the state covers, newest last
	pending map[int64][][]byte // by size: not verified yet, newest last
	sizes   map[string]int64   // largest size that each party co-signed, by verifier key
	known   map[string]bool    // lines that were verified
	size    int64              // and the one that a quorum has

	count, sign chan struct{} // wake the two goroutines
}

type checkpoint struct {
	audit.Head
	signed []byte
}

func newCosigning(log Log) cosigning {
	c := cosigning{
		pending: map[int64][][]byte{}, sizes: map[string]int64{}, known: map[string]bool{},
		count: make(chan struct{}, 1), sign: make(chan struct{}, 1),
	}
	c.log, _ = log.(Cosigning)
	return c
}

func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// saw remembers a verified checkpoint that the state covers.
func (p *Party) saw(h audit.Head, signed []byte) {
	p.mu.Lock()
	c := &p.cosigning
	if n := len(c.seen); n == 0 || c.seen[n-1].Size < h.Size {
		c.seen = append(c.seen[max(0, n+1-mostSeen):n:n], checkpoint{h, signed})
	}
	p.mu.Unlock()
	nudge(c.count)
	nudge(c.sign)
}

// heard takes a checkpoint with co-signatures for count to look at.
func (p *Party) heard(signed []byte) {
	h, err := audit.ReadUnverified(signed)
	if err != nil || len(signed) > audit.MaxLeaf {
		return // whoever sent it shows nothing by it
	}
	p.mu.Lock()
	c := &p.cosigning
	list := append(c.pending[h.Size], signed)
	c.pending[h.Size] = list[max(0, len(list)-mostOfSize):]
	if len(c.pending) > mostPending {
		delete(c.pending, slices.Max(slices.Collect(maps.Keys(c.pending))))
	}
	p.mu.Unlock()
	nudge(c.count)
}

// Cosigned returns the largest size that a quorum of institutions is known here
// to have co-signed.
func (p *Party) Cosigned() int64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.cosigning.size
}

// Due returns the size that covers the newest entry which needs co-signatures.
func (p *Party) Due() int64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.cosigning.due
}

// local is what Config.Local says with what the loop itself knows.
func (p *Party) local() audit.Local {
	l := p.cfg.Local()
	p.mu.RLock()
	defer p.mu.RUnlock()
	l.Boot, l.Cosigned, l.Cosigners = p.boot, p.cosigning.size, maps.Clone(p.cosigning.sizes)
	return l
}

// countCosigned verifies co-signatures once the entries that they are about are
// here, until ctx ends. An error is final: the coordinator signed a checkpoint
// of another history.
func (p *Party) countCosigned(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.cosigning.count:
		}
		if err := p.countPending(); err != nil {
			return err
		}
	}
}

func (p *Party) countPending() error {
	for {
		signed, c, err := p.nextPending()
		if signed == nil {
			return nil
		}
		if code(err) == audit.CodeFork {
			return p.contradicted(signed, err)
		}
		if err != nil {
			continue // not the coordinator's: it shows nothing
		}
		grew := false
		p.mu.Lock()
		k := &p.cosigning
		for _, s := range c.By {
			k.sizes[s.Key] = max(k.sizes[s.Key], c.Size)
		}
		if size := p.state.CosignedSize(k.sizes); size > k.size {
			k.size, grew = size, true
		}
		p.mu.Unlock()
		if p.cfg.Cosigned != nil {
			p.cfg.Cosigned(c)
		}
		if grew {
			p.Wake()
		}
	}
}

// nextPending takes the smallest waiting checkpoint that the state covers.
func (p *Party) nextPending() (signed []byte, c *audit.Cosigned, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.cosigning.pending) == 0 {
		return nil, nil, nil
	}
	size := slices.Min(slices.Collect(maps.Keys(p.cosigning.pending)))
	if size > p.state.Head().Size {
		return nil, nil, nil
	}
	list := p.cosigning.pending[size]
	if signed = list[0]; len(list) > 1 {
		p.cosigning.pending[size] = list[1:]
	} else {
		delete(p.cosigning.pending, size)
	}
	if len(p.cosigning.known) > mostKnown {
		clear(p.cosigning.known)
	}
	c, err = p.state.ReadCosignedAgain(signed, p.cosigning.known)
	return signed, c, err
}

// cosign co-signs new checkpoints until ctx ends, beside everything else: no
// round waits for it. An error is final.
func (p *Party) cosign(ctx context.Context) error {
	select {
	case <-p.fresh:
	case <-ctx.Done():
		return nil
	}
	again := true // an earlier start may have stopped before its co-signature left
	for ctx.Err() == nil {
		// Read each time: what is not on the disk was not co-signed.
		kept, err := p.cfg.Cosign.Cosigned()
		var signed []byte
		if err == nil {
			var fits bool
			if signed, fits, err = p.nextCosigned(kept); fits && again {
				again = false
				if kept != nil {
					p.handIn(ctx, kept)
				}
			}
		}
		if bad := new(InconsistentError); errors.As(err, &bad) {
			return bad
		}
		if err == nil && signed != nil {
			if err = p.cfg.Cosign.SetCosigned(signed); err == nil {
				p.handIn(ctx, signed)
				continue
			}
		}
		p.trouble("co-signing", err)
		select {
		case <-ctx.Done():
		case <-p.cosigning.sign:
		case <-time.After(time.Minute): // a disk that was full
		}
	}
	return nil
}

// nextCosigned co-signs the newest checkpoint held here, when there is something
// to co-sign since the kept one. What is co-signed must extend that; fits says
// that the log held here does.
func (p *Party) nextCosigned(kept []byte) (signed []byte, fits bool, err error) {
	p.View(func(st *audit.State) {
		c := &p.cosigning
		var held audit.Head
		if kept != nil {
			if held, err = audit.ReadCheckpoint(kept, st.Origin(), st.CoordinatorKey()); err != nil {
				return
			}
			root, ok := st.RootAt(held.Size)
			if ok && root != held.Root {
				err = audit.Refuse(audit.CodeFork, held.Size)
			}
			if err != nil || !ok {
				return // shorter than what was co-signed: it may yet grow
			}
		}
		fits = true
		if c.due <= held.Size || len(c.seen) == 0 || !st.MayCosign(p.cfg.Name) {
			return
		}
		newest := c.seen[len(c.seen)-1]
		if newest.Size < c.due {
			return
		}
		signed, err = st.Cosign(newest.signed, p.cfg.Signer, p.cfg.Now())
	})
	if code(err) == audit.CodeFork {
		return nil, false, p.contradicted(kept, err)
	}
	return signed, fits, err
}

// handIn delivers a co-signature until it is taken or refused.
func (p *Party) handIn(ctx context.Context, signed []byte) {
	pause := 50 * time.Millisecond
	for {
		err := p.cosigning.log.Cosign(ctx, signed)
		p.trouble("cosign", err)
		if err == nil || refused(err) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, 10*time.Second)
	}
}

// contradicted shows the checkpoint that does not fit the log held here, beside
// one that does: of the same size if there is one, for then the two prove alone
// that the coordinator signed two histories.
func (p *Party) contradicted(shown []byte, cause error) error {
	var held audit.Head
	var ours []byte
	p.View(func(st *audit.State) {
		held = st.Head()
		h, err := audit.ReadCheckpoint(shown, st.Origin(), st.CoordinatorKey())
		if err != nil {
			return // anybody can write what nobody signed
		}
		for _, c := range p.cosigning.seen {
			if c.Size <= h.Size || ours == nil {
				ours = c.signed
			}
		}
	})
	if ours != nil && p.cfg.Fork != nil {
		p.cfg.Fork(ours, shown)
	}
	return &InconsistentError{held, cause}
}

// code returns the rule that an error says is broken, if it is one.
func code(err error) audit.Code {
	if coded, ok := err.(interface{ Code() string }); ok {
		return audit.Code(coded.Code())
	}
	return ""
}
