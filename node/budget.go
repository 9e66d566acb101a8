package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Budget is how many numbers were opened over an institution's records within
// one epoch, for each row in the sums.
type Budget struct {
	Epoch    string      `json:"epoch"` // "" is the one that never ends
	PerRow   float64     `json:"numbers_per_row"`
	Allowed  float64     `json:"allowed"`
	Enforced bool        `json:"enforced"` // else it is only reported
	Studies  []StudyCost `json:"studies"`
}

// StudyCost is one study's part of a Budget.
type StudyCost struct {
	Study   string  `json:"study"`
	Numbers int     `json:"numbers"` // opened, or under way and not known to be closed
	Rows    int     `json:"rows"`    // in the sums of all institutions together, at least
	PerRow  float64 `json:"numbers_per_row"`
}

// fate is what the log says of an attempt.
type fate int

const (
	underWay  fate = iota // it may yet be opened, or was: a vote may have been withheld from this node
	closed                // t aborts and no certificate: it never opens
	certified             // t votes: holders may release
)

// fates reads every attempt's fate from the log.
func fates(st *audit.State) map[crypto.Digest]fate {
	all := map[crypto.Digest]fate{}
	for _, s := range st.Studies {
		for _, round := range s.Rounds {
			for _, at := range round {
				switch {
				case at.Certified():
					all[at.ID] = certified
				case at.Closed():
					all[at.ID] = closed
				default:
					all[at.ID] = underWay
				}
			}
		}
	}
	return all
}

// counted returns the openings that count: all but those that are known never
// to open. What the log does not know counts.
func counted(list []opening, fates map[crypto.Digest]fate) []opening {
	return slices.DeleteFunc(slices.Clone(list), func(o opening) bool {
		return !o.charged && fates[o.attempt] == closed
	})
}

// lineage returns the openings that a study is held against: those of the
// current epoch, and its own, in whatever epoch it began.
func (p *Policy) lineage(list []opening, study string) []opening {
	return slices.DeleteFunc(slices.Clone(list), func(o opening) bool {
		return o.epoch != p.Epoch && o.study != study
	})
}

// costs adds up openings by study. An attempt repeated in a round opens the
// same sum of the same institutions again and is charged once; what a study
// learnt later about the rows in its sums counts for its earlier rounds.
func costs(list []opening) []StudyCost {
	type round struct {
		study string
		round int
	}
	numbers := map[round]int{}
	studies := map[string]*StudyCost{}
	for _, o := range list {
		key := round{o.study, o.round}
		numbers[key] = max(numbers[key], o.numbers)
		if studies[o.study] == nil {
			studies[o.study] = &StudyCost{Study: o.study}
		}
		studies[o.study].Rows = max(studies[o.study].Rows, o.rows)
	}
	for key, n := range numbers {
		studies[key.study].Numbers += n
	}
	all := []StudyCost{}
	for _, study := range slices.Sorted(maps.Keys(studies)) {
		c := *studies[study]
		if c.Rows > 0 {
			c.PerRow = float64(c.Numbers) / float64(c.Rows)
		}
		all = append(all, c)
	}
	return all
}

// budget makes the account of an epoch, with what a study that is asked now
// allows; study may be nil.
func (p *Policy) budget(list []opening, study *configs.Study) Budget {
	if study == nil {
		study = configs.DefaultStudy()
	}
	b := Budget{Epoch: p.Epoch, Allowed: p.numbersPerRow(study), Enforced: p.confidential(), Studies: costs(list)}
	for _, c := range b.Studies {
		b.PerRow += c.PerRow
	}
	return b
}

// judgeBudget holds the account with one more opening against the figure.
func (p *Policy) judgeBudget(j *judgement, list []opening, next opening, study *configs.Study) {
	after := p.budget(append(slices.Clone(list), next), study)
	j.refuse(after.Enforced && after.PerRow > after.Allowed, CodeBudget,
		"ask for fewer numbers (fewer columns), over more rows; a new epoch begins with the institution's next version of its records",
		"round %d of study %s would open %d numbers; with them %.3f numbers a row would be open in this epoch, and %.3f are allowed",
		next.round, next.study, next.numbers, after.PerRow, after.Allowed)
}

// opened is what the model's state says of the sums so far. Only the linear
// and logistic methods have these fields; of others nothing is known.
type opened struct {
	Counts *struct {
		Complete int64   `json:"complete"`
		Children int64   `json:"children"` // fewer than Complete where rows are person-periods
		Present  []int64 `json:"present"`
		Ones     []int64 `json:"ones"`
	} `json:"counts"`
}

func openedIn(state []byte) opened {
	var o opened
	if json.Unmarshal(state, &o) != nil {
		return opened{}
	}
	return o
}

// rowsAtLeast is a lower bound of the rows in a sum: what an earlier sum of the
// study told, or else this institution's own and the least that each of the
// others promised with its `ready`.
func rowsAtLeast(own, others, least int, o opened) int {
	bound := own + others*least
	if o.Counts != nil {
		rows := o.Counts.Complete
		if o.Counts.Children > 0 {
			rows = o.Counts.Children // what a number tells, it tells of a child
		}
		bound = max(bound, int(min(rows, 1<<40)))
	}
	return bound
}

// Budget returns this node's account of its current epoch.
func (n *Node) Budget() (Budget, error) {
	list, err := n.account()
	if err != nil {
		return Budget{}, err
	}
	return n.cfg.Policy.budget(n.cfg.Policy.lineage(list, ""), nil), nil
}

// ReadBudget is Budget for another process than the node's, such as the one
// that shows a study to an approver: it reads the node's folder and the log as
// that process follows it, and changes nothing.
func ReadBudget(dir string, policy Policy, st *audit.State) (b Budget, err error) {
	store, err := OpenStore(dir)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if _, err := store.sure.Exec(ledgerSchema); err != nil {
		return b, fmt.Errorf("opening the ledger: %w", err)
	}
	list, err := store.openings()
	if err != nil {
		return b, err
	}
	return policy.budget(policy.lineage(counted(list, fates(st)), ""), nil), nil
}

// account charges what the log has certified since, and returns the openings
// that count.
func (n *Node) account() ([]opening, error) {
	var known map[crypto.Digest]fate
	n.party.View(func(st *audit.State) { known = fates(st) })
	list, err := n.store.openings()
	if err != nil {
		return nil, err
	}
	for i, o := range list {
		if known[o.attempt] == certified && !o.charged {
			if err := n.store.charge(o.attempt); err != nil {
				return nil, err
			}
			list[i].charged = true
		}
	}
	return counted(list, known), nil
}
