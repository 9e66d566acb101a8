package tamper

import (
	"reflect"
	"sync"
	"unsafe"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/node"
)

// The product has no exported way to switch a check off, and must not get one.
// Each part keeps, unexported, the set of rules that its own tests switch off;
// these tests stand outside all parts and reach it by reflection. A field that
// is gone makes them panic.

// hidden returns an unexported field of what p points to.
func hidden(p any, name string) reflect.Value {
	f := reflect.ValueOf(p).Elem().FieldByName(name)
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}

func offOf(codes []string) map[audit.Code]bool {
	off := map[audit.Code]bool{}
	for _, c := range codes {
		off[audit.Code(c)] = true
	}
	return off
}

// stateWithout switches rules of a folded log off.
func stateWithout(st *audit.State, codes []string) {
	hidden(st, "off").Set(reflect.ValueOf(offOf(codes)))
}

// policyWithout is a node's policy without some of the node's own checks.
func policyWithout(p node.Policy, codes []string) node.Policy {
	off := map[string]bool{}
	for _, c := range codes {
		off[c] = true
	}
	hidden(&p, "off").Set(reflect.ValueOf(off))
	return p
}

// stateOf is the state that a node folds, to be changed before the node runs.
func stateOf(n *node.Node) *audit.State {
	party := hidden(n, "party").Interface().(*loop.Party)
	return hidden(party, "state").Interface().(*audit.State)
}

// voteAnyway lets every holder that a node keeps in memory vote whatever the
// share check said.
func voteAnyway(n *node.Node) {
	mu := hidden(n, "mu").Addr().Interface().(*sync.Mutex)
	mu.Lock()
	defer mu.Unlock()
	for _, held := range hidden(n, "seats").Seq2() {
		holder := held.Elem().FieldByName("Holder").Interface()
		hidden(holder, "lax").SetBool(true)
	}
}

// without verifies with checks switched off, those of the log included: a rule
// that is off voids no entry.
func without(codes []string) verify.Option {
	kind := reflect.TypeFor[verify.Option]()
	option := reflect.MakeFunc(kind, func(in []reflect.Value) []reflect.Value {
		v := in[0].Interface()
		hidden(v, "off").Set(reflect.ValueOf(offOf(codes)))
		var once sync.Once
		hidden(v, "watch").Set(reflect.ValueOf(func(int64, *audit.Statement, *verify.Finding) {
			once.Do(func() { stateWithout(hidden(v, "st").Interface().(*audit.State), codes) }) // after the charter
		}))
		return nil
	})
	return option.Interface().(verify.Option)
}

var _ api.FederationServer = (*crooked)(nil)
