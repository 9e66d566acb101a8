// Package validation judges a model's predictions on rows that it never saw, from
// sums over the rows of many institutions: discrimination (the area under the ROC
// curve, what selecting the highest scores gives) and calibration.
//
// What it does: chooses cuts of a score beforehand, counts an institution's rows
// between them so that no cell holds one or two (package disclosure), bounds what
// counting in bins loses, and fits the calibration round by round. What enters a
// sum or a later cut is the same bits on every processor.
//
// What it trusts: that outcomes are 0 or 1 and that predictors keep the bound that
// the caller gives. Sound and Whole hold opened sums and states to what rows can
// give.
//
// What it never does: fit the model that it judges, decide whose rows may be
// opened, or know a study.
package validation
