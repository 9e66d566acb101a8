package crypto

// Tensor is one named run of integers in the vector that is summed. Every
// institution's value lies strictly within +-2^Bits.
type Tensor struct {
	Name string `json:"name"`
	Len  int    `json:"len"`
	Bits int    `json:"bits"`
}

// Shape says how the vector of one round is laid out: the codec and the
// tensors in order.
type Shape struct {
	Codec   string   `json:"codec"`
	Tensors []Tensor `json:"tensors"`
}

const (
	maxTensors = 4096
	maxName    = 200
)

// Values returns the number of integers, over all tensors.
func (s Shape) Values() int {
	n := 0
	for _, t := range s.Tensors {
		n += t.Len
	}
	return n
}

// Check refuses a shape whose codec is unknown, whose tensors are unnamed,
// named twice, empty or wider than the codec, that needs more than MaxBlocks
// blocks, or whose slots could overflow in a sum over n institutions.
func (s Shape) Check(n int) error {
	c, ok := codecOf(s.Codec)
	if !ok {
		return failure(codeShape, "use codec stat or vec16", "the codec %.40q is not known", s.Codec)
	}
	if n < 1 || n > c.nmax {
		return failure(codeShape, "", "codec %s sums up to %d institutions, not %d", s.Codec, c.nmax, n)
	}
	if len(s.Tensors) == 0 || len(s.Tensors) > maxTensors {
		return failure(codeShape, "", "a shape has 1 to %d tensors, not %d", maxTensors, len(s.Tensors))
	}
	const most = MaxBlocks * N * 2
	names := make(map[string]bool, len(s.Tensors))
	total := 0
	for i, t := range s.Tensors {
		switch {
		case t.Name == "" || len(t.Name) > maxName:
			return failure(codeShape, "", "tensor %d needs a name of 1 to %d bytes", i, maxName)
		case names[t.Name]:
			return failure(codeShape, "", "two tensors are called %q", t.Name)
		case t.Len < 1 || t.Len > most:
			return failure(codeShape, "", "tensor %q has %d values, want 1 to %d", t.Name, t.Len, most)
		case t.Bits < 1 || t.Bits > c.bits:
			return failure(codeShape, "choose a coarser grid, or the codec stat",
				"tensor %q needs %d bits but codec %s holds 1 to %d", t.Name, t.Bits, s.Codec, c.bits)
		}
		names[t.Name] = true
		if total += t.Len; total > most {
			break
		}
	}
	if total > most || s.dataBlocks() > MaxBlocks {
		return failure(codeShape, "sum fewer numbers in a round", "a round carries at most %d blocks of numbers", MaxBlocks)
	}
	return nil
}

// coefficients returns how many coefficients the values and the slot of ones
// take together.
func (s Shape) coefficients() int {
	c, ok := codecOf(s.Codec)
	if !ok {
		return 0
	}
	return (s.Values()*c.digits + 1 + c.slots - 1) / c.slots
}

func (s Shape) dataBlocks() int { return (s.coefficients() + N - 1) / N }

// Blocks returns the number of blocks of one contributor, canaries included.
func (s Shape) Blocks() int { return CanaryBlocks + s.dataBlocks() }

// FrameSize returns the exact bytes of one contributor's frames, header
// included. The shape must have passed Check.
func (s Shape) FrameSize() int64 { return HeaderSize + int64(s.Blocks())*BlockSize }
