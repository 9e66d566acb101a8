// Package ca is a small certificate authority for one federation: it issues
// the TLS certificates with which a coordinator and its callers recognise each
// other, and the two TLS configurations that use them.
//
// A certificate only opens a connection under a name. What a party may say is
// decided by the log, where statements carry signatures with other keys, so a
// stolen certificate lets nobody speak for anybody.
//
// It trusts the holder of the authority's key. It never writes to disk, never
// signs a certificate that can sign others, and allows nothing below TLS 1.3.
package ca
