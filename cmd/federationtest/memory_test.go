package federationtest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// finder looks for many canaries in one go over the bytes.
type finder struct {
	canaries []canary
	begins   [1 << 16]bool // which two bytes a form begins with
	forms    map[[2]byte][]form
}

var unused [4096]byte

type form struct {
	canary int
	bytes  []byte
}

func newFinder(list []canary) *finder {
	f := &finder{canaries: list, forms: map[[2]byte][]form{}}
	for i, c := range list {
		for _, b := range c.forms {
			k := [2]byte(b)
			f.begins[int(k[0])<<8|int(k[1])] = true
			f.forms[k] = append(f.forms[k], form{i, b})
		}
	}
	return f
}

// in calls hit for every canary that stands in b.
func (f *finder) in(b []byte, hit func(canary)) {
	for i := 0; i+1 < len(b); i++ {
		// Most of a process's memory was never used, and no form begins with zeros.
		if i%len(unused) == 0 && !f.begins[0] && len(b)-i > len(unused) && bytes.Equal(b[i:i+len(unused)], unused[:]) {
			i += len(unused) - 1 // the last zero may be the first byte of a form
		}
		if !f.begins[int(b[i])<<8|int(b[i+1])] {
			continue
		}
		for _, x := range f.forms[[2]byte(b[i:])] {
			if len(b)-i >= len(x.bytes) && string(b[i:i+len(x.bytes)]) == string(x.bytes) {
				hit(f.canaries[x.canary])
			}
		}
	}
}

// finds reports whether any canary stands in b.
func (f *finder) finds(b []byte) (is bool) {
	f.in(b, func(canary) { is = true })
	return is
}

// longest is how many bytes a form has at most.
func (f *finder) longest() (n int) {
	for _, list := range f.forms {
		for _, x := range list {
			n = max(n, len(x.bytes))
		}
	}
	return n
}

// inMemory looks through all that a process may write to: heap, stacks, data.
func (f *finder) inMemory(pid int, hit func(canary)) (searched int64, err error) {
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return 0, err
	}
	defer maps.Close()
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return 0, err
	}
	defer memory.Close()
	const piece = 1 << 20
	buf := make([]byte, piece+f.longest()) // pieces overlap, so that nothing hides on a seam
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		var from, to int64
		var perms string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &perms); err != nil || !strings.HasPrefix(perms, "rw") {
			continue
		}
		for at := from; at < to; at += piece {
			b := buf[:min(int64(len(buf)), to-at)]
			n, err := memory.ReadAt(b, at)
			if err != nil && n == 0 {
				break // a piece that has gone since
			}
			searched += int64(min(n, piece))
			f.in(b[:n], hit)
		}
	}
	return searched, lines.Err()
}

// watch looks through the memory of running programs, again and again, until
// stop is called: once more after that.
type watch struct {
	finder  *finder
	stopped chan struct{}
	wg      sync.WaitGroup

	found    map[string][]string // canaries, by program
	searched map[string]int64    // bytes, by program
	sweeps   int
	err      error
}

func watchMemory(f *finder, pids map[string]int) *watch {
	w := &watch{finder: f, stopped: make(chan struct{}), found: map[string][]string{}, searched: map[string]int64{}}
	w.wg.Go(func() {
		for last := false; !last && w.err == nil; {
			select {
			case <-w.stopped:
				last = true
			case <-time.After(300 * time.Millisecond):
			}
			for name, pid := range pids {
				n, err := f.inMemory(pid, func(c canary) {
					if !slices.Contains(w.found[name], c.name) {
						w.found[name] = append(w.found[name], c.name)
					}
				})
				w.searched[name] += n
				w.err = errors.Join(w.err, err)
			}
			w.sweeps++
		}
	})
	return w
}

func (w *watch) stop() { close(w.stopped); w.wg.Wait() }

// TestFinderSeams holds the finder against a canary at every place of a stretch
// of bytes, between pages of zeros too.
func TestFinderSeams(t *testing.T) {
	for _, text := range []string{"0123456789", "\x00123456789", "\x00\x0023456789"} {
		f := newFinder([]canary{{name: "c", forms: [][]byte{[]byte(text)}}})
		b := make([]byte, 3*len(unused))
		for at := 0; at+10 <= len(b); at += 1 + at%97 {
			clear(b)
			copy(b[at:], text)
			found := 0
			f.in(b, func(canary) { found++ })
			if found != 1 {
				t.Errorf("%q at %d is found %d times", text, at, found)
			}
		}
		if f.longest() != 10 {
			t.Error("the longest form has 10 bytes")
		}
	}
}
