package loop

import (
	"sync"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
)

// tasks keeps which keys run and which failed, and when to try those again.
type tasks struct {
	now   func() time.Time
	slots chan struct{}
	wg    *sync.WaitGroup
	mu    *sync.Mutex
	run   map[string]bool
	fail  map[string]failure
}

type failure struct {
	task  audit.Task
	err   error
	times int
	since time.Time // of the first of these failures in a row
	retry time.Time
}

func newTasks(workers int, now func() time.Time) tasks {
	return tasks{
		now:   now,
		slots: make(chan struct{}, workers),
		wg:    new(sync.WaitGroup),
		mu:    new(sync.Mutex),
		run:   map[string]bool{},
		fail:  map[string]failure{},
	}
}

// start begins every task of do that is not running and not waiting after a
// failure, and returns when the earliest of those may be tried again. done is
// called after each task with how many times in a row it has failed.
func (k tasks) start(do []audit.Task, f func(audit.Task) error, done func(t audit.Task, err error, times int)) (next time.Time) {
	now := k.now()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, t := range do {
		if k.run[t.Key] {
			continue
		}
		w, known := k.fail[t.Key]
		if known && w.times == 0 && !w.retry.After(now) {
			delete(k.fail, t.Key)
		}
		if w.retry.After(now) {
			if next.IsZero() || w.retry.Before(next) {
				next = w.retry
			}
			continue
		}
		k.run[t.Key] = true
		k.wg.Go(func() {
			k.slots <- struct{}{}
			err := f(t)
			<-k.slots
			done(t, err, k.finish(t, err))
		})
	}
	return next
}

func (k tasks) finish(t audit.Task, err error) (times int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.run, t.Key)
	if err == nil {
		// A task that changed nothing would be expected again at once; this
		// keeps a mistaken handler from spinning.
		k.fail[t.Key] = failure{retry: k.now().Add(20 * time.Millisecond)}
		return 0
	}
	w := k.fail[t.Key]
	if w.times == 0 {
		w.since = k.now()
	}
	w.task, w.err = t, err
	w.times++
	// 50 ms, 100 ms ... 10 s: a refusal may be a matter of one entry still
	// under way, or of an operator who has to act.
	w.retry = k.now().Add(min(50*time.Millisecond<<min(w.times-1, 8), 10*time.Second))
	k.fail[t.Key] = w
	return w.times
}

func (k tasks) wait() { k.wg.Wait() }
