package cmd

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/node"
	"github.com/smartstart-federation/smartstart/node/records"
)

func newNodeRun(o *output) *cobra.Command {
	var path string
	var logs logFlags
	c := &cobra.Command{
		Use:   "run [--config node.toml]",
		Short: "Take part in approved studies until stopped",
		Long: `run follows the log and takes part in every study that the institution's
mandated person has approved and that its own policy admits. It only dials out.
It can be stopped at any moment, also by pulling the plug: what it promised is
in its journal. It logs to standard error, never a value from a record.

` + exitCodes,
		Example: "  smartstart node run --config board1/node.toml",
		Args:    arguments(0, ""),
		RunE:    func(c *cobra.Command, _ []string) error { return runNode(c.Context(), o, path, logs) },
	}
	nodeFlag(c, &path)
	logs.register(c)
	return c
}

func runNode(ctx context.Context, o *output, path string, logs logFlags) (err error) {
	config, err := nodeConfig(path)
	if err != nil {
		return err
	}
	logger := logs.logger(o, config.Log, "node")
	withoutCores(logger)
	seat, err := nodeSeat(config, config.About.Party, configs.RoleNode)
	if err != nil {
		return err
	}
	nodeKeys, err := nodeKeysBeside(config)
	if err != nil {
		return err
	}
	key, err := party.NodeKey(nodeKeys)
	if err != nil {
		return err
	}
	_, codebook, err := nodeCodebook(config)
	if err != nil {
		return err
	}
	if err := readable(config.Data.Path); err != nil {
		return err
	}
	if err := seat.Expired(); err != nil {
		return err
	}
	// Two processes over one folder would speak under one name and each think
	// the other's statements its own.
	release, err := lockFolder(config.About.State)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	client, err := seat.Dial()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	n, err := node.Open(node.Config{
		Name: seat.Party.Name, Origin: seat.Origin, CoordinatorKey: seat.CoordinatorKey, Signer: seat.Signer, Key: key,
		Dir: config.About.State, Coordinator: client, Policy: policyOf(config), Logger: logger, Timeout: time.Duration(config.Rounds.Timeout),
		Records: &records.File{Path: config.Data.Path, Codebook: codebook},
		Applied: func(a loop.Applied) { logApplied(logger, seat.Party.Name, a) },
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stopped, err := serveMetrics(ctx, config.Metrics.Address, logger, n.Party().View)
	if err != nil {
		cancel()
		return errors.Join(err, n.Run(ctx))
	}
	logger.Info("running", "institution", seat.Party.Name, "coordinator", seat.Address, "log", seat.Origin)
	go sayWaiting(ctx, logger, n.Party().Waiting)
	err = n.Run(ctx)
	cancel()
	<-stopped
	logger.Info("stopped")
	return err
}

func errFolderInUse(dir string) error {
	return &Error{"SS1008", "another node runs with the folder " + dir, "stop the other one first, or give this one its own [node] state"}
}

// logApplied tells the operator what the log says that matters here.
func logApplied(logger hclog.Logger, me string, a loop.Applied) {
	if a.Finding != nil {
		logger.Error("the log holds a void entry", "entry", a.Index, "code", a.Finding.Code, "why", a.Finding.Sentence)
		return
	}
	s := a.Statement
	switch b := s.Body.(type) {
	case *audit.Proposal:
		logger.Info("a study was proposed; the approver decides", "study", s.Study, "by", s.Signer)
	case *audit.Decision:
		if b.Institution == me {
			logger.Info("decided", "study", s.Study, "decision", b.Verdict)
		}
	case *audit.Open:
		logger.Info("a round began", "study", s.Study, "round", s.Round, "attempt", s.Attempt, "institutions", len(b.Seats))
	case *audit.Result:
		logger.Info("a total was opened", "study", s.Study, "round", s.Round, "attempt", s.Attempt, "valid", b.Valid)
	case *audit.Close:
		logger.Info("a study ended", "study", s.Study, "reason", b.Reason)
	}
}
