package api

import (
	"errors"
	"sync"
	"testing"
)

// TestNotifyTellsEachTry: whoever runs the client hears why a call is made
// again, and that it works again; a refusal is an answer, being shut out is not.
func TestNotifyTellsEachTry(t *testing.T) {
	type told struct {
		call string
		err  error
	}
	for _, c := range []struct {
		what string
		how  error
		want []bool // whether each telling was an error
	}{
		{"down", errDown, []bool{true, true, false}},
		{"refused", Errorf(Refused, "SS6203", "", "no"), []bool{false}},
		{"shut out", Errorf(Denied, "SS6302", "", "no"), []bool{true}},
	} {
		f := &fake{how: c.how}
		f.fail.Store(2)
		client := serve(t, f)
		var mu sync.Mutex
		var all []told
		client.Notify(func(call string, err error) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, told{call, err})
		})
		_, err := client.Checkpoint(soon(t))
		mu.Lock()
		if len(all) != len(c.want) {
			t.Fatalf("%s: told %v", c.what, all)
		}
		for i, was := range c.want {
			if (all[i].err != nil) != was || all[i].call != "checkpoint" {
				t.Errorf("%s: told %v at try %d", c.what, all[i], i)
			}
		}
		mu.Unlock()
		var own *Error
		if c.what != "down" && !errors.As(err, &own) {
			t.Errorf("%s ended with %v", c.what, err)
		}
	}
}
