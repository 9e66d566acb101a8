package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Largest differences that count as equal. The variances of a mixed model are
// the end of a search in R, whose criterion is flat there.
const (
	limit         = 1e-6
	varianceLimit = 1e-5
)

// difference of a from R's b: absolute for small numbers, relative for large
// ones. Infinity when either is not a number.
func difference(a, b float64) float64 {
	d := math.Abs(a-b) / math.Max(1, math.Abs(b))
	if math.IsNaN(d) {
		return math.Inf(1)
	}
	return d
}

// answer is what is compared of one case. Quantities that a model does not
// have are absent, never zero.
type answer struct {
	institutions int
	rows         int64
	groups       map[string]map[string]float64 // by group, such as "estimate", then by name
}

// The groups, in the order of the table.
var order = []string{"estimate", "std_error", "robust_std_error", "fit", "variances", "tests"}

// group is the outcome for one group of quantities.
type group struct {
	name    string
	largest float64
	at      string // the quantity with the largest difference
	limit   float64
}

// compare holds ours against R's answer, which says what must be there. A fault
// is something that no limit can excuse, such as a term that one of them lacks.
func compare(ours, r *answer) (groups []group, faults []string) {
	if ours.rows != r.rows {
		faults = append(faults, fmt.Sprintf("uses %d rows, R %d", ours.rows, r.rows))
	}
	if ours.institutions != r.institutions {
		faults = append(faults, fmt.Sprintf("ran with %d institutions of %d", ours.institutions, r.institutions))
	}
	for _, name := range order {
		theirs := r.groups[name]
		if len(theirs) == 0 {
			continue
		}
		g := group{name: name, limit: limit}
		if name == "variances" {
			g.limit = varianceLimit
		}
		for _, what := range sorted(theirs) {
			a, known := ours.groups[name][what]
			if !known {
				faults = append(faults, fmt.Sprintf("has no %s of %s", name, what))
				continue
			}
			if d := difference(a, theirs[what]); g.at == "" || d > g.largest {
				g.largest, g.at = d, what
			}
		}
		groups = append(groups, g)
	}
	// Fit and tests may hold more than R was asked for; terms may not.
	for _, term := range sorted(ours.groups["estimate"]) {
		if _, known := r.groups["estimate"][term]; !known {
			faults = append(faults, fmt.Sprintf("has a term %s that R has not", term))
		}
	}
	if len(groups) == 0 || len(r.groups["estimate"]) == 0 {
		faults = append(faults, "has nothing to be compared with")
	}
	return groups, faults
}

func sorted(m map[string]float64) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, cmp.Compare[string])
	return keys
}

// coefficient has the same names in both documents.
type coefficient struct {
	Term     string   `json:"term"`
	Estimate *float64 `json:"estimate"`
	StdError *float64 `json:"std_error"`
	Robust   *float64 `json:"robust_std_error"`
}

func (a *answer) put(group, name string, v *float64) error {
	if v == nil {
		return nil
	}
	if a.groups[group] == nil {
		a.groups[group] = map[string]float64{}
	}
	if _, twice := a.groups[group][name]; twice {
		return fmt.Errorf("%s of %s stands there twice", group, name)
	}
	a.groups[group][name] = *v
	return nil
}

func (a *answer) terms(list []coefficient) error {
	for _, c := range list {
		for group, v := range map[string]*float64{"estimate": c.Estimate, "std_error": c.StdError, "robust_std_error": c.Robust} {
			if err := a.put(group, c.Term, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// test is a likelihood-ratio test.
type test struct {
	DF        *float64 `json:"df"`
	Statistic *float64 `json:"statistic"`
	PValue    *float64 `json:"p_value"`
}

func (a *answer) test(dropped string, t test) error {
	for what, v := range map[string]*float64{"df": t.DF, "statistic": t.Statistic, "p_value": t.PValue} {
		if err := a.put("tests", what+" without "+dropped, v); err != nil {
			return err
		}
	}
	return nil
}

// readR reads what reference.R wrote: the answer and how R was asked.
func readR(text []byte) (a *answer, asked string, err error) {
	var d struct {
		Error        string             `json:"error"`
		R            string             `json:"r"`
		Institutions int                `json:"institutions"`
		Rows         int64              `json:"rows_used"`
		DFResidual   *float64           `json:"df_residual"`
		Terms        []coefficient      `json:"terms"`
		Fit          map[string]float64 `json:"fit"`
		Variances    map[string]float64 `json:"variances"`
		Tests        map[string]test    `json:"tests"`
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, "", fmt.Errorf("the answer of R cannot be read: %w", err)
	}
	if d.Error != "" {
		return nil, "", fmt.Errorf("in R: %s", d.Error)
	}
	a = &answer{institutions: d.Institutions, rows: d.Rows, groups: map[string]map[string]float64{"fit": d.Fit, "variances": d.Variances}}
	if d.DFResidual != nil {
		if err := a.put("fit", "df_residual", d.DFResidual); err != nil {
			return nil, "", err
		}
	}
	for dropped, t := range d.Tests {
		if err := a.test(dropped, t); err != nil {
			return nil, "", err
		}
	}
	return a, d.R, a.terms(d.Terms)
}

// readOurs reads the document of `simulate --json`. A record with findings, or
// a model that did not converge, is no answer.
func readOurs(text []byte) (*answer, error) {
	var d struct {
		Institutions int           `json:"institutions"`
		Rows         int64         `json:"rows_used"`
		Converged    bool          `json:"converged"`
		Coefficients []coefficient `json:"coefficients"`
		Tests        []struct {
			Terms  []string `json:"terms"`
			Failed string   `json:"failed"`
			test
		} `json:"tests"`
		Audit struct {
			Verified bool `json:"verified"`
		} `json:"audit"`
	}
	var all map[string]any
	for _, into := range []any{&d, &all} {
		if err := json.Unmarshal(text, into); err != nil {
			return nil, fmt.Errorf("the result cannot be read: %w", err)
		}
	}
	switch {
	case !d.Audit.Verified:
		return nil, fmt.Errorf("the record of the study was not verified")
	case !d.Converged:
		return nil, fmt.Errorf("the model did not converge")
	}
	a := &answer{institutions: d.Institutions, rows: d.Rows, groups: map[string]map[string]float64{}}
	for key, v := range all {
		if number, ok := v.(float64); ok {
			for _, group := range []string{"fit", "variances"} { // R's answer says which of them belongs where
				if err := a.put(group, key, &number); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, t := range d.Tests {
		if t.Failed != "" { // its numbers are not an answer
			continue
		}
		if err := a.test(strings.Join(t.Terms, " + "), t.test); err != nil {
			return nil, err
		}
	}
	return a, a.terms(d.Coefficients)
}
