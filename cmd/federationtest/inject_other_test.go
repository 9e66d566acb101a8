//go:build unix && !(linux && (amd64 || arm64))

package federationtest

import (
	"errors"
	"os/exec"
)

// injector needs Linux; elsewhere the faults at the network's edge remain.
type injector struct{ fired, served chan struct{} }

func inject(*exec.Cmd, fault) (*injector, error) {
	return nil, errors.New("faults in the calls of a program need Linux's seccomp notifications")
}

func (*injector) counted() map[string]int { return nil }

func (*injector) hit() string { return "" }
