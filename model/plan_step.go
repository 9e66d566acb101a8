package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/model/exact"
)

// step is what happens in the rounds of one phase, around one encrypted sum.
type step struct {
	shape  func(p *Plan, s *state) []Tensor
	local  func(p *Plan, s *state, v *view) ([]exact.Sum, error)
	global func(p *Plan, s *state, sums []*big.Int)
}

// stepOf is the table of steps: the only place that knows which functions belong
// to a phase. A study that has ended has none.
func stepOf(phase string) (one step, ok bool) {
	switch phase {
	case phaseImpute:
		return step{(*Plan).imputeShape, sure((*Plan).imputeLocal), (*Plan).imputeGlobal}, true
	case phaseCounts:
		return step{(*Plan).countedShape, (*Plan).countedLocal, (*Plan).countedGlobal}, true
	case phaseMoments:
		return step{(*Plan).measuredShape, (*Plan).measuredLocal, (*Plan).measuredGlobal}, true
	case phaseFit:
		return step{(*Plan).fitShape, sure((*Plan).fitLocal), (*Plan).fitGlobal}, true
	case phaseRobust:
		return step{(*Plan).robustShape, (*Plan).robustLocal, (*Plan).robustGlobal}, true
	case phaseMixed:
		return step{(*Plan).mixedShape, sure((*Plan).mixedLocal), (*Plan).mixedGlobal}, true
	case phaseEvaluate:
		return step{(*Plan).evaluateShape, (*Plan).evaluateLocal, (*Plan).evaluateGlobal}, true
	case phaseColumns, phaseSpread, phaseBins, phaseFiner:
		return step{(*Plan).tableShape, sure((*Plan).tableLocal), (*Plan).tableGlobal}, true
	case phaseHeld, phaseHolders, phaseAreas:
		return step{(*Plan).areasShape, sure((*Plan).areasLocal), (*Plan).areasGlobal}, true
	case phaseTails, phaseReweigh, phaseFarther:
		return step{(*Plan).comparedShape, sure((*Plan).comparedLocal), (*Plan).comparedGlobal}, true
	}
	return step{}, false
}

// sure is a local step that cannot fail.
func sure(local func(*Plan, *state, *view) []exact.Sum) func(*Plan, *state, *view) ([]exact.Sum, error) {
	return func(p *Plan, s *state, v *view) ([]exact.Sum, error) { return local(p, s, v), nil }
}

// The counts, and beside them how many institutions can judge.

func (p *Plan) countedShape(*state) []Tensor { return append(p.countsShape(), p.ableShape()...) }

func (p *Plan) countedLocal(_ *state, v *view) ([]exact.Sum, error) {
	able, err := p.ableLocal(v)
	return append(p.countsLocal(v), able...), err
}

func (p *Plan) countedGlobal(s *state, sums []*big.Int) {
	n := inAll(p.countsShape())
	p.countsGlobal(s, sums[:n])
	p.ableGlobal(s, sums[n:])
}

// The moments, and beside them the sets of rows that judge.

func (p *Plan) measuredShape(s *state) []Tensor {
	return append(p.momentsShape(), p.setsShape(s)...)
}

func (p *Plan) measuredLocal(s *state, v *view) ([]exact.Sum, error) {
	sets, err := p.setsLocal(s, v)
	return append(p.momentsLocal(s, v), sets...), err
}

func (p *Plan) measuredGlobal(s *state, sums []*big.Int) {
	n := inAll(p.momentsShape())
	p.momentsGlobal(s, sums[:n])
	p.setsGlobal(s, sums[:n], sums[n:])
}
