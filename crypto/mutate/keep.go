package mutate

import (
	"encoding/binary"
	"os"
	"strings"
	"testing"
)

// keepSize is the file of a keeper: a length and an input.
const keepSize = 8 + 2*junkMost

// keeper holds the input of the call that is going on in a file, which survives
// an end of the process that nothing can catch.
type keeper struct {
	file   *os.File // nil when there is none to be had: it is a convenience
	memory []byte   // what the file holds
	mapped bool     // memory is the file, without a call to the system
}

func newKeeper(t testing.TB) *keeper {
	f, err := os.CreateTemp("", "mutate-"+strings.ReplaceAll(t.Name(), "/", "-")+"-")
	if err != nil {
		t.Logf("the input is not kept in a file: %v", err)
		return &keeper{}
	}
	k := &keeper{file: f}
	if k.memory = mapFile(f, keepSize); k.memory != nil {
		k.mapped = true
	} else {
		k.memory = make([]byte, keepSize)
	}
	return k
}

func (k *keeper) set(b []byte) {
	if k.file == nil {
		return
	}
	b = b[:min(len(b), keepSize-8)]
	binary.LittleEndian.PutUint64(k.memory, uint64(len(b)))
	copy(k.memory[8:], b)
	if !k.mapped {
		_, _ = k.file.WriteAt(k.memory[:8+len(b)], 0) // a failure only makes an input harder to find
	}
}

func (k *keeper) close() {
	if k.file == nil {
		return
	}
	if k.mapped {
		unmap(k.memory)
	}
	_ = k.file.Close()
	_ = os.Remove(k.file.Name())
}
