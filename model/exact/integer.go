package exact

import (
	"errors"
	"math/big"
)

// Integer is an opened sum as a state holds it: a decimal string in JSON, whose
// numbers lose digits in many readers. V is nil where a state lacks it.
type Integer struct{ V *big.Int }

// MarshalText writes the shortest decimal.
func (i Integer) MarshalText() ([]byte, error) { return i.V.Append(nil, 10), nil }

// UnmarshalText fails for what is no decimal integer, or longer than 60 digits.
func (i *Integer) UnmarshalText(b []byte) error {
	v, ok := new(big.Int).SetString(string(b), 10)
	if !ok || len(b) > 60 {
		return errors.New("a sum is not a decimal integer")
	}
	i.V = v
	return nil
}

// Integers takes opened sums into a state.
func Integers(values []*big.Int) []Integer {
	out := make([]Integer, len(values))
	for i, v := range values {
		out[i] = Integer{v}
	}
	return out
}

// Count reads an opened count; -1 for what is none.
func Count(v *big.Int) int64 {
	if !v.IsInt64() || v.Sign() < 0 {
		return -1
	}
	return v.Int64()
}
