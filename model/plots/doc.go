// Package plots draws what a study's result says: SVG and PNG pictures with
// gonum/plot, and small pictures in text for a terminal.
//
// What it does: forest, calibration, ROC, learning curve, funnel and fairness
// pictures, each with its study, rows and institutions in small type, in
// English or Dutch. Colours are those of Okabe and Ito (2008), and shape or
// dashes say the same as colour. A picture that the result has no data for is
// not made.
//
// What it trusts: the numbers of model.Result and model.Evaluation. It
// refuses counts that contradict each other, but computes none of them again.
// Names from the data (study, terms, levels, institutions) are only ever text.
//
// What it never does: read records, feed anything back into a model's state,
// or draw a number that the result does not hold, other than an interval or a
// control limit that the caption names.
package plots
