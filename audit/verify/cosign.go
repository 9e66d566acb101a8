package verify

import (
	"fmt"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
)

// Cosigned is who co-signed the checkpoint of a bundle: each of them had seen
// this log, and one that it extends, before.
type Cosigned struct {
	Institutions []string `json:"institutions"`
	Auditors     []string `json:"auditors"`
	Needed       int      `json:"needed"` // institutions: any two such groups share an honest one
}

// Quorum reports whether enough institutions co-signed.
func (c Cosigned) Quorum() bool { return c.Needed > 0 && len(c.Institutions) >= c.Needed }

// String says it in a line.
func (c Cosigned) String() string {
	s := fmt.Sprintf("co-signed by %d institutions, %d are needed", len(c.Institutions), c.Needed)
	if len(c.Institutions) > 0 {
		s += ": " + strings.Join(c.Institutions, ", ")
	}
	if len(c.Auditors) > 0 {
		s += "; and by " + strings.Join(c.Auditors, ", ")
	}
	return s
}

// RequireCosigned makes it a finding when fewer institutions than a quorum
// co-signed the checkpoint. Without it the report says so among what is not
// shown: the entries at the end of a log that goes on are co-signed by nobody.
func RequireCosigned() Option { return func(v *verifier) { v.requireCosigned = true } }

// cosignatures checks the lines of co-signers under the bundle's checkpoint, and
// holds them against the checkpoints that the caller holds.
func (v *verifier) cosignatures() {
	v.cosigned = Cosigned{Institutions: []string{}, Auditors: []string{}}
	if v.st.Charter == nil {
		return
	}
	v.cosigned.Needed = v.st.Quorum()
	c, err := v.st.ReadCosigned(v.checkpoint)
	if err != nil {
		return // a finding of its own
	}
	for _, name := range c.Bad {
		v.check(true, audit.CodeCosignature, place{index: -1, party: name}, name)
	}
	for _, s := range c.By {
		v.checks['L']++
		if s.Institution == "" {
			v.cosigned.Auditors = append(v.cosigned.Auditors, s.Name)
		}
	}
	v.cosigned.Institutions = append(v.cosigned.Institutions, c.Institutions()...)
	if v.requireCosigned {
		v.check(!v.cosigned.Quorum(), audit.CodeFewCosigned, whole(), len(v.cosigned.Institutions), v.cosigned.Needed)
	}
	for _, signed := range v.held {
		names, err := v.st.Contradiction(c, signed)
		if err != nil {
			continue // a finding of freshness
		}
		h := unverifiedHead(signed)
		for _, name := range names {
			v.check(true, audit.CodeCosigner, place{index: -1, party: name}, name, h.Size)
		}
	}
}
