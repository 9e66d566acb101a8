// Package anomaly holds the constants of distances in many columns: quantiles of
// the chi-square distribution, and how much the squares of the nearest rows
// understate a covariance.
//
// What it does: compute them in 160-bit arithmetic from their series, so that
// every party has the same bits; thresholds that rows are counted by are part of
// what parties agree on.
//
// For reports there is a row's distance from what was opened as well, by gonum; no
// state depends on it.
//
// What it never does: see a row, but for that distance.
package anomaly
