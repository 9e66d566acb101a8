package api

import (
	"context"
	"crypto/sha256"
	"fmt"
)

// JoinPrefix stands before a party's name in the certificate of its token.
const JoinPrefix = "join."

// MaxApplicants is how many keys one party joins with.
const MaxApplicants = 2

// JoinProof is what an applicant's verifier key signs, so that nobody joins
// with a key that they do not hold, and so that the proof serves one log, one
// name and one certificate request only.
func JoinProof(origin, name string, request []byte) []byte {
	return fmt.Appendf(nil, "smartstart/join/v1\n%s\n%s\n%x\n", origin, name, sha256.Sum256(request))
}

// Join exchanges the secret of a token for one certificate (DER) an applicant.
// The same secret and keys again return the same certificates.
//
// The error is an *Error; Refused() true is final for this token or these keys.
func (c *Client) Join(ctx context.Context, secret []byte, applicants []*Applicant) ([][]byte, error) {
	var certificates [][]byte
	err := c.retry(ctx, "join", func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		r, err := NewEnrolmentClient(c.conn).Join(ctx, &JoinRequest{Secret: secret, Applicants: applicants})
		certificates = r.GetCertificates()
		return false, err
	})
	if err != nil {
		return nil, err
	}
	if len(certificates) != len(applicants) {
		return nil, Errorf(Corrupt, "SS6105", "upgrade the older side", "the coordinator issued %d certificates where %d were asked for", len(certificates), len(applicants))
	}
	return certificates, nil
}

// Standing returns the names of the invited parties that have not joined.
func (c *Client) Standing(ctx context.Context) ([]string, error) {
	var missing []string
	err := c.retry(ctx, "standing", func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		r, err := NewEnrolmentClient(c.conn).Standing(ctx, &StandingRequest{})
		missing = r.GetMissing()
		return false, err
	})
	if err != nil {
		return nil, err
	}
	return missing, nil
}
