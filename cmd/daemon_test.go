package cmd

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
)

func TestMetrics(t *testing.T) {
	st := audittest.New(t, 3).State
	var log bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stopped, err := serveMetrics(ctx, "127.0.0.1:0", hclog.New(&hclog.LoggerOptions{Output: &log}), func(see func(*audit.State)) { see(st) })
	if err != nil {
		t.Fatal(err)
	}
	_, address, _ := strings.Cut(strings.TrimSpace(log.String()), "address=")
	r, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Body.Close() != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"smartstart_log_entries ", "smartstart_members 3", `smartstart_studies{state="closed"} 0`, "go_goroutines"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(string(body), "board") {
		t.Error("the metrics name a party")
	}
	cancel()
	<-stopped
	if r, err := http.Get(address); err == nil {
		_ = r.Body.Close()
		t.Error("metrics go on after the stop")
	}
	none, err := serveMetrics(t.Context(), "", hclog.NewNullLogger(), nil)
	if err != nil {
		t.Fatal(err)
	}
	<-none // off unless configured
}

// TestDoctorCertificate moves the certificate in time, as the clock cannot be.
func TestDoctorCertificate(t *testing.T) {
	authority, err := ca.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	check := func(life time.Duration, edit func(*x509.Certificate)) (string, error) {
		cert, err := authority.IssueToken("board1", life)
		if err != nil {
			t.Fatal(err)
		}
		if edit != nil {
			edit(cert.Leaf)
		}
		d := &doctor{seat: &party.Seat{TLS: &tls.Config{Certificates: []tls.Certificate{cert}, RootCAs: authority.Pool()}}}
		return d.certificate()
	}
	if s, err := check(time.Hour, nil); err != nil {
		t.Errorf("a good certificate: %v %v", s, err)
	}
	for code, edit := range map[string]func(*x509.Certificate){
		"SS6611": func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) },
		"SS6612": func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) },
	} {
		if _, err := check(time.Hour, edit); codeOf(err) != code {
			t.Errorf("want %s, got %v", code, err)
		}
	}
}

func TestDoctorClock(t *testing.T) {
	st := audittest.New(t, 3).State
	d := &doctor{state: st, config: &configs.Node{}}
	if _, err := d.clock(); err != nil {
		t.Errorf("a log of the past: %v", err)
	}
	st.Charter.Time = time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	if _, err := d.clock(); codeOf(err) != "SS6631" {
		t.Errorf("a log of the future: %v", err)
	}
}

// TestDoctorClockAround: a clock that is ahead shows in no entry of today, but in
// the order of this node's own statement and the coordinator's around it.
func TestDoctorClockAround(t *testing.T) {
	noon := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	at := func(index, seen int64, signer string, after time.Duration) *audit.Statement {
		return &audit.Statement{Index: index, Header: audit.Header{Signer: signer, Seen: audit.Head{Size: seen}, Time: noon.Add(after).Format(time.RFC3339)}}
	}
	for _, c := range []struct {
		what, code string
		log        []*audit.Statement
	}{
		{"together", "", []*audit.Statement{at(1, 1, "coordinator", 0), at(2, 2, "board1", time.Second), at(3, 3, "coordinator", 2*time.Second)}},
		{"ahead", "SS6632", []*audit.Statement{at(1, 1, "coordinator", 0), at(2, 2, "board1", 11*time.Minute), at(3, 3, "coordinator", 2*time.Second)}},
		{"behind", "SS6631", []*audit.Statement{at(1, 1, "coordinator", 0), at(2, 2, "board1", -11*time.Minute), at(3, 3, "coordinator", time.Second)}},
		{"a little ahead", "", []*audit.Statement{at(1, 1, "coordinator", 0), at(2, 2, "board1", 4*time.Minute), at(3, 3, "coordinator", time.Second)}},
		{"signed long before it was placed", "", []*audit.Statement{at(2, 1, "coordinator", time.Hour), at(3, 2, "board1", 0), at(4, 4, "coordinator", 61*time.Minute)}},
		{"another node's clock", "", []*audit.Statement{at(1, 1, "board1", 0), at(2, 2, "board2", time.Hour), at(3, 3, "coordinator", time.Second)}},
		{"only the newest counts", "", []*audit.Statement{at(1, 1, "board1", time.Hour), at(2, 2, "coordinator", 0), at(3, 3, "board1", time.Second), at(4, 4, "coordinator", 2*time.Second)}},
		{"the first after it counts", "SS6632", []*audit.Statement{at(1, 1, "board1", time.Hour), at(2, 2, "coordinator", 0), at(3, 3, "coordinator", 2*time.Hour)}},
		{"nothing said yet", "", []*audit.Statement{at(1, 1, "coordinator", 0)}},
	} {
		d := &doctor{state: audittest.New(t, 3).State, config: &configs.Node{}, around: around{node: "board1", coordinator: "coordinator"}}
		for _, s := range c.log {
			d.around.see(s)
		}
		if _, err := d.clock(); codeOf(err) != c.code {
			t.Errorf("%s: %v, want %q", c.what, err, c.code)
		}
	}
}

// codeOf returns the stable code of an error.
func codeOf(err error) string {
	if c, ok := err.(coded); ok {
		return c.Code()
	}
	return ""
}
