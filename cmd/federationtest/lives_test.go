//go:build unix

package federationtest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/smartstart-federation/smartstart/coordinator/store"
	"github.com/smartstart-federation/smartstart/node"
)

// lives is one program that ends and starts again, with one fault a life.
type lives struct {
	p    *programs
	name string
	quit chan struct{} // closed to end it early
	over chan struct{} // closed at the end; what follows may be read then

	studies atomic.Int32 // that have ended

	hits     int
	outcomes map[string]int
	broken   []string
	last     *exec.Cmd
}

// goesOn is how long a program that a failed call did not end is left alone. A
// broken connection ends none.
var goesOn = map[string]time.Duration{classSync: time.Second, classWrite: time.Second, className: time.Second, classSend: 300 * time.Millisecond}

var errQuit = errors.New("the test is over")

func (l *lives) run(all []fault) {
	defer close(l.over)
	for _, f := range all {
		if err := l.live(f); errors.Is(err, errQuit) {
			return
		} else if err != nil {
			l.broken = append(l.broken, fmt.Sprintf("%s, %v: %v", l.name, f, err))
		}
	}
	var err error
	if l.last, err = l.p.launch(l.name, (*exec.Cmd).Start); err != nil {
		l.broken = append(l.broken, err.Error())
	}
}

// live is one life of the program.
func (l *lives) live(f fault) error {
	before, _ := os.Stat(filepath.Join(l.p.dir, l.name+".log"))
	var i *injector
	c, err := l.p.launch(l.name, func(c *exec.Cmd) (err error) {
		i, err = inject(c, f)
		return err
	})
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait() // its state says how it ended
		<-i.served
		close(ended)
	}()
	if came, err := l.await(i, ended); err != nil || !came {
		_ = c.Process.Kill()
		<-ended
		if err != nil && !errors.Is(err, errQuit) {
			err = fmt.Errorf("%w after %v calls: %v\n%s", err, i.counted(), c.ProcessState, l.p.tail(l.name, before.Size()))
		}
		return err
	}
	l.hits++
	select {
	case <-ended:
	case <-time.After(goesOn[f.class]):
		l.outcomes["went on"]++
		_ = c.Process.Kill()
		<-ended
		return nil
	}
	said := l.p.tail(l.name, before.Size())
	switch code := c.ProcessState.ExitCode(); {
	case code < 0 && (f.how == howKill || f.how == howTorn):
		l.outcomes["killed"]++
	case code > 0 && strings.Contains(said, "error: ") && !strings.Contains(said, "goroutine "):
		l.outcomes["said why and stopped"]++
	default:
		return fmt.Errorf("%s: it ended with %v and these words:\n%s", i.hit(), c.ProcessState, said)
	}
	return nil
}

// await waits for the fault. A call that three studies do not come to is none
// of this life: the life that was counted had a different beginning.
func (l *lives) await(i *injector, ended <-chan struct{}) (came bool, err error) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for born := l.studies.Load(); l.studies.Load() <= born+3; {
		select {
		case <-i.fired:
			return true, nil
		case <-ended:
			select {
			case <-i.fired: // both at once
				return true, nil
			default:
				return false, errors.New("it ended by itself")
			}
		case <-l.quit:
			return false, errQuit
		case <-tick.C:
		}
	}
	l.outcomes["never came"]++
	return false, nil
}

// verify holds that the record verifies, that nobody ended whom no fault was
// aimed at, and that nothing was lost.
func (p *programs) verify() {
	p.t.Helper()
	bundle := filepath.Join(p.t.TempDir(), "bundle")
	p.run(nil, "audit", "fetch", "--config", "auditor/party.toml", "--out", bundle)
	p.run(nil, "audit", "verify", bundle, "--config", "auditor/party.toml")
	if err := p.kept(); err != nil {
		p.t.Error(err)
	}
}

var errLost = errors.New("it was acknowledged and is not in the coordinator's log")

// kept stops everybody and holds that every entry that a node keeps, which was
// acknowledged therefore, is in the coordinator's log.
func (p *programs) kept() error {
	for name, c := range p.running {
		if p.kill(name); c.ProcessState.ExitCode() >= 0 {
			return fmt.Errorf("%s, which no fault was aimed at, had ended by itself: %s", name, p.tail(name, 0))
		}
	}
	ctx := p.t.Context()
	s, err := store.OpenSQLite(ctx, filepath.Join(p.dir, "coordinator", "state", "log"), "kill.example/log")
	if err != nil {
		return err
	}
	defer s.Close()
	for _, name := range boardNames {
		kept, err := node.OpenStore(filepath.Join(p.dir, name, "state"))
		if err != nil {
			return err
		}
		at := int64(0)
		err = kept.Entries(func(leaf []byte) error {
			has, err := s.Leaves(ctx, at, 1, 0)
			if err == nil && (len(has) != 1 || !bytes.Equal(has[0], leaf)) {
				err = fmt.Errorf("entry %d of %s: %w", at, name, errLost)
			}
			at++
			return err
		})
		if err := errors.Join(err, kept.Close()); err != nil {
			return err
		}
	}
	return nil
}

// inject starts a program with a fault ahead of it.
func (p *programs) inject(name string, f fault) *injector {
	p.t.Helper()
	var i *injector
	c, err := p.launch(name, func(c *exec.Cmd) (err error) {
		i, err = inject(c, f)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.running[name] = c
	return i
}

// mayInject skips the test where no fault can be put into a program.
func (p *programs) mayInject() {
	c := exec.Command(p.binary, "version")
	i, err := inject(c, fault{})
	if err == nil {
		err = c.Wait()
		<-i.served
	}
	if err != nil {
		p.t.Skipf("no faults can be put into a program here: %v", err)
	}
}

// tail returns what a program logged after the first `from` bytes.
func (p *programs) tail(name string, from int64) string {
	log, err := os.ReadFile(filepath.Join(p.dir, name+".log"))
	if err != nil || from > int64(len(log)) {
		return fmt.Sprint("no log: ", err)
	}
	return string(log[max(from, int64(len(log))-4000):])
}
