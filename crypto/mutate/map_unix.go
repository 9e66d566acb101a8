//go:build unix

package mutate

import (
	"os"
	"syscall"
)

// mapFile makes f size bytes long and returns them, shared; nil when that
// cannot be had.
func mapFile(f *os.File, size int) []byte {
	if f.Truncate(int64(size)) != nil {
		return nil
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil
	}
	return b
}

func unmap(b []byte) { _ = syscall.Munmap(b) }
