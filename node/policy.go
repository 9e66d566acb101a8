package node

import (
	"context"
	"fmt"
	"slices"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/model"
)

// Policy is the institution's own: only its own file decides, and what a study
// says can only narrow it.
type Policy struct {
	MinRows         int // rows below which this institution does not take part; default 30
	MinInstitutions int // contributors below which it does not take part; default 3
}

// RefusalError says why this institution does not take part in a study.
type RefusalError struct {
	code, sentence, remedy string
}

func (e *RefusalError) Error() string { return e.sentence }

// Code is the stable code of the refusal.
func (e *RefusalError) Code() string { return e.code }

// Remedy says what the researcher or the institution can do.
func (e *RefusalError) Remedy() string { return e.remedy }

// mayTakePart judges a study against this institution's policy and records.
// How many rows there are is never told to anybody.
func (n *Node) mayTakePart(ctx context.Context, t audit.Task, m *Method) error {
	var stated int
	n.party.View(func(st *audit.State) {
		if s := st.Studies[t.Study]; s != nil {
			stated = s.Proposal.Body.(*audit.Proposal).MinInstitutions
		}
	})
	if stated != m.Study.Privacy.MinInstitutions {
		return &RefusalError{"SS2101", fmt.Sprintf("study %s: the proposal states another min_institutions than its own study file", t.Study),
			"submit the study again with a current smartstart"}
	}
	if least := max(n.cfg.Policy.MinInstitutions, 3); stated != 0 && stated < least {
		return &RefusalError{"SS2102", fmt.Sprintf("study %s asks for at least %d institutions; %s takes part only from %d on", t.Study, stated, n.cfg.Name, least),
			"raise min_institutions in the study file"}
	}
	table, err := n.table(ctx, m)
	if err != nil {
		return err
	}
	for _, c := range table.Columns() {
		if !slices.Contains(c.Missing, false) {
			return &RefusalError{"SS2104", fmt.Sprintf("%s has no value at all in column %q, which study %s uses", n.cfg.Name, c.Name, t.Study),
				"leave the column out of the study, or this institution"}
		}
	}
	least := max(n.cfg.Policy.MinRows, m.Study.Privacy.MinRows)
	if m.Plan.Rows(table) < least {
		return &RefusalError{"SS2103", fmt.Sprintf("%s has fewer than %d complete rows for study %s and does not take part", n.cfg.Name, least, t.Study),
			"ask for fewer columns, or leave this institution out"}
	}
	return nil
}

// table reads the columns of a study, and no others.
func (n *Node) table(ctx context.Context, m *Method) (*model.Table, error) {
	return n.cfg.Records.Table(ctx, m.Plan.Columns(), m.Study.Privacy.OutOfRange)
}
