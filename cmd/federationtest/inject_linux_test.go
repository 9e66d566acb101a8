//go:build linux && (amd64 || arm64)

package federationtest

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"sync"
	"syscall"
	"unsafe"
)

// injector stands between one program and the kernel: a seccomp filter hands
// every call that writes, syncs, names or sends to this process first, which
// counts it and lets it through, or does the fault. strace could do the same,
// but counts each thread's calls apart, so that its k-th call of a Go program
// is another one at every run.
type injector struct {
	fault    fault
	pid      int
	listener uintptr
	fired    chan struct{} // closed when the fault is done
	served   chan struct{} // closed when the program has ended

	mu    sync.Mutex
	count map[string]int // calls so far, by class
	did   string         // what the fault hit
}

// notification is struct seccomp_notif, response struct seccomp_notif_resp.
type notification struct {
	id         uint64
	pid, flags uint32
	number     int32
	arch       uint32
	ip         uint64
	args       [6]uint64
}

type response struct {
	id    uint64
	value int64
	errno int32
	flags uint32
}

// serve answers until the program has ended. Nothing may answer after that: a
// call without a listener fails.
func (i *injector) serve() {
	defer close(i.served)
	defer syscall.Close(int(i.listener))
	for {
		poll := struct {
			descriptor   int32
			events, have int16
		}{int32(i.listener), pollIn, 0}
		if _, _, e := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&poll)), 1, 0, 0, 0, 0); e == syscall.EINTR {
			continue
		}
		if poll.have&pollIn == 0 {
			return
		}
		var n notification
		if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, i.listener, notifReceive, uintptr(unsafe.Pointer(&n))); e != 0 {
			continue // the caller is gone
		}
		r := i.judge(&n)
		r.id = n.id
		_, _, _ = syscall.Syscall(syscall.SYS_IOCTL, i.listener, notifSend, uintptr(unsafe.Pointer(&r))) // as above
	}
}

// class tells what a call is for. A write to an event descriptor only wakes
// the program's own threads and is none of ours.
func class(n *notification) string {
	switch n.number {
	case syscall.SYS_FSYNC, syscall.SYS_FDATASYNC:
		return classSync
	case syscall.SYS_RENAMEAT, syscall.SYS_UNLINKAT, syscall.SYS_FTRUNCATE:
		return className
	case syscall.SYS_PWRITE64:
		return classWrite
	case syscall.SYS_WRITE:
		to, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", n.pid, n.args[0]))
		if strings.HasPrefix(to, "socket:") {
			return classSend
		}
		if strings.HasPrefix(to, "/") {
			return classWrite
		}
	}
	return ""
}

func (i *injector) judge(n *notification) (r response) {
	if n.number == syscall.SYS_PRCTL && n.args[0] == setDumpable {
		return r // "done": else only root could see below which files are written
	}
	r.flags = respondGoOn
	class := class(n)
	if class == "" {
		return r
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.count[class]++
	if class != i.fault.class || i.fault.at == 0 || i.count[class] < i.fault.at {
		return r
	}
	if i.fault.how == howLie {
		return i.lie(n)
	}
	if i.count[class] > i.fault.at {
		return r
	}
	defer close(i.fired)
	i.did = fmt.Sprintf("call %d on %s", n.number, i.target(n))
	r.flags, r.errno = 0, -int32(syscall.EIO) // what a killed thread is answered it never sees
	switch i.fault.how {
	case howTorn:
		i.tear(n)
		fallthrough
	case howKill:
		_ = syscall.Kill(i.pid, syscall.SIGKILL)
	case howFull:
		r.errno = -int32(syscall.ENOSPC)
	case howReset:
		r.errno = -int32(syscall.ECONNRESET)
	}
	return r
}

func (i *injector) target(n *notification) string {
	to, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", n.pid, n.args[0]))
	if err != nil {
		return "a folder"
	}
	return to
}

// tear does the first half of a write to a file.
func (i *injector) tear(n *notification) {
	half := make([]byte, n.args[2]/2)
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", n.pid))
	if err != nil {
		return
	}
	defer memory.Close()
	to, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/%d", n.pid, n.args[0]), os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer to.Close()
	at := int64(n.args[3])
	if n.number == syscall.SYS_WRITE {
		about, _ := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%d", n.pid, n.args[0]))
		var flags int
		if _, err := fmt.Sscanf(string(about), "pos:%d\nflags:%o", &at, &flags); err != nil {
			return
		}
		if info, err := to.Stat(); err == nil && flags&syscall.O_APPEND != 0 {
			at = info.Size()
		}
	}
	if _, err := memory.ReadAt(half, int64(n.args[1])); err == nil {
		_, _ = to.WriteAt(half, at)
	}
}

// lie says that a write to the log was done, from the fault's call on, and does
// not do it.
func (i *injector) lie(n *notification) (r response) {
	if !strings.Contains(i.target(n), "log.db") {
		r.flags = respondGoOn
		return r
	}
	select {
	case <-i.fired:
	default:
		close(i.fired)
	}
	r.value = int64(n.args[2])
	return r
}

// counted returns how many calls of each class there were.
func (i *injector) counted() map[string]int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return maps.Clone(i.count)
}

// hit says which call the fault was done to.
func (i *injector) hit() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.did
}
