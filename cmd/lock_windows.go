package cmd

import (
	"os"
	"path/filepath"
	"syscall"
)

// lockFolder takes a folder for this process: a file that is open and shared
// with nobody. The system gives it back when the process ends.
func lockFolder(dir string) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	name, err := syscall.UTF16PtrFromString(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, errFolderInUse(dir)
	}
	return func() error { return syscall.CloseHandle(h) }, nil
}
