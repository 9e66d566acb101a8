package cmd

import (
	"context"
	"math"
	"math/big"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
)

// asPooledBits fits the same study without encryption and without a federation,
// and says whether it ends in the same bits twice: the whole of it, on the
// institutions' rows side by side, and its model, on all rows in one table. A
// model that treats institutions as such, and a folder of files, have no such
// table; then nothing is claimed of it.
func (r *rehearsal) asPooledBits(done *outcome) (same bool, err error) {
	method, err := node.OpenMethod(string(r.studyText), r.codebook)
	if err != nil {
		return false, err
	}
	tables, err := r.prepared(context.Background(), method)
	if err != nil {
		return false, err
	}
	state, err := inTheClear(method.Plan, tables)
	if err != nil || crypto.DigestOf(state) != done.state {
		return false, err
	}
	if method.Study.Model.Intercepts == configs.InterceptInstitution || r.data.text == nil {
		return true, nil
	}
	whole, err := r.inOneTable(method)
	if err != nil {
		return false, err
	}
	return sameBits(done.document.Coefficients, whole.Coefficients), nil
}

// inOneTable fits the study's model, judged by nobody, on all rows in one
// table. Rows that the study keeps aside stay aside.
func (r *rehearsal) inOneTable(method *node.Method) (*model.Result, error) {
	study := *method.Study
	study.Evaluate.LeaveOut, study.Evaluate.Folds, study.Evaluate.Curve = configs.LeaveOutNone, nil, ""
	if study.Evaluate.Where == "" && study.Evaluate.HeldOut == 0 {
		study.Evaluate.Groups = nil
	}
	codebook, err := configs.ParseCodebook(r.codebook) // another one than the federation's
	if err != nil {
		return nil, err
	}
	plan, err := model.New(&study, codebook)
	if err != nil {
		return nil, err
	}
	table, err := r.data.table(codebook, plan.Columns(), study.Privacy.OutOfRange, plan.Texts())
	if err != nil {
		return nil, err
	}
	if table, _, err = plan.Prepare(table); err != nil {
		return nil, err
	}
	state, err := inTheClear(plan, []*model.Table{table})
	if err != nil {
		return nil, err
	}
	return plan.Result(state)
}

// sameBits says whether two models have the same terms, with estimates and
// standard errors that are equal to the last bit.
func sameBits(a, b []model.Coefficient) bool {
	return slices.EqualFunc(a, b, func(x, y model.Coefficient) bool {
		return x.Term == y.Term && math.Float64bits(x.Estimate) == math.Float64bits(y.Estimate) &&
			math.Float64bits(x.StdError) == math.Float64bits(y.StdError)
	})
}

// inTheClear sums a study over tables without encryption, to its last state.
func inTheClear(plan *model.Plan, tables []*model.Table) ([]byte, error) {
	state, err := plan.Start()
	if err != nil {
		return nil, err
	}
	for {
		tensors, more, err := plan.Shape(state)
		if err != nil || !more {
			return state, err
		}
		n := 0
		for _, t := range tensors {
			n += t.Len
		}
		if state, err = roundInTheClear(plan, state, n, tables); err != nil {
			return nil, err
		}
	}
}

// roundInTheClear adds the n numbers that a state asks of each table and takes
// the model's next step.
func roundInTheClear(plan *model.Plan, state []byte, n int, tables []*model.Table) ([]byte, error) {
	sums := make([]*big.Int, n)
	for i := range sums {
		sums[i] = new(big.Int)
	}
	for _, t := range tables {
		values, err := plan.Local(state, t)
		if err != nil {
			return nil, err
		}
		for i, v := range values {
			sums[i].Add(sums[i], v)
		}
	}
	return plan.Global(state, sums)
}
