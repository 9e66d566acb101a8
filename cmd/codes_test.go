package cmd

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/cmd/party"
)

// mention is a code that stands in a room although another one has declared its
// rule: the room applies, or asks for, the same rule.
type mention struct{ by, owner string }

var mentioned = map[string]mention{
	"SS1204": {"cmd", "cmd/party"},      // keys, certificates and files that do not belong together
	"SS1205": {"cmd", "cmd/party"},      // a token that is not the one that is needed
	"SS1207": {"cmd", "cmd/party"},      // a file or folder that cannot be written
	"SS2900": {"cmd", "audit/loop"},     // a log that does not extend the one held
	"SS3013": {"node", "crypto"},        // a contributor that is proved wrong by its projection
	"SS3104": {"node", "crypto/secret"}, // a box that is as signed and holds no valid share
	"SS3110": {"node", "crypto/secret"}, // a share that contradicts its contributor's projection
	"SS6302": {"cmd", "coordinator"},    // a party that the log does not know, or not any more
	"SS6612": {"cmd", "cmd/party"},      // a certificate that has ended
}

// bothSides are rules that both ends of the wire hold.
var bothSides = map[string][]string{"SS6101": {"api", "coordinator"}} // the size of a statement

// TestCodesMeanOneThing: a code is never given to another rule, so no two rooms
// declare the same.
func TestCodesMeanOneThing(t *testing.T) {
	found, err := codesIn("..")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 150 {
		t.Fatalf("only %d codes were found: the search is broken", len(found))
	}
	for _, line := range doubled(found) {
		t.Error(line)
	}
	for code, m := range mentioned {
		if !slices.Contains(found[code].rooms, m.by) {
			t.Errorf("%s no longer stands in %s: take it out of the list above", code, m.by)
		}
	}
}

// TestCodesMeanOneThingMutant: the search finds what it is for.
func TestCodesMeanOneThingMutant(t *testing.T) {
	for what, found := range map[string]map[string]places{
		"two rooms":                          {"SS4101": {rooms: []string{"cmd", "node/records"}}},
		"three rooms":                        {"SS1204": {rooms: []string{"cmd", "cmd/party", "node"}}},
		"a mention of another room's":        {"SS1204": {rooms: []string{"cmd", "node"}}},
		"two constants of one room":          {"SS4101": {rooms: []string{"node"}, constants: map[string]int{"node": 2}}},
		"both sides of the wire and another": {"SS6101": {rooms: []string{"api", "coordinator", "node"}}},
	} {
		if len(doubled(found)) != 1 {
			t.Errorf("%s: %v", what, doubled(found))
		}
	}
	if lines := doubled(map[string]places{"SS1204": {rooms: []string{"cmd", "cmd/party"}, constants: map[string]int{"cmd/party": 1}}, "SS4101": {rooms: []string{"node"}}}); len(lines) > 0 {
		t.Errorf("honest codes: %v", lines)
	}
}

// places is where a code stands as a string.
type places struct {
	rooms     []string       // packages
	constants map[string]int // how many constants of a room have it
}

// doubled says which codes have two meanings.
func doubled(found map[string]places) (lines []string) {
	for _, code := range slices.Sorted(maps.Keys(found)) {
		p := found[code]
		m := mentioned[code]
		rooms := slices.DeleteFunc(slices.Clone(p.rooms), func(r string) bool { return r == m.by && slices.Contains(p.rooms, m.owner) })
		if len(rooms) > 1 && !slices.Equal(rooms, bothSides[code]) {
			lines = append(lines, fmt.Sprintf("%s stands in %s: give one of the rules a code of its own", code, strings.Join(p.rooms, " and ")))
		}
		for room, n := range p.constants {
			if n > 1 {
				lines = append(lines, fmt.Sprintf("%s is the value of %d constants of %s: give one of the rules a code of its own", code, n, room))
			}
		}
	}
	return lines
}

var isCode = regexp.MustCompile(`^SS[0-9]{4}$`)

// codesIn finds every code in the Go files below root that are no tests.
func codesIn(root string) (map[string]places, error) {
	found := map[string]places{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		room, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		room = filepath.ToSlash(room)
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		constants := map[*ast.BasicLit]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			if g, ok := n.(*ast.GenDecl); ok && g.Tok == token.CONST {
				for _, s := range g.Specs {
					for _, v := range s.(*ast.ValueSpec).Values {
						if l, ok := v.(*ast.BasicLit); ok {
							constants[l] = true
						}
					}
				}
			}
			l, ok := n.(*ast.BasicLit)
			if !ok || l.Kind != token.STRING {
				return true
			}
			code, err := strconv.Unquote(l.Value)
			if err != nil || !isCode.MatchString(code) {
				return true
			}
			p := found[code]
			if p.constants == nil {
				p.constants = map[string]int{}
			}
			if !slices.Contains(p.rooms, room) {
				p.rooms = append(p.rooms, room)
				slices.Sort(p.rooms)
			}
			if constants[l] {
				p.constants[room]++
			}
			found[code] = p
			return true
		})
		return nil
	})
	return found, err
}

// TestExitCodes: two histories of one log end a command as evidence does, not as
// a policy.
func TestExitCodes(t *testing.T) {
	stale := &loop.InconsistentError{Cause: audit.Refuse(audit.CodeFork, int64(3))}
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("x"), 1},
		{usage("x", "y"), 2},
		{audit.Refuse(audit.CodeNoStudy, "s"), 3},
		{&party.WaitError{What: "x"}, 4},
		{&Error{codeFailedVerification, "x", "y"}, 5},
		{audit.Refuse(audit.CodeFork, int64(3)), 5},
		{audit.Refuse(audit.CodeStale, int64(3), int64(4)), 5},
		{audit.Refuse(audit.CodeCheckpointSignature), 5},
		{stale, 5},
		{fmt.Errorf("following: %w", stale), 5},
		{errors.Join(errors.New("x"), stale), 5},
		{&Error{codeTooFew, "x", "y"}, 2},
		{&Error{codeCodebook, "x", "y"}, 3},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v: exit code %d, want %d", c.err, got, c.want)
		}
	}
}
