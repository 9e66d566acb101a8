package model

import (
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
)

// TermCount is how many notes of all institutions together mention a term.
type TermCount struct {
	Term  string `json:"term"`
	Notes int64  `json:"notes"` // of all notes that were counted, those that mention it un-negated
	Of    int64  `json:"of"`    // notes that were counted
}

// Frequent reads a result of kind descriptives over the term columns of a study
// and returns the terms that at least least notes mention, the commonest first:
// the vocabulary of the next study, chosen by summed counts alone. Terms that
// are too few to say, or that an institution merged because one or two of its
// notes mention them, count for less or are left out: nothing is told about them
// that the result does not tell.
func Frequent(study *configs.Study, r *Result, least int64) (list []TermCount) {
	for _, t := range study.TextColumns() {
		if t.Buckets > 0 || t.Negated {
			continue
		}
		for _, row := range r.Table {
			if row.Column != t.Name || row.Group != "" || row.TooFew || row.Mean == nil {
				continue
			}
			of := row.N - row.Merged // the mean is of these
			if n := int64(math.Round(*row.Mean * float64(of))); n >= least {
				list = append(list, TermCount{t.Term, n, of})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b TermCount) int { return int(b.Notes - a.Notes) })
	return list
}
