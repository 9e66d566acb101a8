package cmd

import (
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

func newStudyCheck(o *output) *cobra.Command {
	var k checking
	c := &cobra.Command{
		Use:   "check FILE [--codebook FILE | --config party.toml] [--data FILE --by COLUMN | --data FOLDER]",
		Short: "Check a study before anything is sent: is it allowed, what will it cost, is it enough",
		Long: `check reads a study file the way every institution will, against a codebook file
or the federation's own, and proposes nothing. It says what would be refused and
what to do about it; which columns are used, for what; how many rounds, numbers,
bytes and minutes it takes; how precise it will be; and whether that is enough,
or how many rows and institutions would be.

With --data (public or made-up records, one file cut by --by, or a folder with a
file for each institution) it also says who has the columns, counts rows, and
fits the study to them on this machine, without encryption; nothing of them is
sent. Without, --rows, --institutions and --events state what you expect.

All figures are estimates. It ends with exit code 0 when the study can be
proposed, also where "not enough yet" is said: whether to ask all the same is
yours to decide. It ends with 3 when something is refused.

` + exitCodes,
		Example: `  smartstart study check study.toml --codebook codebook.toml --rows 4000 --institutions 6 --events 0.17 --effect 1.3
  smartstart study check study.toml --data pupils.csv --by node --codebook codebook.toml`,
		Args: arguments(1, "study check needs one study file"),
		RunE: func(c *cobra.Command, args []string) error {
			k.connect = c.Flags().Changed("config")
			e, err := k.check(c.Context(), args[0])
			if err != nil {
				return err
			}
			if o.json {
				err = o.document(e)
			} else {
				e.print(o)
			}
			if err == nil && len(e.Refusals) > 0 {
				return &refusedStudy{e.Refusals}
			}
			return err
		},
	}
	k.register(c)
	f := c.Flags()
	f.StringVar(&k.codebook, "codebook", "", "a codebook file; the federation's when not given")
	f.StringVar(&k.data, "data", "", "public or made-up records: a CSV file, or a folder with one for each institution")
	f.StringVar(&k.by, "by", "", "the column of a file whose values are the institutions")
	f.IntVar(&k.rows, "rows", 0, "rows with every column to be expected, of all institutions together")
	f.IntVar(&k.institutions, "institutions", 0, "institutions to be expected")
	f.Float64Var(&k.events, "events", 0, "share of rows with the outcome to be expected, such as 0.17; for counts their mean")
	f.Float64Var(&k.effect, "effect", 0, "effect of one SD of a predictor that should be seen: a ratio such as 1.3, for a linear model SDs")
	f.Float64Var(&k.shared, "shared", 0.3, "share of a predictor's variance that the others explain")
	f.Float64Var(&k.speed, "speed", 10, "megabits a second that an institution can send")
	return c
}

// checking is a study check as it was typed.
type checking struct {
	partyFlags
	guess
	connect            bool // --config was given
	codebook, data, by string
}

func (k *checking) check(ctx context.Context, path string) (*expectation, error) {
	text, err := readFile(path, "study")
	if err != nil {
		return nil, err
	}
	study, err := configs.ParseStudy(text)
	if err != nil {
		return nil, inFile(path, err)
	}
	if err := k.guess.check(study.Model.Kind); err != nil {
		return nil, err
	}
	var d *data
	if k.data != "" {
		if d, err = openData(k.data, k.by); err != nil {
			return nil, err
		}
	} else if k.by != "" {
		return nil, usage("--by is for --data", "add --data FILE")
	}
	columns, fed, err := k.columns(ctx, study, d)
	if err != nil {
		return nil, err
	}
	e, err := expectFrom(string(text), columns, d, fed, &k.guess)
	return e, inFile(path, err)
}

// columns reads the codebook: the file that was named; else the federation's if
// one was named; else one drafted from the data; else the federation's. Where a
// federation was named, the file has to be the one of its charter.
func (k *checking) columns(ctx context.Context, study *configs.Study, d *data) (codebook []byte, fed *federationSeen, err error) {
	if k.codebook != "" {
		if codebook, err = k.partyFlags.codebook(ctx, k.codebook); err != nil {
			return nil, nil, err
		}
	}
	if !k.connect && (codebook != nil || d != nil) {
		if codebook == nil {
			codebook, err = d.draft(study)
		}
		return codebook, nil, err
	}
	err = k.act(ctx, func(ctx context.Context, s *party.Session) error {
		theirs, err := charterCodebook(ctx, s)
		if err != nil {
			return err
		}
		s.View(func(st *audit.State) { fed = seeFederation(st, study.About.ID) })
		if codebook != nil && crypto.DigestOf(codebook) != crypto.DigestOf(theirs) {
			return &Error{codeCodebook, k.codebook + " is another file than the codebook of " + fed.Name, "leave out --codebook: the federation's own is fetched"}
		}
		codebook = theirs
		return nil
	})
	return codebook, fed, err
}

// federationSeen is what the log says of those who would be asked.
type federationSeen struct {
	Name            string   `json:"name"`
	Institutions    []string `json:"institutions"` // in force
	Enrolled        []string `json:"enrolled"`     // of these, who accepted it
	MinInstitutions int      `json:"min_institutions"`
	Numbers         int64    `json:"numbers"` // the most that a study may open; 0: no cap
	Rehearsal       bool     `json:"rehearsal"`
	Proposed        bool     `json:"proposed"` // a study of this name is in the log
	Approved        []string `json:"approved"` // who approves it now

	charter *audit.Charter
}

func seeFederation(st *audit.State, study string) *federationSeen {
	c := st.Charter.Body.(*audit.Charter)
	f := &federationSeen{Name: st.Origin(), Institutions: []string{}, Enrolled: []string{}, MinInstitutions: c.MinInstitutions, Numbers: c.Numbers, Rehearsal: c.Rehearsal, Approved: []string{}, charter: c}
	s := st.Studies[study]
	f.Proposed = s != nil
	for _, name := range st.Institutions() {
		f.Institutions = append(f.Institutions, name)
		if st.Members[name] != nil {
			f.Enrolled = append(f.Enrolled, name)
		}
		if s != nil && s.Approved(name) {
			f.Approved = append(f.Approved, name)
		}
	}
	return f
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
	Role        string `json:"role"`
	Sensitivity string `json:"sensitivity"`
}

// explainStudy reads a study file against a codebook.
func explainStudy(text string, codebook []byte) (*asked, *node.Method, error) {
	method, err := node.OpenMethod(text, codebook)
	if err != nil {
		return nil, nil, err
	}
	state, err := method.Start()
	if err != nil {
		return nil, nil, err
	}
	shape, _, err := method.Shape(state)
	if err != nil {
		return nil, nil, err
	}
	s := method.Study
	a := &asked{
		Study: s.About.ID, Question: s.About.Question, Purpose: s.About.Purpose, Ends: string(s.About.Expires),
		Model: s.Model.Kind, Outcome: method.Plan.Outcome(), MinRows: s.Privacy.MinRows, MinOthers: s.Privacy.MinInstitutions,
		MaxRounds: s.Rounds.Max, Leaves: shape.Tensors, Uses: []usedColumn{}, NeverUses: []string{},
	}
	used, roles := method.Plan.Columns(), method.Plan.Roles()
	for _, c := range method.Codebook.Columns {
		if slices.Contains(used, c.Name) {
			a.Uses = append(a.Uses, usedColumn{c.Name, c.Label, strings.Join(roles[c.Name], ", "), c.Sensitivity})
		} else {
			a.NeverUses = append(a.NeverUses, c.Name)
		}
	}
	return a, method, nil
}

// numbers is how many numbers the first round opens.
func (a *asked) numbers() (n int) {
	for _, t := range a.Leaves {
		n += t.Len
	}
	return n
}
