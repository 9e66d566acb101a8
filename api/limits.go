package api

import "time"

// Bounds of the wire contract. Both sides hold them; neither relies on the
// other to.
const (
	MaxMessage    = 1 << 20             // bytes of one message, either way
	MaxLeaf       = 65535               // bytes of one statement
	MaxCheckpoint = 4096                // bytes of a checkpoint with one co-signature
	MaxPage       = 256                 // leaves in one page of Follow
	MaxPageBytes  = MaxMessage - 32<<10 // bytes of the leaves in one page; the rest holds the checkpoint and the framing
	MaxPiece      = 256 << 10           // bytes of one piece of a blob
	callTimeout   = 30 * time.Second    // of one try of a call that answers once
)

// A network that is whole again must show within 30 seconds, whatever it did to
// connections in between. Two things stand in the way. A firewall that forgot
// a connection drops its bytes for ever without a word: that takes
// PingAfter + PingTimeout to notice. And a connection begun just before the
// network healed may never come about: connectAtMost until it is given up,
// gRPC's pause before the next (1.3 times the longest), ours on top when a call
// failed in the meantime (1.5 times). TestBackInTime adds both up.
const (
	PingAfter     = 15 * time.Second // silence after which a side asks whether the other lives: below the idle cut of common proxies
	PingTimeout   = 10 * time.Second // and how long it waits for the answer
	firstPause    = 50 * time.Millisecond
	longestPause  = 5 * time.Second
	connectAtMost = 10 * time.Second
)
