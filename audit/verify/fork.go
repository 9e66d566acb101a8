package verify

import (
	"bytes"
	"io"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
)

// shownForks judges again what every dispute about the coordinator shows. Two
// logs that it signed are a finding against it, also when this one is whole;
// evidence that shows nothing is one against its signer.
func (v *verifier) shownForks() {
	for _, s := range v.st.Forks {
		var content bytes.Buffer
		ref := s.Body.(*audit.Dispute).Evidence
		r, err := v.bundle.Sized(ref)
		if err == nil {
			_, err = io.Copy(&content, io.LimitReader(r, ref.Size+1))
			r.Close()
		}
		if err != nil {
			v.check(true, audit.CodeEvidenceMissing, placeOf(s), "what "+s.Signer+" shows of a fork")
			continue
		}
		fork, err := audit.ReadFork(v.origin, v.key, content.Bytes())
		if err != nil {
			v.check(true, audit.CodeEvidenceVoid, placeOf(s), s.Signer, v.coordinator(), err.Error())
			continue
		}
		v.check(true, audit.CodeFork, place{index: s.Index, party: v.coordinator()}, fork.Size)
	}
}

// coordinator is the name in the coordinator's key.
func (v *verifier) coordinator() string {
	name, _, _ := strings.Cut(v.key, "+")
	return name
}
