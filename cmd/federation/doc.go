// Package federation starts a whole federation on one machine: a coordinator
// and a node per institution as separate servers and clients over loopback
// gRPC with mutual TLS 1.3, each with its own keys, folder and disk. It is
// what `simulate`, `demo` and the tests run on, and it takes no short cut: the
// parties share nothing but the network.
//
// It stands in for the people: the mandated approvers enrol their institution
// and approve the study with their own keys. That is right for a rehearsal on
// one machine and for nothing else.
package federation
