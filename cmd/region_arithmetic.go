package cmd

import "slices"

// mahalanobis is x' S^-1 x, by elimination in the covariance S, which is
// positive definite.
func mahalanobis(x []float64, covariance [][]float64) (square float64) {
	s := make([][]float64, len(x))
	for i := range s {
		s[i] = append(slices.Clone(covariance[i]), x[i])
	}
	for i := range s {
		square += s[i][len(x)] * s[i][len(x)] / s[i][i]
		for k := i + 1; k < len(s); k++ {
			by := s[k][i] / s[i][i]
			for j := i; j <= len(x); j++ {
				s[k][j] -= by * s[i][j]
			}
		}
	}
	return square
}
