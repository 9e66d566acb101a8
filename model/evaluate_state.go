package model

import (
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
	"github.com/smartstart-federation/smartstart/model/validation"
)

// A model is judged on rows that it never saw, after its fits: rows kept aside,
// and, fold by fold, the rows of institutions that a fit left out. Three rounds
// open sums over such sets of rows:
//
//	step 1  how well predictions are calibrated; the rows of the fit by their
//	        score, without the outcome, which says where later cuts may lie
//	step 2  events and other rows between cuts; rows and events of groups
//	step 3  who is selected, in groups that are large enough
//
// and each of them goes on with the calibration, which is a regression of its
// own; a further round is opened only for that. What can be filled by too few
// institutions, or would hold few rows, is known before it is opened: from the
// rounds of counts and moments.
type evaluation struct {
	Able    []int64           `json:"able"`              // institutions able to fill each of Plan.parts
	Square  []exact.Integer   `json:"square,omitempty"`  // of the moments, until step 1 is prepared
	Product []exact.Integer   `json:"product,omitempty"` // of the moments, until step 1 is prepared
	Sites   int64             `json:"sites,omitempty"`   // sites with rows in the fit
	Sets    []*judging        `json:"sets,omitempty"`
	Step    int               `json:"step"` // of the next round; 0 before the first
	Guide   *validation.Guide `json:"guide,omitempty"`
	Rule    *ranking          `json:"rule,omitempty"`
	Groups  []*grouping       `json:"groups,omitempty"`
	Curve   []learnt          `json:"curve,omitempty"`
}

// judging is one set of rows and the model that never saw them.
type judging struct {
	Number       int                     `json:"number"`       // 0: rows kept aside; from 1: a fold; the last: all folds
	Institutions int64                   `json:"institutions"` // that fill it
	Rows         int64                   `json:"rows"`
	Events       int64                   `json:"events"`
	Sites        int64                   `json:"sites,omitempty"`
	Residual     exact.Integer           `json:"residual"` // sum of y - p
	Brier        exact.Integer           `json:"brier"`    // sum of (y-p)^2
	Calibration  *validation.Calibration `json:"calibration,omitempty"`
	Bins         *validation.Tally       `json:"bins,omitempty"`
	Rule         *validation.Tally       `json:"rule,omitempty"`
}

// ranking is the rule that the model is compared with: one column, high values
// first if Ascending.
type ranking struct {
	Term      int               `json:"term"`
	Ascending bool              `json:"ascending"`
	Guide     *validation.Guide `json:"guide"`
}

const (
	openingSteps = 3 // those that open more than calibrations
	// mostSteps bounds the rounds of an evaluation. A calibration begins near its
	// end and needs three to five.
	mostSteps = 10
)

// ladder is the numbers of sites of a learning curve.
var ladder = [...]int{1, 2, 5, 10, 20}

func (p *Plan) evaluates() bool {
	return p.holdsOut() || len(p.study.Evaluate.Folds) > 0 || p.study.Evaluate.Curve != ""
}

func (p *Plan) holdsOut() bool {
	return p.study.Evaluate.Where != "" || p.study.Evaluate.HeldOut > 0
}

// together is the number of the set of all folds.
func (p *Plan) together() int { return len(p.study.Evaluate.Folds) + 1 }

// Isolates says that a fold is smaller than min_institutions: what is opened
// with and without it differs by so few institutions that each of them must
// have accepted it (accept_isolated).
func (p *Plan) Isolates() bool {
	return slices.ContainsFunc(p.study.Evaluate.Folds, p.isolates)
}

func (p *Plan) isolates(fold []string) bool {
	return len(fold) < p.study.Privacy.MinInstitutions
}

// evaluator holds [evaluate] to the model and the codebook.
func (p *Plan) evaluator() error {
	e, m := &p.study.Evaluate, &p.study.Model
	bad := func(what, remedy string) error {
		return fail(CodeKind, remedy, "study file: [evaluate] with %s is not in this version", what)
	}
	switch {
	case !p.evaluates() && len(e.Groups) == 0:
		return nil
	case p.Kind() != configs.KindLogistic:
		return bad("kind = \""+p.Kind()+"\"", "remove [evaluate], or use kind = \"logistic\"")
	case p.ownIntercepts():
		return bad("intercepts = \"institution\"", "remove one of the two: an institution that the model never saw has no intercept")
	case p.weights >= 0:
		return bad("weights", "remove one of the two")
	case p.offset >= 0:
		return bad("an offset", "remove one of the two")
	case len(p.folds) > 0 && m.Penalty.Ridge > 0:
		return bad("leave_out = \"folds\" and a ridge penalty", "keep rows aside with held_out, or remove the penalty")
	case len(e.Groups) > 0 && !p.holdsOut() && len(p.folds) == 0:
		return fail(CodeKind, "add where, held_out or folds", "study file: [evaluate] groups are compared on rows that the model never saw, and there are none")
	}
	for i, name := range e.Groups {
		c, err := find(p.codebook, name, "groups")
		if err != nil {
			return err
		}
		if c.Kind != configs.YesNo && c.Kind != configs.Category {
			return fail(CodeKind, "use a yes_no or category column, or derive one", "column %q is of kind %s and makes no groups", name, c.Kind).about(name)
		}
		if slices.Contains(e.Groups[:i], name) {
			return fail(CodeKind, "name it once", "study file: [evaluate] groups names %q twice", name).about(name)
		}
	}
	if e.Curve != "" {
		if _, err := p.site(e.Curve, "learning_curve"); err != nil {
			return err
		}
	}
	return nil
}

// part is something that an institution may or may not be able to fill.
type part struct {
	of     string // "held out", "fold", "short" (has rows in a fold and does not fill it), "curve"
	number int    // of the fold, 0 for institutions that are in none; or of sites
}

func (p *Plan) parts() (all []part) {
	if p.holdsOut() {
		all = append(all, part{"held out", 0})
	}
	if len(p.folds) > 0 {
		for _, of := range []string{"fold", "short"} {
			for f := range p.together() {
				all = append(all, part{of, f})
			}
		}
	}
	if p.study.Evaluate.Curve != "" {
		for _, n := range ladder {
			all = append(all, part{"curve", n})
		}
	}
	return all
}

// able returns how many institutions can fill a part.
func (p *Plan) able(e *evaluation, of string, number int) int64 {
	return e.Able[slices.Index(p.parts(), part{of, number})]
}

// set finds a set by its number.
func (e *evaluation) set(number int) *judging {
	for _, j := range e.Sets {
		if j.Number == number {
			return j
		}
	}
	return nil
}

// large says that a set has enough of both outcomes for its sums to be opened.
func (p *Plan) large(events, others int64) bool {
	least := 2 * int64(p.study.Privacy.MinCell)
	return events >= least && others >= least
}

func (j *judging) others() int64 { return j.Rows - j.Events }

// compared is the set in which groups are compared: all folds, the only fold, or
// the rows kept aside.
func (p *Plan) compared(e *evaluation) *judging {
	if len(e.Sets) > 0 {
		return e.Sets[len(e.Sets)-1]
	}
	return nil
}

// model returns the fit whose predictions a set judges, as an institution of a
// fold sees it.
func (s *state) model(fold int) *fit {
	for _, f := range s.Fits {
		if fold == 0 && f.For == fitMain || fold > 0 && f.For == fitFold && f.Number == fold {
			return f
		}
	}
	return nil
}

// whole checks the parts of an evaluation that a step reads.
func (e *evaluation) whole(p *Plan, s *state) bool {
	k := len(p.terms)
	if len(e.Able) != len(p.parts()) || !p.peopled(e, s.Counts) || e.Step < 0 || e.Step > mostSteps+1 {
		return false
	}
	last := -1
	for _, j := range e.Sets {
		if j == nil || j.Number <= last || j.Number > p.together() || j.Residual.V == nil || j.Brier.V == nil ||
			!p.large(j.Events, j.others()) || j.Number == 0 && !p.holdsOut() || j.Number == p.together() && !p.adds(e, j) {
			return false
		}
		last = j.Number
	}
	began := s.Phase == phaseEvaluate || s.Phase == phaseDone
	if !began {
		early := e.Step == 0 && e.Guide == nil && e.Rule == nil && e.Groups == nil && e.Curve == nil
		moments := len(e.Square) == mp.Packed(k) && len(e.Product) == k
		return early && moments == (s.Moments != nil)
	}
	if e.Step < 1 || e.Square != nil || e.Product != nil || len(e.Sets) > 0 && !e.Guide.Whole(e.Step > 1) {
		return false
	}
	if e.Rule != nil && (e.Rule.Term < 0 || e.Rule.Term >= k || !e.Rule.Guide.Whole(e.Step > 1)) {
		return false
	}
	for _, j := range e.Sets {
		switch {
		case j.Number > 0 && j.Number < p.together() && (s.model(j.Number) == nil || s.model(j.Number).Estimate == nil):
			return false
		case j.Calibration == nil || !j.Calibration.Whole():
			return false
		case (j.Bins == nil) != (e.Step < 2) || j.Bins != nil && !j.Bins.Whole(e.Step > 2, true):
			return false
		case (j.Rule == nil) != (e.Step < 2 || e.Rule == nil) || j.Rule != nil && !j.Rule.Whole(e.Step > 2, false):
			return false
		case e.Step > 1 && !p.possible(s, j):
			return false
		}
	}
	if !p.wholeGroups(e) || !wholeCurve(e) {
		return false
	}
	if s.Phase == phaseDone {
		return e.ended()
	}
	return len(p.evaluateShape(s)) > 0
}

// adds says that the set of all folds is that of two folds or more.
func (p *Plan) adds(e *evaluation, j *judging) bool {
	numbers := p.modelsOf(e, j)
	rows, events := j.Rows, j.Events
	for _, n := range numbers {
		rows, events = rows-e.set(n).Rows, events-e.set(n).Events
	}
	return len(numbers) > 1 && rows == 0 && events == 0
}

// ended says that an evaluation has nothing more to open: its steps are over, or
// none was begun because the rounds were used up.
func (e *evaluation) ended() bool {
	if e.Step <= openingSteps {
		return e.Step == 1 && len(e.Sets) == 0 && e.Guide == nil && e.Rule == nil && e.Groups == nil && e.Curve == nil
	}
	for _, j := range e.Sets {
		if !j.Calibration.Over() {
			return false
		}
	}
	return len(e.Sets) > 0 || e.Guide == nil && e.Rule == nil && e.Groups == nil
}
