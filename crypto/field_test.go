package crypto

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestConstants(t *testing.T) {
	q := new(big.Int).SetUint64(Q)
	if !q.ProbablyPrime(40) || Q%(2*N) != 1 || Q != 1<<60-1<<14+1 {
		t.Fatal("Q is not the prime it must be")
	}
	if CanaryBlocks != 2 || CanaryTolerance != 33554432 || NoiseBits != 12 || NoiseWarning != 1024 || MaxInstitutions != 64 {
		t.Error("a constant is not that of set otk1: it needs another name")
	}
	if BlockSize != 30720 || HeaderSize != 56 || ShareSize != 33848 || BoxSize != 34984 || ReleaseSize != 30784 || KeySize != 1216 {
		t.Error("a size is not that of set otk1: it needs another name")
	}
	word := new(big.Int).Lsh(big.NewInt(1), 64)
	if got := new(big.Int).ModInverse(q, word); got.Uint64() != qInverse {
		t.Errorf("qInverse is %d, want %d", qInverse, got)
	}
	square := new(big.Int).Mul(word, word)
	if got := square.Mod(square, q); got.Uint64() != montSquare {
		t.Errorf("montSquare is %d, want %d", montSquare, got)
	}
}

func TestFieldAgainstBig(t *testing.T) {
	q := new(big.Int).SetUint64(Q)
	word := rapid.OneOf(rapid.Uint64Range(0, Q-1), rapid.SampledFrom([]uint64{0, 1, 2, Q - 1, Q - 2, Q / 2, Q/2 + 1}))
	rapid.Check(t, func(t *rapid.T) {
		x, y := word.Draw(t, "x"), word.Draw(t, "y")
		bx, by := new(big.Int).SetUint64(x), new(big.Int).SetUint64(y)
		want := func(v *big.Int) uint64 { return v.Mod(v, q).Uint64() }
		if got := mulMod(x, y); got != want(new(big.Int).Mul(bx, by)) {
			t.Fatalf("%d*%d gave %d", x, y, got)
		}
		if got := addMod(x, y); got != want(new(big.Int).Add(bx, by)) {
			t.Fatalf("%d+%d gave %d", x, y, got)
		}
		if got := subMod(x, y); got != want(new(big.Int).Sub(bx, by)) {
			t.Fatalf("%d-%d gave %d", x, y, got)
		}
		if x != 0 && mulMod(x, invMod(x)) != 1 {
			t.Fatalf("the inverse of %d is wrong", x)
		}
		c := centred(x)
		if 2*magnitude(c) > int64(Q-1) || want(big.NewInt(c)) != x {
			t.Fatalf("%d centres to %d", x, c)
		}
	})
}
