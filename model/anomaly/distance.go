package anomaly

import (
	"errors"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Usual is what was opened of rows that are as usual: where they lie, and how they
// spread about it.
type Usual struct {
	mean   *mat.VecDense
	spread mat.Cholesky
}

// NewUsual takes k means and their k x k covariance, row by row. It fails where no
// rows can have that covariance.
func NewUsual(mean []float64, covariance [][]float64) (*Usual, error) {
	u := &Usual{mean: mat.NewVecDense(len(mean), mean)}
	all := slices.Concat(covariance...)
	if len(all) != len(mean)*len(mean) || !u.spread.Factorize(mat.NewSymDense(len(mean), all)) {
		return nil, errors.New("the opened covariance is not positive definite, so that no row has a distance: verify the record it comes from")
	}
	return u, nil
}

// Distance returns the squared Mahalanobis distance of a row of k values (R's
// stats::mahalanobis), for reports: within a study model.Plan.Distances computes it
// from the state, the same bits everywhere.
func (u *Usual) Distance(row []float64) float64 {
	d := stat.Mahalanobis(mat.NewVecDense(len(row), row), u.mean, &u.spread)
	return d * d
}
