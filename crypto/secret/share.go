package secret

import (
	"encoding/binary"

	"github.com/smartstart-federation/smartstart/crypto"
)

const sharesFrom = crypto.SaltSize + 8*crypto.MaskWords

// putShare writes the crypto.ShareSize bytes of a share: salt, mask words
// (zero), words of 8 bytes little endian.
func putShare(dst, salt []byte, share *crypto.Poly) {
	clear(dst[:sharesFrom])
	copy(dst, salt[:crypto.SaltSize])
	for i, w := range share {
		binary.LittleEndian.PutUint64(dst[sharesFrom+8*i:], w)
	}
}

// parseShare reads what putShare wrote. It refuses any other length, mask
// words that are not zero and words that are not below Q.
func parseShare(b []byte, share *crypto.Poly) error {
	if len(b) != crypto.ShareSize {
		return failure(codeShare, "", "a share is %d bytes, not %d", crypto.ShareSize, len(b))
	}
	var masks byte
	for _, c := range b[crypto.SaltSize:sharesFrom] {
		masks |= c
	}
	if masks != 0 {
		return failure(codeShare, "", "a share holds masks, which this version does not know")
	}
	var bad uint64
	for i := range share {
		w := binary.LittleEndian.Uint64(b[sharesFrom+8*i:])
		bad |= w | (crypto.Q - 1 - w) // the top bit shows a word of 2^63 or more, or one not below Q
		share[i] = w
	}
	if bad>>63 != 0 {
		share.Wipe()
		return failure(codeShare, "", "a share holds a word that is not below the modulus")
	}
	return nil
}
