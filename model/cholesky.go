package model

import "math/big"

// symmetric is a symmetric matrix by its lower triangle: a[i][j], j <= i.
type symmetric [][]*big.Float

// packed returns the number of entries of a lower triangle.
func packed(n int) int { return n * (n + 1) / 2 }

// unpack reads a lower triangle row by row; at(i, j) is the grid of an entry.
func unpack(values []integer, n int, at func(i, j int) int) symmetric {
	a, k := make(symmetric, n), 0
	for i := range a {
		a[i] = make([]*big.Float, i+1)
		for j := range a[i] {
			a[i][j] = scaled(values[k].v, at(i, j))
			k++
		}
	}
	return a
}

// cholesky factorises a scaled to unit diagonal: a = s L L' s, in the order of
// the rows. A pivot is then 1 - R^2 of that row on the rows before it.
type cholesky struct {
	scale []*big.Float
	l     [][]*big.Float
}

// factorise stops at the first pivot that is not above tolerance and returns
// its row; row is -1 when all went well. A diagonal that is not positive fails
// at its row.
func factorise(a symmetric, tolerance *big.Float) (c *cholesky, row int) {
	c = &cholesky{}
	for i := range a {
		if a[i][i].Sign() <= 0 {
			return c, i
		}
		c.scale = append(c.scale, root(a[i][i]))
		l := make([]*big.Float, i+1)
		for j := range l {
			v := quo(a[i][j], mul(c.scale[i], c.scale[j]))
			for k := range j {
				v = diff(v, mul(l[k], c.at(j, k, l, i)))
			}
			if j < i {
				l[j] = quo(v, c.l[j][j])
				continue
			}
			if v.Cmp(tolerance) <= 0 {
				c.l = append(c.l, l)
				return c, i
			}
			l[i] = root(v)
		}
		c.l = append(c.l, l)
	}
	return c, -1
}

// at returns L[j][k] while row i is still being built.
func (c *cholesky) at(j, k int, current []*big.Float, i int) *big.Float {
	if j == i {
		return current[k]
	}
	return c.l[j][k]
}

// solve returns a^-1 b.
func (c *cholesky) solve(b []*big.Float) []*big.Float {
	n := len(b)
	x := make([]*big.Float, n)
	for i := range n {
		v := quo(b[i], c.scale[i])
		for k := range i {
			v = diff(v, mul(c.l[i][k], x[k]))
		}
		x[i] = quo(v, c.l[i][i])
	}
	c.back(x)
	for i := range n {
		x[i] = quo(x[i], c.scale[i])
	}
	return x
}

// back solves L' y = x in place for the leading len(x) rows.
func (c *cholesky) back(x []*big.Float) {
	for i := len(x) - 1; i >= 0; i-- {
		v := x[i]
		for k := i + 1; k < len(x); k++ {
			v = diff(v, mul(c.l[k][i], x[k]))
		}
		x[i] = quo(v, c.l[i][i])
	}
}

// inverse returns a^-1.
func (c *cholesky) inverse() symmetric {
	n := len(c.scale)
	a := make(symmetric, n)
	for i := range a {
		e := make([]*big.Float, n)
		for k := range e {
			e[k] = num()
		}
		e[i] = whole(1)
		a[i] = c.solve(e)[:i+1]
	}
	return a
}

// follows returns the standardised weights with which the failing row is made
// of the rows before it.
func (c *cholesky) follows(row int) []*big.Float {
	x := append([]*big.Float{}, c.l[row][:row]...)
	c.back(x)
	return x
}
