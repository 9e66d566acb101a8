//go:build race

package node

// raced says that the race detector runs, under which all takes eight times as
// long: the gate then takes every fifth request.
const raced = true
