// Package blobs keeps what statements name by digest: ciphertext frames, sealed
// boxes, releases, codebooks.
//
// It trusts the file system to keep what was synced. It trusts no uploader: a
// blob gets its name only after its bytes hash to it, sizes are bounded before
// anything is written, and what one uploader leaves unfinished or unnamed by
// any statement counts against that uploader's quota.
//
// It never reads meaning into a blob, never changes one, and never removes one
// that has its name.
package blobs
