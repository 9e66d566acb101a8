package model

import (
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/anomaly"
	"github.com/smartstart-federation/smartstart/model/bins"
	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// Rows unlike the others are found in four to seven rounds: counts and moments as
// of a linear model, with the last column in the place of the outcome, which
// give the mean m and the covariance S of all columns; then every institution
// works out the squared Mahalanobis distance (x-m)' S^-1 (x-m) of its own rows
// (Mahalanobis 1936), and all that leaves is how many rows lie in how many bins of
// it. Which rows lie far out only their institution knows (see Distances).
//
// The bins are cut at quantiles of the chi-square distribution, which the
// squared distance of normal columns has, and the one that holds the threshold
// of 1% alarms is cut again. A bin is one if 2 x min_cell rows are expected in
// it, and at every institution it counts none or at least three: one or two are
// counted in the bin beside it (see disclosure.Neighbours), which Moved bounds.
//
// Rows far out stretch the covariance that they are measured by. With reweigh it
// is estimated again without those beyond the quantile of 2.5% (as the last step
// of Rousseeuw and Leroy, Robust Regression and Outlier Detection, 1987, 7.1).
// The sums then opened are over rows chosen by their values, and differ from the
// first ones by the rows left out: so an institution leaves out none or at least
// three, and nobody does before at least leastShown rows at min_institutions
// institutions are to be left out. A node's ledger cannot hold such a choice
// against that of another study, so nodes refuse it for confidential records.
const (
	alarmShare  = 0.01
	reweighTail = 0.025
	mostTails   = 12 // bins before the one with the threshold is cut
)

// tailsTold are the shares beyond whose quantiles rows are counted.
var tailsTold = []float64{0.05, 0.01, 0.001}

// tailsCut are the shares at whose quantiles bins are cut.
var tailsCut = []float64{0.75, 0.5, 0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.0025, 0.001, 0.0001}

// compared is one estimate of mean and covariance, and how far out rows lie by
// it. Numbers are of columns measured in their units about the means of the
// counts.
type compared struct {
	N      int64           `json:"n"`
	Shift  []float64       `json:"shift"`          // the mean
	Root   []float64       `json:"root"`           // lower triangle of W, with W' W the inverse of the covariance
	Far    float64         `json:"far"`            // squared distance beyond which a second estimate leaves rows out
	Sums   []exact.Integer `json:"sums,omitempty"` // of a second estimate: of each column, and of their products
	Bins   bins.Histogram  `json:"bins"`
	Leaves int64           `json:"leaves"` // institutions with rows to leave out
}

func (p *Plan) comparing() bool { return p.kind == configs.KindAnomaly }

// comparable holds the columns that rows are compared in to what can be.
func (p *Plan) comparable() error {
	if !p.comparing() {
		return nil
	}
	p.least = disclosure.Smallest
	for _, name := range p.study.Model.Features {
		c, err := find(p.codebook, name, "features")
		switch {
		case err != nil:
			return err
		case c.Kind != configs.Number && c.Kind != configs.Integer:
			return fail(CodeKind, "choose number and integer columns", "column %q is of kind %s; distances are between numbers", name, c.Kind).about(name)
		case c.AuditOnly:
			return fail(CodeAuditOnly, "leave it out", "column %q is marked audit_only in the codebook; nobody is called unlike the others by it", name).about(name)
		case c.Sensitivity == configs.Criminal:
			return fail(CodeOffending, "leave it out", "column %q is marked criminal in the codebook; nobody is called unlike the others by it", name).about(name)
		}
	}
	return nil
}

// hasCompared says that a state's phase has an estimate.
func (p *Plan) hasCompared(s *state) bool {
	return p.comparing() && slices.Contains([]string{phaseTails, phaseReweigh, phaseFarther, phaseDone}, s.Phase)
}

// width is the number of columns that rows are compared in.
func (p *Plan) width() int { return len(p.terms) + 1 }

// distances is where squared distances lie.
var distances = bins.Range{Low: 0, High: math.MaxFloat64}

// wholeCompared checks the state of a study that has an estimate.
func (p *Plan) wholeCompared(s *state) bool {
	if s.Refusal != nil || s.Impute != nil || len(s.Fits) > 0 || s.Robust != nil || s.Mixed != nil || s.Table != nil || s.Evaluate != nil {
		return false
	}
	if s.Counts == nil || !s.Counts.whole(p) || s.Moments == nil || !s.Moments.whole(p) {
		return false
	}
	if len(s.Compared) > 2 || len(s.Compared) == 2 && !p.study.Model.Reweigh {
		return false
	}
	k := p.width()
	for i, c := range s.Compared {
		if c == nil || c.N <= int64(k) || c.N > s.Counts.Complete || len(c.Shift) != k || len(c.Root) != mp.Packed(k) || !(c.Far > 0) || c.Leaves < 0 || c.Leaves > mostInstitutions {
			return false
		}
		if sums := k + mp.Packed(k); (i == 0) != (len(c.Sums) == 0) || i > 0 && len(c.Sums) != sums {
			return false
		}
		if slices.ContainsFunc(c.Sums, func(v exact.Integer) bool { return v.V == nil }) {
			return false
		}
		last := i == len(s.Compared)-1
		stage := bins.Counted // bins are counted, and perhaps one is cut and not counted yet
		switch {
		case last && s.Phase == phaseTails:
			stage = bins.Cut
		case !last || s.Phase == phaseDone:
			stage = bins.Done
		}
		if !c.Bins.Whole(distances, s.Counts.Complete, stage) {
			return false
		}
		if last && (s.Phase == phaseFarther) != (len(c.Bins.Finer) > 0) && s.Phase != phaseDone {
			return false
		}
	}
	return s.Phase != phaseReweigh || len(s.Compared) == 1 && p.study.Model.Reweigh
}

// cutTails makes the bins of a first look: as many as have enough rows where
// columns are normal.
func (p *Plan) cutTails(n int64) (h bins.Histogram) {
	h.Edges = []float64{}
	least := float64(p.leastShown())
	before := 1.0
	for _, tail := range tailsCut {
		if float64(n)*(before-tail) < least || float64(n)*tail < least {
			continue
		}
		h.Edges = append(h.Edges, anomaly.Quantile(p.width(), tail))
		before = tail
	}
	h.Most = min(bins.Most, n/p.leastShown())
	return h
}
