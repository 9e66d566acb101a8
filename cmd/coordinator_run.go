package cmd

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/coordinator"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
)

func newCoordinatorRun(o *output) *cobra.Command {
	var path string
	var logs logFlags
	c := &cobra.Command{
		Use:   "run [--config coordinator.toml]",
		Short: "Serve the federation until stopped",
		Long: `run serves enrolment, the log and the blobs, and does the coordinator's part of
every round: it says who is in a sum and adds what it cannot read. It stops
gracefully on an interrupt or SIGTERM: calls under way may finish, and whatever
is left goes on after the next start. It logs to standard error.

` + exitCodes,
		Example: "  smartstart coordinator run --config coordinator/coordinator.toml",
		Args:    arguments(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			return runCoordinator(c.Context(), o, path, logs)
		},
	}
	c.Flags().StringVar(&path, "config", "coordinator.toml", "the file that coordinator init wrote")
	logs.register(c)
	return c
}

func runCoordinator(ctx context.Context, o *output, path string, logs logFlags) (err error) {
	config, err := coordinatorConfig(path)
	if err != nil {
		return err
	}
	logger := logs.logger(o, config.Log, "coordinator")
	withoutCores(logger)
	co, err := openCoordinator(config)
	if err != nil {
		return err
	}
	co.Logger = logger
	c, err := coordinator.Open(*co)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if written, err := c.Complete(ctx); err != nil {
		return err
	} else if !written {
		logger.Info("waiting for everybody invited to join", "missing", strings.Join(co.Enrol.Invitations.Missing(), ", "))
	}
	l, err := net.Listen("tcp", config.Serve.Listen)
	if err != nil {
		return &Error{codeListen, "cannot listen on " + config.Serve.Listen + ": " + cause(err), "choose another port in [serve] listen, or stop what listens there"}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stopped, err := serveMetrics(ctx, config.Metrics.Address, logger, func(see func(*audit.State)) { c.View(see) })
	if err != nil {
		return errors.Join(err, l.Close())
	}
	err = c.Serve(ctx, l)
	cancel(nil)
	<-stopped
	logger.Info("stopped")
	return err
}

// coordinatorConfig reads coordinator.toml.
func coordinatorConfig(path string) (*configs.Coordinator, error) {
	text, err := readFile(path, "coordinator")
	if err != nil {
		return nil, err
	}
	parsed, err := configs.ParseCoordinator(text)
	if err != nil {
		return nil, inFile(path, err)
	}
	return parsed.Under(filepath.Dir(path)), nil
}

// openCoordinator reads the keys and invitations that the file names.
func openCoordinator(config *configs.Coordinator) (*coordinator.Config, error) {
	keys, err := party.ReadKeys(config.About.Key)
	if err != nil {
		return nil, err
	}
	seat, err := party.NewSeat(keys)
	if err != nil {
		return nil, err
	}
	authorityPEM, err := readFile(config.About.CAFile, "certificate authority")
	if err != nil {
		return nil, err
	}
	authority, err := ca.ParseAuthority(authorityPEM, []byte(string(keys.Authority)))
	if err != nil {
		return nil, &Error{"SS1204", "the authority's certificate does not belong to the key in " + config.About.Key, "restore both from the same backup"}
	}
	codebook, err := readFile(config.Charter.Codebook, "codebook")
	if err != nil {
		return nil, err
	}
	if _, err := configs.ParseCodebook(codebook); err != nil {
		return nil, inFile(config.Charter.Codebook, err)
	}
	invitations, err := coordinator.OpenInvitations(config.About.Invitations)
	if err != nil {
		return nil, err
	}
	// A fresh certificate at every start: nothing to renew, nothing to steal.
	cert, err := authority.IssueServer(config.Serve.Hosts...)
	if err != nil {
		return nil, err
	}
	charter := config.Charter
	return &coordinator.Config{
		Origin: config.About.Name, Dir: config.About.State, Signer: seat.Signer, Key: seat.Party.Key,
		TLS: ca.TLSServer(authority.Pool(), cert), Timeout: time.Duration(config.Rounds.Timeout),
		MaxBlob: int64(config.Limits.MaxBlobMiB) << 20, Connections: config.Limits.Connections,
		Enrol: &coordinator.Enrolment{Invitations: invitations, Authority: authority, Terms: coordinator.Terms{
			Codebook: codebook, MinInstitutions: charter.MinInstitutions, Forgetful: charter.Forgetful,
			AllowPair: charter.AllowPair, Numbers: charter.Numbers, Rehearsal: charter.Rehearsal, Retention: charter.Retention,
		}},
	}, nil
}
