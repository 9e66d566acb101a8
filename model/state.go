package model

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
)

const stateVersion = "smartstart/regression/v3"

// The phases of a study, in order.
const (
	phaseImpute   = "impute"   // means and levels that stand in for missing values
	phaseCounts   = "counts"   // rows, present values, sums over complete cases
	phaseMoments  = "moments"  // squares and products about the global means
	phaseFit      = "fit"      // logistic, poisson: gradient, Hessian, deviance at a point
	phaseRobust   = "robust"   // sums of scores over clusters, at the estimate
	phaseMixed    = "mixed"    // sums over sites at a trial of theta
	phaseEvaluate = "evaluate" // how well the model predicts rows that it never saw
	phaseColumns  = "columns"  // descriptives: values and their sums
	phaseSpread   = "spread"   // squares about the means, counts by level
	phaseBins     = "bins"     // coarse bins
	phaseFiner    = "pieces"   // the bins that hold a quartile, cut again
	phaseHeld     = "held"     // areas: how many institutions hold the columns of each indicator
	phaseHolders  = "holders"  // areas: how many institutions tell of each cell
	phaseAreas    = "areas"    // areas: the cells
	phaseTails    = "tails"    // anomaly: how many rows lie how far out
	phaseReweigh  = "reweigh"  // anomaly: sums over the rows that do not
	phaseFarther  = "farther"  // anomaly: the bin that holds the alarms' threshold, cut again
	phaseDone     = "done"
	phaseFailed   = "failed"
)

// state is what all parties agree on between two rounds. Its canonical JSON
// holds global sums and what follows from them, and nothing that depends on
// how many institutions took part.
type state struct {
	Version  string      `json:"version"`
	Plan     string      `json:"plan"` // fingerprint of study and codebook
	Phase    string      `json:"phase"`
	Round    int         `json:"round"`  // rounds that were opened
	Opened   int         `json:"opened"` // numbers that were opened
	Counts   *counts     `json:"counts,omitempty"`
	Impute   *imputation `json:"impute,omitempty"`
	Moments  *moments    `json:"moments,omitempty"`
	Fits     []*fit      `json:"fits,omitempty"` // the main one first
	Robust   *robust     `json:"robust,omitempty"`
	Mixed    *mixed      `json:"mixed,omitempty"`
	Table    *described  `json:"table,omitempty"`
	Areas    *joined     `json:"areas,omitempty"`
	Compared []*compared `json:"compared,omitempty"` // anomaly: the estimate, and the second one if the study asks for it
	Evaluate *evaluation `json:"evaluate,omitempty"`
	Refusal  *refusal    `json:"refusal,omitempty"`
}

// refusal is how a study ends that the data do not allow.
type refusal struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Remedy  string   `json:"remedy"`
	Columns []string `json:"columns"`
}

// refuse ends the study.
func (s *state) refuse(e *Error) {
	s.Phase = phaseFailed
	s.Fits, s.Robust, s.Mixed = nil, nil, nil
	s.Table, s.Areas, s.Compared = nil, nil, nil
	s.Refusal = &refusal{e.code, e.message, e.remedy, append([]string{}, e.columns...)}
}

func (r *refusal) err() *Error {
	return &Error{code: r.Code, message: r.Message, remedy: r.Remedy, columns: r.Columns}
}

// canonical is the only encoding of a value: struct order, no spaces, the
// shortest decimal that reads back as the same float64.
func canonical(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fail(CodeState, "", "the state holds a number that is not finite")
	}
	return b, nil
}

// parse accepts exactly what canonical wrote for a state of this plan.
func (p *Plan) parse(b []byte) (*state, error) {
	bad := func(why string) error {
		return fail(CodeState, "start from the logged sums again", "the model state %s", why)
	}
	s := &state{}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if d.Decode(s) != nil {
		return nil, bad("is not readable")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, bad("has bytes after its end")
	}
	if s.Version != stateVersion {
		return nil, bad("is of another version")
	}
	if s.Plan != p.digest {
		return nil, bad("belongs to another study or codebook")
	}
	if !p.whole(s) {
		return nil, bad("lacks a part of its phase")
	}
	if again, err := canonical(s); err != nil || !bytes.Equal(again, b) {
		return nil, bad("is not in canonical form")
	}
	return s, nil
}

// whole checks that every part that a phase reads is there and of its length,
// so that no later step has to.
func (p *Plan) whole(s *state) bool {
	if s.Round < 0 || s.Opened < 0 {
		return false
	}
	if s.Phase == phaseFailed {
		return s.Refusal != nil
	}
	return p.method().whole(p, s)
}

// wholeDesign checks the state of a study with a design.
func (p *Plan) wholeDesign(s *state) bool {
	if s.Areas != nil || (len(s.Compared) > 0) != p.hasCompared(s) {
		return false
	}
	if p.hasCompared(s) {
		return p.wholeCompared(s)
	}
	order := []string{phaseImpute, phaseCounts, phaseMoments, phaseFit, phaseRobust, phaseMixed, phaseEvaluate, phaseDone}
	r := slices.Index(order, s.Phase)
	fitted := !p.gaussian()
	switch {
	case r < 0 || s.Refusal != nil:
		return false
	case (s.Impute != nil) != (p.imputes() && r > 0) || s.Impute != nil && !s.Impute.whole(p):
		return false
	case r == 0 && !p.imputes(), s.Phase == phaseFit && !fitted, s.Phase == phaseRobust && p.cluster < 0:
		return false
	case (s.Counts != nil) != (r >= 2) || s.Counts != nil && !s.Counts.whole(p):
		return false
	case (s.Moments != nil) != (r >= 3) || s.Moments != nil && !s.Moments.whole(p):
		return false
	case (len(s.Fits) > 0) != (r >= 3 && fitted), (s.Robust != nil) != (r >= 6 && p.cluster >= 0):
		return false
	case s.Robust != nil && !s.Robust.whole(p):
		return false
	case (s.Mixed != nil) != (p.mixes() && r >= 3), s.Mixed != nil && !s.Mixed.whole(p, s.Counts, s.Phase != phaseMixed), s.Phase == phaseMixed && !p.mixes():
		return false
	}
	for i, f := range s.Fits {
		if f == nil || !f.whole(p) || (f.For == fitMain) != (i == 0) || s.Phase != phaseFit && !f.over() {
			return false
		}
	}
	if len(s.Fits) > 0 && s.Phase != phaseFit && s.Fits[0].Estimate == nil {
		return false
	}
	asked := p.evaluates() && r >= 2
	return (s.Evaluate != nil) == asked && (!asked || s.Evaluate.whole(p, s))
}
