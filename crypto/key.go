package crypto

import (
	"crypto/ecdh"
	"crypto/hpke"
	"sync"
)

// probe is a fixed scalar: any clamped one shows a point of small order.
var probe = sync.OnceValues(func() (*ecdh.PrivateKey, error) {
	scalar := [32]byte{8}
	return ecdh.X25519().NewPrivateKey(scalar[:])
})

// CheckKey refuses bytes that are not a public MLKEM768X25519 key to which a
// share can be sealed: wrong length, unreduced coefficients, or one of the
// Curve25519 points of small order with which no secret can be agreed.
func CheckKey(key []byte) error {
	if len(key) != KeySize {
		return failure(codeKey, "", "a node's attempt key is %d bytes, not %d", KeySize, len(key))
	}
	if _, err := hpke.MLKEM768X25519().NewPublicKey(key); err != nil {
		return failure(codeKey, "", "a node's attempt key is malformed")
	}
	probe, err := probe()
	if err != nil {
		return failure(codeKey, "", "a node's attempt key could not be probed")
	}
	point, err := ecdh.X25519().NewPublicKey(key[KeySize-32:])
	if err != nil {
		return failure(codeKey, "", "a node's attempt key is malformed")
	}
	if _, err := probe.ECDH(point); err != nil {
		return failure(codeKey, "", "a node's attempt key has small order: no secret can be agreed with it")
	}
	return nil
}
