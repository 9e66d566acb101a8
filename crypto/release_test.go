package crypto

import "testing"

func TestReleaseRefuses(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 7)
	a.Holders = append(append([]Holder(nil), a.Holders[:5]...), a.Holders[6]) // 6 is absent
	p := randomPoly(testRand(1))
	good := EncodeRelease(a, 3, Set{1, 2, 3, 4}, &p)
	r, err := ParseRelease(a, good)
	if err != nil || r.Point() != 3 || *r.sum != p {
		t.Fatalf("%v", err)
	}
	for n := range len(good) {
		if _, err := ParseRelease(a, good[:n]); err == nil {
			t.Fatalf("%d bytes are taken", n)
		}
	}
	if _, err := ParseRelease(a, append(append([]byte(nil), good...), 0)); err == nil {
		t.Error("a byte too many is taken")
	}
	for i := range HeaderSize {
		b := append([]byte(nil), good...)
		b[i] ^= 0x80
		if _, err := ParseRelease(a, b); err == nil {
			t.Errorf("a change of byte %d is taken", i)
		}
	}
	for _, point := range []int{0, 6, 8, 1 << 31} {
		if _, err := ParseRelease(a, EncodeRelease(a, point, Set{1, 2, 3, 4}, &p)); err == nil {
			t.Errorf("a release of point %d is taken", point)
		}
	}
	for _, set := range []Set{nil, {1, 2, 3, 6}, {1, 2, 3, 64}} {
		if _, err := ParseRelease(a, EncodeRelease(a, 3, set, &p)); err == nil {
			t.Errorf("a release for %v is taken", set)
		}
	}
	p[N-1] = Q
	if _, err := ParseRelease(a, EncodeRelease(a, 3, Set{1, 2, 3, 4}, &p)); err == nil {
		t.Error("a word that is not below the modulus is taken")
	}
}
