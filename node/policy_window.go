package node

import (
	"fmt"
	"strings"
	"time"
)

// WaitError says that nothing is refused: the time of day is outside the
// institution's run window.
type WaitError struct {
	Until time.Time
}

func (e *WaitError) Error() string {
	return fmt.Sprintf("outside run_between; goes on at %s", e.Until.Format("2006-01-02 15:04"))
}

// windowGrace is how long after the window closes an attempt that was begun in
// it may still be finished. Without it, an `open` in the last second of the
// window would leave the institution out of the whole study.
const windowGrace = 30 * time.Minute

// window is a daily stretch of local time, in minutes since midnight; from may
// lie after to. The zero window is always open.
type window struct{ from, to int }

func parseWindow(text string) (window, error) {
	if text == "" {
		return window{}, nil
	}
	bad := &RefusalError{CodePolicy, fmt.Sprintf("the node's policy: run_between = %.40q is not a stretch of the day", text),
		`write two different times of day, such as "20:00-06:00"`}
	a, b, found := strings.Cut(text, "-")
	var w window
	for _, end := range []struct {
		text string
		at   *int
	}{{a, &w.from}, {b, &w.to}} {
		t, err := time.Parse("15:04", end.text)
		if err != nil || t.Format("15:04") != end.text {
			return window{}, bad
		}
		*end.at = t.Hour()*60 + t.Minute()
	}
	if !found || w.from == w.to {
		return window{}, bad
	}
	return w, nil
}

// open reports whether t lies in the window.
func (w window) open(t time.Time) bool {
	at := t.Hour()*60 + t.Minute()
	switch {
	case w == window{}:
		return true
	case w.from < w.to:
		return at >= w.from && at < w.to
	default:
		return at >= w.from || at < w.to
	}
}

// next returns when the window opens after t, by the calendar of t's zone.
func (w window) next(t time.Time) time.Time {
	y, m, d := t.Date()
	start := time.Date(y, m, d, w.from/60, w.from%60, 0, 0, t.Location())
	if !start.After(t) {
		start = time.Date(y, m, d+1, w.from/60, w.from%60, 0, 0, t.Location())
	}
	return start
}

// mayRun returns a *WaitError when the policy's window is closed at now. late
// is for work that an attempt under way already counts on.
func (p *Policy) mayRun(now time.Time, late bool) error {
	w, err := parseWindow(p.RunBetween)
	if err != nil {
		return err
	}
	now = now.Local()
	if w.open(now) || late && w.open(now.Add(-windowGrace)) {
		return nil
	}
	return &WaitError{w.next(now)}
}
