package coordinator

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto"
)

const (
	isStranger = "SS6302"
	isPage     = "SS6203" // let in, and asked for more log than there is
)

// calls returns what every call of a name is answered.
func (w *world) calls(name string) (got [5]string) {
	for i, call := range []string{"Append", "Follow", "Checkpoint", "PutBlob", "GetBlob"} {
		got[i] = w.code(name, call)
	}
	return got
}

// change moves a change of membership and has others endorse it.
func (w *world) change(m *audit.Member, by string, endorsers ...string) {
	w.t.Helper()
	w.c.seq.View(func(st *audit.State) { m.Charter = st.Charter.Hash })
	at := w.say(by+".approver", audit.Header{}, m)
	var motion crypto.Digest
	w.c.seq.View(func(st *audit.State) {
		for hash, moved := range st.Motions {
			if moved.Statement.Index == at {
				motion = hash
			}
		}
	})
	for _, e := range endorsers {
		w.say(e+".approver", audit.Header{}, &audit.Endorse{Motion: motion})
	}
}

// TestRolesChange: who may call follows the log, from one entry to the next.
func TestRolesChange(t *testing.T) {
	w := newWorld(t, 4, func(c *Config) { c.PerCaller = 200 })
	w.found()
	stranger := [5]string{isStranger, isStranger, isStranger, isStranger, isStranger}
	member := [5]string{"SS2102", isPage, "", "", ""}
	looks := [5]string{"SS2102", isPage, "", "SS6303", ""}
	expect := func(when string, table map[string][5]string) {
		t.Helper()
		for name, want := range table {
			if got := w.calls(name); got != want {
				t.Errorf("%s: %s is answered %q, want %q", when, name, got, want)
			}
		}
	}
	expect("at first", map[string][5]string{"researcher": member, "second": stranger, "checker": stranger, "board05": stranger, "board05.approver": stranger})

	t.Run("a revoked researcher is out at once, also from a stream that is open", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		began, ended := make(chan struct{}, 100), make(chan error, 1)
		go func() {
			ended <- w.client("researcher").Follow(ctx, 0, func(int64, [][]byte, []byte) error { began <- struct{}{}; return nil })
		}()
		<-began
		before := w.leaf("researcher", audit.Header{Study: "late"}, &audit.Proposal{Study: "text", Numbers: 1})
		w.change(&audit.Member{Act: audit.ActRevoke, Revoke: "researcher"}, "board01", "board02")
		expect("one institution of three that are needed is not there", map[string][5]string{"researcher": member})
		var motion crypto.Digest
		w.c.seq.View(func(st *audit.State) {
			for hash := range st.Motions {
				motion = hash
			}
		})
		w.say("board03.approver", audit.Header{}, &audit.Endorse{Motion: motion})
		expect("revoked", map[string][5]string{"researcher": stranger})
		refused(t, "the stream of a revoked researcher", <-ended, isStranger)
		_, err := w.client("researcher").Append(w.ctx(), before)
		refused(t, "a statement by a revoked researcher", err, isStranger)
		_, err = w.c.seq.Append(w.ctx(), before) // as if somebody let in carried it
		if r := new(audit.Refusal); !errors.As(err, &r) || r.Rule != audit.CodeRevoked {
			t.Errorf("a revoked signer: %v", err)
		}
	})
	t.Run("a granted researcher and auditor are in", func(t *testing.T) {
		w.people["second"], w.people["checker"] = newKeys(t, "second"), newKeys(t, "checker")
		w.change(&audit.Member{Act: audit.ActGrant, Grant: &audit.Grant{Role: "researcher", Party: w.people["second"].party()}}, "board01", "board02", "board03")
		w.change(&audit.Member{Act: audit.ActGrant, Grant: &audit.Grant{Role: "auditor", Party: w.people["checker"].party()}}, "board01", "board02", "board03")
		expect("granted", map[string][5]string{"second": member, "checker": member})
		w.propose2(t, "second", "asked")
	})
	t.Run("an admitted institution looks, enrols, and is a member", func(t *testing.T) {
		for _, name := range []string{"board05", "board05.approver", "board05.fg", "board05.approver2"} {
			w.people[name] = newKeys(t, name)
		}
		w.change(&audit.Member{Act: audit.ActAdmit, Admit: &audit.Founder{Institution: "board05", Approver: w.people["board05.approver"].party(),
			Second: w.people["board05.approver2"].party(), Officer: w.people["board05.fg"].party()}}, "board01", "board02", "board03")
		expect("admitted", map[string][5]string{"board05": looks, "board05.approver": member, "board05.approver2": member, "board05.fg": member})
		w.say("board05.approver", audit.Header{}, w.member("board05"))
		expect("enrolled", map[string][5]string{"board05": member})
	})
	t.Run("an institution stops its own node at once, and enrols a fresh key", func(t *testing.T) {
		w.change(&audit.Member{Act: audit.ActRevoke, Revoke: "board05"}, "board05")
		expect("stopped", map[string][5]string{"board05": stranger, "board05.approver": member})
		w.people["board05"] = newKeys(t, "board05")
		w.say("board05.approver", audit.Header{}, w.member("board05"))
		expect("with a fresh key", map[string][5]string{"board05": member})
	})
	t.Run("an expelled institution is out with everybody", func(t *testing.T) {
		w.change(&audit.Member{Act: audit.ActExpel, Institution: "board05"}, "board01", "board02", "board03", "board04") // five are enrolled
		expect("expelled", map[string][5]string{"board05": stranger, "board05.approver": stranger, "board05.fg": stranger, "board05.approver2": stranger})
	})
}

// propose2 has a study proposed by a researcher.
func (w *world) propose2(t *testing.T, by, study string) {
	t.Helper()
	w.say(by, audit.Header{Study: study}, &audit.Proposal{Study: "text", MinInstitutions: 2, Numbers: 1})
}

// TestEnrolmentAfterFounding: invitations made while the coordinator runs are
// good for certificates; what they open, the log says.
func TestEnrolmentAfterFounding(t *testing.T) {
	e, all := chartered(t)
	for _, b := range []string{"board1", "board2", "board3"} {
		e.enrolAs(t, all[b])
	}
	invite := func(name, role string) {
		t.Helper()
		e.secrets[name] = []byte(strings.Repeat(name+" ", 32)[:32])
		i := &Invitation{Name: name, Role: role, Secret: crypto.DigestOf(e.secrets[name]), Expires: time.Now().Add(time.Hour)}
		if err := e.invitations(t).Invite(i); err != nil { // by another process
			t.Fatal(err)
		}
	}
	checkpoint := func(j *joiner, i int, der []byte) error {
		t.Helper()
		c, err := api.Dial(e.address, ca.TLSClient(e.authority.Pool(), tls.Certificate{Certificate: [][]byte{der}, PrivateKey: j.tls[i]}, "localhost"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, err = c.Checkpoint(e.ctx())
		return err
	}
	move := func(m *audit.Member) { e.change(m, "board1", "board2") }

	invite("later", RoleResearcher)
	later := newJoiner(t, "later", "later")
	certificates, err := e.join(t, later)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, "joined, not granted", checkpoint(later, 0, certificates[0]), isStranger)
	move(&audit.Member{Act: audit.ActGrant, Grant: &audit.Grant{Role: "researcher", Party: later.keys[0].party()}})
	if err := checkpoint(later, 0, certificates[0]); err != nil {
		t.Errorf("joined and granted: %v", err)
	}

	board4 := newBoard(t, "board4")
	move(&audit.Member{Act: audit.ActAdmit, Admit: &audit.Founder{Institution: "board4", Approver: board4.keys[1].party()}})
	invite("board4", RoleInstitution)
	_, err = e.join(t, newBoard(t, "board4"))
	refused(t, "another approver than the one who was admitted", err, "SS6317")
	if certificates, err = e.join(t, board4); err != nil {
		t.Fatal(err)
	}
	if err := checkpoint(board4, 1, certificates[1]); err != nil {
		t.Errorf("the approver of an admitted institution: %v", err)
	}
	e.enrolAs(t, board4)

	// A key that was lost: ended in the log, then another one joins, and the
	// certificate of the lost one is worth nothing although its name is known.
	lost := certificates[0]
	fresh := &joiner{"board4", []keys{newKeys(t, "board4"), board4.keys[1]}, newBoard(t, "board4").tls}
	fresh.tls[1] = board4.tls[1]
	e.replace(t, "board4", []byte(strings.Repeat("x", 32)), time.Hour)
	_, err = e.join(t, fresh)
	refused(t, "another node key while the old one is in force", err, "SS6317")
	e.change(&audit.Member{Act: audit.ActRevoke, Revoke: "board4"}, "board4")
	refused(t, "the revoked node", checkpoint(board4, 0, lost), isStranger)
	if certificates, err = e.join(t, fresh); err != nil {
		t.Fatal(err)
	}
	e.enrolAs(t, fresh)
	if err := checkpoint(fresh, 0, certificates[0]); err != nil {
		t.Errorf("the fresh key: %v", err)
	}
	refused(t, "the certificate of the lost key", checkpoint(board4, 0, lost), "SS6318")

	for name, role := range map[string]string{"board1.approver2": RoleSecond, "board1.fg": RoleOfficer} {
		invite(name, role)
		j := newJoiner(t, name, name)
		if _, err := e.join(t, j); err != nil {
			t.Errorf("%s: %v", role, err)
		}
	}
	for name, role := range map[string]string{"board1.fg": RoleResearcher, "board1": RoleSecond, "board2.approver2": RoleOfficer} {
		if err := e.invitations(t).Invite(&Invitation{Name: name, Role: role}); err == nil {
			t.Errorf("%s is invited as %s", name, role)
		}
	}
	_, err = e.client(api.JoinPrefix + "../board1").Standing(e.ctx())
	refused(t, "a name that is a path", err, isStranger)
}

// enrolAs signs `member` for a board that has joined.
func (e *enrolling) enrolAs(t *testing.T, j *joiner) {
	t.Helper()
	for i, k := range j.keys {
		e.people[k.name] = k
		cert := tls.Certificate{PrivateKey: j.tls[i]}
		all, err := e.join(t, j)
		if err != nil {
			t.Fatal(err)
		}
		cert.Certificate = [][]byte{all[i]}
		c, err := api.Dial(e.address, ca.TLSClient(e.authority.Pool(), cert, "localhost"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		e.clients[k.name] = c
	}
	e.say(j.name+".approver", audit.Header{}, e.member(j.name))
}

// TestFounderPeople: second approvers and officers who are invited before the
// founding are in the charter, and the founding waits for them.
func TestFounderPeople(t *testing.T) {
	e := newEnrolling(t)
	for name, role := range map[string]string{"board1.approver2": RoleSecond, "board2.fg": RoleOfficer} {
		e.secrets[name] = []byte(strings.Repeat(name, 32)[:32])
		if err := e.cfg.Enrol.Invitations.Invite(&Invitation{Name: name, Role: role, Secret: crypto.DigestOf(e.secrets[name]), Expires: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	all := []*joiner{newBoard(t, "board1"), newBoard(t, "board2"), newBoard(t, "board3"), newJoiner(t, "asker", "asker"), newJoiner(t, "board1.approver2", "board1.approver2")}
	for _, j := range all {
		if _, err := e.join(t, j); err != nil {
			t.Fatal(err)
		}
	}
	if e.charterThere() {
		t.Fatal("the charter is there without the officer")
	}
	officer := newJoiner(t, "board2.fg", "board2.fg")
	if _, err := e.join(t, officer); err != nil {
		t.Fatal(err)
	}
	e.c.View(func(st *audit.State) {
		if st.Charter == nil {
			t.Fatal("no charter")
		}
		f := st.Charter.Body.(*audit.Charter).Founders
		if f[0].Second != all[4].keys[0].party() || !f[0].Officer.IsZero() || f[1].Officer != officer.keys[0].party() || !f[1].Second.IsZero() {
			t.Errorf("founders: %+v", f)
		}
	})
}
