package model

import "github.com/smartstart-federation/smartstart/configs"

// method is what one family of studies does in its own way. The steps between
// start and end are those of its phases: see stepOf.
type method struct {
	bind   func(p *Plan) error                      // finds the columns that the study names
	first  func(p *Plan) (phase string)             // with which it begins
	whole  func(p *Plan, s *state) bool             // see Plan.whole
	result func(p *Plan, s *state) (*Result, error) // reads a state whose phase is phaseDone
}

// method is the table of families: the only place that knows which functions
// belong to a kind of study.
func (p *Plan) method() method {
	switch p.kind {
	case configs.KindDescriptives:
		return method{(*Plan).describe, begin(phaseColumns), (*Plan).wholeTable, (*Plan).tableResult}
	case configs.KindAreas:
		return method{(*Plan).join, begin(phaseHeld), (*Plan).wholeAreas, (*Plan).areasResult}
	}
	return method{(*Plan).bindDesign, (*Plan).firstOfDesign, (*Plan).wholeDesign, (*Plan).designResult}
}

func begin(phase string) func(*Plan) string { return func(*Plan) string { return phase } }

// firstOfDesign is the phase in which a study with a design begins.
func (p *Plan) firstOfDesign() string {
	if p.imputes() {
		return phaseImpute
	}
	return phaseCounts
}
