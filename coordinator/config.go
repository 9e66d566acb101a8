package coordinator

import (
	"crypto/tls"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/blobs"
)

// Config wires a Coordinator. Origin, Signer and Key are required; TLS too, to
// serve.
type Config struct {
	Origin string      // name of the log
	Dir    string      // folder of log and blobs; empty keeps everything in memory
	Signer note.Signer // signs checkpoints and the coordinator's statements
	Key    string      // the verifier key that belongs to Signer
	TLS    *tls.Config // as ca.TLSServer makes it
	// Allow names certificates (common names) that may call although the log
	// does not know them (yet): before the charter, nobody else may.
	Allow  []string
	Enrol  *Enrolment   // lets invited parties join; nil: everybody has their certificate
	Logger hclog.Logger // default: none

	Timeout time.Duration    // of an attempt; default audit.DefaultTimeout
	Now     func() time.Time // default time.Now

	MaxBlob     int64         // bytes of one blob; default 256 MiB, which the largest shape fits
	Quota       int64         // bytes of one caller's blobs that no statement names; default 1.5 MaxBlob
	KeepUnnamed time.Duration // how long those are safe from a newer upload of the same caller; default 6 hours
	Connections int           // at once, all callers; default 1024
	PerCaller   int           // connections of one caller at once; default 16
	Calls       int           // calls of one caller at once, streams included; default 32
	Idle        time.Duration // silence after which an upload is broken off, to be resumed; default 1 minute
	Frames      int           // of 16 KiB, from and to one caller in a second, over all its connections; a call counts for 20; default 2000: 32 MB, or 100 calls
	DailyLog    int64         // bytes that one caller may add to the log within a day; default 64 MiB
	Grace       time.Duration // how long calls under way may take when stopping; default 5 seconds

	off    defences
	within time.Duration // answerWithin but in tests
}

// defences are switched off by tests, to see that the check of each then fails.
type defences struct {
	early   bool // the guard stands before the request of calls that answer once
	strict  bool // requests are decoded within bounds and refused with a code
	windows bool // what a stream may send unread does not grow
	pace    bool // callers have a share of frames
	cut     bool // a caller that takes nothing is cut off
	queue   bool // answers that wait to be taken are bounded
	door    bool // whoever has no certificate cannot use up connections
	least   bool // a blob counts for more than a byte
	daily   bool // one caller cannot fill the log
	turns   bool // one caller reads one thing at a time
	lines   bool // one caller cannot fill the operator's log
	calm    bool // a panic inside a rule ends one call
}

// leastBlob is what a blob counts for at least against its uploader's quota: it
// has a file and an entry in memory, however small it is.
const leastBlob = 64 << 10

// withDefaults fills in what was left out and refuses what cannot work.
func (c Config) withDefaults() (Config, error) {
	if c.Origin == "" || c.Signer == nil {
		return c, errors.New("a coordinator needs the name of its log and its signing key; run `coordinator init` first")
	}
	v, err := note.NewVerifier(c.Key)
	if err != nil || v.Name() != c.Signer.Name() || v.KeyHash() != c.Signer.KeyHash() {
		return c, fmt.Errorf("the coordinator's public key does not belong to its signing key %q; copy both from the same place", c.Signer.Name())
	}
	if c.Logger == nil {
		c.Logger = hclog.NewNullLogger()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	fill(&c.Timeout, audit.DefaultTimeout)
	fill(&c.MaxBlob, 256<<20)
	fill(&c.Quota, c.MaxBlob+c.MaxBlob/2)
	fill(&c.KeepUnnamed, 6*time.Hour)
	fill(&c.Connections, 1024)
	fill(&c.PerCaller, 16)
	fill(&c.Calls, 32)
	fill(&c.Idle, time.Minute)
	fill(&c.Frames, 2000)
	fill(&c.DailyLog, 64<<20)
	fill(&c.within, answerWithin)
	fill(&c.Grace, 5*time.Second)
	return c, nil
}

func fill[T int | int64 | time.Duration](v *T, value T) {
	if *v <= 0 {
		*v = value
	}
}

func (c Config) limits() blobs.Limits {
	l := blobs.Limits{Blob: c.MaxBlob, Quota: c.Quota, Least: leastBlob, Age: c.KeepUnnamed, Now: c.Now}
	if c.off.least {
		l.Least = 0
	}
	return l
}

// checkers is how many statements may have their blobs read at once: never one,
// because a single caller can occupy one.
func checkers() int { return max(2, runtime.GOMAXPROCS(0)) }
