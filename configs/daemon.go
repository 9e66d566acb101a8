package configs

import (
	"net"
	"path/filepath"
	"slices"
	"strings"
)

// Log is the [log] table of a daemon's file.
type Log struct {
	Level string `toml:"level"` // debug | info (default) | warn | error
	JSON  bool   `toml:"json"`  // one JSON object a line instead of text
}

// Metrics is the [metrics] table of a daemon's file.
type Metrics struct {
	Address string `toml:"address"` // "127.0.0.1:9464", loopback only; empty (default): no metrics
}

func (l *Log) validate(file string) error {
	if slices.Contains([]string{"debug", "info", "warn", "error"}, l.Level) {
		return nil
	}
	return fail(CodeValue, "choose one of: debug, info, warn, error", "%s: [log] level = %q is not known", file, l.Level)
}

func (m *Metrics) validate(file string) error {
	if m.Address == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(m.Address)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fail(CodeValue, `write "127.0.0.1:9464"; let a collector on this machine fetch them`,
			"%s: [metrics] address = %q is not host:port on loopback; metrics have no password", file, m.Address)
	}
	return nil
}

// address checks "host:port".
func address(file, key, value string) error {
	host, port, err := net.SplitHostPort(value)
	if err != nil || host == "" || port == "" || strings.ContainsAny(value, " /") {
		return fail(CodeValue, `write it as "federation.example.org:443"`, "%s: %s = %q is not host:port", file, key, value)
	}
	return nil
}

// under makes a path of a file absolute, or relative to where the file stands.
func under(dir string, paths ...*string) {
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
}
