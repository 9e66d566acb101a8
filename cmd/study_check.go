package cmd

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/node"
)

func newStudyCheck(o *output) *cobra.Command {
	var f partyFlags
	var codebook string
	c := &cobra.Command{
		Use:   "check FILE [--codebook FILE | --config party.toml]",
		Short: "Check a study file against the codebook, and say what it will ask and cost",
		Long: `check reads a study file the way every institution will, against a codebook file
or the federation's own, and says what leaves each institution and how many
numbers are opened.

` + exitCodes,
		Example: "  smartstart study check study.toml --codebook codebook.toml",
		Args:    arguments(1, "study check needs one study file"),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := readFile(args[0], "study")
			if err != nil {
				return err
			}
			if _, err := configs.ParseStudy(text); err != nil {
				return inFile(args[0], err)
			}
			columns, err := f.codebook(c.Context(), codebook)
			if err != nil {
				return err
			}
			a, err := explainStudy(string(text), columns)
			if err != nil {
				return inFile(args[0], err)
			}
			if o.json {
				return o.document(struct {
					*asked
					Numbers int `json:"numbers_in_first_round"`
				}{a, a.numbers()})
			}
			o.print("%s can be proposed: a %s regression of %q on %d columns", a.Study, a.Model, a.Outcome, len(a.Uses)-1)
			o.print("  opened in the first round: %d numbers; at most %d rounds", a.numbers(), a.MaxRounds)
			o.print("  an institution takes part with at least %d complete rows; a total has at least %d institutions", a.MinRows, a.MinOthers)
			if sensitive := sensitiveOf(a); sensitive != "" {
				o.print("  sensitive columns, which every approver is shown: %s", sensitive)
			}
			return nil
		},
	}
	f.register(c)
	c.Flags().StringVar(&codebook, "codebook", "", "a codebook file; the federation's when not given")
	return c
}

func sensitiveOf(a *asked) (list string) {
	for _, u := range a.Uses {
		if u.Sensitivity != configs.Ordinary {
			list += fmt.Sprintf(" %s (%s)", u.Name, u.Sensitivity)
		}
	}
	return list
}

// asked is what a study file asks of every institution.
type asked struct {
	Study     string          `json:"study"`
	Question  string          `json:"question"`
	Purpose   string          `json:"purpose"`
	Ends      string          `json:"ends,omitempty"`
	Model     string          `json:"model"`
	Outcome   string          `json:"outcome"`
	Uses      []usedColumn    `json:"uses"`
	NeverUses []string        `json:"never_uses"`
	MinRows   int             `json:"min_rows"`
	MinOthers int             `json:"min_institutions"`
	MaxRounds int             `json:"max_rounds"`
	Leaves    []crypto.Tensor `json:"leaves"` // in the first round, encrypted
}

type usedColumn struct {
	Name        string `json:"name"`
	Label       string `json:"label"`
	Sensitivity string `json:"sensitivity"`
}

// explainStudy reads a study file against a codebook.
func explainStudy(text string, codebook []byte) (*asked, error) {
	method, err := node.OpenMethod(text, codebook)
	if err != nil {
		return nil, err
	}
	cb, err := configs.ParseCodebook(codebook)
	if err != nil {
		return nil, err
	}
	state, err := method.Start()
	if err != nil {
		return nil, err
	}
	shape, _, err := method.Shape(state)
	if err != nil {
		return nil, err
	}
	s := method.Study
	a := &asked{
		Study: s.About.ID, Question: s.About.Question, Purpose: s.About.Purpose, Ends: string(s.About.Expires),
		Model: s.Model.Kind, Outcome: s.Model.Outcome, MinRows: s.Privacy.MinRows, MinOthers: s.Privacy.MinInstitutions,
		MaxRounds: s.Rounds.Max, Leaves: shape.Tensors, Uses: []usedColumn{}, NeverUses: []string{},
	}
	used := method.Plan.Columns()
	for _, c := range cb.Columns {
		if slices.Contains(used, c.Name) {
			a.Uses = append(a.Uses, usedColumn{c.Name, c.Label, c.Sensitivity})
		} else {
			a.NeverUses = append(a.NeverUses, c.Name)
		}
	}
	return a, nil
}

// numbers is how many numbers one round opens.
func (a *asked) numbers() (n int) {
	for _, t := range a.Leaves {
		n += t.Len
	}
	return n
}
