package model

import (
	"math"
	"math/big"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/smartstart-federation/smartstart/model/mp"
)

// distribution is what an estimate over its standard error is judged by.
type distribution struct {
	tail func(float64) float64 // P(X < x), used for x <= 0 only, where it keeps its relative precision
	half float64               // 97.5% quantile: half a 95% interval in standard errors
}

func normal() distribution {
	return distribution{distuv.UnitNormal.CDF, distuv.UnitNormal.Quantile(0.975)}
}

func student(df float64) distribution {
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}
	return distribution{t.CDF, t.Quantile(0.975)}
}

// twoSided returns P(|X| >= |x|), from the lower tail so that it stays right
// down to 1e-300.
func (d distribution) twoSided(x float64) float64 {
	return math.Min(1, 2*d.tail(-math.Abs(x)))
}

// conditionNumber is R's kappa(a, exact = TRUE) for a positive definite a: the
// largest eigenvalue over the smallest. For a logistic model a is Z'WZ with Z
// the intercept and the columns standardised with divisor n, W the weights
// p(1-p) at the optimum; for a linear model it is Z'Z/n. Above about 1000 the
// columns say nearly the same.
func conditionNumber(a mp.Symmetric) float64 {
	m := mat.NewSymDense(len(a), nil)
	for i := range a {
		for j := range a[i] {
			m.SetSym(i, j, mp.Float64(a[i][j]))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(m, false) {
		return math.MaxFloat64 // a finite stand-in: JSON has no infinity
	}
	values := eigen.Values(nil)
	least, most := values[0], values[len(values)-1]
	if least <= most/math.MaxFloat64 {
		return math.MaxFloat64
	}
	return most / least
}

// correlations scales squares about the mean to unit diagonal and puts the
// intercept, which is uncorrelated with them, first.
func correlations(square mp.Symmetric) mp.Symmetric {
	a := mp.Symmetric{{mp.Int(1)}}
	for i := range square {
		row := []*big.Float{mp.New()}
		for j := range square[i] {
			row = append(row, mp.Quo(square[i][j], mp.Mul(mp.Sqrt(square[i][i]), mp.Sqrt(square[j][j]))))
		}
		a = append(a, row)
	}
	return a
}
