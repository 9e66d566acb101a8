//go:build race

package federationtest

// slower is by how much the race detector slows the encryption down; real
// time-outs grow with it, or a test would measure the detector.
const slower = 5
