// Package cmd is the command line: one file a subcommand, and the only place
// where the parts are wired. It prints results to standard output, everything
// else to standard error, and never a value from a record (but for data text, on
// the screen of who holds it).
package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/api"
)

const exitCodes = `Exit codes: 0 ok, 1 failed, 2 usage, 3 refused by policy, 4 waiting for a person, 5 verification failed.`

// Main runs one command and returns its exit code.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, stop := untilSignal()
	defer stop()
	o := &output{out: stdout, err: stderr}
	root := newRoot(o)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && strings.HasPrefix(err.Error(), "unknown command") {
		err = usage(firstLine(err.Error()), "see smartstart --help")
	}
	err = whenStopped(ctx, err)
	if err != nil {
		o.fail(err)
	}
	return exitCode(err)
}

// whenStopped turns the failure to reach the coordinator into what it is when
// somebody stopped the command meanwhile: ctx ends with nothing but a signal.
func whenStopped(ctx context.Context, err error) error {
	var e *api.Error
	if ctx.Err() == nil || !errors.As(err, &e) || e.Class != api.Unavailable && e.Class != api.Late {
		return err
	}
	return &Error{"SS8002", "stopped before the coordinator answered; until then: " + e.Error(), "run the same command again"}
}

// untilSignal ends with the first interrupt or SIGTERM; a second one ends the
// process at once. Its cause is plain cancellation: to be stopped is no error.
func untilSignal() (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
			signal.Stop(signals)
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel() }
}

func newRoot(o *output) *cobra.Command {
	root := &cobra.Command{
		Use:   "smartstart",
		Short: "Answer a question together; no record leaves its institution",
		Long: strings.TrimSpace(`
smartstart lets institutions answer a question together without any record
leaving any of them. Each institution's node sends one encrypted vector of
sums; the coordinator adds them and holds no key; only the total is opened, by
several institutions together; a log that anybody can check says what happened.

`) + "\n\n" + exitCodes,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().BoolVar(&o.json, "json", false, "print one JSON document")
	root.PersistentFlags().BoolVarP(&o.quiet, "quiet", "q", false, "print no progress")
	root.PersistentFlags().BoolVar(&o.plain, "no-color", false, "print no colours and no moving lines")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage(err.Error(), "see "+c.CommandPath()+" --help")
	})
	root.AddCommand(newSimulate(o), newDemo(o), newNode(o), newStudy(o), newAudit(o), newCoordinator(o), newDataGroup(o), newSynth(o), newVersion(o))
	return root
}

// arguments refuses left-over words with a sentence.
func arguments(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		if n == 0 {
			return usage("this command takes no arguments: "+strings.Join(args, " "), "see "+c.CommandPath()+" --help")
		}
		return usage(what, "see "+c.CommandPath()+" --help")
	}
}
