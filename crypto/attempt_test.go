package crypto

import (
	"encoding/json"
	"testing"
)

func TestAttemptRefuses(t *testing.T) {
	good := testAttempt(t, oneTensor(CodecVec16, 10, 15), 7)
	for name, spoil := range map[string]func(a *Attempt){
		"no id":              func(a *Attempt) { a.ID = Digest{} },
		"bad shape":          func(a *Attempt) { a.Shape.Codec = "x" },
		"two certificates":   func(a *Attempt) { a.Thresholds.T = 4 },
		"t above n":          func(a *Attempt) { a.Thresholds.T = 8 },
		"no minimum":         func(a *Attempt) { a.Thresholds.MinInstitutions = 3 },
		"minimum above n":    func(a *Attempt) { a.Thresholds.MinInstitutions = 8 },
		"negative c":         func(a *Attempt) { a.Thresholds.C = -1 },
		"n above the limit":  func(a *Attempt) { a.Thresholds.N = 65 },
		"fewer than t ready": func(a *Attempt) { a.Holders = a.Holders[:4] },
		"point 0":            func(a *Attempt) { a.Holders[0].Point = 0 },
		"point beyond n":     func(a *Attempt) { a.Holders[6].Point = 8 },
		"one point twice":    func(a *Attempt) { a.Holders[1].Point = 1 },
		"out of order":       func(a *Attempt) { a.Holders[0], a.Holders[1] = a.Holders[1], a.Holders[0] },
		"one key twice":      func(a *Attempt) { a.Holders[3].Key = a.Holders[2].Key },
		"short key":          func(a *Attempt) { a.Holders[3].Key = a.Holders[3].Key[1:] },
		"no key":             func(a *Attempt) { a.Holders[3].Key = nil },
	} {
		a := good
		a.Holders = append([]Holder(nil), good.Holders...)
		spoil(&a)
		if a.Check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
	gap := good
	gap.Holders = append(append([]Holder(nil), good.Holders[:2]...), good.Holders[3:]...)
	if err := gap.Check(); err != nil {
		t.Errorf("one absent institution: %v", err)
	}
}

func TestFingerprintCoversEverything(t *testing.T) {
	good := testAttempt(t, oneTensor(CodecVec16, 10, 15), 7)
	seen := map[Digest]string{good.fingerprint(): "nothing"}
	for name, change := range map[string]func(a *Attempt){
		"id":      func(a *Attempt) { a.ID[31] ^= 1 },
		"codec":   func(a *Attempt) { a.Shape.Codec = CodecStat },
		"name":    func(a *Attempt) { a.Shape.Tensors = []Tensor{{"y", 10, 15}} },
		"length":  func(a *Attempt) { a.Shape.Tensors = []Tensor{{"x", 11, 15}} },
		"bits":    func(a *Attempt) { a.Shape.Tensors = []Tensor{{"x", 10, 14}} },
		"n":       func(a *Attempt) { a.Thresholds.N++ },
		"c":       func(a *Attempt) { a.Thresholds.C++ },
		"t":       func(a *Attempt) { a.Thresholds.T++ },
		"minimum": func(a *Attempt) { a.Thresholds.MinInstitutions++ },
		"holders": func(a *Attempt) { a.Holders = a.Holders[:6] },
		"point":   func(a *Attempt) { a.Holders[0].Point = 9 },
		"key":     func(a *Attempt) { a.Holders[0].Key = a.Holders[1].Key },
	} {
		a := good
		a.Holders = append([]Holder(nil), good.Holders...)
		change(&a)
		f := a.fingerprint()
		if before, ok := seen[f]; ok {
			t.Errorf("changing %s is not seen (like %s)", name, before)
		}
		seen[f] = name
	}
}

func TestDigestText(t *testing.T) {
	d := DigestOf([]byte("x"))
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back Digest
	if err := json.Unmarshal(b, &back); err != nil || back != d {
		t.Fatalf("%s comes back as %v: %v", b, back, err)
	}
	upper := "AB" + d.String()[2:]
	for _, bad := range []string{upper, d.String()[1:], d.String() + "0", "zz" + d.String()[2:]} {
		if back.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestSetCheck(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 7)
	a.Holders = append(append([]Holder(nil), a.Holders[:2]...), a.Holders[3:]...)
	if err := (Set{1, 2, 4, 7}).Check(a); err != nil {
		t.Error(err)
	}
	for _, s := range []Set{nil, {1, 2, 4}, {1, 2, 3, 4}, {1, 1, 2, 4}, {2, 1, 4, 5}, {0, 1, 2, 4}, {1, 2, 4, 8}, {-1, 1, 2, 4}} {
		if s.Check(a) == nil {
			t.Errorf("%v is taken", s)
		}
	}
}

// TestCheckKeyRefusesSmallOrder: a key whose Curve25519 half has small order
// would let nobody seal a share, so it must be refused at `ready`.
func TestCheckKeyRefusesSmallOrder(t *testing.T) {
	good := testKeys()[0]
	if err := CheckKey(good); err != nil {
		t.Fatal(err)
	}
	for _, point := range [][]byte{make([]byte, 32), append([]byte{1}, make([]byte, 31)...)} {
		key := append(append([]byte(nil), good[:KeySize-32]...), point...)
		if CheckKey(key) == nil {
			t.Errorf("a key with point %x is taken", point)
		}
	}
	unreduced := append([]byte(nil), good...)
	unreduced[0], unreduced[1] = 0xff, 0xff
	if CheckKey(unreduced) == nil {
		t.Error("a key with an unreduced coefficient is taken")
	}
	for _, n := range []int{0, 1, KeySize - 1} {
		if CheckKey(good[:n]) == nil {
			t.Errorf("%d bytes of a key are taken", n)
		}
	}
	if CheckKey(append(append([]byte(nil), good...), 0)) == nil {
		t.Error("a key that is too long is taken")
	}
}
