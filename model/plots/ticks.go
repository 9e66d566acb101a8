package plots

import (
	"math"

	"gonum.org/v1/plot"

	"github.com/smartstart-federation/smartstart/model/plots/scale"
)

// linearTicks marks multiples of 1, 2 or 5 times a power of ten.
type linearTicks struct {
	t       *texts
	about   int // how many
	percent bool
}

func (l linearTicks) Ticks(low, high float64) []plot.Tick {
	step := scale.Step((high - low) / float64(l.about))
	decimals := scale.Decimals(step)
	var ticks []plot.Tick
	for i := math.Ceil(low/step - 1e-9); i*step <= high+1e-9*step; i++ {
		v := i * step
		label := l.t.number(v, decimals)
		if l.percent {
			label = l.t.number(100*v, max(0, decimals-2)) + "%"
		}
		ticks = append(ticks, plot.Tick{Value: v, Label: label})
	}
	return ticks
}

// logTicks marks 1, 2 and 5 times powers of ten, or only powers of ten on a
// long axis; a short axis gets the marks of a linear one.
type logTicks struct{ t *texts }

func (l logTicks) Ticks(low, high float64) []plot.Tick {
	for _, steps := range [][]float64{{1, 2, 5}, {1}} {
		var ticks []plot.Tick
		for e := math.Floor(math.Log10(low)); e <= math.Ceil(math.Log10(high)); e++ {
			for _, m := range steps {
				v := m * math.Pow(10, e)
				if v >= low*(1-1e-9) && v <= high*(1+1e-9) {
					ticks = append(ticks, plot.Tick{Value: v, Label: l.t.number(v, max(0, -int(e)))})
				}
			}
		}
		if len(steps) == 3 && len(ticks) < 3 {
			return linearTicks{t: l.t, about: 5}.Ticks(low, high)
		}
		if len(ticks) <= 10 || len(steps) == 1 {
			return ticks
		}
	}
	return nil
}
