package crypto

// berlekampWelch returns the values at xs of the one polynomial of degree
// below t that agrees with all ys but at most e = (len(xs)-t)/2 of them, and
// false if there is none. It solves Q(x) = y*E(x) with E monic of degree e and
// Q of degree below t+e, and divides (Welch and Berlekamp 1986).
func berlekampWelch(xs, ys []uint64, t int) ([]uint64, bool) {
	e := (len(xs) - t) / 2
	unknowns := t + 2*e
	rows := make([][]uint64, len(xs))
	for i, x := range xs {
		// Q_0 .. Q_{t+e-1} minus y*(E_0 .. E_{e-1}) = y*x^e.
		row := make([]uint64, unknowns+1)
		power := uint64(1)
		for k := range t + e {
			row[k] = power
			if k < e {
				row[t+e+k] = subMod(0, mulMod(ys[i], power))
			}
			if k == e {
				row[unknowns] = mulMod(ys[i], power)
			}
			power = mulMod(power, x)
		}
		rows[i] = row
	}
	solution, ok := solve(rows, unknowns)
	if !ok {
		return nil, false
	}
	locator := append(solution[t+e:], 1)
	p, ok := divide(solution[:t+e], locator)
	if !ok {
		return nil, false
	}
	values := make([]uint64, len(xs))
	wrong := 0
	for i, x := range xs {
		values[i] = evaluate(p, x)
		if values[i] != ys[i] {
			wrong++
		}
	}
	return values, wrong <= e
}

// solve returns one solution of the linear equations, free unknowns zero, or
// false if there is none. Each row ends with its right-hand side.
func solve(rows [][]uint64, unknowns int) ([]uint64, bool) {
	pivots := make([]int, 0, unknowns) // column of the pivot of row i
	for col := 0; col < unknowns && len(pivots) < len(rows); col++ {
		at := len(pivots)
		found := -1
		for r := at; r < len(rows); r++ {
			if rows[r][col] != 0 {
				found = r
				break
			}
		}
		if found < 0 {
			continue
		}
		rows[at], rows[found] = rows[found], rows[at]
		inverse := invMod(rows[at][col])
		for k := col; k <= unknowns; k++ {
			rows[at][k] = mulMod(rows[at][k], inverse)
		}
		for r := range rows {
			if f := rows[r][col]; r != at && f != 0 {
				for k := col; k <= unknowns; k++ {
					rows[r][k] = subMod(rows[r][k], mulMod(f, rows[at][k]))
				}
			}
		}
		pivots = append(pivots, col)
	}
	for r := len(pivots); r < len(rows); r++ {
		if rows[r][unknowns] != 0 {
			return nil, false
		}
	}
	solution := make([]uint64, unknowns)
	for r, col := range pivots {
		solution[col] = rows[r][unknowns]
	}
	return solution, true
}

// divide returns p/d for polynomials with the constant first and d monic, or
// false if there is a remainder.
func divide(p, d []uint64) ([]uint64, bool) {
	rest := append([]uint64(nil), p...)
	deg := len(d) - 1
	if len(rest) <= deg {
		return nil, false
	}
	quotient := make([]uint64, len(rest)-deg)
	for k := len(quotient) - 1; k >= 0; k-- {
		f := rest[k+deg]
		quotient[k] = f
		for i, c := range d {
			rest[k+i] = subMod(rest[k+i], mulMod(f, c))
		}
	}
	for _, r := range rest {
		if r != 0 {
			return nil, false
		}
	}
	return quotient, true
}

// evaluate returns the polynomial p, constant first, at x.
func evaluate(p []uint64, x uint64) uint64 {
	var v uint64
	for k := len(p) - 1; k >= 0; k-- {
		v = addMod(mulMod(v, x), p[k])
	}
	return v
}
