package loop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand"
	"slices"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// dice returns the randomness of one thing that happens in one order only, so
// that goroutines which wake at the same moment draw the same in every run of a
// seed. The caller holds mu.
func (s *sim) dice(of string) *rand.Rand {
	r := s.rolled[of]
	if r == nil {
		h := fnv.New64a()
		fmt.Fprintf(h, "%d %s", s.seed, of)
		r = rand.New(rand.NewSource(int64(h.Sum64())))
		s.rolled[of] = r
	}
	return r
}

// upTo draws a duration shorter than limit.
func upTo(r *rand.Rand, limit time.Duration) time.Duration {
	return time.Duration(r.Int63n(int64(limit)))
}

// chance reports true once in n, and never once the hostility has ended.
func (s *sim) chance(of string, n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.calm && s.dice(of).Intn(n) == 0
}

func (s *sim) delay(of string) {
	s.mu.Lock()
	r := s.dice(of)
	d := upTo(r, 200*time.Millisecond)
	if !s.calm && s.slow && r.Intn(40) == 0 {
		d = upTo(r, 400*time.Second)
	}
	s.mu.Unlock()
	time.Sleep(d)
}

var errLost = errors.New("the connection broke")

// post delivers a statement, or loses it, or its answer.
func (s *sim) post(of string, leaf []byte) (int64, error) {
	s.delay(of)
	if s.chance(of, 12) {
		return 0, errLost
	}
	index, err := s.sequence(leaf)
	s.again(of)
	s.delay(of)
	if s.chance(of, 12) {
		return 0, errLost // taken or not: the sender cannot know
	}
	if err == nil {
		s.mu.Lock()
		s.acked[index] = crypto.DigestOf(leaf)
		s.mu.Unlock()
	}
	return index, err
}

// again delivers a message of before a second time.
func (s *sim) again(of string) {
	if !s.chance(of, 20) {
		return
	}
	s.mu.Lock()
	leaf := s.leaves[s.dice(of).Intn(len(s.leaves))]
	size := len(s.leaves)
	s.mu.Unlock()
	if i, err := s.sequence(bytes.Clone(leaf)); err != nil || i >= int64(size) {
		s.t.Errorf("a doubled message became entry %d, %v", i, err)
	}
}

// line is one party's connection, which the network may cut.
type line struct {
	*sim
	name string
}

// cut reports whether this party is parted from the rest now; now and then it
// begins to be, for up to a quarter of an hour.
func (l line) isCut(of string) bool {
	begins := l.chance(of, 300)
	l.mu.Lock()
	defer l.mu.Unlock()
	if begins {
		l.sim.cut[l.name] = time.Now().Add(upTo(l.dice(of), 15*time.Minute))
	}
	return !l.calm && time.Now().Before(l.sim.cut[l.name])
}

// Append implements Log.
func (l line) Append(ctx context.Context, leaf []byte) (int64, error) {
	of := l.name + " append"
	if l.isCut(of) {
		return 0, errLost
	}
	index, err := l.post(of, leaf)
	if l.isCut(of) {
		return 0, errLost
	}
	return index, err
}

// Follow implements Log.
func (l line) Follow(ctx context.Context, from int64, page func(int64, [][]byte, []byte) error) error {
	of := l.name + " follow"
	return l.stream(ctx, of, from, func(from int64, leaves [][]byte, checkpoint []byte) error {
		if l.isCut(of) {
			return errLost
		}
		return page(from, leaves, checkpoint)
	})
}

// Checkpoint is the newest one.
func (l line) Checkpoint(context.Context) ([]byte, error) {
	of := l.name + " checkpoint"
	l.delay(of)
	if l.isCut(of) || l.chance(of, 12) {
		return nil, errLost
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return audit.MakeCheckpoint(simOrigin, l.state.Head(), l.signers["coordinator"])
}

// Cosign implements Cosigning.
func (l line) Cosign(_ context.Context, signed []byte) error {
	of := l.name + " cosign"
	l.delay(of)
	if l.isCut(of) || l.chance(of, 12) {
		return errLost
	}
	l.mu.Lock()
	err := l.take(signed)
	l.mu.Unlock()
	l.delay(of)
	if l.isCut(of) || l.chance(of, 12) {
		return errLost
	}
	return err
}

// Cosigned implements Cosigning.
func (l line) Cosigned(f func([]byte)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hears[l.name+" follow"] = f
}

// take merges a co-signature. The caller holds mu.
func (s *sim) take(signed []byte) error {
	c, err := s.state.ReadCosigned(signed)
	if err != nil || len(c.By) != 1 || len(c.Bad) > 0 {
		s.t.Errorf("a party handed in a co-signature that is none: %v", err)
		return refusedError{errors.New("no co-signature")}
	}
	if !slices.ContainsFunc(s.cosigned[c.Size], func(x audit.Cosignature) bool { return x.Name == c.By[0].Name }) {
		s.cosigned[c.Size] = append(s.cosigned[c.Size], c.By[0])
		s.changes = append(s.changes, c.Size)
		close(s.grown)
		s.grown = make(chan struct{})
	}
	return nil
}

// news returns the checkpoints whose co-signatures came after the first told
// ones. The caller holds mu.
func (s *sim) news(told int) (list [][]byte) {
	sizes := slices.Sorted(slices.Values(s.changes[told:]))
	for _, size := range slices.Compact(sizes) {
		root, _ := s.state.RootAt(size)
		plain, _ := audit.MakeCheckpoint(simOrigin, audit.Head{Size: size, Root: root}, s.signers["coordinator"])
		list = append(list, audit.WithCosignatures(plain, s.cosigned[size]))
	}
	return list
}

type refusedError struct{ error }

func (refusedError) Refused() bool { return true }

func (e refusedError) Unwrap() error { return e.error }

func (s *sim) sequence(leaf []byte) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := crypto.DigestOf(leaf)
	if i, ok := s.index[d]; ok {
		return i, nil
	}
	m, err := s.state.Check(leaf)
	if err != nil {
		return 0, refusedError{err}
	}
	s.trace = append(s.trace, fmt.Sprintf("%v %s %s/%d/%d", time.Since(s.began), m.Signer, m.Type, m.Round, m.Attempt))
	s.state.Apply(leaf)
	i := int64(len(s.leaves))
	s.leaves = append(s.leaves, leaf)
	s.index[d] = i
	close(s.grown)
	s.grown = make(chan struct{})
	return i, nil
}

// stream sends pages as the log grows, until it breaks.
func (s *sim) stream(ctx context.Context, of string, from int64, page func(int64, [][]byte, []byte) error) error {
	told := 0
	for {
		s.delay(of)
		s.mu.Lock()
		news, hear := s.news(told), s.hears[of]
		told = len(s.changes)
		size := int64(len(s.leaves))
		grown := s.grown
		to := min(size, from+1+int64(s.dice(of).Intn(8)))
		var leaves [][]byte
		var checkpoint []byte
		if to > from {
			leaves = slices.Clone(s.leaves[from:to])
			root, _ := s.state.RootAt(to)
			checkpoint, _ = audit.MakeCheckpoint(simOrigin, audit.Head{Size: to, Root: root}, s.signers["coordinator"])
		}
		s.mu.Unlock()
		if s.chance(of, 30) {
			return errLost
		}
		for _, signed := range news {
			if hear != nil {
				hear(signed)
			}
		}
		if to > from {
			if err := page(from, leaves, checkpoint); err != nil {
				return err
			}
			from = to
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-grown:
		}
	}
}
