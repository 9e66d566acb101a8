package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
)

// motion is a motion as people see it: its id is the beginning of its leaf
// hash, which is what an endorsement names. More of the hash names it too.
type motion struct {
	ID       string   `json:"id"`
	Hash     string   `json:"hash"`
	Kind     string   `json:"kind"` // amend | admit | expel | grant | revoke | publish
	Study    string   `json:"study,omitempty"`
	What     []string `json:"what"` // in plain words
	By       string   `json:"by"`
	Entry    int64    `json:"entry"`
	Endorsed []string `json:"endorsed"`
	Needed   int      `json:"needed"`
	Voters   []string `json:"voters"`
	Over     bool     `json:"over"`     // it cannot take effect any more: other rules were moved before
	InForce  *int64   `json:"in_force"` // the entry with which it took effect; null before

	Document json.RawMessage `json:"document,omitempty"` // what a publication makes public
}

// motionDigits is how much of a leaf hash a person types.
const motionDigits = configs.ChangeDigits

func motionID(hash crypto.Digest) string { return hash.String()[:motionDigits] }

// looksLikeMotion tells what may be the id of a motion from what can only be the
// name of a study.
func looksLikeMotion(s string) bool { return motionShape.MatchString(s) }

var motionShape = regexp.MustCompile(fmt.Sprintf("^[0-9a-f]{%d,%d}$", motionDigits, 2*len(crypto.Digest{})))

// resolve returns the motion that a person names by its id, or more of its leaf
// hash; nil when they name a study. Every command that takes either asks here:
// what was shown is what is signed. Whoever names a study or signs a motion can
// make one id mean two things, so that is refused; a whole hash is one motion's.
func resolve(st *audit.State, name string) (*audit.Motion, error) {
	if !looksLikeMotion(name) {
		return nil, nil
	}
	var found []*audit.Motion
	for hash, m := range st.Motions {
		switch full := hash.String(); {
		case full == name:
			return m, nil
		case strings.HasPrefix(full, name):
			found = append(found, m)
		}
	}
	study := st.Studies[name] != nil
	switch {
	case study && len(found) == 0:
		return nil, nil
	case len(found) == 0:
		return nil, &Error{string(audit.CodeNoMotion), "nothing in the log has the id " + name, "see smartstart node requests"}
	case len(found) == 1 && !study:
		return found[0], nil
	}
	slices.SortFunc(found, func(a, b *audit.Motion) int { return int(a.Statement.Index - b.Statement.Index) })
	var are []string
	for _, m := range found {
		x := seeMotion(st, m)
		are = append(are, fmt.Sprintf("%s (%s, by %s in entry %d)", x.Hash, x.Kind, x.By, x.Entry))
	}
	what := fmt.Sprintf("%s means %d changes", name, len(found))
	if study {
		what = name + " means a study and a change"
	}
	return nil, usage(what, "give the whole hash of the change: "+strings.Join(are, ", or ")+"; a study that is called so is proposed again under another name")
}

// seeMotion puts a motion in plain words.
func seeMotion(st *audit.State, m *audit.Motion) motion {
	need, voters := st.Need(m)
	s := m.Statement
	x := motion{
		ID: motionID(s.Hash), Hash: s.Hash.String(), Study: s.Study, By: s.Signer, Entry: s.Index, Needed: need,
		Endorsed: append([]string{}, st.Endorsers(m)...), Voters: append([]string{}, voters...),
	}
	if m.InForce != nil {
		x.InForce = &m.InForce.Index
	}
	switch b := s.Body.(type) {
	case *audit.Charter:
		x.Kind, x.What = "amend", amended(st, s, b, m.InForce != nil)
		x.Over = m.InForce == nil && b.Amends != st.Charter.Hash
	case *audit.Member:
		x.Kind, x.What = b.Act, changed(st, b, m.InForce != nil)
	case *audit.Publish:
		x.Kind = "publish"
		x.What = []string{fmt.Sprintf("makes the results of %s public, rounded to what their standard errors support", s.Study),
			fmt.Sprintf("the document has %d bytes and the SHA-256 digest %s", b.Document.Size, b.Document.Digest)}
	}
	for i, text := range x.What { // others wrote names and the like: no line of theirs looks like one of ours
		x.What[i] = oneLine(text)
	}
	return x
}

// amended says what an amendment changes; of one that is in force, what it says.
func amended(st *audit.State, s *audit.Statement, b *audit.Charter, inForce bool) (what []string) {
	old := st.Charter.Body.(*audit.Charter)
	for _, rule := range []struct {
		name          string
		before, after any
	}{
		{"name", old.Name, b.Name},
		{"institutions that every opened sum has at least", old.MinInstitutions, b.MinInstitutions},
		{"nodes that may forget a vote or a release", old.Forgetful, b.Forgetful},
		{"two institutions may compute", yes(old.AllowPair), yes(b.AllowPair)},
		{"the most numbers that one study may open", capped(old.Numbers), capped(b.Numbers)},
		{"codebook (SHA-256)", old.Codebook.String(), b.Codebook.String()},
		{"a rehearsal, with public or synthetic data only", yes(old.Rehearsal), yes(b.Rehearsal)},
		{"assessment of the data protection (DPIA; SHA-256)", digestOrNone(old.DPIA), digestOrNone(b.DPIA)},
		{"outside review of the cryptography (SHA-256)", digestOrNone(old.Review), digestOrNone(b.Review)},
		{"how long uploads are kept", old.Retention, b.Retention},
	} {
		switch {
		case inForce && s == st.Charter:
			what = append(what, fmt.Sprintf("%s: %v", rule.name, rule.after))
		case rule.before != rule.after:
			what = append(what, fmt.Sprintf("%s: %v instead of %v", rule.name, rule.after, rule.before))
		}
	}
	return append(what, "studies that were proposed before keep the rules that they were proposed under")
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// digestOrNone writes a digest, or that there is none.
func digestOrNone(d crypto.Digest) string {
	if d.IsZero() {
		return "none"
	}
	return d.String()
}

func capped(n int64) string {
	if n == 0 {
		return "no cap"
	}
	return fmt.Sprint(n)
}

// changed says what a change of membership does.
func changed(st *audit.State, b *audit.Member, inForce bool) []string {
	switch b.Act {
	case audit.ActAdmit:
		f := b.Admit
		verb := "takes %s into the federation"
		if _, known := st.Institution(f.Institution); known && !inForce {
			verb = "gives the people of %s these keys in place of those they have"
		}
		what := []string{fmt.Sprintf(verb, f.Institution), "approver: " + f.Approver.Key}
		if !f.Second.IsZero() {
			what = append(what, "second approver, without whom nothing is approved: "+f.Second.Key)
		}
		if !f.Officer.IsZero() {
			what = append(what, "data protection officer, who advises: "+f.Officer.Key)
		}
		return append(what, "compare each key with its owner before you agree, not by the way it came to you")
	case audit.ActExpel:
		return []string{b.Institution + " leaves the federation, with its node and all its people",
			"it counts as withdrawn from every study that is not closed; totals that were opened stay opened"}
	case audit.ActGrant:
		until := "until it is revoked"
		if b.Grant.Expires != "" {
			until = "until " + b.Grant.Expires
		}
		return []string{fmt.Sprintf("lets %s act as %s, %s", b.Grant.Party.Name, b.Grant.Role, until), "key: " + b.Grant.Party.Key,
			"compare the key with its owner before you agree, not by the way it came to you"}
	case audit.ActRevoke:
		return []string{"ends the key of " + b.Revoke + ": it signs nothing more and is let in no more"}
	}
	return []string{b.Act}
}

// standing says how far a motion is.
func (x *motion) standing() string {
	switch {
	case x.InForce != nil:
		return fmt.Sprintf("in force since entry %d", *x.InForce)
	case x.Over:
		return "over: other rules came into force before"
	}
	return fmt.Sprintf("%d of %d needed", len(x.Endorsed), x.Needed)
}

func (x *motion) print(o *output) {
	o.print("%s  %s, by %s in entry %d", x.ID, x.Kind, x.By, x.Entry)
	for _, line := range x.What {
		o.print("  %s", line)
	}
	agreed := "nobody"
	if len(x.Endorsed) > 0 {
		agreed = strings.Join(x.Endorsed, ", ")
	}
	o.print("  agreed: %s (%s)", agreed, x.standing())
	if x.Document == nil {
		return
	}
	var document bytes.Buffer
	if err := json.Indent(&document, x.Document, "  ", "  "); err == nil {
		o.print("  what becomes public, as this machine computed it from the totals:\n  %s", bytes.TrimSpace(document.Bytes()))
	}
}

// motions lists those that can still take effect, newest first.
func motions(st *audit.State) []motion {
	list := []motion{}
	for _, m := range st.Motions {
		if x := seeMotion(st, m); x.InForce == nil && !x.Over {
			list = append(list, x)
		}
	}
	slices.SortFunc(list, func(a, b motion) int { return int(b.Entry - a.Entry) })
	return list
}

// moved signs a motion and says how far it is.
func moved(ctx context.Context, o *output, s *party.Session, body audit.Body, next string) error {
	signed, err := s.Say(ctx, audit.Header{}, body, nil)
	if err != nil {
		return err
	}
	return showMotion(o, s, signed.Hash, nil, next)
}

// showMotion prints a motion after somebody has signed; next is what the others
// do. document is what a publication makes public, where it is to be read.
func showMotion(o *output, s *party.Session, hash crypto.Digest, document []byte, next string) error {
	var x motion
	s.View(func(st *audit.State) { x = seeMotion(st, st.Motions[hash]) })
	x.Document = document
	if o.json {
		return o.document(x)
	}
	x.print(o)
	if x.InForce == nil && next != "" {
		o.print("next: %s", fmt.Sprintf(next, x.ID))
	}
	return nil
}

const nextEndorse = "the other institutions run smartstart node show %[1]s, and then smartstart node approve %[1]s"
