package party

import (
	"context"
	"crypto/ed25519"
	"encoding/pem"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
)

// Enrol exchanges a token for one certificate (PEM) for each of keys. Doing it
// again with the same keys is harmless and gives the same certificates.
func Enrol(ctx context.Context, t *Token, keys ...*configs.Keys) ([][]byte, error) {
	config, err := t.connection()
	if err != nil {
		return nil, err
	}
	var applicants []*api.Applicant
	for _, k := range keys {
		a, err := applicant(t, k)
		if err != nil {
			return nil, err
		}
		applicants = append(applicants, a)
	}
	client, err := api.Dial(t.Address, config)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	issued, err := client.Join(ctx, t.Secret, applicants)
	if err != nil {
		return nil, err
	}
	for i, der := range issued {
		issued[i] = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	return issued, nil
}

func applicant(t *Token, k *configs.Keys) (*api.Applicant, error) {
	seat, err := NewSeat(k)
	if err != nil {
		return nil, err
	}
	connecting, err := tlsKey(k)
	if err != nil {
		return nil, err
	}
	request, err := ca.NewRequest(k.Owner, connecting)
	if err != nil {
		return nil, err
	}
	private, err := audit.PrivateKey(seat.Secret)
	if err != nil {
		return nil, err
	}
	return &api.Applicant{
		Name: k.Owner, Request: request, Key: seat.Party.Key,
		Proof: ed25519.Sign(private, api.JoinProof(t.Origin, k.Owner, request)),
	}, nil
}
