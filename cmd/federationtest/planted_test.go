//go:build unix

package federationtest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/examples/language"
)

// planted is a federation of programs with canaries.
type planted struct {
	*programs
	canaries []canary
	said     map[string][]byte // what was asked and printed
	metrics  map[string]string
	configs  map[string][]byte // as found wrote them
}

func (p *programs) everybody() []string { return append([]string{"coordinator"}, boardNames...) }

// rowCanaries are numbers for each board's row, of the columns that the study
// uses: an IQ score and a socio-economic status.
var rowCanaries = [][2]string{
	{"1.739046152837", "17.42039685173"}, {"2.841593027461", "11.83720495162"},
	{"3.506182947315", "21.60491837253"}, {"4.277391850624", "13.95827146039"},
}

// plant writes the pupils with one unusual row at each board, whose pupil has a
// name instead of a number.
func plant(t *testing.T) *planted {
	t.Helper()
	s := &planted{programs: newPrograms(t), said: map[string][]byte{}, metrics: map[string]string{}, configs: map[string][]byte{}}
	rows, err := csv.NewReader(bytes.NewReader(language.Pupils)).ReadAll()
	s.must(err)
	column := func(name string) int { return slices.Index(rows[0], name) }
	for i, board := range boardNames {
		at := slices.IndexFunc(rows, func(row []string) bool { return row[column("node")] == board && !slices.Contains(row, "") })
		if at < 0 {
			t.Fatalf("%s has no complete row", board)
		}
		id := "Zq7xKw-" + strings.ToUpper(board)
		rows[at][column("pupil")], rows[at][column("iq_verbal")], rows[at][column("ses")] = id, rowCanaries[i][0], rowCanaries[i][1]
		home := []string{s.path("pupils.csv"), s.path("data/" + board + ".csv")}
		s.canaries = append(s.canaries, canary{"the pupil of " + board, board, home, written(id)},
			canary{"the IQ of " + board, board, home, number(rowCanaries[i][0])}, canary{"the status of " + board, board, home, number(rowCanaries[i][1])})
	}
	newFinder(s.canaries).in(language.Pupils, func(c canary) { t.Fatalf("%s stands in the bundled data already", c.name) })
	var b bytes.Buffer
	s.must(csv.NewWriter(&b).WriteAll(rows))
	s.must(os.WriteFile(s.path("pupils.csv"), b.Bytes(), 0o600))
	codebook := bytes.Replace(language.Codebook, []byte("kind = \"integer\"\nmin = 1\nmax = 99999"), []byte("kind = \"text\""), 1)
	s.must(os.WriteFile(s.path("codebook.toml"), codebook, 0o600))
	return s
}

func (s *planted) path(name string) string { return filepath.Join(s.dir, name) }

func (s *planted) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// addKeys makes a canary of every private key and token.
func (s *planted) addKeys() {
	s.t.Helper()
	add := func(pattern string, list func(path string) []canary) {
		files, err := filepath.Glob(s.path(pattern))
		s.must(err)
		if len(files) == 0 {
			s.t.Fatalf("there is no %s", pattern)
		}
		for _, path := range files {
			s.canaries = append(s.canaries, list(path)...)
		}
	}
	keys := func(path string) []canary {
		owner := ""
		if base := filepath.Base(path); base == "node.key" || base == "coordinator.key" {
			owner = filepath.Base(filepath.Dir(path))
		}
		return keysIn(s.t, path, owner)
	}
	add("*/*.key", keys)
	add("coordinator/tokens/*.token", func(path string) []canary {
		token, err := party.ReadToken(path)
		s.must(err)
		return []canary{{"the secret in the token of " + token.Name, "", []string{path}, raw(token.Secret)}}
	})
}

func (s *planted) pids() map[string]int {
	pids := map[string]int{}
	for name, c := range s.running {
		pids[name] = c.Process.Pid
	}
	return pids
}

// restart stops every program as its operator would and starts it again with
// metrics, and with every line of its log, in the given format.
func (s *planted) restart(log string) {
	s.t.Helper()
	for _, name := range s.everybody() {
		s.stop(name)
		path := s.path(name + "/node.toml")
		if name == "coordinator" {
			path = s.path("coordinator/coordinator.toml")
		}
		if s.configs[path] == nil {
			text, err := os.ReadFile(path)
			s.must(err)
			s.configs[path] = text
		}
		s.metrics[name] = freeAddress(s.t)
		text := fmt.Appendf(bytes.Clone(s.configs[path]), "\n[log]\nlevel = \"debug\"\njson = %t\n\n[metrics]\naddress = %q\n", log == "json", s.metrics[name])
		s.must(os.WriteFile(path, text, 0o600))
		s.start(name)
	}
}

func (s *planted) stop(name string) {
	s.t.Helper()
	c := s.running[name]
	delete(s.running, name)
	s.must(c.Process.Signal(syscall.SIGTERM))
	if err := c.Wait(); err != nil {
		s.t.Errorf("%s did not stop gracefully: %v", name, err)
	}
}
