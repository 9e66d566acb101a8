package verifier

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// second is the second verifier, as a process that folds one log after another.
type second struct {
	t   testing.TB
	in  io.Writer
	out *bufio.Reader
}

// startSecond starts it, or skips the test where Python or its package is missing;
// with CI=true in the environment that is a failure.
func startSecond(t testing.TB) *second {
	if out, err := exec.Command("python3", "-c", "import cryptography").CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("python3 with its package cryptography is needed: %v\n%s", err, out)
		}
		t.Skip("python3 or its package cryptography is not here: the two verifiers were not compared (apt install python3-cryptography)")
	}
	c := exec.Command("python3", "-B", "differential.py")
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	})
	return &second{t, in, bufio.NewReader(out)}
}

// asked is one log with checks of the second verifier that are off.
type asked struct {
	log []judged
	off []string
}

// fold returns what the second verifier says of each entry of each log, "" of
// those that count. After a crash the list is shorter.
func (v *second) fold(logs ...asked) (said [][]string) {
	v.t.Helper()
	var all []byte
	for _, a := range logs {
		head, err := json.Marshal(map[string]any{"origin": audittest.Origin, "off": append([]string{}, a.off...), "entries": len(a.log)})
		if err != nil {
			v.t.Fatal(err)
		}
		all = append(append(all, head...), '\n')
		for _, e := range a.log {
			all = append(binary.BigEndian.AppendUint32(all, uint32(len(e.leaf))), e.leaf...)
		}
	}
	go v.in.Write(all) // if it fails nothing comes back
	for range logs {
		line, err := v.out.ReadBytes('\n')
		if err != nil {
			v.t.Fatalf("the second verifier ended: %v", err)
		}
		var one []string
		if err := json.Unmarshal(line, &one); err != nil {
			v.t.Fatal(err)
		}
		said = append(said, one)
	}
	return said
}
