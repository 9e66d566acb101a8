package secret

import (
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"

	"github.com/smartstart-federation/smartstart/crypto"
)

// boxInfo binds a box to the attempt, to contributor and holder, and to the
// digest of the share in it. The digest also separates the keys of two boxes
// that a cloned machine might seal with the same randomness.
func boxInfo(a crypto.Attempt, contributor, holder int, share crypto.Digest) []byte {
	h := sha256.New()
	h.Write([]byte("smartstart/otk1/box"))
	h.Write(a.ID[:])
	var b [8]byte
	binary.LittleEndian.PutUint32(b[:4], uint32(contributor))
	binary.LittleEndian.PutUint32(b[4:], uint32(holder))
	h.Write(b[:])
	h.Write(share[:])
	return h.Sum(nil)
}

// sealShares seals to each holder its share of the key's polynomial and of the
// masks.
func sealShares(a crypto.Attempt, point int, s *seed, f *polynomial, m *masking) (*Sealed, error) {
	salts, err := s.stream("salt", crypto.SaltSize)
	if err != nil {
		return nil, err
	}
	defer salts.Wipe()
	share := new(crypto.Share)
	defer share.Wipe()
	plain := make([]byte, crypto.ShareSize)
	defer clear(plain)
	out := &Sealed{Boxes: make([]byte, 0, len(a.Holders)*crypto.BoxSize)}
	for _, h := range a.Holders {
		f.at(h.Point, &share.Words)
		m.at(h.Point, &share.Masks)
		crypto.EncodeShare(plain, salts.Region(h.Point), share)
		digest := crypto.DigestOf(plain)
		box, err := seal(h.Key, boxInfo(a, point, h.Point, digest), plain)
		if err != nil {
			return nil, err
		}
		out.Boxes = append(out.Boxes, box...)
		out.BoxDigests = append(out.BoxDigests, crypto.DigestOf(box))
		out.Shares = append(out.Shares, digest)
	}
	return out, nil
}

func seal(key, info, plain []byte) ([]byte, error) {
	pk, err := hpke.MLKEM768X25519().NewPublicKey(key)
	if err != nil {
		return nil, failure(codeEncrypt, "", "a holder's key is malformed")
	}
	box, err := hpke.Seal(pk, hpke.HKDFSHA256(), hpke.AES256GCM(), info, plain)
	if err != nil || len(box) != crypto.BoxSize {
		return nil, failure(codeEncrypt, "", "a share could not be sealed to a holder's key")
	}
	return box, nil
}

// open returns the plaintext of a box of crypto.BoxSize bytes.
func open(key hpke.PrivateKey, info, box []byte) ([]byte, error) {
	if len(box) != crypto.BoxSize {
		return nil, failure(codeTransfer, "fetch the box again", "a box is %d bytes, not %d", crypto.BoxSize, len(box))
	}
	plain, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.AES256GCM(), info, box)
	if err != nil {
		return nil, failure(codeShare, "", "a box does not open with this node's attempt key for this contributor and share")
	}
	return plain, nil
}
