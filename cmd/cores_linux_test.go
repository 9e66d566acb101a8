package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/hashicorp/go-hclog"
)

const crashVariable = "SMARTSTART_TEST_CRASH"

// TestNoCoreOfACrash lets a process that holds a secret crash where cores are
// asked for: with withoutCores nothing of it comes to the disk. Without, a core
// lies there and the secret stands in it.
func TestNoCoreOfACrash(t *testing.T) {
	if how := os.Getenv(crashVariable); how != "" {
		crash(how == "defended")
	}
	if testing.Short() {
		t.Skip("writes a core file; run without -short")
	}
	pattern, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	if err != nil || !strings.HasPrefix(string(pattern), "core") || strings.ContainsAny(string(pattern), "|/") {
		t.Skipf("this machine keeps no core in a crashed process's folder (core_pattern %q, %v): nothing can be seen here", pattern, err)
	}
	run := func(how string) (cores [][]byte, said string) {
		c := exec.Command("sh", "-c", "ulimit -c unlimited && exec \"$0\" -test.run='^TestNoCoreOfACrash$'", os.Args[0])
		c.Dir = t.TempDir()
		c.Env = append(os.Environ(), crashVariable+"="+how)
		out, err := c.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || !exit.Sys().(syscall.WaitStatus).Signaled() {
			t.Skipf("this machine does not let a process ask for cores: %v\n%s", err, out)
		}
		files, err := filepath.Glob(filepath.Join(c.Dir, "core*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			cores = append(cores, b)
		}
		return cores, string(out)
	}
	cores, _ := run("undefended")
	if len(cores) == 0 {
		t.Skip("a crash without the defence leaves no core on this machine: nothing can be seen here")
	}
	if !slices.ContainsFunc(cores, func(b []byte) bool { return bytes.Contains(b, planted()) }) {
		t.Error("the core of the process without the defence does not hold its secret: this test would not see a leak")
	}
	cores, said := run("defended")
	if len(cores) != 0 {
		t.Errorf("a defended process left %d core files", len(cores))
	}
	if !strings.Contains(said, "dumpable 0, core limit 0 of 0") {
		t.Errorf("the defended process says\n%s", said)
	}
}

// crash ends this process as the runtime ends one that finds itself damaged.
func crash(defended bool) {
	if defended {
		withoutCores(hclog.Default())
	}
	var limit syscall.Rlimit
	_ = syscall.Getrlimit(syscall.RLIMIT_CORE, &limit) // printed; zero would be wrong for the undefended only
	dumpable, _, _ := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_DUMPABLE, 0, 0)
	fmt.Printf("dumpable %d, core limit %d of %d\n", dumpable, limit.Cur, limit.Max)
	secret := planted()
	debug.SetTraceback("crash")
	_ = syscall.Kill(os.Getpid(), syscall.SIGABRT)
	for {
		runtime.KeepAlive(secret)
		runtime.Gosched()
	}
}

// planted makes a text that stands in no file, the test binary included.
func planted() []byte { return bytes.Repeat([]byte("Zq7!"), 64) }
