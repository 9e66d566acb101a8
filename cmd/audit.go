package cmd

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit/verify"
)

func newAudit(o *output) *cobra.Command {
	c := &cobra.Command{
		Use:   "audit",
		Short: "Check afterwards, offline, that what was promised is what happened",
		Long:  "audit fetches and checks the record of a federation.\n\n" + exitCodes,
		Args:  group,
		RunE:  help,
	}
	c.AddCommand(newEnrol(o, "audit", "auditor"), newAuditFetch(o), newAuditVerify(o), newAuditReport(o), newAuditShow(o), newAuditCompare(o), newAuditFollow(o))
	return c
}

func newAuditVerify(o *output) *cobra.Command {
	var config string
	var cosigned bool
	c := &cobra.Command{
		Use:   "verify DIR [--config party.toml] [--cosigned]",
		Short: "Replay a bundle: signatures, permissions, every sum, every model step",
		Long: `verify replays the log in an audit bundle with the rules that every party
followed, adds and opens every sum again, and recomputes every model state. It
needs no account, no key and no network. It ends with what it cannot prove. With
--config the log must be that of your own federation, under the coordinator's key
that you enrolled with. With --cosigned a quorum of institutions must have
co-signed the log up to its last entry; without it the report says who has.

` + exitCodes,
		Example: "  smartstart audit verify out/bundle",
		Args:    arguments(1, "audit verify needs one folder"),
		RunE: func(c *cobra.Command, args []string) error {
			var options []verify.Option
			if cosigned {
				options = append(options, verify.RequireCosigned())
			}
			report, err := verifyFolder(c.Context(), args[0], config, options...)
			if err != nil {
				return err
			}
			if o.json {
				if err := o.document(report); err != nil {
					return err
				}
			} else {
				o.print("%s", report)
			}
			if err := verified(args[0], report, "above"); err != nil {
				return err
			}
			said, err := checkResults(args[0], report)
			if err == nil && said != "" {
				o.print("%s", said)
			}
			return err
		},
	}
	c.Flags().StringVar(&config, "config", "", "your party file: pins the federation's log and coordinator")
	c.Flags().BoolVar(&cosigned, "cosigned", false, "fail unless a quorum of institutions co-signed the whole log")
	return c
}

// bundleFolder accepts the bundle itself or the --out folder it lies in.
func bundleFolder(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return "", &Error{"SS1007", fmt.Sprintf("there is no bundle folder %s", path), "give the folder that audit fetch --out, simulate --out or demo --out wrote"}
	}
	inside := filepath.Join(path, "bundle")
	if _, err := os.Stat(filepath.Join(path, "checkpoint")); err != nil {
		if info, err := os.Stat(inside); err == nil && info.IsDir() {
			return inside, nil
		} else if err != nil && !os.IsNotExist(err) {
			return "", &Error{"SS1007", fmt.Sprintf("the bundle folder %s cannot be read: %v", path, fileCause(err)), "check the permissions of the folder"}
		}
	}
	return path, nil
}
