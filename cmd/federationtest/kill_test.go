//go:build unix

package federationtest

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/examples/language"
)

var kills = flag.Int("kills", 4, "programs to end with kill -9 in the middle of studies")

// TestKilledProgramsLoseNothing runs studies over a coordinator and four nodes
// as programs of their own, ends one of them with SIGKILL at a random moment,
// starts it again, and so on: every study ends, its record verifies, and its
// result is the undisturbed one, bit for bit.
func TestKilledProgramsLoseNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program and waits for time-outs; run without -short")
	}
	var p *programs
	var want string
	for i, done := 0, 0; done < *kills; i++ {
		// A log that grows for hundreds of studies slows each start down, and
		// what is measured is not that.
		if i%25 == 0 {
			p = newPrograms(t)
			p.found()
			want, _ = p.study("undisturbed", false)
		}
		id := fmt.Sprintf("disturbed-%d", i)
		got, n := p.study(id, true)
		done += n
		if got != want {
			t.Fatalf("after %d kills study %s ended with\n%s\nwant\n%s", done, id, got, want)
		}
		t.Logf("%d of %d kills: %s has the undisturbed result", done, *kills, id)
	}
}

// programs are the running parts of one federation.
type programs struct {
	t       *testing.T
	dir     string
	binary  string
	text    string     // of the study they run; the language study if empty
	rng     *rand.Rand // decides who is ended, and when
	running map[string]*exec.Cmd
}

// founded counts federations, so that each is disturbed at other moments.
var founded atomic.Int64

func newPrograms(t *testing.T) *programs {
	t.Helper()
	p := &programs{t: t, dir: t.TempDir(), rng: rand.New(rand.NewSource(founded.Add(1))), running: map[string]*exec.Cmd{}}
	p.binary = filepath.Join(p.dir, "smartstart")
	if out, err := exec.Command("go", "build", "-o", p.binary, "../..").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	for name, content := range map[string][]byte{"pupils.csv": language.Pupils, "codebook.toml": language.Codebook} {
		if err := os.WriteFile(filepath.Join(p.dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for name := range p.running {
			p.kill(name)
		}
	})
	return p
}

var boardNames = []string{"board1", "board2", "board3", "board4"}

// run runs one command to its end; codes are the exit codes that are fine.
func (p *programs) run(codes []int, args ...string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute) // nothing here may hang
	defer cancel()
	c := exec.CommandContext(ctx, p.binary, args...)
	c.Dir = p.dir
	var errs strings.Builder
	c.Stderr = &errs
	out, err := c.Output()
	for _, code := range append(codes, 0) {
		if c.ProcessState != nil && c.ProcessState.ExitCode() == code {
			return string(out)
		}
	}
	p.t.Fatalf("smartstart %s: %v\n%s%s", strings.Join(args, " "), err, out, errs.String())
	return ""
}

// start starts a daemon; kill ends it without a word.
func (p *programs) start(name string) {
	c, err := p.launch(name, (*exec.Cmd).Start)
	if err != nil {
		p.t.Fatal(err)
	}
	p.running[name] = c
}

// launch prepares a daemon, with its log, and lets begin start it.
func (p *programs) launch(name string, begin func(*exec.Cmd) error) (*exec.Cmd, error) {
	args := []string{"node", "run", "--config", name + "/node.toml"}
	if name == "coordinator" {
		args = []string{"coordinator", "run", "--config", "coordinator/coordinator.toml"}
	}
	c := exec.Command(p.binary, args...)
	c.Dir = p.dir
	log, err := os.OpenFile(filepath.Join(p.dir, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	c.Stdout, c.Stderr = log, log
	return c, begin(c)
}

func (p *programs) kill(name string) {
	c := p.running[name]
	delete(p.running, name)
	_ = c.Process.Signal(syscall.SIGKILL) // it may have ended by itself: then its log says why
	_ = c.Wait()
}

// found founds the federation and starts every daemon, with attempts that time
// out within seconds.
func (p *programs) found() {
	p.run(nil, "data", "split", "pupils.csv", "--by", "node", "--out", "data")
	p.run(nil, "coordinator", "init", "--dir", "coordinator", "--name", "kill.example/log", "--listen", freeAddress(p.t), "--host", "127.0.0.1",
		"--codebook", "codebook.toml", "--invite", strings.Join(boardNames, ","), "--researcher", "researcher", "--auditor", "auditor")
	p.hurry("coordinator/coordinator.toml")
	p.start("coordinator")
	p.run(nil, "study", "enrol", "coordinator/tokens/researcher.token", "--dir", "researcher")
	p.run(nil, "audit", "enrol", "coordinator/tokens/auditor.token", "--dir", "auditor")
	for _, b := range boardNames {
		p.run(nil, "node", "init", "--dir", b, "--name", b, "--data", "data/"+b+".csv", "--codebook", "codebook.toml", "--openness", "public", "--pseudonym", "pupil")
		p.hurry(b + "/node.toml")
	}
	for _, b := range boardNames {
		p.run([]int{4}, "node", "enrol", "--config", b+"/node.toml", "coordinator/tokens/"+b+".token")
	}
	for _, b := range boardNames {
		p.run(nil, "node", "enrol", "--config", b+"/node.toml")
		p.start(b)
	}
}

// hurry shortens the time-out of an attempt in a daemon's file.
func (p *programs) hurry(file string) {
	path := filepath.Join(p.dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	s := string(text)
	if !strings.Contains(s, "[rounds]") {
		s += "\n[rounds]\ntimeout = \"6s\"\n"
	} else {
		s = strings.Replace(s, `timeout = "10m"`, `timeout = "6s"`, 1)
	}
	if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// propose submits a study that everybody approves.
func (p *programs) propose(id string) {
	p.t.Helper()
	text := strings.Replace(cmp.Or(p.text, string(language.Study)), `id = "language-delay"`, fmt.Sprintf("id = %q", id), 1)
	if err := os.WriteFile(filepath.Join(p.dir, "study.toml"), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.run(nil, "study", "submit", "study.toml", "--config", "researcher/party.toml")
	for _, b := range boardNames {
		p.run(nil, "node", "approve", id, "--config", b+"/node.toml", "--ground", "rehearsal", "--until", "2099-12-31")
	}
}

// study runs one study to its end, with or without kills, and returns its
// coefficients and how often a program was ended while the study ran.
func (p *programs) study(id string, disturb bool) (result string, kills int) {
	p.t.Helper()
	p.propose(id)
	over, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for disturb {
			select {
			case <-over:
				return
			case <-time.After(time.Duration(p.rng.Intn(900)) * time.Millisecond):
			}
			victim := append([]string{"coordinator"}, boardNames...)[p.rng.Intn(5)]
			p.kill(victim)
			kills++
			time.Sleep(time.Duration(p.rng.Intn(300)) * time.Millisecond)
			p.start(victim)
			// The next one comes when this attempt is over, one way or the
			// other: two nodes that forget one attempt are beyond what four
			// institutions promise to survive.
			select {
			case <-over:
				return
			case <-time.After(7 * time.Second):
			}
		}
	}()
	p.run(nil, "study", "watch", id, "--config", "researcher/party.toml")
	close(over)
	<-stopped
	out := p.run(nil, "study", "results", id, "--config", "researcher/party.toml", "--json")
	var d struct {
		Coefficients json.RawMessage `json:"coefficients"`
		Deviance     json.Number     `json:"deviance"`
		Audit        struct {
			Verified bool `json:"verified"`
		} `json:"audit"`
	}
	if err := json.Unmarshal([]byte(out), &d); err != nil || !d.Audit.Verified {
		p.t.Fatalf("the result of %s: %v\n%s", id, err, out)
	}
	return fmt.Sprintf("%s %s", d.Deviance, d.Coefficients), kills
}

// freeAddress returns a loopback address that nobody listens on just now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
