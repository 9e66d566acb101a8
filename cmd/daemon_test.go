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

// codeOf returns the stable code of an error.
func codeOf(err error) string {
	if c, ok := err.(coded); ok {
		return c.Code()
	}
	return ""
}
