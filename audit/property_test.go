package audit_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// TestCheckIsApply: over random histories with random lies, Check accepts a
// leaf exactly when Apply does, Check changes nothing, a void entry changes
// nothing but the log and the findings, and folding again gives the same bits.
func TestCheckIsApply(t *testing.T) {
	void, valid := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, rapid.Uint64().Draw(rt, "seed"), 4, 2)
		w.Begin("study", 2)
		for _, op := range rapid.SliceOfN(rapid.Uint8(), 20, 60).Draw(rt, "ops") {
			if op < 140 {
				if !w.step() {
					w.Clock = w.Clock.Add(time.Duration(op+1) * 5 * time.Second)
				}
				continue
			}
			leaf := w.lie()
			if leaf == nil {
				continue
			}
			before, fold := w.State.Digest(), w.State.FoldDigest()
			_, err := w.State.Check(leaf)
			if w.State.Digest() != before {
				rt.Fatal("Check changed the state")
			}
			_, finding := w.Append(leaf)
			if (err == nil) != (finding == nil) {
				rt.Fatalf("Check says %v, Apply %v", err, finding)
			}
			if finding != nil && w.State.FoldDigest() != fold {
				rt.Fatalf("a void entry changed the state: %v", finding)
			}
			if finding == nil {
				valid++
			} else {
				void++
			}
		}
		st := audit.NewState(audittest.Origin, w.Coordinator.Party.Key)
		for _, leaf := range w.Leaves {
			st.Apply(leaf)
		}
		if st.Digest() != w.State.Digest() {
			rt.Fatal("applying the log again gives another state")
		}
	})
	if void < 100 || valid == 0 {
		t.Errorf("only %d void and %d valid lies were tried", void, valid)
	}
}

// lie makes a leaf that is not what Expect asked for: an old one again, one
// with a flipped bit, one of another signer, or one with a changed body or
// header. Some turn out to be lawful.
func (w *world) lie() []byte {
	switch w.rnd.IntN(5) {
	case 0:
		return w.Leaves[w.rnd.IntN(len(w.Leaves))]
	case 1:
		leaf := bytes.Clone(w.Leaves[w.rnd.IntN(len(w.Leaves))])
		leaf[w.rnd.IntN(len(leaf))] ^= 1 << w.rnd.IntN(8)
		return leaf
	}
	old, err := audit.Parse(w.Leaves[w.rnd.IntN(len(w.Leaves))])
	if err != nil {
		return nil
	}
	s := w.anySigner(old.Signer)
	h := w.State.Next(s.Name(), s.Boot, audit.Header{Study: old.Study, Round: old.Round, Attempt: old.Attempt})
	h.Time = w.Clock.Format(time.RFC3339)
	if w.rnd.IntN(2) == 0 {
		damage(w.rnd, reflect.ValueOf(old.Body).Elem())
	}
	if w.rnd.IntN(3) == 0 {
		damage(w.rnd, reflect.ValueOf(&h).Elem())
	}
	if at := w.current(); at != nil && w.rnd.IntN(2) == 0 { // aim at the attempt under way
		h.Study, h.Round, h.Attempt = at.Study, at.Round, at.Number
		if open := reflect.ValueOf(old.Body).Elem().FieldByName("Open"); open.IsValid() && open.Type() == reflect.TypeFor[crypto.Digest]() {
			open.Set(reflect.ValueOf(at.ID))
		}
	}
	leaf, err := audit.Sign(h, old.Body, s)
	if err != nil {
		return nil
	}
	return leaf
}

// current is the newest attempt of the study under way, nil if there is none.
func (w *world) current() *audit.Attempt {
	s := w.State.Studies["study"]
	return w.State.Attempt("study", s.Round, s.NextAttempt()-1)
}

// anySigner is mostly the named one.
func (w *world) anySigner(name string) *audittest.Signer {
	if w.rnd.IntN(4) == 0 {
		name = w.names()[0]
	}
	for institution, s := range w.Approvers {
		if institution+".approver" == name {
			return s
		}
	}
	if s := w.signer(name); s != nil {
		return s
	}
	return audittest.NewSigner(name, "")
}

// damage changes one random part of a value.
func damage(rnd *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		damage(rnd, v.Field(rnd.IntN(v.NumField())))
	case reflect.Array:
		v.Index(rnd.IntN(v.Len())).SetUint(rnd.Uint64() & 255)
	case reflect.Slice:
		switch n := v.Len(); {
		case n == 0 || rnd.IntN(4) == 0:
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		case rnd.IntN(2) == 0:
			v.Set(v.Slice(0, n-1))
		default:
			damage(rnd, v.Index(rnd.IntN(n)))
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + int64(rnd.IntN(5)) - 2)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Uint8:
		v.SetUint(rnd.Uint64() & 255)
	}
}
