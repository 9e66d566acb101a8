package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"
)

// TestIssueRequest: the holder of the requested key, and nobody else, can use
// the certificate, under the name that the authority chose.
func TestIssueRequest(t *testing.T) {
	a := authority(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	request, err := NewRequest("somebody-else", key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := a.IssueRequest("board1", request)
	if err != nil {
		t.Fatal(err)
	}
	server, err := a.IssueServer("localhost")
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil || leaf.IsCA || len(leaf.ExtKeyUsage) != 1 || leaf.ExtKeyUsage[0] != x509.ExtKeyUsageClientAuth {
		t.Fatalf("the certificate can do more than connect as a client: %v", err)
	}
	client := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	name, serverErr, clientErr := shake(t, TLSServer(a.Pool(), server), TLSClient(a.Pool(), client, "localhost"))
	if name != "board1" || serverErr != nil || clientErr != nil {
		t.Errorf("connected as %q: %v, %v", name, serverErr, clientErr)
	}

	broken := append([]byte(nil), request...)
	broken[len(broken)-1] ^= 1
	if _, err := a.IssueRequest("board1", broken); err == nil {
		t.Error("a request that its key did not sign was granted")
	}
	if _, err := a.IssueRequest("", request); err == nil {
		t.Error("a certificate without a name was issued")
	}
}

func TestIssueToken(t *testing.T) {
	a := authority(t)
	c, err := a.IssueToken("join.board1", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(c.Leaf.NotAfter); left > time.Hour || left < 50*time.Minute {
		t.Errorf("a token for an hour is valid for %v", left)
	}
	if _, err := a.IssueToken("a\nb", time.Hour); err == nil {
		t.Error("a name with a line break was issued")
	}
}
