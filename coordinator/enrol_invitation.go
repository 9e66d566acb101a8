package coordinator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// The roles that a party is invited in.
const (
	RoleInstitution = "institution" // its node and its first approver
	RoleSecond      = "second"      // an institution's second approver
	RoleOfficer     = "officer"     // its data protection officer
	RoleResearcher  = "researcher"
	RoleAuditor     = "auditor"
)

// How the keys of an institution's mandated people are called in the log: its
// name and one of these.
const (
	SuffixApprover = ".approver"
	SuffixSecond   = ".approver2"
	SuffixOfficer  = ".fg"
)

// RoleOf returns the role that a name tells by itself, and the institution that
// it belongs to; "" when the name does not tell.
func RoleOf(name string) (role, institution string) {
	if of, ok := strings.CutSuffix(name, SuffixSecond); ok {
		return RoleSecond, of
	}
	if of, ok := strings.CutSuffix(name, SuffixOfficer); ok {
		return RoleOfficer, of
	}
	return "", ""
}

// Invitation is one party that may join, and how it did. Two programs write
// about it while the coordinator runs, so there are two files, each with one
// writer: NAME.json, which says what the newest token is, is the operator's, and
// NAME.joined is the running coordinator's.
type Invitation struct {
	Name    string        `json:"name"`
	Role    string        `json:"role"`
	Secret  crypto.Digest `json:"secret_digest"` // of the token's secret, which is not kept
	Expires time.Time     `json:"expires"`
	Joined  []Joined      `json:"-"` // one a key; empty until a token was used
}

// Joined is one key that a party joined with. A newer token renews its
// certificate and never changes the key.
type Joined struct {
	Name        string        `json:"name"`
	Key         string        `json:"key"`         // verifier key
	TLS         crypto.Digest `json:"tls"`         // of its TLS public key
	Certificate []byte        `json:"certificate"` // DER
	Token       crypto.Digest `json:"token"`       // secret digest of the token that the certificate was issued for
}

// same reports whether two requests came with the same keys.
func (j Joined) same(k Joined) bool { return j.Name == k.Name && j.Key == k.Key && j.TLS == k.TLS }

// names lists what an invited party's keys are called in the log.
func (i *Invitation) names() []string {
	if i.Role == RoleInstitution {
		return []string{i.Name, i.Name + SuffixApprover}
	}
	return []string{i.Name}
}

// Invitations are a folder with one file an invited party.
type Invitations struct {
	dir string

	mu   sync.Mutex
	list map[string]*Invitation
	tls  map[string]crypto.Digest // of the newest key that each name joined with
}

// OpenInvitations reads the folder dir, or makes it.
func OpenInvitations(dir string) (*Invitations, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of invitations: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	v := &Invitations{dir: dir, list: map[string]*Invitation{}, tls: map[string]crypto.Digest{}}
	for _, path := range files {
		i, err := v.read(strings.TrimSuffix(filepath.Base(path), ".json"))
		if err != nil {
			return nil, err
		}
		v.remember(i)
	}
	return v, nil
}

// read reads an invitation and how it was answered from the disk.
func (v *Invitations) read(name string) (*Invitation, error) {
	b, err := os.ReadFile(v.file(name))
	if err != nil {
		return nil, fmt.Errorf("reading an invitation: %w", err)
	}
	i := new(Invitation)
	if err := strictly(b, i); err != nil || i.Name != name {
		return nil, errDamaged(v.file(name))
	}
	joined := v.joinedFile(name)
	b, err = os.ReadFile(joined)
	if err == nil && strictly(b, &i.Joined) != nil {
		return nil, errDamaged(joined)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading how %s joined: %w", name, err)
	}
	return i, nil
}

// remember holds an invitation in memory.
func (v *Invitations) remember(i *Invitation) {
	v.list[i.Name] = i
	for _, j := range i.Joined {
		v.tls[j.Name] = j.TLS
	}
}

func (v *Invitations) file(name string) string       { return filepath.Join(v.dir, name+".json") }
func (v *Invitations) joinedFile(name string) string { return filepath.Join(v.dir, name+".joined") }

// strictly refuses keys that it does not know: they would be lost.
func strictly(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func errDamaged(path string) error {
	return fmt.Errorf("the invitation %s cannot be read; restore it from a backup", path)
}

// Invite adds a party. An invitation of the same name must not be there.
func (v *Invitations) Invite(i *Invitation) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !audit.ValidName(i.Name) || !slices.Contains([]string{RoleInstitution, RoleSecond, RoleOfficer, RoleResearcher, RoleAuditor}, i.Role) {
		return errors.New("an invitation needs a name of letters, digits, - _ . and one of the roles institution, second, officer, researcher, auditor")
	}
	role, institution := RoleOf(i.Name)
	if (role != "" || i.Role == RoleSecond || i.Role == RoleOfficer) && role != i.Role {
		return fmt.Errorf("%s cannot be invited as %s: second approvers are named INSTITUTION%s, data protection officers INSTITUTION%s, and nobody else is", i.Name, i.Role, SuffixSecond, SuffixOfficer)
	}
	if of := v.list[institution]; role != "" && (of == nil || of.Role != RoleInstitution) {
		return fmt.Errorf("%s cannot be invited: %q is no institution that is invited, and a charter has the mandated people of institutions only; invite the institution first", i.Name, institution)
	}
	if v.list[i.Name] != nil {
		return fmt.Errorf("%s is invited already: %w", i.Name, fs.ErrExist)
	}
	return v.keep(i)
}

// Replace gives an invited party a new token; the one before is worth nothing
// from then on, also to a coordinator that runs. If the party has joined, the new
// token renews the certificates of the keys that it joined with.
func (v *Invitations) Replace(name string, secret crypto.Digest, expires time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.list[name] == nil {
		return fmt.Errorf("%s is not invited: %w", name, fs.ErrNotExist)
	}
	i := *v.list[name]
	i.Secret, i.Expires = secret, expires
	return v.keep(&i)
}

// fresh is Get after the operator may have invited the party or replaced its
// token: the operator's command is another process.
func (v *Invitations) fresh(name string) (*Invitation, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.list[name] == nil {
		if !audit.ValidName(name) {
			return nil, nil // it becomes a file name
		}
		i, err := v.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err == nil {
			v.remember(i)
		}
		return i, err
	}
	b, err := os.ReadFile(v.file(name))
	if err != nil {
		return nil, fmt.Errorf("reading an invitation: %w", err)
	}
	i := &Invitation{Joined: v.list[name].Joined}
	if err := strictly(b, i); err != nil || i.Name != name {
		return nil, errDamaged(v.file(name))
	}
	v.list[name] = i
	return i, nil
}

// Get returns one invitation, nil if there is none.
func (v *Invitations) Get(name string) *Invitation {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.list[name]
}

// All returns every invitation in the order of the names.
func (v *Invitations) All() []*Invitation {
	v.mu.Lock()
	defer v.mu.Unlock()
	list := make([]*Invitation, 0, len(v.list))
	for _, i := range v.list {
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b *Invitation) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Missing lists who has not joined.
func (v *Invitations) Missing() []string {
	names := []string{}
	for _, i := range v.All() {
		if len(i.Joined) == 0 {
			names = append(names, i.Name)
		}
	}
	return names
}

// tlsKey returns the digest of the TLS key that a name joined with last; false
// when it has not joined here.
func (e *Enrolment) tlsKey(name string) (key crypto.Digest, joined bool) {
	if e == nil {
		return key, false
	}
	e.Invitations.mu.Lock()
	defer e.Invitations.mu.Unlock()
	key, joined = e.Invitations.tls[name]
	return key, joined
}

// invited reports whether there is an invitation of this name.
func (e *Enrolment) invited(name string) bool {
	if e == nil {
		return false
	}
	if e.Invitations.Get(name) != nil {
		return true
	}
	i, err := e.Invitations.fresh(name)
	return i != nil || err != nil // Join says what is wrong with its file
}

// expects reports whether the name is one that an invited party joins with.
func (e *Enrolment) expects(name string) bool {
	return e != nil && slices.ContainsFunc(e.Invitations.All(), func(i *Invitation) bool { return slices.Contains(i.names(), name) })
}

// join keeps durably the keys that a party joined with: a token that was
// answered stays used.
func (v *Invitations) join(name string, keys []Joined) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := write(v.joinedFile(name), keys); err != nil {
		return fmt.Errorf("keeping how %s joined: %w", name, err)
	}
	i := *v.list[name]
	i.Joined = keys
	v.remember(&i)
	return nil
}

// inUse reports whether a party joined with the public key of vkey.
func (v *Invitations) inUse(vkey string) bool {
	return slices.ContainsFunc(v.All(), func(i *Invitation) bool {
		return slices.ContainsFunc(i.Joined, func(j Joined) bool { return sameKey(j.Key, vkey) })
	})
}

// keep writes an invitation durably.
func (v *Invitations) keep(i *Invitation) error {
	if err := write(v.file(i.Name), i); err != nil {
		return fmt.Errorf("keeping the invitation of %s: %w", i.Name, err)
	}
	v.list[i.Name] = i
	return nil
}

func write(path string, content any) error {
	b, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return err
	}
	return writeDurably(path, append(b, '\n'))
}

// writeDurably replaces a file: all of it, or nothing.
func writeDurably(path string, content []byte) (err error) {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func keyName(vkey string) string {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return ""
	}
	return v.Name()
}

func sameKey(a, b string) bool {
	x, err := audit.PublicKey(a)
	y, err2 := audit.PublicKey(b)
	return err == nil && err2 == nil && x.Equal(y)
}
