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
	Grace       time.Duration // how long calls under way may take when stopping; default 5 seconds
}

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
	fill(&c.Grace, 5*time.Second)
	return c, nil
}

func fill[T int | int64 | time.Duration](v *T, value T) {
	if *v <= 0 {
		*v = value
	}
}

func (c Config) limits() blobs.Limits {
	return blobs.Limits{Blob: c.MaxBlob, Quota: c.Quota, Age: c.KeepUnnamed, Now: c.Now}
}

// checkers is how many statements may have their blobs read at once.
func checkers() int { return runtime.GOMAXPROCS(0) }
