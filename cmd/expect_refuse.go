package cmd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
)

// refusal is one rule by which a study would come to nothing.
type refusal struct {
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
	Remedy   string `json:"remedy"`
}

func refusalOf(err error) (refusal, bool) {
	var c coded
	if !errors.As(err, &c) {
		return refusal{}, false
	}
	return refusal{c.Code(), err.Error(), c.Remedy()}, true
}

// refusedStudy ends study check with exit code 3, whatever the rule's code.
type refusedStudy struct{ list []refusal }

func (r *refusedStudy) Error() string {
	s := r.list[0].Sentence
	if more := len(r.list) - 1; more > 0 {
		s += fmt.Sprintf("; and %s above", plural(more, "more refusal"))
	}
	return s
}

// Code is the first refusal's.
func (r *refusedStudy) Code() string { return r.list[0].Code }

// Remedy is the first refusal's.
func (r *refusedStudy) Remedy() string { return r.list[0].Remedy }

// byRule makes refusals of the errors of study and codebook that are red lines
// rather than slips of the pen.
func byRule(err error) error {
	if r, ok := refusalOf(err); ok && slices.Contains([]string{model.CodeAuditOnly, model.CodeOffending, model.CodeSite}, r.Code) {
		return &refusedStudy{[]refusal{r}}
	}
	return err
}

// asNodes asks the rules that every node holds before it reads a row, with no
// policy of an institution's own. accept are those that an approver can accept.
func asNodes(text string, codebook []byte, fed *federationSeen) (refused, accept []refusal, err error) {
	s, err := configs.ParseStudy([]byte(text))
	if err != nil {
		return nil, nil, err
	}
	proposal := &audit.Proposal{Study: text, MinInstitutions: s.Privacy.MinInstitutions, Numbers: s.Privacy.Numbers}
	proposal.OnLate, proposal.Wait = node.StatedLate(s)
	ask := &node.Ask{Institution: "an institution", Study: s.About.ID, Proposal: proposal, Codebook: codebook,
		Charter: &audit.Charter{MinInstitutions: s.Privacy.MinInstitutions}, Policy: node.Policy{Openness: configs.OpenPublic}}
	if fed != nil {
		ask.Charter, ask.Institutions = fed.charter, fed.Institutions
	}
	e, err := node.Explain(context.Background(), ask)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range e.Refusals {
		if r.Code == node.CodeIsolated || r.Code == node.CodeSiteColumn {
			accept = append(accept, refusal(r))
		} else {
			refused = append(refused, refusal(r))
		}
	}
	return refused, accept, nil
}

// refuseTooFew looks at who is left to compute together.
func refuseTooFew(all []*rowsAt, least, minRows int) []refusal {
	var out []string
	left := 0
	for _, a := range all {
		switch {
		case a.TakesPart:
			left++
		case len(a.Lacks) > 0:
			out = append(out, fmt.Sprintf("%s lacks %s", a.Institution, quoted(a.Lacks)))
		default:
			out = append(out, fmt.Sprintf("%s has %d complete rows of the %d that it needs", a.Institution, a.Complete, minRows))
		}
	}
	if left >= least {
		return nil
	}
	return []refusal{{codeTooFew,
		fmt.Sprintf("%s can take part and a sum needs %d: %s", plural(left, "institution"), least, joinOr(out, "there are no more")),
		"use columns that more institutions have, or ask more institutions"}}
}

// refuseSlots looks for sums that too few institutions can fill: opened, they
// would be the numbers of those few.
func refuseSlots(t *trial, tables []*model.Table, least int) (out []refusal) {
	if len(t.filled) == 0 {
		return nil
	}
	for i, f := range t.filled[0] {
		var able []string
		for n, own := range t.filled {
			if own[i].Rows > 0 {
				able = append(able, tables[n].Institution)
			}
		}
		if len(able) > 0 && len(able) < least {
			out = append(out, refusal{codeSlot,
				fmt.Sprintf("%s is filled by %s only, and what is opened needs %d institutions able to fill it", f.What, strings.Join(able, ", "), least),
				"leave the column out, merge the level with another, or ask more institutions that have it"})
		}
	}
	return out
}

// acceptCells looks for cells of a table by area that too few institutions fill:
// opened, they are the rounded numbers of those few, which each of them may
// accept.
func acceptCells(t *trial, tables []*model.Table, m *node.Method, least int) (out []refusal) {
	if len(t.filled) == 0 {
		return nil
	}
	indicators := m.Study.Model.Indicators
	width := len(t.filled[0]) / len(indicators)
	for k, name := range indicators {
		few, filled := 0, 0
		var who []string
		for i := k * width; i < (k+1)*width; i++ {
			var able []string
			for n, own := range t.filled {
				if own[i].Rows > 0 {
					able = append(able, tables[n].Institution)
				}
			}
			if len(able) > 0 {
				filled++
			}
			if len(able) == 0 || len(able) >= least {
				continue
			}
			few++
			for _, name := range able {
				if !slices.Contains(who, name) {
					who = append(who, name)
				}
			}
		}
		switch {
		case filled == 0:
			out = append(out, refusal{codeSlot, fmt.Sprintf("no area has enough children to tell of indicator %q", name), "leave it out, merge areas in the codebook, or lower min_cell"})
		case few > 0:
			out = append(out, refusal{codeSlot, fmt.Sprintf("%d of %d cells of indicator %q are the numbers of fewer than %d institutions: %s", few, filled, name, least, quoted(who)),
				"each of them approves with accept_isolated, or leave the indicator out"})
		}
	}
	return out
}

// refuseEvents holds the rows with and without the outcome to min_cell: a model
// of fewer would describe them.
func refuseEvents(s *configs.Study, outcome string, rows, events float64) []refusal {
	least := float64(s.Privacy.MinCell)
	kind := fittedKind(s.Model.Kind)
	if kind != configs.KindLogistic && kind != configs.KindPoisson {
		return nil
	}
	have, what := events, "with"
	if kind == configs.KindLogistic && rows-events < events {
		have, what = rows-events, "without"
	}
	if have >= least {
		return nil
	}
	remedy := "choose another outcome, or ask more institutions"
	if have > 0 {
		remedy += fmt.Sprintf(": about %s rows in all would have %g", thousands(int(math.Ceil(rows*least/have-1e-6))), least)
	}
	return []refusal{{codeFewEvents,
		fmt.Sprintf("%.0f rows %s the outcome %q are too few: fewer than min_cell, which is %g", have, what, outcome, least), remedy}}
}

// refuseResult is the refusal that these rows would end the study with.
func refuseResult(m *node.Method, t *trial) (*model.Result, []refusal) {
	r, err := m.Plan.Result(t.state)
	if err == nil {
		return r, nil
	}
	if !t.ended {
		return nil, []refusal{{model.CodeNoConvergence, fmt.Sprintf("on these rows %d rounds do not suffice", len(t.shapes)), "raise [rounds] max, or ask for less"}}
	}
	if refused, ok := refusalOf(err); ok {
		return nil, []refusal{refused}
	}
	return nil, nil
}
