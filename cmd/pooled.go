package cmd

import (
	"fmt"
	"math"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/node"
)

// asPooled fits the same model on all rows in one place, without encryption
// and without a federation, and says in a few words how the results differ.
func (r *rehearsal) asPooled(done *outcome) (string, error) {
	method, err := node.OpenMethod(string(r.studyText), r.codebook)
	if err != nil {
		return "", err
	}
	codebook, err := configs.ParseCodebook(r.codebook)
	if err != nil {
		return "", err
	}
	table, err := r.data.table(codebook, method.Plan.Columns(), method.Study.Privacy.OutOfRange)
	if err != nil {
		return "", err
	}
	state, err := method.Start()
	if err != nil {
		return "", err
	}
	for {
		_, more, err := method.Shape(state)
		if err != nil {
			return "", err
		}
		if !more {
			break
		}
		sums, err := method.Plan.Local(state, table)
		if err != nil {
			return "", err
		}
		if state, err = method.Global(state, sums); err != nil {
			return "", err
		}
	}
	if crypto.DigestOf(state) == done.state {
		return "yes, bit for bit", nil
	}
	pooled, err := method.Plan.Result(state)
	if err != nil {
		return "", err
	}
	largest := 0.0
	for i, c := range pooled.Coefficients {
		largest = math.Max(largest, math.Abs(c.Estimate-done.document.Coefficients[i].Estimate))
	}
	return fmt.Sprintf("no: the coefficients differ by up to %.2g", largest), nil
}
