package verify

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/crypto"
)

// View is what one party holds of a log: a signed checkpoint and, when it is a
// bundle, the entries that it covers.
type View struct {
	Head   audit.Head // that the checkpoint names
	Origin string
	Signed []byte // the checkpoint

	reader *bundle.Reader // nil for a checkpoint alone
	hashes []tlog.Hash    // of the leaves
	tree   audit.Tree
	key    string // of the coordinator, by the charter in it
}

// Checkpoint is the view of who holds a signed checkpoint and no more.
func Checkpoint(signed []byte) (*View, error) {
	h, err := audit.ReadUnverified(signed) // its signature is verified when it is compared
	if err != nil {
		return nil, err
	}
	origin, _, _ := strings.Cut(string(signed), "\n")
	return &View{Head: h, Origin: origin, Signed: signed}, nil
}

// Holding is the view of who holds a bundle. It reads the entries and says
// whether they are those of the bundle's checkpoint; it judges nothing else.
func Holding(fsys fs.FS) (*View, error) {
	r, err := bundle.Open(fsys)
	if err != nil {
		return nil, err
	}
	signed, err := r.Checkpoint()
	if err != nil {
		return nil, err
	}
	v, err := Checkpoint(signed)
	if err != nil {
		return nil, err
	}
	v.reader = r
	err = r.Entries(v.Head.Size, func(index int64, leaf []byte) error {
		if s, err := audit.Parse(leaf); index == 0 && err == nil {
			if c, ok := s.Body.(*audit.Charter); ok {
				v.key = c.Coordinator.Key
			}
		}
		v.hashes = append(v.hashes, tlog.RecordHash(leaf))
		v.tree.Append(leaf)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if v.tree.Head() != v.Head {
		return nil, ErrOtherEntries
	}
	return v, nil
}

// ErrOtherEntries says that a bundle contradicts itself.
var ErrOtherEntries = errors.New("the entries of the bundle are not those that its own checkpoint covers")

// HasEntries reports whether the view is a bundle.
func (v *View) HasEntries() bool { return v.reader != nil }

// Key is the coordinator's key by the charter in the bundle; "" without one.
func (v *View) Key() string { return v.key }

// Leaf returns one entry of a bundle.
func (v *View) Leaf(index int64) (leaf []byte, err error) {
	if v.reader == nil || index < 0 || index >= v.Head.Size {
		return nil, fmt.Errorf("there is no entry %d", index)
	}
	found := errors.New("found")
	err = v.reader.Entries(v.Head.Size, func(i int64, b []byte) error {
		if i < index {
			return nil
		}
		leaf = bytes.Clone(b)
		return found
	})
	if errors.Is(err, found) {
		return leaf, nil
	}
	return nil, err
}

// Hash returns the leaf hash of one entry of a bundle.
func (v *View) Hash(index int64) crypto.Digest { return crypto.Digest(v.hashes[index]) }

// Find returns the entry of a bundle with this leaf hash.
func (v *View) Find(hash crypto.Digest) (index int64, ok bool) {
	i := slices.Index(v.hashes, tlog.Hash(hash))
	return int64(i), i >= 0
}

// Open returns the `open` of the attempt that a statement belongs to, which
// names its institutions; nil when the bundle has none.
func (v *View) Open(s *audit.Statement) (open *audit.Open) {
	if v.reader == nil {
		return nil
	}
	found := errors.New("found")
	_ = v.reader.Entries(v.Head.Size, func(_ int64, leaf []byte) error { // was read before
		if o, err := audit.Parse(leaf); err == nil && o.Study == s.Study && o.Round == s.Round && o.Attempt == s.Attempt {
			if b, ok := o.Body.(*audit.Open); ok {
				open = b
				return found
			}
		}
		return nil
	})
	return open
}

// Proof returns the proof that an entry of a bundle is in its log.
func (v *View) Proof(index int64) ([]crypto.Digest, error) {
	p, err := v.tree.ProveLeaf(v.Head.Size, index)
	return digests(p), err
}

func digests[H ~[32]byte](list []H) []crypto.Digest {
	out := make([]crypto.Digest, len(list))
	for i, h := range list {
		out[i] = crypto.Digest(h)
	}
	return out
}

// signers returns who signed the view's checkpoint, as far as the log in from
// tells their keys: the coordinator, and co-signers.
func (v *View) signers(from *View, key string) []string {
	name, _, _ := strings.Cut(key, "+")
	list := []string{name}
	if from == nil {
		return list
	}
	st := audit.NewState(v.Origin, key)
	enough := errors.New("enough")
	// One entry less than the checkpoint covers: what it says of the whole is
	// in doubt, who its co-signers are is not.
	err := from.reader.Entries(from.Head.Size, func(index int64, leaf []byte) error {
		if index+1 >= v.Head.Size {
			return enough
		}
		st.Apply(leaf)
		return nil
	})
	if err != nil && !errors.Is(err, enough) || st.Charter == nil {
		return list
	}
	c, err := st.ReadCosigned(v.Signed)
	if err != nil {
		return list
	}
	for _, s := range c.By {
		list = append(list, s.Name)
	}
	return list
}
