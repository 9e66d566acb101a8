package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/cmd/party"
)

// compared is audit compare --json.
type compared struct {
	*verify.Comparison
	Says     []string `json:"says,omitempty"` // what the first different entry says, on each side
	Evidence string   `json:"evidence,omitempty"`
}

func newAuditCompare(o *output) *cobra.Command {
	var config, evidence, lang string
	c := &cobra.Command{
		Use:   "compare A B [--evidence FILE] [--config party.toml]  |  compare FILE",
		Short: "Say whether two parties hold the same log, or the coordinator showed them two",
		Long: `compare takes what two parties hold of one log: bundle folders, or checkpoint
files such as party.checkpoint. It says whether they are the same log, whether one
goes on where the other ends, or whether they contradict each other: a fork, which
only the coordinator can make. For a fork it says which entry differs first, what
each side says there and who signed both, and --evidence writes a file that a
third party can check with this command and the coordinator's key alone.

Exit codes: 0 the same log, or one goes on where the other ends; 5 a fork; 2 they
cannot be compared.`,
		Example: "  smartstart audit compare ours theirs --evidence fork.json\n  smartstart audit compare fork.json",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 1 || len(args) == 2 {
				return nil
			}
			return usage("audit compare needs two bundles or checkpoints, or one file of evidence", "see "+c.CommandPath()+" --help")
		},
		RunE: func(c *cobra.Command, args []string) error {
			_, lang, err := textsIn(lang)
			if err != nil {
				return err
			}
			var origin, key string
			if config != "" {
				seat, _, err := party.Open(config)
				if err != nil {
					return err
				}
				origin, key = seat.Origin, seat.CoordinatorKey
			}
			if len(args) == 1 {
				return checkEvidence(o, args[0], key)
			}
			var views [2]*verify.View
			for i, path := range args {
				if views[i], err = openView(path); err != nil {
					return notCompared(path, err)
				}
			}
			x, err := verify.Compare(views[0], views[1], origin, key)
			if err != nil {
				return notCompared(args[0]+" and "+args[1], err)
			}
			return o.compared(x, views, args, lang, evidence)
		},
	}
	c.Flags().StringVar(&config, "config", "", "your party file: pins the federation's log and coordinator")
	c.Flags().StringVar(&evidence, "evidence", "", "a new file for the evidence of a fork")
	c.Flags().StringVar(&lang, "lang", "", "nl or en, for what entries say; the language of your system when not given")
	return c
}

func notCompared(what string, err error) error {
	return &Error{codeNotCompared, what + ": " + err.Error(), "compare bundle folders or checkpoint files of one log; audit verify says what is wrong inside a bundle; --config names the coordinator's key"}
}

// maxSmallFile bounds the checkpoints and the evidence that are read.
const maxSmallFile = 1 << 20

// readSmall reads a file from somebody else, of at most 1 MiB.
func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("it cannot be read: %s", fileCause(err))
	}
	if !info.Mode().IsRegular() || info.Size() > maxSmallFile {
		return nil, fmt.Errorf("it is no file of at most %d bytes", maxSmallFile)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("it cannot be read: %s", fileCause(err))
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSmallFile))
}

// openView opens a bundle folder or a checkpoint file.
func openView(path string) (*verify.View, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		dir, err := bundleFolder(path)
		if err != nil {
			return nil, err
		}
		return verify.Holding(os.DirFS(dir))
	}
	signed, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	return verify.Checkpoint(signed)
}

// compared prints a comparison; a fork is an error.
func (o *output) compared(x *verify.Comparison, views [2]*verify.View, paths []string, lang, evidence string) error {
	said := compared{Comparison: x}
	for i, leaf := range x.Leaves {
		if leaf == nil {
			continue
		}
		s, err := audit.Parse(leaf)
		if err != nil {
			said.Says = append(said.Says, "it cannot be read: "+err.Error())
			continue
		}
		said.Says = append(said.Says, fmt.Sprintf("%s (signed %s)", says(views[i], s, lang), s.Time))
	}
	if x.Relation == verify.Forked && evidence != "" {
		b, err := indented(x.Evidence)
		if err != nil {
			return err
		}
		if err := newFile(evidence, b); err != nil {
			return err
		}
		said.Evidence = evidence
	}
	if o.json {
		if err := o.document(said); err != nil {
			return err
		}
	}
	a, b := paths[0], paths[1]
	short, long := 0, 1
	if x.Sizes[0] > x.Sizes[1] {
		short, long = 1, 0
	}
	switch x.Relation {
	case verify.Same:
		o.print("the same log: %s, %s entries, root %s", x.Origin, thousands(int(x.Sizes[0])), views[0].Head.Root)
		return nil
	case verify.Prefix:
		o.print("one log: %s (%s entries) goes on where %s (%s entries) ends", paths[long], thousands(int(x.Sizes[long])), paths[short], thousands(int(x.Sizes[short])))
		return nil
	case verify.Unknown:
		return &Error{codeNotCompared, fmt.Sprintf("%s covers %d entries and %s %d: without the entries of the longer log nobody can say whether it goes on from the other", a, x.Sizes[0], b, x.Sizes[1]),
			"compare with a bundle of the longer log"}
	}
	o.print("A FORK: the coordinator signed two histories of %s", x.Origin)
	for i, path := range paths {
		o.print("  %s: %s entries, root %s", path, thousands(int(x.Sizes[i])), views[i].Head.Root)
	}
	if x.First >= 0 {
		o.print("the first entry that differs is %d", x.First)
		for i, path := range paths {
			o.print("  %s: %s", path, said.Says[i])
		}
	} else {
		o.print("which entry differs first cannot be told from a checkpoint, or one of the logs ends there")
	}
	o.print("signed both: %s", strings.Join(x.Both, ", "))
	remedy := "keep both, and do not act on either log; --evidence FILE writes what a third party can check"
	if evidence != "" {
		o.print("evidence: %s", evidence)
		remedy = "keep both, and do not act on either log; show " + evidence + " to the other institutions"
	}
	return &Error{codeFailedVerification, fmt.Sprintf("%s and %s are two histories of one log", a, b), remedy}
}

// checkEvidence checks a file that audit compare --evidence wrote.
func checkEvidence(o *output, path, key string) error {
	b, err := readSmall(path)
	if err != nil {
		return notCompared(path, err)
	}
	var e verify.Evidence
	if err := json.Unmarshal(b, &e); err != nil {
		return notCompared(path, fmt.Errorf("it is no file of evidence"))
	}
	if err := e.Check(key); err != nil {
		return notCompared(path, err)
	}
	if o.json {
		if err := o.document(struct {
			Relation string `json:"relation"`
			Origin   string `json:"origin"`
			Key      string `json:"coordinator_key"`
			Pinned   bool   `json:"pinned"`
		}{verify.Forked, e.Origin, e.Key, key != ""}); err != nil {
			return err
		}
	}
	o.print("A FORK: whoever holds the key %s signed two histories of %s", e.Key, e.Origin)
	if key == "" {
		o.print("the key is the one that the file itself names: compare it with the charter of your federation, or give --config")
	}
	return &Error{codeFailedVerification, path + " shows two histories of one log", "do not act on either"}
}
