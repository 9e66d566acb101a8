//go:build unix

package federationtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"

	"github.com/smartstart-federation/smartstart/cmd/party"
)

// TestSecretsStayWhereTheyAre runs studies over programs of their own, with
// canaries in the rows and every private key as another, and then looks for
// them everywhere else: in logs, as text and as JSON, in what metrics, health
// and reflection answer, in bundle and results, in every file, in the memory of
// the coordinator and of every other node, and in what a crash leaves.
func TestSecretsStayWhereTheyAre(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program and searches its memory; run without -short")
	}
	s := plant(t)
	s.found()
	s.addKeys()
	f := newFinder(s.canaries)
	for _, log := range []string{"text", "json"} {
		s.restart(log)
		w := watchMemory(f, s.pids())
		s.study("log-"+log, false)
		w.stop()
		t.Run("memory, log "+log, func(t *testing.T) { s.judgeMemory(t, w) })
		s.ask(log)
	}
	s.crash()
	s.judgeFiles(f)
}

// ask collects what the programs tell whoever asks.
func (s *planted) ask(log string) {
	s.t.Helper()
	for name, address := range s.metrics {
		r, err := http.Get("http://" + address + "/metrics")
		s.must(err)
		body, err := io.ReadAll(r.Body)
		s.must(err)
		s.must(r.Body.Close())
		if !bytes.Contains(body, []byte("smartstart_rounds_opened")) || !bytes.Contains(body, []byte("process_open_fds")) {
			s.t.Errorf("the metrics of %s are not complete:\n%s", name, body)
		}
		s.said["metrics of "+name+" "+log] = body
	}
	seat, _, err := party.Open(s.path("researcher/party.toml"))
	s.must(err)
	conn, err := grpc.NewClient(seat.Address, grpc.WithTransportCredentials(credentials.NewTLS(seat.TLS)))
	s.must(err)
	defer conn.Close()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	health, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
	s.must(err)
	s.said["health "+log] = []byte(health.String())
	stream, err := reflectionpb.NewServerReflectionClient(conn).ServerReflectionInfo(ctx)
	s.must(err)
	for _, q := range []*reflectionpb.ServerReflectionRequest{
		{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}},
		{MessageRequest: &reflectionpb.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: "smartstart.v1.Federation"}},
	} {
		s.must(stream.Send(q))
		answer, err := stream.Recv()
		s.must(err)
		if e := answer.GetErrorResponse(); e != nil {
			s.t.Errorf("reflection answers %v with %v", q, e)
		}
		s.said[fmt.Sprintf("reflection %s %T", log, q.MessageRequest)] = []byte(answer.String())
	}
	id := "log-" + log
	for _, command := range []string{
		"study show " + id + " --config researcher/party.toml", "study results " + id + " --config researcher/party.toml",
		"study results --json " + id + " --config researcher/party.toml", "node show " + id + " --config board1/node.toml",
		"node doctor --config board1/node.toml", "audit fetch --config auditor/party.toml --out bundle-" + log,
	} {
		s.said[command] = []byte(s.run(nil, strings.Fields(command)...))
	}
}

// judgeMemory holds that a program has nobody's secrets in its memory but its
// own, and that its own were found, so that others would have been.
func (s *planted) judgeMemory(t *testing.T, w *watch) {
	if w.err != nil {
		t.Skipf("the memory of the programs was not searched: as they are not dumpable, reading it takes root or CAP_SYS_PTRACE on Linux: %v", w.err)
	}
	for _, name := range s.everybody() {
		for _, c := range s.canaries {
			is, may := slices.Contains(w.found[name], c.name), c.owner == name
			if is && !may {
				t.Errorf("%s has %s in its memory", name, c.name)
			}
			own := c.name == "the IQ of "+name || c.name == name+"'s signing key"
			if own && may && !is {
				t.Errorf("%s was not found in the memory of %s, which works with it: this search would find nothing", c.name, name)
			}
		}
		t.Logf("%s: searched %d MiB of memory in %d sweeps, found of its own %q", name, w.searched[name]>>20, w.sweeps, w.found[name])
	}
}

// crash ends every program in the middle of a study as a fault would, where
// core files are asked for. It leaves the runtime's traces in the logs.
func (s *planted) crash() {
	s.t.Helper()
	const withCores = "ulimit -c unlimited && exec \"$0\" \"$@\""
	for _, name := range s.everybody() {
		s.stop(name)
		c, err := s.launch(name, func(c *exec.Cmd) error {
			c.Args = append([]string{"sh", "-c", withCores}, c.Args...)
			c.Path = "/bin/sh"
			c.Env = append(os.Environ(), "GOTRACEBACK=crash")
			return c.Start()
		})
		s.must(err)
		s.running[name] = c
	}
	s.propose("crash")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		log, err := os.ReadFile(s.path("board1.log"))
		s.must(err)
		if i := bytes.LastIndex(log, []byte("a round began")); i >= 0 && bytes.Contains(log[i:], []byte(`"study":"crash"`)) {
			break
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("no round of the last study began:\n%s", log)
		}
	}
	for _, name := range s.everybody() {
		c := s.running[name]
		delete(s.running, name)
		s.must(c.Process.Signal(syscall.SIGABRT))
		_ = c.Wait() // ends with the signal
		if status := c.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGABRT {
			s.t.Errorf("%s ended with %v, not by the signal that makes a core", name, c.ProcessState)
		}
	}
	s.t.Run("core files", func(t *testing.T) {
		dir := t.TempDir()
		c := exec.Command("sh", "-c", "ulimit -c unlimited && kill -ABRT $$")
		c.Dir = dir
		_ = c.Run() // ends with the signal
		if cores, err := filepath.Glob(filepath.Join(dir, "*core*")); err != nil || len(cores) == 0 {
			t.Skipf("a shell that crashes leaves no core file in its folder on this machine (%v): nothing can be seen of those that the programs do not leave", err)
		}
		if cores, err := filepath.Glob(s.path("*core.*")); err != nil || len(cores) > 0 {
			t.Errorf("the programs left core files: %v %v", cores, err)
		}
		if _, err := os.Stat(s.path("core")); err == nil {
			t.Error("a program left a core file")
		}
	})
}

// judgeFiles looks through every byte on the disk and all that was printed.
func (s *planted) judgeFiles(f *finder) {
	s.t.Helper()
	places := s.said
	s.must(filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && path != s.binary {
			places[path], err = os.ReadFile(path)
		}
		return err
	}))
	home, size, kinds := map[string]bool{}, 0, map[string]int{}
	for place, content := range places {
		size += len(content)
		if filepath.IsAbs(place) {
			kinds[filepath.Ext(place)]++
		}
		f.in(content, func(c canary) {
			if slices.Contains(c.home, place) {
				home[c.name] = true
			} else {
				s.t.Errorf("%s stands in %s", c.name, place)
			}
		})
	}
	for _, c := range s.canaries {
		if !home[c.name] {
			s.t.Errorf("%s was not found in %v, where it is: this search would find nothing", c.name, c.home)
		}
	}
	for _, kind := range []string{".log", ".db-wal", ".key"} {
		if kinds[kind] == 0 {
			s.t.Errorf("no %s was searched, of %v", kind, kinds)
		}
	}
	// A node that logged one number of a row would be found out.
	slip := fmt.Appendf(bytes.Clone(places[s.path("board1.log")]), "a value is out of range: column=iq_verbal value=%s\n", rowCanaries[0][0])
	if !f.finds(slip) {
		s.t.Error("a number of a row, written into the log of board1, is not found")
	}
	s.t.Logf("looked for %d canaries in %d places, %d MiB: %v", len(s.canaries), len(places), size>>20, kinds)
}
