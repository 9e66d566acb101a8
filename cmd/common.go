package cmd

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// group is for commands that only hold others.
func group(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(fmt.Sprintf("unknown command %q for %q", args[0], c.CommandPath()), "see "+c.CommandPath()+" --help")
	}
	return nil
}

func help(c *cobra.Command, _ []string) error { return c.Help() }

// atMost refuses more words than n.
func atMost(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		return usage(what, "see "+c.CommandPath()+" --help")
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// joinOr joins lines, or says otherwise when there are none.
func joinOr(lines []string, otherwise string) string {
	if len(lines) == 0 {
		return otherwise
	}
	return strings.Join(lines, "; ")
}

// wait is how long a command that answers once tries to reach the coordinator.
type wait struct{ timeout time.Duration }

func (w *wait) register(c *cobra.Command) { w.registerFor(c, 30*time.Second) }

// registerFor is register for commands that also transfer much.
func (w *wait) registerFor(c *cobra.Command, timeout time.Duration) {
	c.Flags().DurationVar(&w.timeout, "timeout", timeout, "how long to try to reach the coordinator")
}

func (w *wait) context(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, w.timeout)
}

// readable reports why a file cannot be opened.
func readable(path string) error {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return &Error{"SS1002", "there is no file " + path, "check the path; paths are relative to the folder you are in"}
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return &Error{"SS1003", fmt.Sprintf("the file cannot be read: %v", err), "check who may read it"}
	}
	return nil
}

// readLarge reads a file of records.
func readLarge(path string) ([]byte, error) {
	if err := readable(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}
