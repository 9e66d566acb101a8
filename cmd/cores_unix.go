//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package cmd

import (
	"fmt"
	"syscall"
)

// noCores sets the limit on core files to nothing, for good.
func noCores() error {
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, new(syscall.Rlimit)); err != nil {
		return fmt.Errorf("limit on core files: %w", err)
	}
	return nil
}
