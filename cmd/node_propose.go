package cmd

import (
	"bytes"
	"context"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
)

func newNodePropose(o *output) *cobra.Command {
	c := &cobra.Command{
		Use:   "propose",
		Short: "Propose that the federation changes: its rules, its institutions, its people",
		Long: `propose signs, with the key of the mandated person, that something changes in the
federation. Nothing changes by that alone: it takes effect once a quorum of the
institutions has agreed with node approve. Only an institution's own node is
stopped at once.

` + exitCodes,
		Args: group,
		RunE: help,
	}
	c.AddCommand(newProposeAmend(o), newProposeAdmit(o), newProposeExpel(o), newProposeGrant(o), newProposeRevoke(o))
	return c
}

// proposing is what every command of node propose has.
type proposing struct {
	config string
	within wait
}

func (p *proposing) register(c *cobra.Command) {
	nodeFlag(c, &p.config)
	p.within.register(c)
}

// act connects as the approver.
func (p *proposing) act(ctx context.Context, act func(context.Context, *configs.Node, *party.Session) error) error {
	ctx, cancel := p.within.context(ctx)
	defer cancel()
	return asPerson(ctx, p.config, act, configs.RoleApprover)
}

// amending is an amendment as it was typed.
type amending struct {
	proposing
	name, retention, codebook  string
	minInstitutions, forgetful int
	numbers                    int64
	rehearsal                  bool
	dpia, review               string // SHA-256, hexadecimal
}

func newProposeAmend(o *output) *cobra.Command {
	var a amending
	c := &cobra.Command{
		Use:   "amend [--min-institutions N] [--numbers N] [--retention TEXT] [--codebook FILE] ...",
		Short: "Propose other rules for the federation",
		Long: `amend proposes a charter in which what is given here differs from the one in
force. Studies keep the rules under which they were proposed. It never changes who
is in the federation: see the other commands of node propose.

` + exitCodes,
		Example: "  smartstart node propose amend --config board1/node.toml --min-institutions 4 --numbers 2000",
		Args:    arguments(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			given := c.Flags().Changed
			if given("rehearsal") && !a.rehearsal && (a.dpia == "" || a.review == "") {
				return usage("a federation that is no rehearsal names its DPIA and an outside review of the cryptography",
					"add --dpia and --review, the SHA-256 digests of the two files as sha256sum prints them")
			}
			any := false
			for _, name := range []string{"name", "min-institutions", "forgetful", "numbers", "retention", "codebook", "rehearsal", "dpia", "review"} {
				any = any || given(name)
			}
			if !any {
				return usage("nothing would change", "say what: --min-institutions, --forgetful, --numbers, --retention, --codebook, --rehearsal=false or --name")
			}
			var codebook []byte
			if given("codebook") {
				var err error
				if codebook, err = readFile(a.codebook, "codebook"); err != nil {
					return err
				}
				if _, err := configs.ParseCodebook(codebook); err != nil {
					return inFile(a.codebook, err)
				}
			}
			return a.act(c.Context(), func(ctx context.Context, _ *configs.Node, s *party.Session) error {
				var next audit.Charter
				s.View(func(st *audit.State) {
					next = *st.Charter.Body.(*audit.Charter)
					next.Amends = st.Charter.Hash
				})
				if err := a.into(&next, given); err != nil {
					return err
				}
				if codebook != nil {
					next.Codebook = crypto.DigestOf(codebook)
					if err := s.Client.PutBlob(ctx, next.Codebook, int64(len(codebook)), bytes.NewReader(codebook)); err != nil {
						return err
					}
				}
				if given("rehearsal") && !a.rehearsal {
					o.event(false, "note: whoever agrees says that they have read both documents: the log holds only their digests, and nobody else checks what they say")
				}
				return moved(ctx, o, s, &next, nextEndorse)
			})
		},
	}
	a.register(c)
	f := c.Flags()
	f.StringVar(&a.name, "name", "", "what the charter calls the federation")
	f.IntVar(&a.minInstitutions, "min-institutions", 0, "institutions that every opened sum has at least")
	f.IntVar(&a.forgetful, "forgetful", 0, "nodes that may forget a vote or a release without harm")
	f.Int64Var(&a.numbers, "numbers", 0, "the most numbers that one study may open; 0: no cap")
	f.StringVar(&a.retention, "retention", "", "how long uploads are kept, in words")
	f.StringVar(&a.codebook, "codebook", "", "another codebook file; each institution puts it in its node.toml too")
	f.BoolVar(&a.rehearsal, "rehearsal", true, "with public or synthetic data only; --rehearsal=false needs --dpia and --review")
	f.StringVar(&a.dpia, "dpia", "", "SHA-256 digest of the federation's data protection impact assessment")
	f.StringVar(&a.review, "review", "", "SHA-256 digest of an outside review of the cryptography")
	return c
}

// into writes what was given into a charter.
func (a *amending) into(c *audit.Charter, given func(string) bool) error {
	if given("name") {
		c.Name = a.name
	}
	if given("min-institutions") {
		c.MinInstitutions = a.minInstitutions
	}
	if given("forgetful") {
		c.Forgetful = a.forgetful
	}
	if given("numbers") {
		c.Numbers = a.numbers
	}
	if given("retention") {
		c.Retention = a.retention
	}
	if given("rehearsal") {
		c.Rehearsal = a.rehearsal
	}
	for _, file := range []struct {
		flag, digest string
		to           *crypto.Digest
	}{{"dpia", a.dpia, &c.DPIA}, {"review", a.review, &c.Review}} {
		if file.digest == "" {
			continue
		}
		if err := file.to.UnmarshalText([]byte(file.digest)); err != nil {
			return usage("--"+file.flag+" is not the SHA-256 digest of a file", "give 64 hexadecimal digits, as sha256sum prints them")
		}
	}
	return nil
}
