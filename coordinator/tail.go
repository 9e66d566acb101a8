package coordinator

// tailBytes bounds the leaves that are kept in memory beside the store.
const tailBytes = 4 << 20

// tail is the newest durable leaves: all followers at the end of the log ask
// for them at the same moment, and need not ask the disk. What it hands out is
// never changed.
type tail struct {
	from   int64
	leaves [][]byte
	bytes  int
}

// add appends a leaf and lets go of the oldest beyond tailBytes.
func (t *tail) add(leaf []byte) {
	t.leaves = append(t.leaves, leaf)
	t.bytes += len(leaf)
	for t.bytes > tailBytes {
		t.bytes -= len(t.leaves[0])
		t.leaves = t.leaves[1:]
		t.from++
	}
}

// page returns at most limit leaves and maxBytes from an index on; nothing when
// the tail does not reach back that far.
func (t *tail) page(from int64, limit, maxBytes int) [][]byte {
	if from < t.from || from >= t.from+int64(len(t.leaves)) {
		return nil
	}
	all := t.leaves[from-t.from:]
	n, total := 0, 0
	for n < len(all) && n < limit {
		if total += len(all[n]); n > 0 && total > maxBytes {
			break
		}
		n++
	}
	return all[:n:n]
}
