package loop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
)

// A trouble is why the party cannot get on although nobody in the log is to
// blame: no connection, an answer that refuses, a full disk, an old copy of the
// log at the other end. It is kept by where it came from until that works again.
type trouble struct {
	err   error
	since time.Time
	told  time.Time   // zero while nobody was told
	over  *time.Timer // runs while it seems to be over
}

const (
	tellAfter = 2 * time.Second // a restart of the other side is no news
	tellAgain = time.Minute
	// overAfter is longer than the longest pause between two tries: a line that
	// opens and fails at the first page is not well in between.
	overAfter = 15 * time.Second
)

// trouble notes that something works (nil), or that it does not. Whoever runs
// the party is told once it has lasted, then each minute, then when all is well.
func (p *Party) trouble(where string, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	now := p.cfg.Now()
	p.troubled.Lock()
	defer p.troubled.Unlock()
	t := p.troubles[where]
	if err == nil {
		if t != nil && t.over == nil {
			t.over = time.AfterFunc(overAfter, func() { p.over(where, t) })
		}
		return
	}
	if t == nil {
		t = &trouble{since: now}
		p.troubles[where] = t
	}
	if t.over != nil {
		t.over.Stop()
		t.over = nil
	}
	t.err = err
	if now.Sub(t.since) >= tellAfter && now.Sub(t.told) >= tellAgain && p.cfg.Trouble != nil {
		t.told = now
		p.cfg.Trouble(err)
	}
}

// over forgets a trouble that did not come back.
func (p *Party) over(where string, t *trouble) {
	p.troubled.Lock()
	defer p.troubled.Unlock()
	if p.troubles[where] != t || t.over == nil {
		return
	}
	delete(p.troubles, where)
	for _, other := range p.troubles {
		if !other.told.IsZero() {
			return
		}
	}
	if !t.told.IsZero() && p.cfg.Trouble != nil {
		p.cfg.Trouble(nil)
	}
}

// untroubled ends what would still be told after the party's end.
func (p *Party) untroubled() {
	p.troubled.Lock()
	defer p.troubled.Unlock()
	for where, t := range p.troubles {
		if t.over != nil {
			t.over.Stop()
		}
		delete(p.troubles, where)
	}
}

// troubledWaits says what stands in this party's own way, oldest first.
func (p *Party) troubledWaits() (wait []audit.Wait) {
	p.troubled.Lock()
	defer p.troubled.Unlock()
	for _, t := range p.troubles {
		wait = append(wait, audit.Wait{What: "what stands in this party's own way: " + sentence(t.err), Since: t.since, Remedy: remedy(t.err)})
	}
	slices.SortFunc(wait, func(a, b audit.Wait) int {
		if c := a.Since.Compare(b.Since); c != 0 {
			return c
		}
		return strings.Compare(a.What, b.What)
	})
	return wait
}

// failing says which of the expected tasks of this party fail again and again, and why.
func (k tasks) failing(do []audit.Task) (wait []audit.Wait) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, t := range do {
		// The first refusals mostly mean that the log went on meanwhile.
		f := k.fail[t.Key]
		if f.times < 4 {
			continue
		}
		wait = append(wait, audit.Wait{
			Study: f.task.Study, Since: f.since, Until: f.retry, Remedy: remedy(f.err),
			What: fmt.Sprintf("another try of this party's own %s in round %d, which failed: %s", f.task.Kind, f.task.Round, sentence(f.err)),
		})
	}
	return wait
}

// sentence is what an error says, with its code.
func sentence(err error) string {
	var coded interface{ Code() string }
	if errors.As(err, &coded) && coded.Code() != "" && !strings.Contains(err.Error(), coded.Code()) {
		return err.Error() + " (" + coded.Code() + ")"
	}
	return err.Error()
}

func remedy(err error) string {
	var r interface{ Remedy() string }
	if errors.As(err, &r) {
		return r.Remedy()
	}
	return ""
}
