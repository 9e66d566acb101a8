package coordinator

import (
	"context"
	"sync"
	"time"
)

// What one caller may ask of the coordinator over all its connections is
// counted in frames, which have up to 16 KiB.
const (
	callCost = 20 // frames that a call counts for: its goroutine, its answer, its line in the log
	burst    = 10 // seconds' worth that may come at once
)

// person is one certificate name, with what it uses at this moment. Names come
// from certificates of the federation's authority, so there are few, and none
// is forgotten: a budget must not begin anew with each connection.
type person struct {
	mu          sync.Mutex
	connections int
	calls       int
	unwritten   int // lines of the operator's log

	frames bucket // over the network
	leaves bucket // bytes that it adds to the log for good
	lines  bucket // of the operator's log
}

// people is everybody who called since the start.
type people struct {
	cfg Config
	mu  sync.Mutex
	by  map[string]*person
}

func newPeople(cfg Config) *people { return &people{cfg: cfg, by: map[string]*person{}} }

func (p *people) get(name string) *person {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.by[name] == nil {
		p.by[name] = &person{
			frames: newBucket(float64(p.cfg.Frames), burst*float64(p.cfg.Frames)),
			leaves: newBucket(float64(p.cfg.DailyLog)/(24*60*60), float64(p.cfg.DailyLog)),
			lines:  newBucket(1, 60),
		}
	}
	return p.by[name]
}

// connect takes a place for one connection.
func (p *person) connect(limit int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.connections >= limit {
		return false
	}
	p.connections++
	return true
}

func (p *person) disconnect() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.connections--
}

// call takes a place for one call.
func (p *person) call(limit int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls >= limit {
		return false
	}
	p.calls++
	return true
}

func (p *person) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls--
}

// line reports whether the operator's log has room for another line about this
// caller, and how many had none since the last.
func (p *person) line() (missed int, ok bool) {
	if !p.lines.try(1) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.unwritten++
		return 0, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	missed, p.unwritten = p.unwritten, 0
	return missed, true
}

// bucket fills at a rate up to its size. Taking more than it holds is a debt,
// which whoever takes waits out.
type bucket struct {
	rate, size float64

	mu   sync.Mutex
	held float64
	at   time.Time
}

func newBucket(rate, size float64) bucket {
	return bucket{rate: rate, size: size, held: size, at: time.Now()}
}

func (b *bucket) fill() {
	now := time.Now()
	b.held = min(b.size, b.held+now.Sub(b.at).Seconds()*b.rate)
	b.at = now
}

// take takes n and returns how long to wait for it.
func (b *bucket) take(n float64) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fill()
	if b.held -= n; b.held >= 0 {
		return 0
	}
	return time.Duration(-b.held / b.rate * float64(time.Second))
}

// try takes n if it is there.
func (b *bucket) try(n float64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fill(); b.held < n {
		return false
	}
	b.held -= n
	return true
}

// has reports whether nothing is owed.
func (b *bucket) has() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fill()
	return b.held >= 0
}

// pause waits for d, at most until done.
func pause(d time.Duration, done <-chan struct{}) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-done:
	}
}

// turns lets each caller do one heavy thing at a time, reading blobs that is,
// however often it asks: others then wait behind one thing of its and not
// behind thirty. The zero value is ready; the caller "" is the coordinator.
type turns struct {
	mu sync.Mutex
	by map[string]chan struct{}
}

// take waits for the caller's turn; leave must be called at its end.
func (t *turns) take(ctx context.Context, name string) (leave func(), err error) {
	if name == "" {
		return func() {}, nil
	}
	t.mu.Lock()
	if t.by == nil {
		t.by = map[string]chan struct{}{}
	}
	if t.by[name] == nil {
		t.by[name] = make(chan struct{}, 1)
	}
	turn := t.by[name]
	t.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
