package model

// What a trial says of a site depends on its size alone: with B_n the sum of
// s_g s_g' over the sites of n rows, each opens sum over n of q_n B_n, one
// linear equation in as many unknown matrices as there are sizes. T trials
// solve for T of them, and where a size has a single site, B_n is that site's
// own sums: 39 schools of 20 pupils and one of 23 are told apart by two trials.
//
// Up to a factor of the trial, q_n at theta_t is 1/(1+n theta_t): a Cauchy
// matrix, whose square parts all have determinants other than nought for
// different sizes and thetas above 0 (Schechter, MTAC 13, 1959). Any T sizes
// can therefore be solved for when there are no more than T, and with T+1 or
// more none can: changing one B_n by any matrix is undone in all T equations
// by changing T others. Each institution holds this against its own sizes. That
// is enough even when all other institutions have pooled theirs, for then what
// is left of the sums is its own, and what others hold can only add unknowns.
// A trial at theta 0 is a row of ones, which is what rows of a Cauchy matrix in
// 1/theta tend to, and counts like the others.
//
// The limit of this: it is about linear equations. That B_n of one site is a
// product s s' of one vector is more than they say, and somebody who knows every
// site's size and the sums of all other institutions could search for the
// products that fit. mostTrials keeps all sites together to fewer equations
// than unknowns; it does not keep one institution to that by itself.

// leastAlike is the fewest sites of one size whose sums may be solved for.
const leastAlike = 3

// mostSiteTrials bounds the trials of any study; the hardest sites of the tests
// take 6. An institution needs more different sizes than there are trials.
const mostSiteTrials = 8

// trials returns how many rounds over sites a study can open at most. Counts
// and moments come before them, and means that stand in for missing values.
func (p *Plan) trials() int {
	before := 2
	if p.imputes() {
		before++
	}
	return min(max(0, p.rounds-before), mostSiteTrials)
}

// RareSizes returns how many sizes of sites of a prepared table have one or two
// sites at this institution and could be solved for from the rounds of a mixed
// model: those of an institution that has no more different sizes than the
// study has trials. It is 0 for other kinds. An institution with any should not
// take part with confidential records; a smaller [rounds] max, sites of one
// size, or more sites help. Sizes are numbers of complete rows.
func (p *Plan) RareSizes(t *Table) (int, error) {
	if !p.mixes() {
		return 0, nil
	}
	v, err := p.view(nil, t)
	if err != nil {
		return 0, err
	}
	rows := map[float64]int{}
	for i, site := range v.columns[p.random].Values {
		if v.used(i) {
			rows[site]++
		}
	}
	alike := map[int]int{}
	for _, n := range rows {
		alike[n]++
	}
	if len(alike) > p.trials() {
		return 0, nil
	}
	rare := 0
	for _, sites := range alike {
		if sites < leastAlike {
			rare++
		}
	}
	return rare, nil
}
