package verify

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// shareCheck makes the public half of the share check again, of everybody whose
// numbers are in a certified sum, and judges again the evidence of every
// dispute of the attempt. Whoever is proved wrong by a dispute is noted: that is
// the federation doing its work. A dispute that shows nothing is a finding
// against its signer.
func (v *verifier) shareCheck(at *audit.Attempt) {
	checked := map[int]*projection{}
	of := func(point int) *projection {
		if checked[point] == nil {
			checked[point] = v.projection(at, point)
		}
		return checked[point]
	}
	if at.Certified() {
		for _, point := range at.Set.Body.(*audit.Set).Points {
			p := of(point)
			if p.missing {
				continue
			}
			name := at.Name(point)
			v.check(p.wrong != "", audit.CodeShareCheck, placeOf(at.Updates[name]), name, p.wrong)
		}
	}
	for _, s := range at.Evidence() {
		d := s.Body.(*audit.Dispute)
		p := of(d.Contributor)
		if p.missing {
			continue
		}
		proved, why, known := v.weigh(at, s, d, p)
		if !known {
			continue
		}
		name := at.Name(d.Contributor)
		if proved {
			v.checks['D']++
			v.note(Note{Kind: NoteProved, Study: at.Study, Round: at.Round, Attempt: at.Number, Names: []string{name}, Entry: s.Index})
			continue
		}
		v.check(true, audit.CodeEvidenceVoid, placeOf(s), s.Signer, name, why)
	}
}

// projection is what one contributor signed of its key, judged in public.
type projection struct {
	*crypto.Projection        // nil when it cannot be read
	wrong              string // what proves the contributor wrong; "" when nothing does
	missing            bool   // it cannot be judged: something is not here
}

func (v *verifier) projection(at *audit.Attempt, point int) *projection {
	name := at.Name(point)
	s := at.Updates[name]
	u := s.Body.(*audit.Update)
	b, ok := v.evidence(at, s, u.Projection, "the projection of "+name)
	if !ok {
		return &projection{missing: true}
	}
	c := crypto.Commitment{Point: point, Frames: u.Frames.Digest, Shares: u.Shares, Projection: u.Projection.Digest}
	p, err := crypto.ParseProjection(at.Crypto(v.st), c, b)
	if wrong := new(crypto.WrongError); errors.As(err, &wrong) {
		return &projection{wrong: wrong.Error()}
	}
	if err != nil { // only with the digest check switched off
		return &projection{missing: true}
	}
	r, err := v.bundle.Sized(u.Frames)
	if err != nil {
		// Family A has said so already, unless nobody voted for a sum with them.
		if !at.Certified() {
			v.gone(at, s, err, "what "+name+" encrypted")
		}
		return &projection{missing: true}
	}
	defer r.Close()
	read := v.buffers.read(r)
	defer read.stop()
	err = p.CheckCanaries(read)
	wrong := new(crypto.WrongError)
	switch {
	case errors.As(err, &wrong):
		return &projection{Projection: p, wrong: wrong.Error()}
	case err != nil: // the frames are malformed, or not those that were signed
		if !at.Certified() {
			v.check(true, audit.CodeFramesMalformed, placeOf(s), name, err.Error())
		}
		return &projection{missing: true}
	}
	return &projection{Projection: p}
}

// weigh judges the evidence of one dispute; known is false when it is not here.
func (v *verifier) weigh(at *audit.Attempt, s *audit.Statement, d *audit.Dispute, p *projection) (proved bool, why string, known bool) {
	if p.wrong != "" {
		return true, p.wrong, true // by what it signed, whatever is said of it
	}
	if d.Kind != audit.DisputeOpening {
		return false, "the projection opens its canaries", true
	}
	share, ok := v.evidence(at, s, d.Evidence, "the share that "+s.Signer+" opened")
	if !ok {
		return false, "", false
	}
	proved, why = p.CheckOpening(at.Point(s.Signer), share)
	return proved, why, true
}

// evidence reads a small blob that statement s names.
func (v *verifier) evidence(at *audit.Attempt, s *audit.Statement, ref audit.BlobRef, what string) ([]byte, bool) {
	r, err := v.bundle.Sized(ref)
	if err != nil {
		v.gone(at, s, err, what)
		return nil, false
	}
	defer r.Close()
	var b bytes.Buffer
	if _, err := io.Copy(&b, io.LimitReader(r, ref.Size+1)); err != nil {
		v.gone(at, s, err, what)
		return nil, false
	}
	return b.Bytes(), true
}

// gone says that something is not in the bundle, unless it was lawfully deleted.
func (v *verifier) gone(at *audit.Attempt, s *audit.Statement, err error, what string) {
	if missing(err) && v.lawfullyDeleted(at) {
		return
	}
	v.check(true, audit.CodeEvidenceMissing, placeOf(s), fmt.Sprintf("%s (entry %d)", what, s.Index))
}
