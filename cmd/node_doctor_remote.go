package cmd

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/node"
)

// certificate: 6, the node's certificate is of this federation and valid now.
func (d *doctor) certificate() (string, error) {
	if d.seat == nil {
		return "", errSkip
	}
	leaf := d.seat.TLS.Certificates[0].Leaf
	now := time.Now()
	switch {
	case now.Before(leaf.NotBefore):
		return "", &Error{"SS6611", fmt.Sprintf("the node's certificate begins on %s, and this machine's clock says it is %s", leaf.NotBefore.Format(time.DateTime), now.Format(time.DateTime)), "set the clock of this machine"}
	case now.After(leaf.NotAfter):
		return "", &Error{"SS6612", "the node's certificate ended on " + leaf.NotAfter.Format(time.DateOnly), "check the clock; if it is right, " + party.AskForToken(d.seat.Party.Name) + ", then run smartstart node enrol with it and the keys that are here"}
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: d.seat.TLS.RootCAs, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		return "", &Error{"SS6613", "the node's certificate was issued by another authority than the one in ca.pem", "restore node.crt and ca.pem from the same enrolment"}
	}
	return "valid until " + leaf.NotAfter.Format(time.DateOnly), nil
}

// coordinator: 7, it answers, and it is the federation's.
func (d *doctor) coordinator() (sentence string, err error) {
	if d.seat == nil {
		return "", errSkip
	}
	if d.client, err = d.seat.Dial(); err != nil {
		return "", err
	}
	signed, err := d.client.Checkpoint(d.ctx)
	if err != nil {
		return "", d.diagnose(err)
	}
	head, err := audit.ReadCheckpoint(signed, d.seat.Origin, d.seat.CoordinatorKey)
	if err != nil {
		return "", err
	}
	st := audit.NewState(d.seat.Origin, d.seat.CoordinatorKey)
	coordinator, _, _ := strings.Cut(d.seat.CoordinatorKey, "+")
	d.around = around{node: d.seat.Party.Name, coordinator: coordinator}
	enough := errors.New("the log is here up to the checkpoint")
	if head.Size > 0 {
		err = d.client.Follow(d.ctx, 0, func(_ int64, leaves [][]byte, _ []byte) error {
			for _, leaf := range leaves {
				if st.Head().Size < head.Size {
					if x, finding := st.Apply(leaf); finding == nil {
						d.around.see(x)
					}
				}
			}
			if st.Head().Size >= head.Size {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) {
			return "", err
		}
	}
	if st.Head() != head {
		return "", &Error{"SS2900", "the entries that the coordinator shows do not hash to its signed checkpoint", "keep this folder as evidence and tell the other institutions"}
	}
	d.state = st
	return fmt.Sprintf("%s answers; its log has %d entries", d.seat.Address, head.Size), nil
}

// diagnose says why the coordinator does not answer, by a connection of its
// own. The call's own error is what it falls back on.
func (d *doctor) diagnose(err error) error {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	raw, dialErr := dialer.Dial("tcp", d.seat.Address)
	if dialErr != nil {
		var dns *net.DNSError
		if errors.As(dialErr, &dns) {
			return &Error{"SS6621", "the name of the coordinator in " + d.seat.Address + " is not known here", "check [coordinator] address and this machine's name server"}
		}
		return &Error{"SS6622", "nothing answers at " + d.seat.Address + ": " + cause(dialErr), "check that the coordinator runs, the address, and the firewall; if a proxy is needed, set HTTPS_PROXY"}
	}
	defer raw.Close()
	config := d.seat.TLS.Clone()
	config.ServerName, _, _ = net.SplitHostPort(d.seat.Address)
	config.NextProtos = []string{"h2"}
	_ = raw.SetDeadline(time.Now().Add(5 * time.Second)) // a socket without deadlines only waits longer
	shakeErr := tls.Client(raw, config).Handshake()
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(shakeErr, &authority):
		return &Error{codeServerAuthority, "the server at " + d.seat.Address + " shows a certificate of another authority", "check the address; if it is right, ask the coordinator's operator whether the authority was replaced"}
	case errors.As(shakeErr, &host):
		return &Error{"SS6614", "the server's certificate is not for the name in " + d.seat.Address, "use the address of the join token, or ask the operator to add this name to [serve] hosts"}
	case errors.As(shakeErr, &invalid):
		return &Error{"SS6615", "the server's certificate is not valid at the time that this machine's clock says", "set the clock of this machine; if it is right, the coordinator must be started again"}
	}
	return err
}

// membership: 9, the charter is there, its codebook is this one, and the
// enrolled key is the one here; 10, the records may be used in it.
func (d *doctor) membership() (string, error) {
	if d.state == nil {
		return "", errSkip
	}
	if d.state.Charter == nil {
		return "", &Error{codeNoCharterYet, "the charter is not written yet", "wait until everybody invited has joined, then run node enrol"}
	}
	c := d.state.Charter.Body.(*audit.Charter)
	name := d.config.About.Name
	member := d.state.Members[name]
	if member == nil {
		return "", &Error{"SS8003", name + " has not accepted the charter", "the approver runs smartstart node enrol"}
	}
	if member.Body.(*audit.Member).Node.Key != d.seat.Party.Key {
		return "", &Error{string(audit.CodeEnrolled), "the log names another key for the node of " + name + " than the one here", "restore node.key from its backup"}
	}
	if d.book != nil && d.digest != c.Codebook {
		return "", &Error{codeCodebook, "the codebook here is another file than the charter's", "ask the coordinator's operator for the federation's codebook.toml"}
	}
	if c.Rehearsal && d.config.Data.Openness == configs.OpenConfidential {
		return "", &Error{node.CodeRehearsal, "the federation is a rehearsal and the records are confidential", "rehearse with public or synthetic data"}
	}
	return name + " is a member with the key that is here", nil
}
