package crypto

import (
	"strings"
	"testing"
)

func TestShapeRefuses(t *testing.T) {
	tensors := func(ts ...Tensor) Shape { return Shape{Codec: CodecVec16, Tensors: ts} }
	for name, s := range map[string]Shape{
		"unknown codec":   {Codec: "float", Tensors: []Tensor{{"x", 1, 1}}},
		"no tensors":      tensors(),
		"too many":        tensors(make([]Tensor, maxTensors+1)...),
		"no name":         tensors(Tensor{"", 1, 1}),
		"long name":       tensors(Tensor{strings.Repeat("x", maxName+1), 1, 1}),
		"one name twice":  tensors(Tensor{"x", 1, 1}, Tensor{"x", 1, 1}),
		"no values":       tensors(Tensor{"x", 0, 1}),
		"negative length": tensors(Tensor{"x", -1, 1}),
		"no bits":         tensors(Tensor{"x", 1, 0}),
		"16 bits":         tensors(Tensor{"x", 1, 16}),
		"119 bits":        oneTensor(CodecStat, 1, 119),
		"too long":        tensors(Tensor{"x", 2 * N * MaxBlocks, 1}),
		"too long in two": tensors(Tensor{"x", N * MaxBlocks, 1}, Tensor{"y", N * MaxBlocks, 1}),
		"length wraps":    tensors(Tensor{"x", 1<<63 - 1, 1}, Tensor{"y", 1<<63 - 1, 1}),
		"stat too long":   oneTensor(CodecStat, N*MaxBlocks/3+1, 10),
	} {
		if err := s.Check(3); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for _, n := range []int{0, -1, 201} {
		if oneTensor(CodecVec16, 1, 15).Check(n) == nil {
			t.Errorf("%d institutions are taken", n)
		}
	}
}

func TestFrameSize(t *testing.T) {
	for _, c := range []struct {
		shape  Shape
		blocks int
	}{
		{oneTensor(CodecVec16, 1, 15), 3},
		{oneTensor(CodecVec16, 2*N-1, 15), 3}, // the slot of ones is the last
		{oneTensor(CodecVec16, 2*N, 15), 4},
		{oneTensor(CodecVec16, 2*N*MaxBlocks-1, 15), 2 + MaxBlocks},
		{oneTensor(CodecStat, 1, 1), 3},
		{oneTensor(CodecStat, 1365, 1), 3}, // 3*1365 digits and the slot of ones
		{oneTensor(CodecStat, 1366, 1), 4},
		{oneTensor(CodecVec16, 1_000_000, 15), 125},
	} {
		if err := c.shape.Check(3); err != nil {
			t.Fatal(err)
		}
		if got, want := c.shape.FrameSize(), int64(56+30720*c.blocks); got != want {
			t.Errorf("%d values take %d bytes, want %d", c.shape.Values(), got, want)
		}
	}
}
