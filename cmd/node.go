package cmd

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/node"
)

func newNode(o *output) *cobra.Command {
	c := &cobra.Command{
		Use:   "node",
		Short: "Run an institution's node, and decide as its mandated person",
		Long: `node sets up and runs an institution's own program, which only dials out. Its
rows stay with it. A study runs here only after the institution's mandated
person has approved it with a key of their own.

` + exitCodes,
		Args: group,
		RunE: help,
	}
	c.AddCommand(newNodeInit(o), newNodeEnrol(o), newNodeDoctor(o), newNodeRun(o),
		newNodeRequests(o), newNodeShow(o), newNodeApprove(o), newNodeDeny(o), newNodeWithdraw(o),
		newNodeAdvise(o), newNodePropose(o))
	return c
}

// nodeFlag is the --config of every node command.
func nodeFlag(c *cobra.Command, path *string) {
	c.Flags().StringVar(path, "config", "node.toml", "the institution's file")
}

// nodeConfig reads node.toml.
func nodeConfig(path string) (*configs.Node, error) {
	text, err := readFile(path, "node")
	if err != nil {
		return nil, err
	}
	parsed, err := configs.ParseNode(text)
	if err != nil {
		return nil, inFile(path, err)
	}
	return parsed.Under(filepath.Dir(path)), nil
}

// nodeSeat opens the seat in a party file of this institution: the node's own
// or that of one of its mandated people.
func nodeSeat(config *configs.Node, file, role string) (*party.Seat, error) {
	seat, p, err := party.Open(file)
	if err != nil {
		return nil, err
	}
	if p.Role != role || p.Institution != config.About.Name {
		return nil, &Error{"SS1204", file + " is not that of the " + inWords(role) + " of " + config.About.Name, "check [node] name, party, approver, second and officer in node.toml"}
	}
	if config.Coordinator.Address != "" {
		seat.Address = config.Coordinator.Address
	}
	if config.Coordinator.CAFile != "" {
		if seat.TLS.RootCAs, err = party.ReadPool(config.Coordinator.CAFile); err != nil {
			return nil, err
		}
	}
	return seat, nil
}

// policyOf puts node.toml in the terms of the node.
func policyOf(config *configs.Node) node.Policy {
	p := config.Policy
	return node.Policy{
		MinRows: p.MinRows, MinInstitutions: p.MinInstitutions,
		AllowColumns: p.AllowColumns, DenyColumns: p.DenyColumns, AllowMethods: p.AllowMethods, RunBetween: p.RunBetween,
		Openness: config.Data.Openness, Objections: config.Data.Objections,
		NumbersPerRow: p.NumbersPerRow, Epoch: p.Epoch,
	}
}

// nodeCodebook reads the institution's copy of the codebook.
func nodeCodebook(config *configs.Node) ([]byte, *configs.Codebook, error) {
	text, err := readFile(config.Data.Codebook, "codebook")
	if err != nil {
		return nil, nil, err
	}
	codebook, err := configs.ParseCodebook(text)
	return text, codebook, inFile(config.Data.Codebook, err)
}
