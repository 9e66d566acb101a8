package audit

import "github.com/smartstart-federation/smartstart/crypto"

// Head names a state of the log: its size and the Merkle root at that size.
type Head struct {
	Size int64         `json:"size"`
	Root crypto.Digest `json:"root"`
}

// Header stands at the front of every statement. Study, Round and Attempt are
// zero where the type has none.
type Header struct {
	Log     string        `json:"log"`     // origin of the log
	Type    string        `json:"type"`    // one of the Type* constants
	Version int           `json:"version"` // of the type; Apply of an old version is never edited
	Study   string        `json:"study,omitempty"`
	Round   int           `json:"round,omitempty"`
	Attempt int           `json:"attempt,omitempty"`
	Signer  string        `json:"signer"`
	Boot    crypto.Digest `json:"boot"` // random, new at each start of the signer's process
	Seq     int64         `json:"seq"`  // 1, 2, 3 ... for each signer
	Prev    crypto.Digest `json:"prev"` // leaf hash of the signer's last own statement; zero at Seq 1
	Seen    Head          `json:"seen"` // the newest head the signer verified
	Time    string        `json:"time"` // RFC 3339, UTC, seconds, by the signer's own clock
}
