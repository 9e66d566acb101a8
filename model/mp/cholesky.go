package mp

import "math/big"

// Cholesky factorises a scaled to unit diagonal: a = s L L' s, in the order of
// the rows. A pivot is then 1 - R^2 of that row on the rows before it.
type Cholesky struct {
	Scale []*big.Float
	L     [][]*big.Float
}

// Factorise stops at the first pivot that is not above tolerance and returns
// its row; row is -1 when all went well. A diagonal that is not positive fails
// at its row.
func Factorise(a Symmetric, tolerance *big.Float) (c *Cholesky, row int) {
	c = &Cholesky{}
	for i := range a {
		if a[i][i].Sign() <= 0 {
			return c, i
		}
		c.Scale = append(c.Scale, Sqrt(a[i][i]))
		l := make([]*big.Float, i+1)
		for j := range l {
			v := Quo(a[i][j], Mul(c.Scale[i], c.Scale[j]))
			for k := range j {
				v = Sub(v, Mul(l[k], c.at(j, k, l, i)))
			}
			if j < i {
				l[j] = Quo(v, c.L[j][j])
				continue
			}
			if v.Cmp(tolerance) <= 0 {
				c.L = append(c.L, l)
				return c, i
			}
			l[i] = Sqrt(v)
		}
		c.L = append(c.L, l)
	}
	return c, -1
}

// at returns L[j][k] while row i is still being built.
func (c *Cholesky) at(j, k int, current []*big.Float, i int) *big.Float {
	if j == i {
		return current[k]
	}
	return c.L[j][k]
}

// Solve returns a^-1 b.
func (c *Cholesky) Solve(b []*big.Float) []*big.Float {
	n := len(b)
	x := make([]*big.Float, n)
	for i := range n {
		v := Quo(b[i], c.Scale[i])
		for k := range i {
			v = Sub(v, Mul(c.L[i][k], x[k]))
		}
		x[i] = Quo(v, c.L[i][i])
	}
	c.back(x)
	for i := range n {
		x[i] = Quo(x[i], c.Scale[i])
	}
	return x
}

// back solves L' y = x in place for the leading len(x) rows.
func (c *Cholesky) back(x []*big.Float) {
	for i := len(x) - 1; i >= 0; i-- {
		v := x[i]
		for k := i + 1; k < len(x); k++ {
			v = Sub(v, Mul(c.L[k][i], x[k]))
		}
		x[i] = Quo(v, c.L[i][i])
	}
}

// Inverse returns a^-1.
func (c *Cholesky) Inverse() Symmetric {
	n := len(c.Scale)
	a := make(Symmetric, n)
	for i := range a {
		e := make([]*big.Float, n)
		for k := range e {
			e[k] = New()
		}
		e[i] = Int(1)
		a[i] = c.Solve(e)[:i+1]
	}
	return a
}

// Follows returns the standardised weights with which the failing row is made
// of the rows before it.
func (c *Cholesky) Follows(row int) []*big.Float {
	x := append([]*big.Float{}, c.L[row][:row]...)
	c.back(x)
	return x
}
