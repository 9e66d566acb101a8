package coordinator

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto"
)

// enrolling is a coordinator before its charter, with three boards and a
// researcher invited.
type enrolling struct {
	*world
	secrets map[string][]byte
	dir     string
}

func newEnrolling(t *testing.T) *enrolling {
	t.Helper()
	e := &enrolling{secrets: map[string][]byte{}, dir: t.TempDir()}
	v := e.invitations(t)
	for name, role := range map[string]string{"board1": RoleInstitution, "board2": RoleInstitution, "board3": RoleInstitution, "asker": RoleResearcher} {
		e.secrets[name] = []byte(strings.Repeat(name, 32)[:32])
		i := &Invitation{Name: name, Role: role, Secret: crypto.DigestOf(e.secrets[name]), Expires: time.Now().Add(time.Hour)}
		if err := v.Invite(i); err != nil {
			t.Fatal(err)
		}
	}
	var enrol *Enrolment
	e.world = newWorld(t, 0, func(c *Config) {
		c.Dir = filepath.Join(e.dir, "state")
		enrol = &Enrolment{Invitations: v, Terms: Terms{Codebook: []byte("codebook"), MinInstitutions: 3, Rehearsal: true, Retention: "test"}}
		c.Enrol = enrol
	})
	enrol.Authority = e.authority
	return e
}

func (e *enrolling) invitations(t *testing.T) *Invitations {
	t.Helper()
	v, err := OpenInvitations(filepath.Join(e.dir, "invitations"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// replace gives out a new token as the operator's command does: from another
// process than the coordinator's, so through the folder.
func (e *enrolling) replace(t *testing.T, name string, secret []byte, life time.Duration) {
	t.Helper()
	if err := e.invitations(t).Replace(name, crypto.DigestOf(secret), time.Now().Add(life)); err != nil {
		t.Fatal(err)
	}
	e.secrets[name] = secret
}

// joiner is a party with its keys, as they stay over tries.
type joiner struct {
	name string
	keys []keys
	tls  []*ecdsa.PrivateKey
}

func newJoiner(t *testing.T, name string, names ...string) *joiner {
	t.Helper()
	j := &joiner{name: name}
	for _, n := range names {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		j.keys, j.tls = append(j.keys, newKeys(t, n)), append(j.tls, key)
	}
	return j
}

func newBoard(t *testing.T, name string) *joiner { return newJoiner(t, name, name, name+".approver") }

func (j *joiner) applicants(t *testing.T) []*api.Applicant {
	t.Helper()
	var list []*api.Applicant
	for i, k := range j.keys {
		request, err := ca.NewRequest(k.name, j.tls[i])
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, &api.Applicant{Name: k.name, Request: request, Key: k.public, Proof: k.proof(t, origin, request)})
	}
	return list
}

func (k keys) proof(t *testing.T, log string, request []byte) []byte {
	t.Helper()
	private, err := audit.PrivateKey(k.private)
	if err != nil {
		t.Fatal(err)
	}
	return ed25519.Sign(private, api.JoinProof(log, k.name, request))
}

func (e *enrolling) join(t *testing.T, j *joiner) ([][]byte, error) {
	t.Helper()
	return e.client(api.JoinPrefix+j.name).Join(e.ctx(), e.secrets[j.name], j.applicants(t))
}

func TestEnrolment(t *testing.T) {
	e := newEnrolling(t)
	boards := []*joiner{newBoard(t, "board1"), newBoard(t, "board2"), newBoard(t, "board3")}
	first, err := e.join(t, boards[0])
	if err != nil {
		t.Fatal(err)
	}

	t.Run("a lost answer strands nobody, not even over a restart", func(t *testing.T) {
		e.cfg.Enrol.Invitations = e.invitations(t) // read anew from the disk
		e.restart()
		again, err := e.join(t, boards[0])
		if err != nil || len(again) != 2 || !bytes.Equal(again[0], first[0]) || !bytes.Equal(again[1], first[1]) {
			t.Errorf("the same request got another answer: %v", err)
		}
	})
	t.Run("a token works once", func(t *testing.T) {
		_, err := e.join(t, newBoard(t, "board1"))
		refused(t, "other keys with a used token", err, "SS6313")
	})
	t.Run("nobody is left out of the count", func(t *testing.T) {
		missing, err := e.client(api.JoinPrefix + "board2").Standing(e.ctx())
		if err != nil || strings.Join(missing, " ") != "asker board2 board3" {
			t.Errorf("missing: %v, %v", missing, err)
		}
	})
	for _, j := range []*joiner{boards[1], newJoiner(t, "asker", "asker"), boards[2]} {
		if e.charterThere() {
			t.Fatal("the charter was written before everybody had joined")
		}
		if _, err := e.join(t, j); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("the charter holds the keys that they joined with", func(t *testing.T) {
		e.c.View(func(st *audit.State) {
			if st.Charter == nil {
				t.Fatal("everybody has joined and there is no charter")
			}
			c := st.Charter.Body.(*audit.Charter)
			for i, f := range c.Founders {
				if f.Institution != boards[i].name || f.Approver.Key != boards[i].keys[1].public {
					t.Errorf("founder %d is %s with another key", i, f.Institution)
				}
			}
			if len(c.Founders) != 3 || len(c.Researchers) != 1 || c.Researchers[0].Name != "asker" {
				t.Errorf("%d founders, %d researchers", len(c.Founders), len(c.Researchers))
			}
		})
		if _, err := e.join(t, boards[0]); err != nil {
			t.Errorf("after the charter, the same request: %v", err)
		}
	})
}

// TestEnrolmentRefusals tries to get a certificate that one should not have. In
// the end the honest request, which differs in one thing from each, is granted.
func TestEnrolmentRefusals(t *testing.T) {
	e := newEnrolling(t)
	j, other := newBoard(t, "board1"), newBoard(t, "board2")
	if _, err := e.join(t, other); err != nil {
		t.Fatal(err)
	}
	otherCurve, err := ca.NewRequest("board1", mustKey(t, elliptic.P384()))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, code string
		edit       func(list []*api.Applicant) []*api.Applicant
	}{
		{"one key too few", "SS6315", func(l []*api.Applicant) []*api.Applicant { return l[:1] }},
		{"another's name", "SS6315", func(l []*api.Applicant) []*api.Applicant { l[0].Name = "board3"; return l }},
		{"a key of another name", "SS6315", func(l []*api.Applicant) []*api.Applicant { l[0].Key = l[1].Key; return l }},
		{"no key", "SS6315", func(l []*api.Applicant) []*api.Applicant { l[1].Key = "board1.approver+0+x"; return l }},
		{"a proof for another log", "SS6315", func(l []*api.Applicant) []*api.Applicant {
			l[0].Proof = j.keys[0].proof(t, "other.log", l[0].Request)
			return l
		}},
		{"a proof for another request", "SS6315", func(l []*api.Applicant) []*api.Applicant { l[0].Proof = l[1].Proof; return l }},
		{"a request that is none", "SS6315", func(l []*api.Applicant) []*api.Applicant {
			l[0].Request, l[0].Proof = []byte("x"), j.keys[0].proof(t, origin, []byte("x"))
			return l
		}},
		{"another kind of TLS key", "SS6315", func(l []*api.Applicant) []*api.Applicant {
			l[0].Request, l[0].Proof = otherCurve, j.keys[0].proof(t, origin, otherCurve)
			return l
		}},
	} {
		_, err := e.client(api.JoinPrefix+"board1").Join(e.ctx(), e.secrets["board1"], c.edit(j.applicants(t)))
		refused(t, c.what, err, c.code)
	}
	_, err = e.client(api.JoinPrefix+"board1").Join(e.ctx(), e.secrets["board2"], j.applicants(t))
	refused(t, "another token's secret", err, "SS6312")
	_, err = e.client(api.JoinPrefix+"board2").Join(e.ctx(), e.secrets["board1"], j.applicants(t))
	refused(t, "another token's certificate", err, "SS6312")
	_, err = e.client("board1").Join(e.ctx(), e.secrets["board1"], j.applicants(t))
	refused(t, "the certificate of a party", err, "SS6311")

	taken := &joiner{"board1", []keys{renamed(t, other.keys[0], "board1"), j.keys[1]}, j.tls}
	_, err = e.join(t, taken)
	refused(t, "another board's key under one's own name", err, "SS6316")
	both := &joiner{"board1", []keys{j.keys[0], renamed(t, j.keys[0], "board1.approver")}, j.tls}
	_, err = e.join(t, both)
	refused(t, "one key as node and as approver", err, "SS6316")

	e.replace(t, "board1", e.secrets["board1"], -time.Second)
	_, err = e.join(t, j)
	refused(t, "an expired token", err, "SS6314")
	old := e.secrets["board1"]
	e.replace(t, "board1", []byte(strings.Repeat("n", 32)), time.Hour)
	_, err = e.client(api.JoinPrefix+"board1").Join(e.ctx(), old, j.applicants(t))
	refused(t, "the token before the newest", err, "SS6312")
	if _, err := e.join(t, j); err != nil {
		t.Errorf("the honest request: %v", err)
	}
}

// TestTokenOnlyJoins: what a token's certificate opens is enrolment alone; the
// same calls work with the certificate that it was exchanged for.
func TestTokenOnlyJoins(t *testing.T) {
	e := newEnrolling(t)
	for _, c := range []struct {
		what string
		call func(*api.Client) error
	}{
		{"Checkpoint", func(c *api.Client) error { _, err := c.Checkpoint(e.ctx()); return err }},
		{"Follow", func(c *api.Client) error {
			ctx, cancel := context.WithTimeout(e.ctx(), 300*time.Millisecond)
			defer cancel()
			if err := c.Follow(ctx, 0, func(int64, [][]byte, []byte) error { return nil }); ctx.Err() == nil {
				return err
			}
			return nil
		}},
	} {
		refused(t, c.what+" with a token", c.call(e.client(api.JoinPrefix+"board1")), "SS6302")
		if err := c.call(e.client("board1")); err != nil {
			t.Errorf("%s with a party's certificate: %v", c.what, err)
		}
	}
	_, err := e.client(api.JoinPrefix+"board1").Append(e.ctx(), []byte("x"))
	refused(t, "Append with a token", err, "SS6302")
}

func TestCharterAfterACrash(t *testing.T) {
	e := newEnrolling(t)
	if err := e.stop(); err != nil {
		t.Fatal(err)
	}
	// Everybody's join is on the disk, and the process stopped before the charter.
	v := e.invitations(t)
	for _, name := range []string{"board1", "board2", "board3", "asker"} {
		i := v.Get(name)
		var joined []Joined
		for _, n := range i.names() {
			joined = append(joined, Joined{Name: n, Key: newKeys(t, n).public})
		}
		if err := v.join(name, joined); err != nil {
			t.Fatal(err)
		}
	}
	e.cfg.Enrol.Invitations = v
	e.open()
	for range 2 { // the second finds it there
		if written, err := e.c.Complete(e.ctx()); err != nil || !written {
			t.Fatalf("the charter after a crash: %v, %v", written, err)
		}
	}
}

func (e *enrolling) charterThere() (there bool) {
	e.c.View(func(st *audit.State) { there = st.Charter != nil })
	return there
}

func mustKey(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// renamed is the same key pair under another name.
func renamed(t *testing.T, k keys, name string) keys {
	t.Helper()
	private, err := audit.PrivateKey(k.private)
	if err != nil {
		t.Fatal(err)
	}
	vkey, err := note.NewEd25519VerifierKey(name, private.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return keys{name: name, public: vkey, private: k.private}
}
