package audit

import "github.com/smartstart-federation/smartstart/crypto"

// SwitchOff switches rules off, to prove that a test fails without them.
func (st *State) SwitchOff(codes ...Code) {
	st.off = map[Code]bool{}
	for _, c := range codes {
		st.off[c] = true
	}
}

// FoldDigest is the digest of the state without the log and the findings.
func (st *State) FoldDigest() crypto.Digest { return st.digest(false) }

// Lookup returns the table's sentence and remedy of a code.
func Lookup(c Code) (sentence, remedy string) { r := lookup(c); return r.sentence, r.remedy }

// RawText signs any header and body without the checks of Sign.
var EncodeText = encodeText
