package node

import (
	"errors"
	"testing"
	"time"
)

func at(clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-21 "+clock, time.Local)
	if err != nil {
		panic(err)
	}
	return t
}

func TestWindow(t *testing.T) {
	for _, c := range []struct {
		window, now string
		open, late  bool
		until       string
	}{
		{"", "03:00", true, true, ""},
		{"20:00-06:00", "19:59", false, false, "2026-11-21 20:00"},
		{"20:00-06:00", "20:00", true, true, ""},
		{"20:00-06:00", "00:00", true, true, ""},
		{"20:00-06:00", "05:59", true, true, ""},
		{"20:00-06:00", "06:00", false, true, "2026-11-21 20:00"},
		{"20:00-06:00", "06:29", false, true, "2026-11-21 20:00"},
		{"20:00-06:00", "06:30", false, false, "2026-11-21 20:00"},
		{"08:00-09:00", "07:59", false, false, "2026-11-21 08:00"},
		{"08:00-09:00", "08:30", true, true, ""},
		{"08:00-09:00", "09:00", false, true, "2026-11-22 08:00"},
		{"08:00-09:00", "23:00", false, false, "2026-11-22 08:00"},
	} {
		p := Policy{RunBetween: c.window}
		for late, open := range map[bool]bool{false: c.open, true: c.late} {
			err := p.mayRun(at(c.now), late)
			if (err == nil) != open {
				t.Errorf("%s at %s, late %v: %v", c.window, c.now, late, err)
			}
			if err == nil {
				continue
			}
			var w *WaitError
			var coded interface{ Code() string }
			if !errors.As(err, &w) || w.Until.Format("2006-01-02 15:04") != c.until {
				t.Errorf("%s at %s: %v, want to wait until %s", c.window, c.now, err, c.until)
			}
			if errors.As(err, &coded) {
				t.Errorf("%s at %s: waiting is a refusal with the code %s", c.window, c.now, coded.Code())
			}
		}
	}
	for _, bad := range []string{"20:00", "20:00-20:00", "8:00-09:00", "20:00-24:00", "a-b", "-", "20:00-06:00-07:00"} {
		if _, err := parseWindow(bad); err == nil {
			t.Errorf("%q is taken as a window", bad)
		}
	}
}
