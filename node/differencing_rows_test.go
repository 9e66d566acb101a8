package node

import (
	"database/sql"
	"slices"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
)

// desk is an institution of a random history: its keys, its records and the
// ledger that its node keeps.
type desk struct {
	name   string
	people *people
	in     bool // the federation

	here     childSet    // children in the records
	objected childSet    // who are left out
	missing  [2]childSet // by column
	values   [children]byte
	policy   Policy
	list     []opening // the ledger, as Store keeps it
	cohorts  map[crypto.Digest]cohort
	store    *Store // the ledger itself, in some histories
	made     map[[3]childSet]cohort
}

// asking is what a study does with rows.
type asking struct {
	id     string
	where  func(child int) bool
	column int                  // 0 and 1: rows that have it; 2: both
	aside  func(child int) bool // nil: no rows are kept aside
	study  *configs.Study
}

// marked are the children in the order of their marks, with them.
var marked = func() (list []struct {
	child int
	mark  [markSize]byte
}) {
	for child := range children {
		d := crypto.DigestOf([]byte{byte(child)})
		list = append(list, struct {
			child int
			mark  [markSize]byte
		}{child, [markSize]byte(d[:markSize])})
	}
	slices.SortFunc(list, func(a, b struct {
		child int
		mark  [markSize]byte
	}) int {
		return slices.Compare(a.mark[:], b.mark[:])
	})
	return list
}()

// reads returns the rows that the institution would put into the study now.
func (d *desk) reads(a *asking) *gift {
	var cohort, side childSet
	for child := range children {
		if a.where(child) {
			cohort.flip(child)
		}
		if a.aside != nil && a.aside(child) {
			side.flip(child)
		}
	}
	counted := d.here.without(d.objected).and(cohort)
	summed := counted
	for column := range d.missing {
		if a.column == column || a.column == len(d.missing) {
			summed = summed.without(d.missing[column])
		}
	}
	g := &gift{counted: []childSet{counted}, summed: []childSet{summed}, named: d.policy.Epoch, own: d.policy.MinRows, asked: a.study.Privacy.MinRows}
	if a.aside != nil {
		g.counted = append(g.counted, counted.without(side), counted.and(side))
		g.summed = append(g.summed, summed.without(side), summed.and(side))
	}
	content := []byte{byte(a.column)}
	for child := range children {
		if counted.has(child) {
			content = append(content, byte(child), d.values[child])
		}
	}
	g.values = crypto.DigestOf(content)
	return g
}

// cohortOf is the node's own digest of these rows, from the marks on.
func (d *desk) cohortOf(g *gift) cohort {
	key := [3]childSet{g.counted[0], g.summed[0]}
	if len(g.counted) > 1 {
		key[2] = g.counted[1]
	}
	c, ok := d.made[key]
	if !ok || len(c.readSides) != len(g.counted)-1 {
		var list [][markSize]byte
		in := make([][][]bool, 2)
		for _, m := range marked {
			if g.counted[0].has(m.child) {
				list = append(list, m.mark)
			}
		}
		for i, sets := range [][]childSet{g.counted, g.summed} {
			for _, set := range sets {
				var has []bool
				for _, m := range marked {
					if g.counted[0].has(m.child) {
						has = append(has, set.has(m.child))
					}
				}
				in[i] = append(in[i], has)
			}
		}
		c.read, c.readSides = marksOf(list, in[0])
		c.used, c.usedSides = marksOf(list, in[1])
		d.made[key] = c
	}
	c.values = g.values
	return c
}

// mayOpen asks the node's own rules what it would give, as Node.mayOpen does.
func (d *desk) mayOpen(t testing.TB, st *audit.State, a *asking) (*part, *gift, error) {
	known := fates(st)
	list, kept := d.list, func(id crypto.Digest) (cohort, error) { return d.cohorts[id], nil }
	if d.store != nil {
		var err error
		if list, err = d.store.openings(); err != nil {
			t.Fatal(err)
		}
		kept = d.store.kept
	}
	for i, o := range list {
		if known[o.attempt] != certified || o.charged {
			continue
		}
		list[i].charged = true
		if d.store != nil {
			if err := d.store.charge(o.attempt); err != nil {
				t.Fatal(err)
			}
		}
	}
	g := d.reads(a)
	p := &part{cohort: d.cohortOf(g)}
	q := &question{institution: d.name, id: a.id, study: a.study, policy: &d.policy}
	j := &judgement{off: d.policy.off}
	if err := q.judgeCohort(j, p, counted(list, known), kept); err != nil {
		t.Fatal(err)
	}
	return p, g, j.first()
}

// enter judges an attempt and writes it into the ledger, as Node.enter does.
func (d *desk) enter(t testing.TB, st *audit.State, a *asking, at *audit.Attempt) (*gift, error) {
	p, g, err := d.mayOpen(t, st, a)
	if err != nil {
		return nil, err
	}
	o := opening{
		attempt: at.ID, study: a.id, round: at.Round, epoch: d.policy.Epoch,
		cohort: p.cohort.id(), content: p.cohort.values, numbers: 1, rows: g.counted[0].size(),
		least: d.policy.leastApart(a.study),
	}
	if d.policy.off[ruleEarlierFigure] {
		o.least = 0
	}
	if d.store != nil {
		if err := d.store.offer(o, p.cohort); err != nil {
			t.Fatal(err)
		}
		return g, nil
	}
	if !slices.ContainsFunc(d.list, func(have opening) bool { return have.attempt == o.attempt }) {
		d.list = append(d.list, o)
		d.cohorts[o.cohort] = p.cohort
	}
	return g, nil
}

// onDisk lets the institution keep its ledger where a node keeps it, but for
// the disk.
func (d *desk) onDisk(t testing.TB) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(ledgerSchema); err != nil {
		t.Fatal(err)
	}
	d.store = &Store{sure: db}
}

// close ends what onDisk began.
func (d *desk) close() {
	if d.store != nil {
		d.store.sure.Close()
	}
}
