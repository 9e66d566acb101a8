// Package crypto adds vectors of integers that stay encrypted until the sum
// over one agreed set of institutions is opened. It is the public side of
// parameter set otk1: shapes, codecs, frames, adding, the public half of the share
// check, releases and opening.
// Package crypto/secret holds the other side: keys, encryption, sharing.
//
// It trusts nobody's bytes: every decoder knows the exact length beforehand
// from the agreed attempt, checks every word, and lets no byte of the network
// reach a decoder of the lattice library. It trusts its caller that an Attempt
// is the one in the log and that a Certificate was made from votes whose
// signatures were checked.
//
// It never holds a key that opens anything, and it never hands out a decoded
// value before the canary blocks have shown that the key is the right one.
package crypto
