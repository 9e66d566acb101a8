package blobs

import (
	"sync"
	"time"

	"github.com/smartstart-federation/smartstart/crypto"
)

// claim is what one uploader has here that no statement names yet.
type claim struct {
	owner  string
	digest crypto.Digest
	size   int64
	since  time.Time
	whole  bool // the blob has its name
	open   bool // an upload is under way
}

// ledger counts claims against each uploader's quota.
type ledger struct {
	mu     sync.Mutex
	limits Limits
	claims map[string]map[crypto.Digest]claim // by owner
	held   map[crypto.Digest]int              // how often each is held
}

func newLedger(limits Limits) *ledger {
	if limits.Now == nil {
		limits.Now = time.Now
	}
	return &ledger{limits: limits, claims: map[string]map[crypto.Digest]claim{}, held: map[crypto.Digest]int{}}
}

// begin claims the whole size at the start, so that two uploads cannot each
// fit and together not. stale are the owner's claims that had to go for it:
// the caller removes their bytes.
func (l *ledger) begin(owner string, d crypto.Digest, size int64) (stale []claim, err error) {
	if size <= 0 || size > l.limits.Blob {
		return nil, ErrSize
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.limits.Now()
	next := claim{owner: owner, digest: d, size: size, since: now, open: true}
	total := l.weight(size)
	for _, c := range l.claims[owner] {
		if c.digest != d {
			total += l.weight(c.size)
		} else if c.size != size { // a digest has one size: one of the two is a lie
			return nil, ErrSize
		}
	}
	for _, c := range l.claims[owner] {
		if total <= l.limits.Quota {
			break
		}
		if c.digest != d && !c.open && l.held[c.digest] == 0 && now.Sub(c.since) > l.limits.Age {
			stale = append(stale, c)
			total -= l.weight(c.size)
		}
	}
	if total > l.limits.Quota {
		return nil, ErrQuota
	}
	for _, c := range stale {
		delete(l.claims[owner], c.digest)
	}
	l.put(next)
	return stale, nil
}

// weight is what a blob of this size counts for.
func (l *ledger) weight(size int64) int64 { return max(size, l.limits.Least) }

func (l *ledger) put(c claim) {
	if l.claims[c.owner] == nil {
		l.claims[c.owner] = map[crypto.Digest]claim{}
	}
	l.claims[c.owner][c.digest] = c
}

// change edits one claim, if it is there.
func (l *ledger) change(owner string, d crypto.Digest, f func(*claim)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c, ok := l.claims[owner][d]; ok {
		f(&c)
		l.put(c)
	}
}

func (l *ledger) drop(owner string, d crypto.Digest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.claims[owner], d)
}

// hold makes the claims on d stay until release is called.
func (l *ledger) hold(d crypto.Digest) (release func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[d]++
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.held[d]--; l.held[d] == 0 {
			delete(l.held, d)
		}
	})
}

// keep ends the claims on d, which is whole, and returns them.
func (l *ledger) keep(d crypto.Digest) (ended []claim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for owner, claims := range l.claims {
		if c, ok := claims[d]; ok && c.whole {
			delete(l.claims[owner], d)
			ended = append(ended, c)
		}
	}
	return ended
}
