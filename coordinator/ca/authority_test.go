package ca

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"time"
)

func authority(t *testing.T) *Authority {
	t.Helper()
	a, err := NewAuthority("rehearsal")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// shake runs one handshake over a pipe and returns both errors and the client's
// name as the server saw it.
func shake(t *testing.T, server, client *tls.Config) (name string, serverErr, clientErr error) {
	t.Helper()
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	done := make(chan error, 1)
	sc := tls.Server(a, server)
	go func() {
		err := sc.HandshakeContext(ctx)
		if err == nil {
			_, err = sc.Write([]byte("x")) // the client learns of a refused certificate only when it reads
		}
		a.Close()
		done <- err
	}()
	cc := tls.Client(b, client)
	clientErr = cc.HandshakeContext(ctx)
	if clientErr == nil {
		_, clientErr = cc.Read(make([]byte, 1))
	}
	b.Close()
	serverErr = <-done
	if peers := sc.ConnectionState().PeerCertificates; len(peers) > 0 {
		name = peers[0].Subject.CommonName
	}
	return name, serverErr, clientErr
}

func must(t *testing.T, c tls.Certificate, err error) tls.Certificate {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestHandshake(t *testing.T) {
	a, other := authority(t), authority(t)
	sc, err := a.IssueServer("federation.example.org", "127.0.0.1")
	server := TLSServer(a.Pool(), must(t, sc, err))
	cc, err := a.IssueClient("board1")
	cert := must(t, cc, err)
	oc, err := other.IssueClient("board1")
	foreign := must(t, oc, err)

	for _, host := range []string{"federation.example.org", "127.0.0.1"} {
		name, se, ce := shake(t, server, TLSClient(a.Pool(), cert, host))
		if se != nil || ce != nil || name != "board1" {
			t.Fatalf("%s: server %v, client %v, name %q", host, se, ce, name)
		}
	}
	old := TLSClient(a.Pool(), cert, "127.0.0.1")
	old.MinVersion, old.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	for what, client := range map[string]*tls.Config{
		"no certificate":           {RootCAs: a.Pool(), ServerName: "127.0.0.1", MinVersion: tls.VersionTLS13},
		"another authority's":      TLSClient(a.Pool(), foreign, "127.0.0.1"),
		"another server pinned":    TLSClient(other.Pool(), cert, "127.0.0.1"),
		"another host":             TLSClient(a.Pool(), cert, "other.example.org"),
		"TLS 1.2":                  old,
		"server's own as client's": TLSClient(a.Pool(), server.Certificates[0], "127.0.0.1"),
	} {
		if _, se, ce := shake(t, server, client); se == nil && ce == nil {
			t.Errorf("%s: the handshake succeeded", what)
		}
	}
	// A client's certificate must not serve: any node could play coordinator.
	if _, _, ce := shake(t, TLSServer(a.Pool(), cert), TLSClient(a.Pool(), cert, "board1")); ce == nil {
		t.Error("a client certificate was accepted as a server's")
	}
}

func TestIssuedCannotIssue(t *testing.T) {
	a := authority(t)
	c, err := a.IssueClient("board1")
	cert := must(t, c, err)
	rogue := &Authority{cert: cert.Leaf, key: cert.PrivateKey.(crypto.Signer), now: time.Now}
	fake, err := rogue.IssueClient("board2")
	if err != nil {
		t.Fatal(err)
	}
	fake.Certificate = append(fake.Certificate, cert.Certificate[0])
	mid := x509.NewCertPool()
	mid.AddCert(cert.Leaf)
	if _, err := fake.Leaf.Verify(x509.VerifyOptions{Roots: a.Pool(), Intermediates: mid, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err == nil {
		t.Fatal("a client certificate signed another one and was believed")
	}
}

func TestPEM(t *testing.T) {
	a := authority(t)
	key, err := a.KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	b, err := ParseAuthority(a.PEM(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := b.IssueClient("board1")
	cert := must(t, c, err)
	cp, kp, err := EncodePEM(cert)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tls.X509KeyPair(cp, kp)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := ParsePool(a.PEM())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Leaf.Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Fatal(err)
	}
	if _, err := ParseAuthority(cp, kp); err == nil {
		t.Error("a client certificate was taken for an authority")
	}
	if _, err := ParsePool([]byte("nothing")); err == nil {
		t.Error("a pool was made of nothing")
	}
}

func TestNames(t *testing.T) {
	a := authority(t)
	for _, name := range []string{"", "two\nlines", "\x00", strings.Repeat("n", 65), "bad\xff"} {
		if _, err := a.IssueClient(name); err == nil {
			t.Errorf("%q was accepted", name)
		}
	}
	if _, err := a.IssueServer(); err == nil {
		t.Error("a server without a host was accepted")
	}
}
