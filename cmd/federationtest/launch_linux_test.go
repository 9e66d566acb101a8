//go:build linux && (amd64 || arm64)

package federationtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"
)

// What the kernel's interface names: linux/seccomp.h, linux/filter.h.
const (
	launchEnv      = "SMARTSTART_TEST_LAUNCH"
	setNoNewPrivs  = 38
	setModeFilter  = 1
	newListener    = 1 << 3
	waitKillable   = 1 << 5 // a signal does not make a call count twice; Linux 5.19
	retUserNotif   = 0x7fc00000
	retAllow       = 0x7fff0000
	notifReceive   = 0xC0502100
	notifSend      = 0xC0182101
	respondGoOn    = 1
	pollIn         = 1
	setDumpable    = 4
	filterLoad     = 0x20
	filterIfEqual  = 0x15
	filterReturn   = 0x06
	dataNumber     = 0
	launcherFailed = 97
)

var seccompNumber = map[string]uintptr{"amd64": 317, "arm64": 277}[runtime.GOARCH]

// watched are the calls that the filter hands over.
var watched = []uintptr{
	syscall.SYS_FSYNC, syscall.SYS_FDATASYNC, syscall.SYS_PWRITE64, syscall.SYS_WRITE,
	syscall.SYS_RENAMEAT, syscall.SYS_UNLINKAT, syscall.SYS_FTRUNCATE, syscall.SYS_PRCTL,
}

// init makes this very binary the launcher when it is asked to: the filter
// stays with the thread that puts it up, and an init runs on the first thread,
// which becomes the program.
func init() {
	if os.Getenv(launchEnv) == "" {
		return
	}
	fmt.Fprintln(os.Stderr, "putting up the filter:", launch())
	os.Exit(launcherFailed)
}

func launch() error {
	if err := os.Unsetenv(launchEnv); err != nil {
		return err
	}
	if _, _, e := syscall.RawSyscall6(syscall.SYS_PRCTL, setNoNewPrivs, 1, 0, 0, 0, 0); e != 0 {
		return e
	}
	code := []syscall.SockFilter{{Code: filterLoad, K: dataNumber}}
	for i, number := range watched {
		code = append(code, syscall.SockFilter{Code: filterIfEqual, K: uint32(number), Jt: uint8(len(watched) - i)})
	}
	code = append(code, syscall.SockFilter{Code: filterReturn, K: retAllow}, syscall.SockFilter{Code: filterReturn, K: retUserNotif})
	program := syscall.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	environment := os.Environ()
	listener, _, e := syscall.RawSyscall(seccompNumber, setModeFilter, newListener|waitKillable, uintptr(unsafe.Pointer(&program)))
	runtime.KeepAlive(code)
	if e != 0 {
		return e
	}
	const socket = 3
	syscall.CloseOnExec(socket)
	if err := syscall.Sendmsg(socket, []byte{0}, syscall.UnixRights(int(listener)), nil, 0); err != nil {
		return err
	}
	return syscall.Exec(os.Args[1], os.Args[1:], environment)
}

// inject starts a prepared program under an injector with this fault.
func inject(c *exec.Cmd, f fault) (*injector, error) {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer syscall.Close(pair[0])
	theirs := os.NewFile(uintptr(pair[1]), "launcher")
	self, err := os.Executable()
	if err != nil {
		return nil, errors.Join(err, theirs.Close())
	}
	c.Args = append([]string{self}, append([]string{c.Path}, c.Args[1:]...)...)
	c.Path, c.ExtraFiles, c.Env = self, []*os.File{theirs}, append(os.Environ(), launchEnv+"=1")
	err = c.Start()
	if err := errors.Join(err, theirs.Close()); err != nil {
		return nil, err
	}
	listener, err := takeListener(pair[0])
	if err != nil {
		return nil, errors.Join(err, c.Process.Kill(), c.Wait())
	}
	i := &injector{fault: f, pid: c.Process.Pid, listener: listener, count: map[string]int{}, fired: make(chan struct{}), served: make(chan struct{})}
	go i.serve()
	return i, nil
}

// takeListener waits for the filter's descriptor and then for the end of the
// launcher, which is the begin of the program.
func takeListener(socket int) (uintptr, error) {
	one, rights := make([]byte, 1), make([]byte, syscall.CmsgSpace(4))
	_, n, _, _, err := syscall.Recvmsg(socket, one, rights, syscall.MSG_CMSG_CLOEXEC)
	if err != nil {
		return 0, err
	}
	messages, err := syscall.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		return 0, errors.Join(errors.New("this kernel has no seccomp notifications (Linux 5.19 or newer has)"), err)
	}
	descriptors, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(descriptors) != 1 {
		return 0, errors.Join(errors.New("the launcher sent no listener"), err)
	}
	for {
		if _, err := syscall.Read(socket, one); err == nil || !errors.Is(err, syscall.EINTR) {
			return uintptr(descriptors[0]), err
		}
	}
}
