package cmd

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
)

// logFlags are the flags of a daemon's log; they win over its file.
type logFlags struct {
	json  bool
	level string
}

func (f *logFlags) register(c *cobra.Command) {
	c.Flags().BoolVar(&f.json, "log-json", false, "log one JSON object a line")
	c.Flags().StringVar(&f.level, "log-level", "", "debug, info, warn or error; the file's [log] level when not given")
}

// logger writes a daemon's log to standard error.
func (f *logFlags) logger(o *output, file configs.Log, name string) hclog.Logger {
	level := file.Level
	if f.level != "" {
		level = f.level
	}
	return hclog.New(&hclog.LoggerOptions{
		Name: name, Level: hclog.LevelFromString(level), Output: o.err, JSONFormat: f.json || file.JSON,
	})
}

// serveMetrics answers /metrics on loopback until ctx ends; stopped is closed
// then. An empty address serves nothing.
func serveMetrics(ctx context.Context, address string, logger hclog.Logger, view func(func(*audit.State))) (stopped <-chan struct{}, err error) {
	done := make(chan struct{})
	if address == "" {
		close(done)
		return done, nil
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, &Error{codeMetrics, "metrics cannot be served on " + address + ": " + cause(err), "choose another port in [metrics] address, or leave it out"}
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newStateCollector(view))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 8 << 10}
	logger.Info("metrics", "address", "http://"+l.Addr().String()+"/metrics")
	go func() {
		defer close(done)
		stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // nothing of a scrape is worth waiting for
		defer stop()
		if err := server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			logger.Error("metrics ended", "error", err)
		}
	}()
	return done, nil
}

// cause drops the address and path that the message names already.
func cause(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		err = sys.Err
	}
	return err.Error()
}
