package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"
	"unicode"
)

// Lifetimes of what is issued. Certificates begin a little in the past because
// clocks of schools' machines differ.
const (
	AuthorityLife   = 10 * 365 * 24 * time.Hour
	CertificateLife = 397 * 24 * time.Hour
	clockSlack      = time.Hour
	maxName         = 64 // bytes of a common name, X.520
)

// Authority issues certificates for one federation.
type Authority struct {
	cert *x509.Certificate
	key  crypto.Signer
	now  func() time.Time
}

// NewAuthority makes an authority with a fresh ECDSA P-256 key.
func NewAuthority(federation string) (*Authority, error) {
	if err := checkName(federation); err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	a := &Authority{key: key, now: time.Now}
	template, err := a.template(federation+" certificate authority", AuthorityLife)
	if err != nil {
		return nil, err
	}
	template.IsCA, template.BasicConstraintsValid, template.MaxPathLenZero = true, true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	return a, nil
}

// ParseAuthority reads what PEM and KeyPEM wrote.
func ParseAuthority(certPEM, keyPEM []byte) (*Authority, error) {
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, fmt.Errorf("the certificate authority cannot be read: %w", err)
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok || !pair.Leaf.IsCA {
		return nil, errors.New("this certificate is not a certificate authority; give the one that `coordinator init` made")
	}
	return &Authority{cert: pair.Leaf, key: key, now: time.Now}, nil
}

// PEM returns the authority's certificate: what every party pins.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// KeyPEM returns the authority's private key. It is a secret.
func (a *Authority) KeyPEM() ([]byte, error) { return keyPEM(a.key) }

// Pool returns the pool that holds only this authority.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// IssueServer issues the coordinator's certificate for host names and IP
// addresses; the first is also its common name.
func (a *Authority) IssueServer(hosts ...string) (tls.Certificate, error) {
	if len(hosts) == 0 {
		return tls.Certificate{}, errors.New("a server certificate needs a host name or address; give the one that nodes will dial")
	}
	return a.issue(hosts[0], x509.ExtKeyUsageServerAuth, func(t *x509.Certificate) {
		for _, h := range hosts {
			if ip := net.ParseIP(h); ip != nil {
				t.IPAddresses = append(t.IPAddresses, ip)
			} else {
				t.DNSNames = append(t.DNSNames, h)
			}
		}
	})
}

// IssueClient issues the certificate of the party with this name in the log.
func (a *Authority) IssueClient(name string) (tls.Certificate, error) {
	return a.issue(name, x509.ExtKeyUsageClientAuth, func(*x509.Certificate) {})
}

func (a *Authority) issue(name string, use x509.ExtKeyUsage, edit func(*x509.Certificate)) (tls.Certificate, error) {
	if err := checkName(name); err != nil {
		return tls.Certificate{}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template, err := a.template(name, CertificateLife)
	if err != nil {
		return tls.Certificate{}, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{use}
	template.BasicConstraintsValid = true
	edit(template)
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

func (a *Authority) template(name string, life time.Duration) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	now := a.now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.Add(-clockSlack),
		NotAfter:     now.Add(life),
	}, nil
}

// checkName keeps names to what can be printed on one line: they end in logs
// and on screens.
func checkName(name string) error {
	if name == "" || len(name) > maxName {
		return fmt.Errorf("a name in a certificate has 1 to %d bytes", maxName)
	}
	for _, r := range name {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return errors.New("a name in a certificate holds printable characters only")
		}
	}
	return nil
}
