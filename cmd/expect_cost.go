package cmd

import (
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
)

// trial is a method that was followed in the clear, on one machine: it says how
// many rounds a study has and what each opens, and with real rows how precise
// the answer is. Nothing of it is sent anywhere.
type trial struct {
	shapes []crypto.Shape // of each round
	state  []byte
	ended  bool // with a result or a refusal; else the rounds allowed were too few

	filled [][]model.Filled // by table, as soon as the sums say it
}

// tryOn runs a method on prepared tables, one for each institution.
func tryOn(m *node.Method, tables []*model.Table) (t *trial, err error) {
	t = &trial{}
	if t.state, err = m.Start(); err != nil {
		return nil, err
	}
	for {
		shape, more, err := m.Shape(t.state)
		if err != nil {
			return nil, err
		}
		if t.ended = !more; t.ended || len(t.shapes) == m.Study.Rounds.Max {
			return t, nil
		}
		t.shapes = append(t.shapes, shape)
		if t.state, err = roundInTheClear(m.Plan, t.state, shape.Values(), tables); err != nil {
			return nil, err
		}
		if t.filled == nil {
			if err := t.fill(m, tables); err != nil {
				return nil, err
			}
		}
	}
}

// fill notes which institution fills what.
func (t *trial) fill(m *node.Method, tables []*model.Table) error {
	for _, table := range tables {
		f, err := m.Plan.Filling(t.state, table)
		if err != nil {
			return err
		}
		if len(f) == 0 {
			return nil
		}
		t.filled = append(t.filled, f)
	}
	return nil
}

// expectedCost is what a study takes and opens.
type expectedCost struct {
	Rounds       int         `json:"rounds"`
	From         string      `json:"from"`    // what the rounds were tried on
	Numbers      int         `json:"numbers"` // opened in all
	PerRow       *float64    `json:"numbers_per_row,omitempty"`
	Allowed      float64     `json:"numbers_per_row_allowed"`
	Institutions int         `json:"institutions"`
	Bytes        int64       `json:"bytes_per_institution"` // sent
	Speed        float64     `json:"megabits_per_second"`
	Seconds      float64     `json:"seconds_per_institution"` // to encrypt and send; waiting comes on top
	Each         []roundCost `json:"each"`
}

type roundCost struct {
	Round   int   `json:"round"`
	Numbers int   `json:"numbers"`
	Bytes   int64 `json:"bytes"`
}

// What the rounds of a cost were tried on.
const (
	fromRows   = "these rows"
	fromMadeUp = "rows made up from the codebook's ranges"
	fromFirst  = "the first round only; later ones cannot be foreseen without rows (--data)"
)

// Seconds of one core, from "Speed" in docs/parameters.md: a block holds 8,192
// values of 14.8 ns, and 1.2 ms go to the boxes of six institutions.
const (
	secondsPerBlock = 8192 * 14.8e-9
	secondsPerSeat  = 1.2e-3 / 6
)

// costOf adds up what one institution of seats sends in the rounds of a trial:
// frames, a box for each institution, a projection and one release.
func costOf(shapes []crypto.Shape, seats int, speed float64) *expectedCost {
	c := &expectedCost{Rounds: len(shapes), Institutions: seats, Speed: speed}
	t := seats
	if th, err := crypto.ThresholdsFor(seats, 0, 1, true); err == nil {
		t = th.T
	}
	for i, s := range shapes {
		bytes := crypto.UploadSize(s, seats, t) + crypto.ReleaseSize
		c.Each = append(c.Each, roundCost{i + 1, s.Values(), bytes})
		c.Numbers += s.Values()
		c.Bytes += bytes
		c.Seconds += float64(8*bytes)/(1e6*speed) + secondsPerBlock*float64(s.Blocks()) + secondsPerSeat*float64(seats)
	}
	return c
}
