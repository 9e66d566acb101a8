package model

import (
	"testing"

	"github.com/smartstart-federation/smartstart/model/exact"
)

func TestBoundedNamesTensor(t *testing.T) {
	var a exact.Sum
	for range 16 {
		a.Add(1, 20)
	}
	tensors := []Tensor{{"first", 1, 24}}
	_, err := bounded(tensors, []exact.Sum{a})
	e, ok := err.(*Error)
	if !ok || e.Code() != CodeTensor {
		t.Fatalf("got %v, want %s", err, CodeTensor)
	}
	if want := `a sum in the tensor "first" needs more than its 24 bits`; e.Error() != want {
		t.Errorf("got %q", e.Error())
	}
	tensors[0].Bits = 25
	if _, err := bounded(tensors, []exact.Sum{a}); err != nil {
		t.Errorf("2^24 fits in 25 bits: %v", err)
	}
}
