package coordinator

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/coordinator/blobs"
	"github.com/smartstart-federation/smartstart/crypto"
)

// victimDir names, in the environment, the folder of a coordinator that is to
// be killed: this test binary then is that coordinator.
const victimDir = "SMARTSTART_TEST_VICTIM"

// victim appends the script's leaves from where the log stands and puts a blob
// for each, and says on standard output what was acknowledged.
func victim(dir string) {
	must := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	files := map[string][]byte{}
	for _, name := range []string{"key", "vkey", "leaves"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		must(err)
		files[name] = b
	}
	signer, err := note.NewSigner(string(files["key"]))
	must(err)
	c, err := Open(Config{Origin: origin, Signer: signer, Key: string(files["vkey"]), Dir: filepath.Join(dir, "state")})
	must(err)
	ctx := context.Background()
	_, err = c.PutBlob(ctx, []byte("codebook"))
	must(err)
	next := c.seq.size
	fmt.Println("open", next)
	for i, leaf := range unpack(files["leaves"]) {
		if int64(i) < next {
			continue
		}
		go func() {
			content := bytes.Repeat(fmt.Appendf(nil, "%d.", i), 20_000)
			d, err := c.PutBlob(ctx, content)
			must(err)
			fmt.Println("blob", d)
		}()
		index, err := c.Log().Append(ctx, leaf)
		must(err)
		fmt.Println("leaf", index)
	}
	os.Exit(0)
}

func pack(leaves [][]byte) (b []byte) {
	for _, l := range leaves {
		b = binary.AppendUvarint(b, uint64(len(l)))
		b = append(b, l...)
	}
	return b
}

func unpack(b []byte) (leaves [][]byte) {
	for len(b) > 0 {
		n, k := binary.Uvarint(b)
		leaves = append(leaves, b[k:k+int(n)])
		b = b[k+int(n):]
	}
	return leaves
}

// TestKilled kills a coordinator at random moments: nothing that it had
// acknowledged is lost, and what is there is what was sent.
func TestKilled(t *testing.T) {
	const kills, entries = 15, 2000
	dir := t.TempDir()
	s := newScript(t, entries)
	for name, b := range map[string][]byte{"key": []byte(s.self.private), "vkey": []byte(s.self.public), "leaves": pack(s.leaves)} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	acknowledged, digests := int64(0), map[string]bool{}
	for kill := range kills {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), victimDir+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.NewTimer(time.Hour)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			word, rest, _ := strings.Cut(lines.Text(), " ")
			var n int64
			switch word {
			case "open":
				fmt.Sscan(rest, &n)
				if n < acknowledged {
					t.Fatalf("kill %d: %d entries after %d were acknowledged", kill, n, acknowledged)
				}
				// From here on it works: strike within the next moments.
				timer.Stop()
				timer = time.AfterFunc(rand.N(150*time.Millisecond), func() { _ = cmd.Process.Kill() })
			case "leaf":
				fmt.Sscan(rest, &n)
				acknowledged = max(acknowledged, n+1)
			case "blob":
				digests[rest] = true
			}
		}
		timer.Stop()
		_ = cmd.Wait() // killed
	}
	if acknowledged < kills || len(digests) < kills {
		t.Fatalf("only %d entries and %d blobs were acknowledged over %d kills", acknowledged, len(digests), kills)
	}
	cfg := s.config()
	cfg.Dir = filepath.Join(dir, "state")
	c, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	i := int64(0)
	if err := everyLeaf(t.Context(), c.store, func(leaf []byte) error {
		if !bytes.Equal(leaf, s.leaves[i]) {
			t.Fatalf("entry %d differs from what was sent", i)
		}
		i++
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if i < acknowledged {
		t.Fatalf("%d entries are there, %d were acknowledged", i, acknowledged)
	}
	for text := range digests {
		var d crypto.Digest
		if err := d.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		b, err := c.blobs.Open(d)
		if err != nil {
			t.Fatalf("an acknowledged blob: %v", err)
		}
		all, err := io.ReadAll(blobs.Reader(b))
		_ = b.Close()
		if err != nil || crypto.DigestOf(all) != d {
			t.Fatalf("an acknowledged blob has other bytes: %v", err)
		}
	}
	t.Logf("%d kills: %d entries and %d blobs acknowledged, none lost", kills, acknowledged, len(digests))
}
