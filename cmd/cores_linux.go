package cmd

import (
	"errors"
	"fmt"
	"syscall"
)

// noCores sets two switches, because each leaves a way open that the other
// closes. The limit counts for core files alone: a core_pattern that is a pipe
// (systemd-coredump, apport) gets the memory whatever the limit. A process that
// is not dumpable is handed to nobody; it also has a /proc entry that belongs to
// root, so that nobody else of the same account reads its memory or attaches to
// it. That one is lost at an execve; the limit is inherited.
func noCores() error {
	var errs []error
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, new(syscall.Rlimit)); err != nil {
		errs = append(errs, fmt.Errorf("limit on core files: %w", err))
	}
	if _, _, e := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, 0, 0); e != 0 {
		errs = append(errs, fmt.Errorf("marking the process as not dumpable: %w", e))
	}
	return errors.Join(errs...)
}
