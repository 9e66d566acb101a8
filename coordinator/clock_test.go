package coordinator

import (
	"sync"
	"time"
)

// mockClock is a time that a test moves.
type mockClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *mockClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *mockClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
