package cmd

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/node"
)

func newAudit(o *output) *cobra.Command {
	c := &cobra.Command{
		Use:   "audit",
		Short: "Check afterwards, offline, that what was promised is what happened",
		Long:  "audit fetches and checks the record of a federation.\n\n" + exitCodes,
		Args:  group,
		RunE:  help,
	}
	c.AddCommand(newEnrol(o, "audit", "auditor"), newAuditFetch(o), newAuditVerify(o), newAuditFollow(o))
	return c
}

func newAuditVerify(o *output) *cobra.Command {
	var config string
	c := &cobra.Command{
		Use:   "verify DIR [--config party.toml]",
		Short: "Replay a bundle: signatures, permissions, every sum, every model step",
		Long: `verify replays the log in an audit bundle with the rules that every party
followed, adds and opens every sum again, and recomputes every model state. It
needs no account, no key and no network. It ends with what it cannot prove. With
--config the log must be that of your own federation, under the coordinator's key
that you enrolled with.

` + exitCodes,
		Example: "  smartstart audit verify out/bundle",
		Args:    arguments(1, "audit verify needs one folder"),
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := bundleFolder(args[0])
			if err != nil {
				return err
			}
			var options []verify.Option
			if config != "" {
				seat, _, err := party.Open(config)
				if err != nil {
					return err
				}
				options = append(options, verify.Pinned(seat.Origin, seat.CoordinatorKey))
			}
			report, err := verify.Bundle(c.Context(), os.DirFS(dir), node.Methods{}, options...)
			if err != nil {
				return inFile(args[0], err)
			}
			if o.json {
				if err := o.document(report); err != nil {
					return err
				}
			} else {
				o.print("%s", report)
			}
			if n := len(report.Findings); n > 0 {
				return &Error{codeFailedVerification, plural(n, "finding") + " in " + args[0], "the entries and parties are named above; keep the bundle as evidence"}
			}
			said, err := checkResults(args[0], report)
			if err == nil && said != "" {
				o.print("%s", said)
			}
			return err
		},
	}
	c.Flags().StringVar(&config, "config", "", "your party file: pins the federation's log and coordinator")
	return c
}

// bundleFolder accepts the bundle itself or the --out folder it lies in.
func bundleFolder(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return "", &Error{"SS1007", fmt.Sprintf("there is no bundle folder %s", path), "give the folder that simulate --out or demo --out wrote"}
	}
	inside := filepath.Join(path, "bundle")
	if _, err := os.Stat(filepath.Join(path, "checkpoint")); err != nil {
		if info, err := os.Stat(inside); err == nil && info.IsDir() {
			return inside, nil
		} else if err != nil && !os.IsNotExist(err) {
			return "", &Error{"SS1007", fmt.Sprintf("the bundle folder %s cannot be read: %v", path, err.(*fs.PathError).Err), ""}
		}
	}
	return path, nil
}
