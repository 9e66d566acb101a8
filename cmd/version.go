package cmd

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/crypto"
)

func newVersion(o *output) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version, the protocol and the parameter set",
		Example: "  smartstart version --json",
		Args:    arguments(0, ""),
		RunE: func(*cobra.Command, []string) error {
			v := struct {
				Version    string `json:"version"`
				Go         string `json:"go"`
				Protocol   int    `json:"protocol"`
				Parameters string `json:"parameters"`
			}{"devel", runtime.Version(), 1, crypto.Parameters}
			if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
				v.Version = info.Main.Version
			}
			if o.json {
				return o.document(v)
			}
			o.print("smartstart %s, protocol %d, parameters %s, %s", v.Version, v.Protocol, v.Parameters, v.Go)
			return nil
		},
	}
}
