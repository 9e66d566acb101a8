package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"time"
)

// IssueToken issues a client certificate with a key of its own that ends after
// life: what a join token carries.
func (a *Authority) IssueToken(name string, life time.Duration) (tls.Certificate, error) {
	if err := checkName(name); err != nil {
		return tls.Certificate{}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	der, err := a.client(name, life, &key.PublicKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// IssueRequest issues the client certificate of the party called name to the
// holder of the key in a PKCS #10 request (DER). Nothing else of the request
// counts. The key must be ECDSA P-256, and have signed the request.
func (a *Authority) IssueRequest(name string, request []byte) (der []byte, err error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	key, err := RequestKey(request)
	if err != nil {
		return nil, err
	}
	return a.client(name, CertificateLife, key)
}

// RequestKey returns the key that a PKCS #10 request is for.
func RequestKey(request []byte) (*ecdsa.PublicKey, error) {
	r, err := x509.ParseCertificateRequest(request)
	if err != nil {
		return nil, errors.New("the certificate request cannot be read")
	}
	if err := r.CheckSignature(); err != nil {
		return nil, errors.New("the certificate request is not signed by its own key")
	}
	key, ok := r.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("the certificate request is for another kind of key than ECDSA P-256")
	}
	return key, nil
}

// NewRequest returns the PKCS #10 request (DER) for a key.
func NewRequest(name string, key *ecdsa.PrivateKey) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, key)
	if err != nil {
		return nil, fmt.Errorf("a certificate request cannot be made: %w", err)
	}
	return der, nil
}

// client issues a client certificate for key.
func (a *Authority) client(name string, life time.Duration, key *ecdsa.PublicKey) ([]byte, error) {
	template, err := a.template(name, life)
	if err != nil {
		return nil, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	template.BasicConstraintsValid = true
	return x509.CreateCertificate(rand.Reader, template, a.cert, key, a.key)
}
