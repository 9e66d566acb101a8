package crypto

import "testing"

func TestCertify(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 7) // t = 5, minimum 4
	set, root := Set{1, 2, 3, 4}, DigestOf([]byte("root"))
	c, err := Certify(a, set, root, []int{7, 1, 3, 2, 5})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(a, set, root); err != nil {
		t.Error(err)
	}
	if c.Check(a, Set{-1, 0, 65}, root) == nil {
		t.Error("a certificate passes for points that do not exist")
	}
	other := a
	other.Thresholds.T = 6
	if c.Check(other, set, root) == nil || c.Check(a, Set{1, 2, 3, 5}, root) == nil || c.Check(a, set, DigestOf(nil)) == nil {
		t.Error("a certificate passes for something else")
	}
	if (Certificate{}).Check(a, set, root) == nil {
		t.Error("no certificate passes")
	}
	for name, voters := range map[string][]int{
		"too few": {1, 2, 3, 4}, "twice": {1, 2, 3, 4, 4}, "stranger": {1, 2, 3, 4, 8}, "nobody": nil,
	} {
		if _, err := Certify(a, set, root, voters); err == nil {
			t.Errorf("%s: certified", name)
		}
	}
	if _, err := Certify(a, set[:3], root, []int{1, 2, 3, 4, 5}); err == nil {
		t.Error("too small a set is certified")
	}
	if _, err := Certify(a, set, Digest{}, []int{1, 2, 3, 4, 5}); err == nil {
		t.Error("no root is certified")
	}
}
