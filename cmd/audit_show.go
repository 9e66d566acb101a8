package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/report"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/crypto"
)

// shownEntry is audit show --json.
type shownEntry struct {
	Entry     int64           `json:"entry"`
	Hash      string          `json:"leaf_hash"`
	Says      string          `json:"says"`
	Statement json.RawMessage `json:"statement"`
	Note      string          `json:"note"` // the leaf, byte for byte
	Proof     *shownProof     `json:"inclusion_proof,omitempty"`
}

type shownProof struct {
	Size  int64           `json:"size"`
	Root  crypto.Digest   `json:"root"`
	Proof []crypto.Digest `json:"proof"`
}

func newAuditShow(o *output) *cobra.Command {
	var lang string
	var proof bool
	c := &cobra.Command{
		Use:   "show DIR ENTRY [--proof] [--lang nl|en]",
		Short: "Show one entry of a bundle in plain words and as it was signed",
		Long: `show prints what one log entry says, in a sentence and as the JSON that was
signed. With --proof it adds the inclusion proof of RFC 6962 to the root of the
bundle's checkpoint. It judges nothing: audit verify does.

` + exitCodes,
		Example: "  smartstart audit show out/bundle 12",
		Args:    arguments(2, "audit show needs a folder and the number of an entry"),
		RunE: func(c *cobra.Command, args []string) error {
			_, lang, err := textsIn(lang)
			if err != nil {
				return err
			}
			index, err := strconv.ParseInt(args[1], 10, 64)
			if err != nil || index < 0 {
				return usage(strconv.Quote(args[1])+" is not the number of an entry", "give a number from 0; audit report names them")
			}
			dir, err := bundleFolder(args[0])
			if err != nil {
				return err
			}
			view, err := verify.Holding(os.DirFS(dir))
			if errors.Is(err, verify.ErrOtherEntries) {
				return &Error{codeFailedVerification, args[0] + ": " + err.Error(), "run smartstart audit verify " + args[0] + ", which says what is wrong; keep the bundle as evidence"}
			}
			if err != nil {
				return inFile(args[0], err)
			}
			if index >= view.Head.Size {
				return &Error{codeNoEntry, args[0] + " has " + thousands(int(view.Head.Size)) + " entries, the last is " + strconv.FormatInt(view.Head.Size-1, 10), "give a smaller number, or fetch a newer bundle"}
			}
			shown, err := showEntry(view, index, lang)
			if err == nil && proof {
				shown.Proof = &shownProof{Size: view.Head.Size, Root: view.Head.Root}
				shown.Proof.Proof, err = view.Proof(index)
			}
			if err != nil {
				return inFile(args[0], err)
			}
			return o.shown(shown)
		},
	}
	c.Flags().BoolVar(&proof, "proof", false, "add the inclusion proof")
	c.Flags().StringVar(&lang, "lang", "", "nl or en; the language of your system when not given")
	return c
}

// showEntry explains one entry of a bundle.
func showEntry(view *verify.View, index int64, lang string) (*shownEntry, error) {
	leaf, err := view.Leaf(index)
	if err != nil {
		return nil, err
	}
	shown := &shownEntry{Entry: index, Hash: view.Hash(index).String(), Note: string(leaf)}
	s, err := audit.Parse(leaf)
	if err != nil {
		shown.Says, shown.Statement = "it cannot be read: "+err.Error(), json.RawMessage("null")
		return shown, nil
	}
	shown.Says = says(view, s, lang)
	_, rest, _ := bytes.Cut(leaf, []byte("\n"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	shown.Statement = json.RawMessage(line)
	return shown, nil
}

// says is a statement in a sentence. The names of the points that it gives
// stand in the `open` of its attempt.
func says(view *verify.View, s *audit.Statement, lang string) string {
	var open *audit.Open
	if s.Attempt > 0 {
		open = view.Open(s)
	}
	return report.Describe(s, open, view.Find, lang)
}

func (o *output) shown(x *shownEntry) error {
	if o.json {
		return o.document(x)
	}
	o.print("entry %d, leaf hash %s", x.Entry, x.Hash)
	o.print("%s", x.Says)
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, x.Statement, "", "  "); err == nil {
		o.print("\n%s", pretty.String())
	}
	if p := x.Proof; p != nil {
		o.print("\ninclusion proof to the root %s of %d entries, from the leaf up:", p.Root, p.Size)
		for _, d := range p.Proof {
			o.print("  %s", d)
		}
	}
	return nil
}
