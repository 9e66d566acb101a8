// Package secret is the side of the encrypted sums that holds secrets: it
// encrypts an institution's vector under a one-time key, shares that key among
// the holders of the attempt, and lets a holder check the shares it got, and
// vote, release or abort at most once.
//
// It trusts the operating system's randomness only together with the node's
// own key and the data, and trusts its caller to make an Attempt and a
// Certificate from the log. It never writes a secret anywhere, never lets one
// into an error or a print, and hands out the bytes of a release only after
// the caller's journal has them. A single share leaves it only as evidence
// against the contributor that dealt it wrong.
//
// Everything here lives in memory. A process that restarts has lost its
// attempts, on purpose: it can neither vote nor abort in them any more.
package secret
