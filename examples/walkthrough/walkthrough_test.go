//go:build unix

package walkthrough

import (
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestWordForWord types every command of the README, on loopback. Only the port
// is another one, because 7443 may be taken.
func TestWordForWord(t *testing.T) {
	list := blocks(t)
	replace(t, list, "127.0.0.1:7443", "127.0.0.1:"+freePort(t))
	background := 0
	for _, b := range list {
		if b.background {
			background++
		}
	}
	if len(list) < 10 || background != 2 {
		t.Fatalf("the README has %d blocks of commands, %d of them for a terminal of its own; 2 are expected: coordinator and nodes", len(list), background)
	}
	out, logs := walk(t, list, "")
	check(t, out, logs)
}

// replace changes every mention of old, of which there must be one.
func replace(t *testing.T, list []block, old, by string) {
	t.Helper()
	n := 0
	for i := range list {
		n += strings.Count(list[i].commands, old)
		list[i].commands = strings.ReplaceAll(list[i].commands, old, by)
	}
	if n == 0 {
		t.Fatalf("no command has %s", old)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// start runs c and ends its process group when it takes too long.
func start(c *exec.Cmd, limit time.Duration) error {
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := c.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		// bash and what it runs in the foreground; its exit stops the others.
		return errors.Join(fmt.Errorf("still under way after %v", limit), syscall.Kill(-c.Process.Pid, syscall.SIGTERM), <-done)
	}
}
