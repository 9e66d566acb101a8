// Package audittest writes logs for tests: a federation whose keys follow from
// names, so that a log is the same in every run, and one method per statement.
// Its blobs are digests of nothing unless a test supplies real ones.
//
// It is for tests only: its keys are public. It knows no encryption secrets;
// tests that want real sums bring their own.
package audittest
