package party_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/coordinator"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto"
)

const origin = "party.test/log"

// server is a coordinator whose log can be thrown away while its key stays:
// what a restored backup, or a liar, looks like from outside.
type server struct {
	t         *testing.T
	authority *ca.Authority
	signer    note.Signer
	key       string
	asker     *party.Seat
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{t: t}
	var err error
	if s.authority, err = ca.NewAuthority("test"); err != nil {
		t.Fatal(err)
	}
	private, public, err := note.GenerateKey(rand.Reader, "coordinator")
	if err != nil {
		t.Fatal(err)
	}
	if s.signer, err = note.NewSigner(private); err != nil {
		t.Fatal(err)
	}
	s.key = public
	keys, err := party.NewKeys("asker", false)
	if err != nil {
		t.Fatal(err)
	}
	if s.asker, err = party.NewSeat(keys); err != nil {
		t.Fatal(err)
	}
	cert, err := s.authority.IssueClient("asker")
	if err != nil {
		t.Fatal(err)
	}
	s.asker.TLS = ca.TLSClient(s.authority.Pool(), cert, "localhost")
	s.asker.Origin, s.asker.CoordinatorKey = origin, s.key
	s.asker.Held = filepath.Join(t.TempDir(), "party.checkpoint")
	return s
}

// with serves an empty log with a charter, and points the seat at it.
func (s *server) with(retention string, act func()) {
	s.t.Helper()
	cert, err := s.authority.IssueServer("localhost")
	if err != nil {
		s.t.Fatal(err)
	}
	c, err := coordinator.Open(coordinator.Config{
		Origin: origin, Signer: s.signer, Key: s.key, TLS: ca.TLSServer(s.authority.Pool(), cert), Allow: []string{"asker"}, Grace: time.Second,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.asker.Address = l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- c.Serve(ctx, l) }()
	defer func() {
		cancel()
		if err := errors.Join(<-served, c.Close()); err != nil {
			s.t.Error(err)
		}
	}()
	charter := &audit.Charter{
		Protocol: audit.Protocol, Name: origin, Coordinator: audit.Party{Name: "coordinator", Key: s.key},
		Founders: []audit.Founder{}, Researchers: []audit.Party{s.asker.Party}, Auditors: []audit.Party{},
		Parameters: crypto.Parameters, MinInstitutions: 3, Rehearsal: true, Retention: retention,
	}
	for _, name := range []string{"board1", "board2", "board3"} {
		_, key, err := note.GenerateKey(rand.Reader, name+".approver")
		if err != nil {
			s.t.Fatal(err)
		}
		charter.Founders = append(charter.Founders, audit.Founder{Institution: name, Approver: audit.Party{Name: name + ".approver", Key: key}})
	}
	if charter.Codebook, err = c.PutBlob(ctx, []byte("codebook")); err != nil {
		s.t.Fatal(err)
	}
	if err := c.Found(ctx, charter); err != nil {
		s.t.Fatal(err)
	}
	act()
}

func (s *server) look() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return s.asker.Act(ctx, func(context.Context, *party.Session) error { return nil })
}

// propose makes the log grow.
func (s *server) propose(study string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := s.asker.Act(ctx, func(ctx context.Context, x *party.Session) error {
		_, err := x.Say(ctx, audit.Header{Study: study}, &audit.Proposal{Study: "text", Numbers: 1 << 20}, nil)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// TestSeatRemembers: a person's tool refuses a log that does not extend what it
// saw before, and would be content with either log alone.
func TestSeatRemembers(t *testing.T) {
	s := newServer(t)
	s.with("one", func() {
		s.propose("first")
		if err := s.look(); err != nil { // sees two entries
			t.Fatal(err)
		}
	})
	var coded interface{ Code() string }
	s.with("one", func() {
		if err := s.look(); !errors.As(err, &coded) || coded.Code() != string(audit.CodeStale) {
			t.Errorf("a shorter log: %v", err)
		}
		s.asker.Held = "" // what the kept checkpoint is for
		if err := s.look(); err != nil {
			t.Errorf("the shorter log alone: %v", err)
		}
	})
	s = newServer(t)
	s.with("one", func() {
		if err := s.look(); err != nil {
			t.Fatal(err)
		}
		good, err := os.ReadFile(s.asker.Held)
		if err != nil {
			t.Fatal(err)
		}
		// What a loss of power left of it before it was written durably.
		for _, damaged := range [][]byte{nil, good[:len(good)/2], []byte("this is no checkpoint")} {
			if err := os.WriteFile(s.asker.Held, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			var e *party.Error
			if err := s.look(); !errors.As(err, &e) || e.Code() != "SS1208" || !strings.Contains(e.Remedy(), "remove "+s.asker.Held) {
				t.Errorf("a damaged checkpoint of %d bytes: %v", len(damaged), err)
			}
		}
		if err := os.Remove(s.asker.Held); err != nil {
			t.Fatal(err)
		}
		if err := s.look(); err != nil {
			t.Errorf("after the remedy: %v", err)
		}
		leaf := s.asker.TLS.Certificates[0].Leaf
		end := leaf.NotAfter
		leaf.NotAfter = time.Now().Add(-time.Hour)
		if err := s.look(); !errors.As(err, &coded) || coded.Code() != "SS6612" {
			t.Errorf("with a certificate that has ended: %v", err)
		}
		leaf.NotAfter = end
	})
	s.with("another", func() {
		if err := s.look(); !errors.As(err, &coded) || coded.Code() != "SS2900" {
			t.Errorf("another log of the same size: %v", err)
		}
	})
}

// TestFilesOfParty: a party's files give the seat they were made for, and
// damage is said without quoting a key.
func TestFilesOfParty(t *testing.T) {
	dir := t.TempDir()
	authority, err := ca.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := party.NewKeys("board1", true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := party.NodeKey(keys); err != nil {
		t.Error(err)
	}
	other, err := party.NewKeys("board1", false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := party.NodeKey(other); err == nil {
		t.Error("an approver's keys gave a node key")
	}
	cert, err := authority.IssueClient("board1")
	if err != nil {
		t.Fatal(err)
	}
	certPEM, keyPEM, err := ca.EncodePEM(cert)
	if err != nil {
		t.Fatal(err)
	}
	keys.TLS = configs.Secret(keyPEM)
	p := &configs.Party{
		Name: "board1", Role: configs.RoleNode, Institution: "board1", Origin: origin, Address: "localhost:1", CoordinatorKey: "k",
		CAFile: "ca.pem", CertificateFile: "node.crt", KeyFile: "node.key",
	}
	write := func(name string, content []byte) {
		t.Helper()
		if err := party.Replace(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("ca.pem", authority.PEM())
	write("node.crt", certPEM)
	write("node.key", keys.TOML("# note\n"))
	write("party.toml", p.TOML())
	path := filepath.Join(dir, "party.toml")
	seat, _, err := party.Open(path)
	if err != nil || seat.Party.Name != "board1" || seat.Origin != origin {
		t.Fatalf("%+v, %v", seat, err)
	}
	if err := party.WriteNew(path, nil, 0o600); err == nil {
		t.Error("a file was overwritten")
	}

	for _, c := range []struct {
		what, file string
		content    []byte
		code       string
	}{
		{"no keys in the key file", "node.key", []byte("PRIVATE-CANARY"), "SS1101"},
		{"another's keys", "node.key", renamed(keys), "SS1204"},
		{"a certificate of another key", "node.key", other.TOML(""), "SS1204"},
		{"no certificate", "node.crt", []byte("PRIVATE-CANARY"), "SS1204"},
		{"no authority", "ca.pem", []byte("x"), "SS1204"},
		{"an unknown key", "party.toml", append(p.TOML(), "nonsense = 1\n"...), "SS1102"},
	} {
		before, err := os.ReadFile(filepath.Join(dir, c.file))
		if err != nil {
			t.Fatal(err)
		}
		write(c.file, c.content)
		_, _, err = party.Open(path)
		var coded interface{ Code() string }
		if !errors.As(err, &coded) || coded.Code() != c.code {
			t.Errorf("%s: %v, want %s", c.what, err, c.code)
		}
		if err != nil && strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: the error quotes the file", c.what)
		}
		write(c.file, before)
	}
	if err := os.Chmod(filepath.Join(dir, "node.key"), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, _, err := party.Open(path); err == nil || !strings.Contains(err.Error(), "read by others") {
		t.Errorf("a key that others can read: %v", err)
	}
}

func renamed(k *configs.Keys) []byte {
	c := *k
	c.Owner = "board2"
	return c.TOML("")
}
