package cmd

import (
	"context"
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
)

// asPooledBits fits the same model without encryption and without a federation,
// and says whether it ends in the same bits: on the institutions' rows side by
// side and, unless the method treats institutions as such, on all rows in one
// place.
func (r *rehearsal) asPooledBits(done *outcome) (same bool, err error) {
	method, err := node.OpenMethod(string(r.studyText), r.codebook)
	if err != nil {
		return false, err
	}
	tables, err := r.prepared(context.Background(), method)
	if err != nil {
		return false, err
	}
	places := [][]*model.Table{tables}
	if !ofInstitutions(method.Study) {
		whole, err := r.data.table(method.Codebook, method.Plan.Columns(), method.Study.Privacy.OutOfRange)
		if err != nil {
			return false, err
		}
		if whole != nil { // a folder is never put together
			if whole, _, err = method.Plan.Prepare(whole); err != nil {
				return false, err
			}
			places = append(places, []*model.Table{whole})
		}
	}
	for _, tables := range places {
		state, err := inTheClear(method, tables)
		if err != nil || crypto.DigestOf(state) != done.state {
			return false, err
		}
	}
	return true, nil
}

// ofInstitutions says whether the result depends on which rows are whose.
func ofInstitutions(s *configs.Study) bool {
	return s.Model.Intercepts == configs.InterceptInstitution || s.Evaluate.LeaveOut != configs.LeaveOutNone
}

// inTheClear sums a study over tables without encryption, to its last state.
func inTheClear(method *node.Method, tables []*model.Table) ([]byte, error) {
	state, err := method.Start()
	if err != nil {
		return nil, err
	}
	for {
		shape, more, err := method.Shape(state)
		if err != nil || !more {
			return state, err
		}
		sums := make([]*big.Int, shape.Values())
		for i := range sums {
			sums[i] = new(big.Int)
		}
		for _, t := range tables {
			values, err := method.Plan.Local(state, t)
			if err != nil {
				return nil, err
			}
			for i, v := range values {
				sums[i].Add(sums[i], v)
			}
		}
		if state, err = method.Global(state, sums); err != nil {
			return nil, err
		}
	}
}
