package cmd

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
)

// deciding is a decision as it is typed.
type deciding struct {
	config, ground, purpose, until, dpia string
	acceptIsolated, second               bool
	within                               wait
}

func newNodeApprove(o *output) *cobra.Command {
	var d deciding
	c := &cobra.Command{
		Use:   "approve STUDY --ground GROUND --until DATE, or approve ID",
		Short: "Approve a study, or agree with a change of the federation, with the key of the mandated person",
		Long: `approve signs the institution's approval of a study: its own legal ground,
purpose and end date. It is for the person whom the institution has mandated,
with that person's own key. See the study first with node show.

Where the institution has a second approver, an approval counts once both have
signed the same. The one who comes later gives no ground and date: without them
the same as the other's is signed.

With the id of a change that node requests lists (twelve digits, or more of its
hash where two begin with the same), approve signs
that the institution agrees with it: with other rules, with whom comes or goes,
with the publication of results, which is first computed again on this machine.

Grounds: ` + strings.Join(audit.Grounds(), ", ") + `.
A rehearsal has the ground rehearsal, and only a rehearsal has it.

` + exitCodes,
		Example: "  smartstart node approve --config board1/node.toml language-delay --ground rehearsal --until 2027-07-31\n" +
			"  smartstart node approve --config board1/node.toml 3f9c01d2a4be",
		Args: arguments(1, "node approve needs the name of one study, or the id of a change; see smartstart node requests"),
		RunE: func(c *cobra.Command, args []string) error {
			body := audit.Decision{Verdict: "approve", Ground: d.ground, Purpose: d.purpose, Expires: d.until, AcceptAlone: d.acceptIsolated}
			if d.ground == "" && d.until == "" && d.purpose == "" && d.dpia == "" && !d.acceptIsolated {
				return d.sign(c.Context(), o, args[0], body) // the same as the other approver, if there is one
			}
			if d.ground == "" || d.until == "" {
				return usage("an approval needs a legal ground and an end date", "add --ground and --until, such as --until 2027-07-31")
			}
			if _, err := time.Parse(time.DateOnly, d.until); err != nil {
				return usage("--until is not a date", "write it as 2027-07-31")
			}
			if d.dpia != "" {
				if err := body.DPIA.UnmarshalText([]byte(d.dpia)); err != nil {
					return usage("--dpia is not the SHA-256 digest of a file", "give 64 hexadecimal digits, as sha256sum prints them")
				}
			}
			return d.sign(c.Context(), o, args[0], body)
		},
	}
	d.register(c)
	c.Flags().StringVar(&d.ground, "ground", "", "the institution's legal ground")
	c.Flags().StringVar(&d.until, "until", "", "the last day on which this institution takes part")
	c.Flags().StringVar(&d.purpose, "purpose", "", "the institution's own purpose; the study's when not given")
	c.Flags().StringVar(&d.dpia, "dpia", "", "SHA-256 digest of the data protection impact assessment")
	c.Flags().BoolVar(&d.acceptIsolated, "accept-isolated", false, "accept that a difference between two sums may show this institution's numbers alone")
	return c
}

func newNodeDeny(o *output) *cobra.Command {
	var d deciding
	c := &cobra.Command{
		Use:     "deny STUDY",
		Short:   "Refuse a study with the key of the mandated person",
		Long:    "deny signs that the institution does not take part in a study. It can approve\nlater, as long as no round has begun.\n\n" + exitCodes,
		Example: "  smartstart node deny --config board1/node.toml language-delay",
		Args:    arguments(1, "node deny needs the name of one study; see smartstart node requests"),
		RunE: func(c *cobra.Command, args []string) error {
			return d.sign(c.Context(), o, args[0], audit.Decision{Verdict: "deny"})
		},
	}
	d.register(c)
	return c
}

func newNodeWithdraw(o *output) *cobra.Command {
	var d deciding
	c := &cobra.Command{
		Use:   "withdraw STUDY",
		Short: "Take an approval back with the key of the mandated person",
		Long: `withdraw signs that the institution no longer takes part. The node uploads
nothing more for the study. Totals that were opened before stay opened; the
command lists them.

` + exitCodes,
		Example: "  smartstart node withdraw --config board1/node.toml language-delay",
		Args:    arguments(1, "node withdraw needs the name of one study; see smartstart node requests"),
		RunE: func(c *cobra.Command, args []string) error {
			return d.sign(c.Context(), o, args[0], audit.Decision{Verdict: "withdraw"})
		},
	}
	d.register(c)
	return c
}

func (d *deciding) register(c *cobra.Command) {
	nodeFlag(c, &d.config)
	c.Flags().BoolVar(&d.second, "second", false, "sign as the second approver, where the files of both are here")
	d.within.register(c)
}

// decided is the document of a decision.
type decided struct {
	Study       string        `json:"study"`
	Institution string        `json:"institution"`
	Decision    string        `json:"decision"`
	Until       string        `json:"until,omitempty"`
	WaitsFor    string        `json:"waits_for,omitempty"` // whose signature an approval still needs
	Entry       int64         `json:"entry"`
	Digest      crypto.Digest `json:"digest"`
	Used        []int         `json:"rounds_that_used_the_data"`
}

// sign makes the decision.
func (d *deciding) sign(ctx context.Context, o *output, study string, body audit.Decision) error {
	ctx, cancel := d.within.context(ctx)
	defer cancel()
	return asPerson(ctx, d.config, func(ctx context.Context, config *configs.Node, s *party.Session) (err error) {
		if body.Verdict == "approve" {
			m, err := motionNamed(s, study)
			if err != nil {
				return err
			}
			if m != nil {
				return d.endorse(ctx, o, s, m, body)
			}
		}
		body.Institution = config.About.Name
		done := decided{Study: study, Institution: body.Institution, Decision: body.Verdict, Used: []int{}}
		s.View(func(st *audit.State) {
			var proposed *audit.Study
			if proposed, err = party.Study(st, study); err != nil {
				return
			}
			if body.Verdict == "approve" && body.Ground == "" {
				if body, err = asTheOther(proposed, body, s.Seat.Party.Name); err != nil {
					return
				}
			}
			done.Until = body.Expires
			if body.Verdict == "approve" && body.Purpose == "" {
				body.Purpose = purposeOf(proposed)
			}
			done.Used = roundsWith(proposed, body.Institution)
		})
		if err != nil {
			return err
		}
		if body.Verdict == "approve" {
			warn(ctx, o, config, s, study)
		}
		signed, err := s.Decide(ctx, study, body)
		if err != nil {
			return err
		}
		done.Entry, done.Digest = signed.Index, signed.Hash
		s.View(func(st *audit.State) { done.WaitsFor = missingSigner(st, st.Studies[study], body.Institution) })
		if o.json {
			return o.document(done)
		}
		switch body.Verdict {
		case "approve":
			if done.WaitsFor != "" {
				o.print("%s has signed the approval of %s until %s, in entry %d of the log; it counts once %s has signed the same", s.Seat.Party.Name, study, done.Until, done.Entry, done.WaitsFor)
				o.print("next, with that person's own key: smartstart node approve %s", study)
				return nil
			}
			o.print("%s has approved %s until %s, in entry %d of the log.", done.Institution, study, done.Until, done.Entry)
		case "deny":
			o.print("%s does not take part in %s, in entry %d of the log.", done.Institution, study, done.Entry)
		default:
			o.print("%s has withdrawn from %s, in entry %d of the log. Nothing more is uploaded.", done.Institution, study, done.Entry)
			if len(done.Used) > 0 {
				o.print("Totals that were opened before and stay opened: %s.", plural(len(done.Used), "round"))
			}
		}
		return nil
	}, d.roles()...)
}

// roles are those of who decides: the approver, or on another machine the
// second one.
func (d *deciding) roles() []string {
	if d.second {
		return []string{configs.RoleSecond}
	}
	return []string{configs.RoleApprover, configs.RoleSecond}
}

// asTheOther returns what the institution's other approver has signed, for this
// one to sign the same.
func asTheOther(s *audit.Study, body audit.Decision, me string) (audit.Decision, error) {
	half := s.Half[body.Institution]
	if half == nil || half.Signer == me {
		return body, usage("an approval needs a legal ground and an end date", "add --ground and --until, such as --until 2027-07-31")
	}
	return *half.Body.(*audit.Decision), nil
}

// missingSigner names the approver whose signature an institution's approval
// still waits for; "" when it waits for nobody's.
func missingSigner(st *audit.State, s *audit.Study, institution string) string {
	half := s.Half[institution]
	f, ok := st.Institution(institution)
	switch {
	case half == nil || !ok:
		return ""
	case half.Signer == f.Approver.Name:
		return f.Second.Name
	}
	return f.Approver.Name
}

// decidedBy says what an institution has decided, and whose signature is
// missing.
func decidedBy(st *audit.State, s *audit.Study, institution string) string {
	said := "nothing yet"
	if d := s.Decisions[institution]; d != nil {
		said = d.Body.(*audit.Decision).Verdict
	}
	if who := missingSigner(st, s, institution); who != "" {
		said += "; an approval waits for the signature of " + who
	}
	return said
}

// endorse signs that the institution agrees with a motion.
func (d *deciding) endorse(ctx context.Context, o *output, s *party.Session, m *audit.Motion, typed audit.Decision) error {
	if typed != (audit.Decision{Verdict: typed.Verdict}) {
		return usage(motionID(m.Statement.Hash)+" is a change of the federation: an agreement with it has no ground, purpose, date or assessment", "leave these flags out")
	}
	if _, err := checkPublished(ctx, s, m.Statement); err != nil {
		return err
	}
	if _, err := s.Say(ctx, audit.Header{Study: m.Statement.Study}, &audit.Endorse{Motion: m.Statement.Hash}, nil); err != nil {
		return err
	}
	return showMotion(o, s, m.Statement.Hash, nil, nextEndorse)
}

// warn tells an approver what the node's own policy will say: an approval does
// not change it.
func warn(ctx context.Context, o *output, config *configs.Node, s *party.Session, study string) {
	e, _, known, err := explanation(ctx, config, s, study)
	if err != nil {
		o.event(false, "note: what the node will say of %s cannot be told here: %v", study, err)
		return
	}
	if !known {
		o.event(false, "note: %s", strings.ReplaceAll(noBudgetHere(config), "\n", " "))
	}
	for _, r := range e.Refusals {
		o.event(false, "note: the node of %s will not take part all the same: %s (%s)", config.About.Name, r.Sentence, r.Code)
	}
}

// roundsWith lists the opened rounds whose sum has the institution's numbers.
func roundsWith(s *audit.Study, institution string) []int {
	rounds := []int{}
	for r := 1; r < s.Round; r++ {
		at := s.Opened(r)
		if at == nil {
			continue
		}
		for _, p := range at.Set.Body.(*audit.Set).Points {
			if at.Name(p) == institution {
				rounds = append(rounds, r)
			}
		}
	}
	return rounds
}
