// Command smartstart is the whole product: coordinator, node, researcher's and
// auditor's tool.
package main

import (
	"os"

	"github.com/smartstart-federation/smartstart/cmd"
)

func main() { os.Exit(cmd.Main(os.Args[1:], os.Stdout, os.Stderr)) }
