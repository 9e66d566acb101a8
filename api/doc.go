// Package api is the wire contract of the federation: federation.proto, its
// committed generated code, the typed errors that cross the wire, and a Client
// that hides connections, retries and resumed transfers.
//
// It trusts nothing about content: leaves, checkpoints and blobs are bytes to
// it, apart from the digest of a blob fetched whole, which it checks. What the
// log says is checked by package audit.
//
// It never decides who may do what, keeps no key and stores nothing.
//
// After a change of federation.proto run api/generate.sh.
package api
