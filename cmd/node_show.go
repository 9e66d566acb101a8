package cmd

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/node"
)

// asked is what a study asks of an institution: what its mandated person sees
// before deciding.
type asked struct {
	Study     string          `json:"study"`
	By        string          `json:"by"`
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
	Openers   int             `json:"openers,omitempty"`
	Of        int             `json:"of,omitempty"`
	Colluders int             `json:"withstands,omitempty"`
	Decision  string          `json:"decision"`
	File      string          `json:"study_file"`
}

type usedColumn struct {
	Name        string `json:"name"`
	Label       string `json:"label"`
	Sensitivity string `json:"sensitivity"`
}

func newNodeShow(o *output) *cobra.Command {
	var path string
	var within wait
	c := &cobra.Command{
		Use:   "show STUDY [--config node.toml]",
		Short: "Say what a study asks of this institution: read it before approving",
		Long: `show says who asks, why and until when, which columns are used and which never
are, what leaves this institution and who can open it, and what nobody promises.

` + exitCodes,
		Example: "  smartstart node show --config board1/node.toml language-delay",
		Args:    arguments(1, "node show needs the name of one study; see smartstart node requests"),
		RunE: func(c *cobra.Command, args []string) error {
			ctx, cancel := within.context(c.Context())
			defer cancel()
			return asApprover(ctx, path, func(ctx context.Context, config *configs.Node, s *party.Session) error {
				a, err := askedOf(ctx, s, args[0], config.About.Name)
				if err != nil {
					return err
				}
				if o.json {
					return o.document(a)
				}
				a.print(o, config.About.Name)
				return nil
			})
		},
	}
	nodeFlag(c, &path)
	within.register(c)
	return c
}

// askedOf reads a proposal with the charter's codebook.
func askedOf(ctx context.Context, s *party.Session, study, institution string) (*asked, error) {
	var text, decision, by string
	var charter *audit.Charter
	var err error
	s.View(func(st *audit.State) {
		var proposed *audit.Study
		if proposed, err = party.Study(st, study); err != nil {
			return
		}
		charter = st.Charter.Body.(*audit.Charter)
		text, by = proposed.Proposal.Body.(*audit.Proposal).Study, proposed.Proposer()
		if d := proposed.Decisions[institution]; d != nil {
			decision = d.Body.(*audit.Decision).Verdict
		}
	})
	if err != nil {
		return nil, err
	}
	var codebook bytes.Buffer
	if err := s.Client.GetBlob(ctx, charter.Codebook, 0, -1, &codebook); err != nil {
		return nil, err
	}
	a, err := explainStudy(text, codebook.Bytes())
	if err != nil {
		return nil, err
	}
	a.By, a.Decision = by, decision
	a.MinOthers = max(a.MinOthers, charter.MinInstitutions)
	if t, err := crypto.ThresholdsFor(len(charter.Founders), charter.Forgetful, a.MinOthers, charter.AllowPair); err == nil {
		a.Openers, a.Of, a.Colluders = t.T, t.N, t.C
	}
	return a, nil
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
		MaxRounds: s.Rounds.Max, Leaves: shape.Tensors, File: text, Uses: []usedColumn{}, NeverUses: []string{},
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

func (a *asked) print(o *output, institution string) {
	o.print("STUDY %s, proposed by %s", a.Study, a.By)
	o.print("  Question    %s", a.Question)
	o.print("  For what    %s", a.Purpose)
	if a.Ends != "" {
		o.print("  Until       %s", a.Ends)
	}
	o.print("  Model       %s regression of %q", a.Model, a.Outcome)
	o.print("  Uses        of each row without missing values:")
	for _, u := range a.Uses {
		sensitive := ""
		if u.Sensitivity != configs.Ordinary {
			sensitive = "  (" + u.Sensitivity + ")"
		}
		o.print("                %-14s %s%s", u.Name, u.Label, sensitive)
	}
	o.print("  Never uses  %s", strings.Join(a.NeverUses, ", "))
	o.print("  Leaves      sums over the rows of %s, encrypted before they leave; %d numbers in the first round, at most %d rounds:", institution, a.numbers(), a.MaxRounds)
	for _, t := range a.Leaves {
		o.print("                %-14s %d numbers of at most %d bits", t.Name, t.Len, t.Bits)
	}
	o.print("  Opened      only their total over at least %d institutions; with fewer than %d complete rows %s does not take part", a.MinOthers, a.MinRows, institution)
	if a.Openers > 0 {
		o.print("  Who opens   %d of the %d institutions together, when all take part; withstands %d of them working with the coordinator", a.Openers, a.Of, a.Colluders)
	}
	o.print("  Not protected: what a total itself tells; institutions that conspire beyond that number; data that are wrong.")
	o.print("                The encryption has had no outside review.")
	o.print("")
	switch a.Decision {
	case "":
		o.print("%s has not decided. To approve: smartstart node approve %s --ground GROUND --until DATE", institution, a.Study)
	default:
		o.print("The newest decision of %s: %s.", institution, a.Decision)
	}
}
