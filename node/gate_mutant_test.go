package node

import (
	"context"
	"maps"
	"reflect"
	"sync"
	"testing/synctest"
	"unsafe"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// lifted is what a mutant does without. The zero value is the product.
type lifted struct {
	codes     []audit.Code // rules of the log, at every node and at the sequencer
	policy    []string     // rules of the node
	careless  bool         // a release asks for no certificate
	once      bool         // a holder votes as often as it is asked
	journal   bool         // nor does the disk remember a vote
	memory    bool         // a restarted node finds the attempt's secrets on its disk
	forgetful bool         // the charter allows for no node that forgets
}

func (l lifted) mutant() bool { return !reflect.ValueOf(l).IsZero() }

// lift switches the rules of the log off in a State. Package audit lets only
// its own tests do that, and a switch in the product would be a switch in the
// product; so it is set from outside, here, in a test.
func (l lifted) lift(st *audit.State) {
	if len(l.codes) == 0 {
		return
	}
	off := map[audit.Code]bool{}
	for _, c := range l.codes {
		off[c] = true
	}
	hidden(reflect.ValueOf(st).Elem(), "off").Set(reflect.ValueOf(off))
}

// node makes a node that has not run yet a mutant: its State folds what it
// keeps again, without the rules.
func (l lifted) node(r *resident) {
	if len(l.codes) == 0 {
		return
	}
	st := audit.NewState(audittest.Origin, r.cfg.CoordinatorKey)
	l.lift(st)
	if err := r.store.Entries(func(leaf []byte) error { st.Apply(leaf); return nil }); err != nil {
		r.w.t.Fatal(err)
	}
	r.Party().View(func(old *audit.State) { *old = *st })
}

// again lets a node vote as if it never had.
func (l lifted) again(r *resident, m memory) {
	if l.once {
		r.remember(m.copy(), false)
	}
	if l.journal {
		if _, err := r.store.sure.Exec(`DELETE FROM journal WHERE act = 'vote'`); err != nil {
			r.w.t.Fatal(err)
		}
	}
}

// ask is release without the certificate: as node.release, but for the votes.
func (l lifted) ask(ctx context.Context, r *resident, t audit.Task) {
	if !l.careless {
		return
	}
	s, err := r.seat(t)
	if err != nil || s.set == nil || s.holder == nil {
		return
	}
	var all []int
	for _, h := range s.attempt.Holders {
		all = append(all, h.Point)
	}
	c, err := crypto.Certify(s.attempt, s.set.Points, s.set.Root, all)
	if err != nil {
		return
	}
	s.certificate = c
	b, err := s.holder.Release(c, func(b []byte) error { return r.store.Once("release", s.attempt.ID, b) })
	if err == nil {
		_ = r.release(ctx, t) // sends what is journalled
	}
	clear(b)
}

// hidden is an unexported field, for reading and writing.
func hidden(v reflect.Value, name string) reflect.Value {
	f := v.FieldByName(name)
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}

// memory is what a machine's memory holds of a node: a snapshot of a virtual
// machine copies it, and no rule of the product can see that.
type memory struct {
	boot  crypto.Digest
	seats map[crypto.Digest]*held
}

// memory copies what the process of a node holds, when it has nothing to do.
func (r *resident) memory() memory {
	synctest.Wait()
	r.Node.mu.Lock()
	defer r.Node.mu.Unlock()
	return memory{r.Party().Boot(), r.seats}.copy()
}

func (m memory) copy() memory {
	again := memory{m.boot, map[crypto.Digest]*held{}}
	for ready, h := range m.seats {
		again.seats[ready] = &held{
			Holder: copyHolder(h.Holder), study: h.study, round: h.round, attempt: h.attempt,
			bound: h.bound, accepted: maps.Clone(h.accepted), wrong: maps.Clone(h.wrong),
			found: maps.Clone(h.found), shown: maps.Clone(h.shown),
		}
	}
	return again
}

// remember gives a start that has not run yet the memory of another one. boot
// tells whether that is its whole memory, or only what an attempt needs.
func (r *resident) remember(m memory, boot bool) *resident {
	r.Node.mu.Lock()
	for ready, h := range m.seats {
		r.seats[ready] = h
	}
	r.Node.mu.Unlock()
	if boot {
		hidden(reflect.ValueOf(r.Party()).Elem(), "boot").Set(reflect.ValueOf(m.boot))
	}
	return r
}

// copyHolder copies an attempt's secrets.
func copyHolder(h *secret.Holder) *secret.Holder {
	return reflect.NewAt(reflect.TypeFor[secret.Holder](), unsafe.Pointer(deepCopy(reflect.ValueOf(h)).Pointer())).Interface().(*secret.Holder)
}

// deepCopy copies all that can change. What stands behind an interface is a
// private key, which does not; a lock is copied open.
func deepCopy(v reflect.Value) reflect.Value {
	again := reflect.New(v.Type()).Elem()
	again.Set(v)
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			again.Set(reflect.New(v.Type().Elem()))
			again.Elem().Set(deepCopy(v.Elem()))
		}
	case reflect.Map:
		if !v.IsNil() {
			again.Set(reflect.MakeMap(v.Type()))
			for _, k := range v.MapKeys() {
				again.SetMapIndex(k, deepCopy(v.MapIndex(k)))
			}
		}
	case reflect.Slice:
		if !v.IsNil() {
			again.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				again.Index(i).Set(deepCopy(v.Index(i)))
			}
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[sync.Mutex]() {
			again.SetZero()
			break
		}
		for i := range v.NumField() {
			f := hidden(again, v.Type().Field(i).Name)
			f.Set(deepCopy(f))
		}
	}
	return again
}
