package api

import "time"

// Bounds of the wire contract. Both sides hold them; neither relies on the
// other to.
const (
	MaxMessage    = 1 << 20             // bytes of one message, either way
	MaxLeaf       = 65535               // bytes of one statement
	MaxPage       = 256                 // leaves in one page of Follow
	MaxPageBytes  = MaxMessage - 32<<10 // bytes of the leaves in one page; the rest holds the checkpoint and the framing
	MaxPiece      = 256 << 10           // bytes of one piece of a blob
	PingAfter     = 20 * time.Second    // silence after which a side asks whether the other lives: below the idle cut of common proxies
	PingTimeout   = 15 * time.Second    // and how long it waits for the answer
	callTimeout   = 30 * time.Second    // of one try of a call that answers once
	firstPause    = 50 * time.Millisecond
	longestPause  = 10 * time.Second
	connectAtMost = 10 * time.Second
)
