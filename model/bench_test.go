package model_test

import (
	"fmt"
	"testing"

	"github.com/smartstart-federation/smartstart/model"
)

// BenchmarkLocal is one institution's full logistic round, Hessian included.
func BenchmarkLocal(b *testing.B) {
	for _, k := range []int{8, 30} {
		r := recipe{name: "bench", seed: 41, rows: 20000, columns: k, scale: 1, slope: 1}
		p := plan(b, study("logistic", "yes", r.features()...), r.codebook())
		table := r.table(b)
		tr := run(b, p, []*model.Table{table})
		b.Run(fmt.Sprintf("%d predictors", k), func(b *testing.B) {
			for b.Loop() {
				if _, err := p.Local(tr.states[2], table); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(r.rows), "ns/row")
		})
	}
}

// BenchmarkGlobal is one Newton step in big floats.
func BenchmarkGlobal(b *testing.B) {
	for _, k := range []int{8, 30} {
		r := recipe{name: "bench", seed: 41, rows: 2000, columns: k, scale: 1, slope: 1}
		p := plan(b, study("logistic", "yes", r.features()...), r.codebook())
		tr := run(b, p, []*model.Table{r.table(b)})
		b.Run(fmt.Sprintf("%d predictors", k), func(b *testing.B) {
			for b.Loop() {
				if _, err := p.Global(tr.states[2], tr.sums[2]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
