package model

import (
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/elementary"
	"github.com/smartstart-federation/smartstart/model/family"
)

// likelihood returns a row's deviance, the residual y - mu and the weight
// d mu / d eta at the linear predictor eta, with the canonical link.
func (p *Plan) likelihood(y, eta float64) (deviance, residual, weight float64) {
	if p.kind == configs.KindPoisson {
		return family.Poisson(y, eta)
	}
	return family.Bernoulli(y, eta)
}

// fitted is the mean of the outcome at eta.
func (p *Plan) fitted(eta float64) float64 {
	switch p.kind {
	case configs.KindPoisson:
		return elementary.Exp(eta)
	case configs.KindLogistic:
		return elementary.Logistic(eta)
	}
	return eta
}
