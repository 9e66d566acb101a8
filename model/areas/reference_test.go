package areas

import (
	"encoding/json"
	"os"
	"testing"
)

type limitInR struct {
	Expected, Children float64
	Limits             []float64 // 99.8% low, 95% low, 95% high, 99.8% high
}

// limitsInR reads what R says; see testdata/limits.R.
func limitsInR(t *testing.T) (list []limitInR) {
	t.Helper()
	b, err := os.ReadFile("testdata/limits.json")
	if err == nil {
		err = json.Unmarshal(b, &list)
	}
	if err != nil || len(list) == 0 {
		t.Fatalf("%d answers of R, %v", len(list), err)
	}
	return list
}
