package coordinator

import (
	"bytes"
	"context"
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
)

// chartered is a federation in which everybody has joined.
func chartered(t *testing.T) (*enrolling, map[string]*joiner) {
	t.Helper()
	e := newEnrolling(t)
	all := map[string]*joiner{"board1": newBoard(t, "board1"), "board2": newBoard(t, "board2"), "board3": newBoard(t, "board3"), "asker": newJoiner(t, "asker", "asker")}
	for _, j := range all {
		if _, err := e.join(t, j); err != nil {
			t.Fatal(err)
		}
	}
	if !e.charterThere() {
		t.Fatal("everybody has joined and there is no charter")
	}
	return e, all
}

// TestRenewal: a new token gives the keys that joined certificates of today, and
// nothing to anybody else. The coordinator runs meanwhile.
func TestRenewal(t *testing.T) {
	e, all := chartered(t)
	first, err := e.join(t, all["board1"])
	if err != nil {
		t.Fatal(err)
	}
	e.replace(t, "board1", []byte(strings.Repeat("a", 32)), time.Hour)
	_, err = e.join(t, newBoard(t, "board1"))
	refused(t, "other keys with a token that renews", err, "SS6317")

	second, err := e.join(t, all["board1"])
	if err != nil {
		t.Fatal(err)
	}
	for i := range first {
		before, after := certificate(t, first[i]), certificate(t, second[i])
		if bytes.Equal(first[i], second[i]) || after.NotAfter.Before(before.NotAfter) || after.Subject.CommonName != before.Subject.CommonName {
			t.Errorf("certificate %d of %s was not renewed: %s, then %s", i, after.Subject.CommonName, before.NotAfter, after.NotAfter)
		}
		if !bytes.Equal(before.RawSubjectPublicKeyInfo, after.RawSubjectPublicKeyInfo) {
			t.Errorf("certificate %d is of another key", i)
		}
	}
	e.cfg.Enrol.Invitations = e.invitations(t) // a restart
	e.restart()
	again, err := e.join(t, all["board1"])
	if err != nil || !bytes.Equal(again[0], second[0]) || !bytes.Equal(again[1], second[1]) {
		t.Errorf("the same request after a restart got another answer: %v", err)
	}
	_, err = e.join(t, newBoard(t, "board1"))
	refused(t, "other keys with a token that has renewed", err, "SS6313")
	e.c.View(func(st *audit.State) {
		c := st.Charter.Body.(*audit.Charter)
		if c.Founders[0].Approver.Key != all["board1"].keys[1].public || st.Head().Size != 1 {
			t.Error("renewing touched the log")
		}
	})

	t.Run("an expired token renews nothing", func(t *testing.T) {
		e.replace(t, "board1", []byte(strings.Repeat("b", 32)), -time.Second)
		_, err := e.join(t, all["board1"])
		refused(t, "an expired token", err, "SS6314")
		e.replace(t, "board1", []byte(strings.Repeat("b", 32)), time.Hour)
	})
	t.Run("node and mandated person renew on different machines", func(t *testing.T) {
		j := all["board1"]
		for i := range j.keys {
			one := &joiner{j.name, j.keys[i : i+1], j.tls[i : i+1]}
			got, err := e.join(t, one)
			if err != nil || len(got) != 1 || bytes.Equal(got[0], second[i]) || certificate(t, got[0]).Subject.CommonName != j.keys[i].name {
				t.Errorf("%s alone: %v", j.keys[i].name, err)
			}
		}
		_, err := e.client(api.JoinPrefix+"board1").Join(e.ctx(), e.secrets["board1"], nil)
		refused(t, "nobody", err, "SS6315")
		swapped := j.applicants(t)
		slices.Reverse(swapped)
		_, err = e.client(api.JoinPrefix+"board1").Join(e.ctx(), e.secrets["board1"], swapped)
		refused(t, "another order", err, "SS6315")
	})
	t.Run("half of an institution cannot join", func(t *testing.T) {
		e := newEnrolling(t)
		j := newBoard(t, "board1")
		_, err := e.join(t, &joiner{j.name, j.keys[:1], j.tls[:1]})
		refused(t, "one key of two", err, "SS6315")
	})
}

// TestRenewalMutants switches off what TestRenewal rests on, and sees it fail.
func TestRenewalMutants(t *testing.T) {
	e, _ := chartered(t)
	e.cfg.Enrol.off.keys = true
	e.replace(t, "board1", []byte(strings.Repeat("a", 32)), time.Hour)
	if got, err := e.join(t, newBoard(t, "board1")); err != nil || len(got) != 2 {
		t.Errorf("without comparing keys a stranger with the token is still refused: %v", err)
	}
	e.cfg.Enrol.off.keys, e.cfg.Enrol.off.replaced = false, true
	old := e.secrets["board2"]
	e.replace(t, "board2", []byte(strings.Repeat("b", 32)), time.Hour)
	_, err := e.client(api.JoinPrefix+"board2").Join(e.ctx(), old, newBoard(t, "board2").applicants(t))
	refused(t, "the old token at a coordinator that does not look again", err, "SS6313") // and not SS6312
}

// TestInvitationFiles: damage is said and nothing is overwritten by it.
func TestInvitationFiles(t *testing.T) {
	for _, name := range []string{"board1.json", "board1.joined"} {
		e, all := chartered(t)
		if err := os.WriteFile(filepath.Join(e.dir, "invitations", name), []byte(`{"name":"board1","more":1}`), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenInvitations(filepath.Join(e.dir, "invitations")); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("a damaged %s: %v", name, err)
		}
		ctx, cancel := context.WithTimeout(e.ctx(), time.Second) // a client asks again for as long as the coordinator fails
		defer cancel()
		_, err := e.client(api.JoinPrefix+"board1").Join(ctx, e.secrets["board1"], all["board1"].applicants(t))
		if (err == nil) != (name == "board1.joined") { // which only a start reads
			t.Errorf("with a damaged %s a running coordinator answers %v", name, err)
		}
	}
}

func certificate(t *testing.T, der []byte) *x509.Certificate {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
