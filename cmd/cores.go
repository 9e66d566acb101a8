package cmd

import "github.com/hashicorp/go-hclog"

// withoutCores keeps the memory of a daemon, which holds private keys and at a
// node also records, out of core files. It is called before either is read.
//
// A system that refuses does not stop the daemon: a missing core switch costs
// something only if the daemon crashes too, a daemon that is down costs now.
func withoutCores(logger hclog.Logger) {
	if err := noCores(); err != nil {
		logger.Warn("core dumps could not be switched off: a crash may leave keys and records on the disk", "error", err,
			"remedy", "start it with ulimit -c 0, or LimitCORE=0 in a service unit")
	}
}
