package cmd

import (
	"errors"
	"sync"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
)

// switches is what an absence needs of a federation.
type switches interface {
	SwitchOff(name string) error
	SwitchOn(name string) error
	View(func(*audit.State))
}

// absence switches one institution's computer off as soon as its list of a
// round is in the log, and on again when that round is over. One worker does
// so: a computer takes its time to stop, and the log must not wait for it.
type absence struct {
	name string
	from int // the first round in which it may happen

	acts   chan func() error // never holds more than one off and its on
	joined chan struct{}

	mu    sync.Mutex
	busy  int  // acts that are asked and not done
	off   bool // asked to be off
	down  bool // is off
	ended bool
	round int // the round that ended without it; 0 before
	err   error
}

func newAbsence(name string, from int) *absence {
	a := &absence{name: name, from: from, acts: make(chan func() error, 2), joined: make(chan struct{})}
	go a.work()
	return a
}

// work does one act after the other; end joins it.
func (a *absence) work() {
	defer close(a.joined)
	for act := range a.acts {
		err := act()
		a.mu.Lock()
		a.err = errors.Join(a.err, err)
		a.busy--
		a.mu.Unlock()
	}
}

// watch is told of each entry of the log, and does not block.
func (a *absence) watch(f switches, e loop.Applied) {
	if e.Statement == nil || e.Finding != nil {
		return
	}
	s := e.Statement
	switch b := s.Body.(type) {
	case *audit.Update:
		a.mu.Lock()
		defer a.mu.Unlock()
		if s.Signer == a.name && s.Round >= a.from && a.round == 0 && !a.off && a.err == nil && a.busy == 0 && !a.ended {
			a.off = true
			a.ask(func() error { return a.turn(true, f.SwitchOff) })
		}
	case *audit.Result:
		quiet := silent(f, s, a.name)
		a.mu.Lock()
		defer a.mu.Unlock()
		if !a.off || a.ended {
			return
		}
		a.off = false
		if b.Valid && a.down && quiet {
			a.round = s.Round
		}
		a.ask(func() error {
			if !a.isDown() {
				return nil // it could not be switched off: that is the error to tell
			}
			return a.turn(false, f.SwitchOn)
		})
	}
}

// ask hands an act to the worker. There is room: nothing is switched off before
// all that was asked is done. The caller holds mu.
func (a *absence) ask(act func() error) {
	a.busy++
	a.acts <- act
}

func (a *absence) turn(down bool, flip func(string) error) error {
	if err := flip(a.name); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.down = down
	return nil
}

func (a *absence) isDown() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.down
}

// end waits until what was asked is done; nothing is done after it.
func (a *absence) end() {
	a.mu.Lock()
	if !a.ended {
		a.ended = true
		close(a.acts)
	}
	a.mu.Unlock()
	<-a.joined
}

// failed ends, and returns what went wrong.
func (a *absence) failed() error {
	a.end()
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// missed returns the round that ended without the institution, or 0.
func (a *absence) missed() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.round
}

// silent reports whether an institution said nothing in an attempt after its
// update.
func silent(f switches, result *audit.Statement, name string) bool {
	quiet := true
	f.View(func(st *audit.State) {
		at := st.Attempt(result.Study, result.Round, result.Attempt)
		quiet = at != nil && at.Votes[name] == nil && at.Releases[name] == nil
	})
	return quiet
}
