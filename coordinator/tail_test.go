package coordinator

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/smartstart-federation/smartstart/coordinator/store"
)

// A page from the tail is the page that the store would give, or nothing.
func TestTailIsTheStore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(t, "n")
		start := rapid.Int64Range(0, int64(n)).Draw(t, "start")
		mem := store.NewMemory()
		tl := tail{from: start}
		for i := range n {
			leaf := bytes.Repeat([]byte{byte(i)}, rapid.IntRange(1, 60_000).Draw(t, "size"))
			e := store.Entry{Index: int64(i), Leaf: leaf, Signer: "x", Seq: int64(i) + 1}
			e.Hash[0], e.Hash[1] = byte(i), byte(i>>8)
			if err := mem.Append(t.Context(), []store.Entry{e}); err != nil {
				t.Fatal(err)
			}
			if int64(i) >= start {
				tl.add(leaf)
			}
		}
		if tl.bytes > tailBytes || tl.from+int64(len(tl.leaves)) != int64(n) {
			t.Fatalf("the tail holds %d bytes and ends at %d of %d", tl.bytes, tl.from+int64(len(tl.leaves)), n)
		}
		from := rapid.Int64Range(0, int64(n)+1).Draw(t, "from")
		limit, maxBytes := rapid.IntRange(1, 300).Draw(t, "limit"), rapid.IntRange(1, 1<<20).Draw(t, "maxBytes")
		got := tl.page(from, limit, maxBytes)
		want, err := mem.Leaves(t.Context(), from, limit, maxBytes)
		if err != nil {
			t.Fatal(err)
		}
		if from < tl.from {
			want = nil
		}
		if len(got) != len(want) {
			t.Fatalf("%d leaves, the store gives %d", len(got), len(want))
		}
		for i := range got {
			if !bytes.Equal(got[i], want[i]) {
				t.Fatalf("leaf %d differs", from+int64(i))
			}
		}
	})
}
