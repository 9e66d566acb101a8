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

// rankedAUC is the chance that a row with the outcome has the higher score;
// ties count half.
func rankedAUC(outcome, score []float64) float64 {
	order := make([]int, len(score))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case score[a] < score[b]:
			return -1
		case score[a] > score[b]:
			return 1
		}
		return 0
	})
	ranks, events := 0.0, 0.0
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && score[order[j]] == score[order[i]] {
			j++
		}
		for _, row := range order[i:j] {
			ranks += outcome[row] * float64(i+j+1) / 2
			events += outcome[row]
		}
		i = j
	}
	return (ranks - events*(events+1)/2) / (events * (float64(len(order)) - events))
}
