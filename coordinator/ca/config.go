package ca

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// TLSServer returns the coordinator's configuration: TLS 1.3, and a client
// certificate of this federation's authority from everybody.
func TLSServer(authority *x509.CertPool, cert tls.Certificate) *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		Certificates:           []tls.Certificate{cert},
		ClientAuth:             tls.RequireAndVerifyClientCert,
		ClientCAs:              authority,
		SessionTicketsDisabled: true, // every connection shows its certificate
	}
}

// TLSClient returns a caller's configuration: TLS 1.3, its own certificate, and
// a server certificate of this federation's authority and no other. An empty
// serverName means the host that is dialled.
func TLSClient(authority *x509.CertPool, cert tls.Certificate, serverName string) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{cert},
		RootCAs:      authority,
		ServerName:   serverName,
	}
}

// EncodePEM returns an issued certificate and its private key as files hold
// them. The second is a secret.
func EncodePEM(c tls.Certificate) (cert, key []byte, err error) {
	signer, ok := c.PrivateKey.(crypto.Signer)
	if !ok || len(c.Certificate) == 0 {
		return nil, nil, errors.New("the certificate is not one that was issued here")
	}
	if key, err = keyPEM(signer); err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]}), key, nil
}

// ParsePool reads the authority's certificate that a party pins.
func ParsePool(certPEM []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(certPEM) {
		return nil, errors.New("the certificate authority's file holds no certificate; copy ca.pem from the coordinator's operator")
	}
	return pool, nil
}

func keyPEM(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("a private key cannot be written: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
