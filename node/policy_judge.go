package node

import (
	"context"
	"fmt"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
)

// mayTakePart judges a round against everything that this institution decides
// itself, but for its ledger: approval, dates, window, policy, objections, rows,
// and who else is in the sum. It is asked before `ready` and again, with a
// fresh reading of the records and the objection list, before anything of an
// attempt leaves. It returns what would go into the sum.
func (n *Node) mayTakePart(ctx context.Context, t audit.Task, m *Method, state []byte) (*part, error) {
	if err := n.cfg.Policy.mayRun(n.now(), t.Kind == audit.TaskUpdate); err != nil {
		return nil, err
	}
	began, _, err := n.store.epochBegan(n.cfg.Policy.Epoch)
	if err != nil {
		return nil, err
	}
	j := &judgement{off: n.cfg.Policy.off}
	q, err := n.question(t.Study, m)
	if err != nil {
		return nil, err
	}
	if q.uses.read, err = columnsHeld(ctx, n.cfg.Records, q.uses.read, m.Plan.Optional()); err != nil {
		return nil, err
	}
	q.approval(j)
	q.judge(j)
	q.judgeBook(j, n.cfg.Records)
	n.party.View(func(st *audit.State) { n.maySet(st, j, t.Study, t.Round, t.Attempt, began) })
	if err := n.judgeLost(j, t.Study, began); err != nil {
		return nil, err
	}
	if err := j.first(); err != nil { // before a row is read
		return nil, err
	}
	p, err := n.part(ctx, m)
	if err != nil {
		return nil, err
	}
	if err := q.judgeRows(j, m, p); err != nil {
		return nil, err
	}
	if err := q.judgeAlone(j, m, p, state); err != nil {
		return nil, err
	}
	if err := q.judgeFit(j, m, p, state); err != nil {
		return nil, err
	}
	if p.cohort, err = cohortOf(n.cfg.Key, t.Study, m.Plan, p); err != nil {
		return nil, err
	}
	shape, _, err := m.Shape(state)
	if err != nil {
		return nil, err
	}
	p.numbers = shape.Values()
	others := max(q.charter.MinInstitutions, q.proposal.MinInstitutions) - 1
	p.rows = rowsAtLeast(m.Plan.Rows(p.table), others, m.Study.Privacy.MinRows, openedIn(state))
	numbers, rows, own, err := m.Plan.Charged(state, p.table)
	if err != nil {
		return nil, err
	}
	if own {
		p.numbers, p.rows = numbers, rows
	}
	return p, j.first()
}

// mayOpen judges what would go into the sum against the ledger: the cohorts and
// the numbers that this node gave before.
func (n *Node) mayOpen(t audit.Task, m *Method, p *part) error {
	q, err := n.question(t.Study, m)
	if err != nil {
		return err
	}
	list, err := n.account()
	if err != nil {
		return err
	}
	j := &judgement{off: n.cfg.Policy.off}
	if err := q.judgeCohort(j, p, list, n.store.kept); err != nil {
		return err
	}
	next := opening{study: t.Study, round: t.Round, epoch: q.policy.Epoch, numbers: p.numbers, rows: p.rows}
	q.policy.judgeBudget(j, q.policy.lineage(list, t.Study), next, m.Study)
	return j.first()
}

// enter judges an attempt against the ledger and writes it there, as one act:
// of two studies whose rounds begin together, the second is judged with the
// first in the ledger. It comes before the first byte of the attempt leaves.
func (n *Node) enter(t audit.Task, m *Method, seat *seat, p *part) error {
	if !n.cfg.Policy.off[ruleOneAct] {
		n.entering.Lock()
		defer n.entering.Unlock()
	}
	if err := n.mayOpen(t, m, p); err != nil {
		return err
	}
	if n.judged != nil {
		n.judged(t)
	}
	return n.offer(t, m, seat, p)
}

// question gathers what the log says of a study.
func (n *Node) question(study string, m *Method) (*question, error) {
	q := &question{institution: n.cfg.Name, id: study, study: m.Study, codebook: m.Codebook, uses: usesOf(m.Plan), policy: &n.cfg.Policy, now: n.now()}
	n.party.View(func(st *audit.State) {
		if s := st.Studies[study]; s != nil {
			q.charter, q.proposal = s.Charter.Body.(*audit.Charter), s.Proposal.Body.(*audit.Proposal)
			q.institutions = s.Institutions
			if d := s.Decisions[n.cfg.Name]; d != nil {
				q.decision = d.Body.(*audit.Decision)
			}
		}
	})
	if q.charter == nil {
		return nil, fmt.Errorf("study %s is not in the log", study)
	}
	return q, nil
}

// approval refuses without a living approval of this institution, by its own
// clock: withdrawn or expired means stop, before the next upload.
func (q *question) approval(j *judgement) {
	id := q.id
	alive := q.decision != nil && q.decision.Verdict == "approve"
	j.refuse(!alive, CodeApproval, "the approver decides with `smartstart node approve`",
		"%s has not approved study %s, or has withdrawn", q.institution, id)
	j.refuse(alive && q.now.UTC().Format(time.DateOnly) > q.decision.Expires, CodeApproval, "the approver renews it with `smartstart node approve`",
		"the approval of study %s by %s has expired", id, q.institution)
}

// offer writes what an attempt may open to the ledger. It comes before the
// first byte of the attempt leaves, so that a stolen power cable cannot make
// an opening that the node does not know of.
func (n *Node) offer(t audit.Task, m *Method, seat *seat, p *part) error {
	return n.store.offer(opening{
		attempt: seat.attempt.ID, study: t.Study, round: t.Round, epoch: n.cfg.Policy.Epoch,
		cohort: p.cohort.id(), content: p.cohort.values, numbers: p.numbers, rows: p.rows,
		least: n.cfg.Policy.leastApart(m.Study),
	}, p.cohort)
}

// mayVote judges the fixed set, which may be smaller than the seats were.
func (n *Node) mayVote(t audit.Task) error {
	began, _, err := n.store.epochBegan(n.cfg.Policy.Epoch)
	if err != nil {
		return err
	}
	j := &judgement{off: n.cfg.Policy.off}
	n.party.View(func(st *audit.State) { n.maySet(st, j, t.Study, t.Round, t.Attempt, began) })
	return j.first()
}

// now is this institution's own clock.
func (n *Node) now() time.Time {
	if n.cfg.Now != nil {
		return n.cfg.Now()
	}
	return time.Now()
}

// size is how many entries of the log the node holds.
func (n *Node) size() (entries int64) {
	n.party.View(func(st *audit.State) { entries = st.Head().Size })
	return entries
}

// refused tells the operator, once for each new reason: the task is tried
// again all the time, because a list, a file or a policy may change.
func (n *Node) refused(t audit.Task, r *RefusalError) {
	n.mu.Lock()
	again := n.told[t.Study] == r.code+r.sentence
	n.told[t.Study] = r.code + r.sentence
	n.mu.Unlock()
	if !again {
		n.log.Warn("this institution does not take part", "study", t.Study, "round", t.Round, "code", r.code, "why", r.sentence, "what_to_do", r.remedy)
	}
	if n.cfg.Refused != nil {
		n.cfg.Refused(r)
	}
}
