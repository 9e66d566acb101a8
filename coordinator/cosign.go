package coordinator

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/store"
)

// cosignatures is the newest co-signature of each party: all that anybody needs
// to count how far a quorum has seen the log. Older ones stay in the store.
type cosignatures struct {
	by      map[string]placed // by name
	changed map[int64]int     // version at which a size had its last new co-signature
	version int
}

type placed struct {
	size int64
	audit.Cosignature
}

// put takes a co-signature unless the party co-signed as much before.
func (c *cosignatures) put(size int64, s audit.Cosignature) bool {
	old := c.by[s.Name]
	if size < old.size || size == old.size && s.Key == old.Key {
		return false
	}
	c.by[s.Name] = placed{size, s}
	c.version++
	c.changed[size] = c.version
	if len(c.at(old.size)) == 0 {
		delete(c.changed, old.size)
	}
	return true
}

// at returns the co-signatures of the checkpoint of a size.
func (c *cosignatures) at(size int64) (list []audit.Cosignature) {
	for _, p := range c.by {
		if p.size == size {
			list = append(list, p.Cosignature)
		}
	}
	return list
}

// since returns the sizes that changed after a version, in order.
func (c *cosignatures) since(version int) (sizes []int64) {
	for size, v := range c.changed {
		if v > version {
			sizes = append(sizes, size)
		}
	}
	slices.Sort(sizes)
	return sizes
}

// loadCosignatures reads what the store holds. A line that does not verify now,
// such as that of a key that was revoked since, is passed over.
func (q *sequencer) loadCosignatures(ctx context.Context) error {
	q.cosigned = cosignatures{by: map[string]placed{}, changed: map[int64]int{}}
	kept, err := q.store.Cosignatures(ctx)
	if err != nil {
		return err
	}
	lines := map[int64][]audit.Cosignature{}
	for _, k := range kept {
		lines[k.Size] = append(lines[k.Size], audit.Cosignature{Name: k.Signer, Line: k.Line})
	}
	for _, size := range slices.Sorted(maps.Keys(lines)) {
		plain, err := q.plainAt(size)
		if err != nil {
			return err
		}
		c, err := q.state.ReadCosigned(audit.WithCosignatures(plain, lines[size]))
		if err != nil {
			return err
		}
		for _, s := range c.By {
			q.cosigned.put(size, s)
		}
	}
	return nil
}

// Cosign keeps the co-signature of the party called name on a checkpoint, and
// answers once it is durable.
func (q *sequencer) Cosign(ctx context.Context, name string, signed []byte) error {
	var c *audit.Cosigned
	var err error
	may := false
	q.View(func(st *audit.State) {
		if may = st.MayCosign(name); may {
			c, err = st.ReadCosigned(signed)
		}
	})
	if !may {
		return errMayNotCosign()
	}
	if err != nil {
		return err
	}
	if err := q.covers(c.Size); err != nil {
		return err
	}
	plain, err := q.plainAt(c.Size)
	if err != nil {
		return err
	}
	// Co-signatures are over the checkpoint's text, and one size has one text:
	// otherwise they could not stand under each other.
	if !bytes.Equal(plain, c.Plain) {
		return audit.Refuse(audit.CodeCheckpointMalformed, "it is not the one that this coordinator gives at its size")
	}
	at := slices.IndexFunc(c.By, func(s audit.Cosignature) bool { return s.Name == name })
	switch {
	case slices.Contains(c.Bad, name):
		return audit.Refuse(audit.CodeCosignature, name)
	case at < 0:
		return errNotCosigned()
	}
	s := c.By[at]
	// What is durable is so for all: the caller may leave meanwhile.
	if err := q.store.Cosign(context.WithoutCancel(ctx), store.Cosignature{Size: c.Size, Signer: s.Name, Line: s.Line}); err != nil {
		return errBroken(err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.cosigned.put(c.Size, s) {
		close(q.grown)
		q.grown = make(chan struct{})
	}
	return nil
}

// cosignedSince returns the checkpoints whose co-signatures changed after a
// version, and the version now.
func (q *sequencer) cosignedSince(version int) (list [][]byte, now int, err error) {
	q.mu.RLock()
	now = q.cosigned.version
	sizes := q.cosigned.since(version)
	lines := make([][]audit.Cosignature, len(sizes))
	for i, size := range sizes {
		lines[i] = q.cosigned.at(size)
	}
	q.mu.RUnlock()
	for i, size := range sizes {
		plain, err := q.plainAt(size)
		if err != nil {
			return nil, version, err
		}
		list = append(list, audit.WithCosignatures(plain, lines[i]))
	}
	return list, now, nil
}

// Cosign implements the service.
func (s *server) Cosign(ctx context.Context, r *api.CosignRequest) (*api.CosignResponse, error) {
	if n := len(r.GetCheckpoint()); n == 0 || n > api.MaxCheckpoint {
		return nil, api.Errorf(api.Invalid, "SS6107", "send the coordinator's line and your own only", "a co-signed checkpoint has 1 to %d bytes, not %d", api.MaxCheckpoint, n)
	}
	budget := &s.people.get(caller(ctx)).leaves
	if !budget.has() && !s.c.cfg.off.daily {
		return nil, errTooMuchLog()
	}
	if err := s.c.seq.Cosign(ctx, caller(ctx), r.GetCheckpoint()); err != nil {
		return nil, err
	}
	budget.take(float64(len(r.GetCheckpoint())))
	return &api.CosignResponse{}, nil
}
