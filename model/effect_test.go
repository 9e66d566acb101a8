package model_test

import (
	"flag"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// The full run: go test -v -timeout 3h -run TestEffect ./model -effects 2000
var effectSeeds = flag.Int("effects", 0, "worlds in which each estimate of a programme's effect is tried; 0 is a few")

// did is a way to estimate a programme's effect, by the studies of docs/methods.md.
type did struct {
	name  string
	world effectWorld
	study string
	term  string
	own   bool // judged by the model's own interval, not by the one by site
}

const (
	effectHead = "[study]\nid = \"did-it-help\"\n"

	studyOneStart = effectHead + `
[model]
kind = "linear"
formula = "language_score ~ programme_school * after + ses + girl"
cluster = "school"
`
	studyManyStarts = effectHead + `
[model]
kind = "linear"
formula = "language_score ~ year + programme_school + programme + ses + girl"
cluster = "school"
`
	studyMixedStarts = effectHead + `
[model]
kind = "mixed"
formula = "language_score ~ year + programme_school + programme + ses + girl"
site = "school"
`
	studyWedge = effectHead + `
[model]
kind = "mixed"
formula = "language_score ~ year + programme + ses + girl"
site = "school"
`
	studyWedgeLinear = effectHead + `
[model]
kind = "linear"
formula = "language_score ~ year + programme + ses + girl"
cluster = "school"
`
	// The same schools before and after, and nobody else.
	studyBeforeAfter = effectHead + `
[cohort]
where = "programme_school"

[model]
kind = "linear"
formula = "language_score ~ after + ses + girl"
cluster = "school"
`
	// The years before the programme only, as if it had begun a year earlier.
	studyPlacebo = effectHead + `
[cohort]
where = "year == \"y1\" || year == \"y2\" || year == \"y3\""

[[derive]]
name = "fake_after"
value = "year == \"y3\""

[model]
kind = "linear"
formula = "language_score ~ programme_school * fake_after + ses + girl"
cluster = "school"
`
)

// tried is how an estimate did over many worlds.
type tried struct {
	worlds   int
	covered  float64 // share of 95% intervals that hold the planted effect
	excluded float64 // share that leave 0 out
	mean     float64 // of the estimates
	sd       float64
	error    float64 // the mean standard error
}

func (d did) try(t *testing.T, worlds int) (r tried) {
	t.Helper()
	s, err := configs.ParseStudy([]byte(d.study))
	if err != nil {
		t.Fatal(err)
	}
	p := plan(t, s, effectBook())
	r.worlds = worlds
	n := float64(worlds)
	square := 0.0
	first := uint64(0)
	if d.world.effect == 0 {
		first = 1_000_000 // other worlds: in the same ones the estimate is the same but for the effect
	}
	for seed := range worlds {
		c := d.estimate(t, p, first+uint64(seed))
		low, high, se := c.ConfLow, c.ConfHigh, c.StdError
		if !d.own {
			low, high, se = *c.RobustConfLow, *c.RobustConfHigh, *c.RobustStdError
		}
		if low <= d.world.effect && d.world.effect <= high {
			r.covered += 1 / n
		}
		if low > 0 || high < 0 {
			r.excluded += 1 / n
		}
		r.mean += c.Estimate / n
		square += c.Estimate * c.Estimate / n
		r.error += se / n
		if seed+1 == 500 && worlds > 500 {
			t.Logf("%-62s effect %.1f shocks %.1f: the first 500 worlds, 95%% intervals cover %.1f%%, exclude 0 %.1f%%", d.name, d.world.effect, d.world.shocks, 100*r.covered*n/500, 100*r.excluded*n/500)
		}
	}
	r.sd = math.Sqrt(max(0, square-r.mean*r.mean))
	t.Logf("%-62s effect %.1f shocks %.1f: %d worlds, 95%% intervals cover %.1f%%, exclude 0 %.1f%%; mean %.2f, SD %.2f, mean standard error %.2f",
		d.name, d.world.effect, d.world.shocks, worlds, 100*r.covered, 100*r.excluded, r.mean, r.sd, r.error)
	return r
}

// estimate runs the study over the boards of one world, through every round.
func (d did) estimate(t *testing.T, p *model.Plan, seed uint64) model.Coefficient {
	t.Helper()
	parts := d.world.draw(t, seed)
	for i := range parts {
		name := parts[i].Institution
		var err error
		if parts[i], _, err = p.Prepare(parts[i]); err != nil {
			t.Fatal(err)
		}
		parts[i].Institution = name
	}
	r, err := p.Result(run(t, p, parts).last())
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(r.Coefficients, func(c model.Coefficient) bool { return c.Term == d.term })
	if at < 0 {
		t.Fatalf("no term %s in %v", d.term, r.Coefficients)
	}
	return r.Coefficients[at]
}

func worlds(few int) int {
	if *effectSeeds > 0 {
		return *effectSeeds
	}
	if testing.Short() {
		return few / 3
	}
	return few
}

// band is where a share of worlds lies but for chance: four standard errors
// about the two limits.
func band(low, high float64, worlds int) (float64, float64) {
	off := func(p float64) float64 { return 4 * math.Sqrt(p*(1-p)/float64(worlds)) }
	if worlds >= 2000 { // the figures that the documents state
		return low, high
	}
	return low - off(low), high + off(high)
}

var effectWays = []did{
	{name: "difference in differences, one start, by school", world: effectWorld{design: oneStart}, study: studyOneStart, term: "programme_school:after"},
	{name: "the same, with years in which a school does well or badly", world: effectWorld{design: oneStart, shocks: 1}, study: studyOneStart, term: "programme_school:after"},
	{name: "difference in differences, several starts, by school", world: effectWorld{design: manyStarts}, study: studyManyStarts, term: "programme"},
	{name: "difference in differences, several starts, mixed", world: effectWorld{design: manyStarts}, study: studyMixedStarts, term: "programme", own: true},
	{name: "stepped wedge, mixed", world: effectWorld{design: wedge}, study: studyWedge, term: "programme", own: true},
}

// TestEffectIntervals: the 95% interval of a programme's effect covers it in 93
// to 97 worlds of 100, and where the programme does nothing it leaves 0 out in 4
// to 6 of 100.
func TestEffectIntervals(t *testing.T) {
	for _, d := range effectWays {
		t.Run(strings.ReplaceAll(d.name, ",", ""), func(t *testing.T) {
			n := worlds(24)
			d.world.effect = plantedEffect
			r := d.try(t, n)
			if low, high := band(0.93, 0.97, n); r.covered < low || r.covered > high {
				t.Errorf("intervals cover the planted effect in %.1f%% of %d worlds", 100*r.covered, n)
			}
			if off := 4 * r.sd / math.Sqrt(float64(n)); math.Abs(r.mean-plantedEffect) > off {
				t.Errorf("the mean estimate is %.3f, the planted effect %.3f", r.mean, plantedEffect)
			}
			d.world.effect = 0
			r = d.try(t, n)
			if low, high := band(0.04, 0.06, n); r.excluded < low || r.excluded > high {
				t.Errorf("intervals leave out 0 in %.1f%% of %d worlds without any effect", 100*r.excluded, n)
			}
		})
	}
}

// TestEffectTeeth: what looks like the same question and is not, in the same
// worlds.
func TestEffectTeeth(t *testing.T) {
	n := max(24, *effectSeeds) // fewer would not tell
	// Before and after in the programme's own schools takes the years for the programme.
	naive := did{name: "before and after in programme schools", world: effectWorld{design: oneStart}, study: studyBeforeAfter, term: "after"}.try(t, n)
	if naive.mean < 1 || naive.covered > 0.5 {
		t.Errorf("before and after finds %.2f and covers 0 in %.0f%%: the worlds have no trend to be misled by", naive.mean, 100*naive.covered)
	}
	// Pupils taken as independent: far too sure.
	alone := did{name: "stepped wedge, linear, schools ignored", world: effectWorld{design: wedge, effect: plantedEffect}, study: studyWedgeLinear, term: "programme", own: true}.try(t, n)
	if alone.covered > 0.8 {
		t.Errorf("ignoring schools, intervals cover in %.0f%% of worlds: the worlds have no schools to be misled by", 100*alone.covered)
	}
	// Where programme schools drift away for another reason, the estimate is wrong
	// and the placebo says so.
	drift := effectWorld{design: oneStart, parting: 0.8}
	wrong := did{name: "one start, programme schools drifting", world: drift, study: studyOneStart, term: "programme_school:after"}.try(t, n)
	if wrong.covered > 0.5 {
		t.Errorf("with schools that drift apart intervals cover 0 in %.0f%% of worlds", 100*wrong.covered)
	}
	placebo := did{name: "the placebo there", world: drift, study: studyPlacebo, term: "programme_school:fake_after"}.try(t, n)
	quiet := did{name: "the placebo where they do not drift", world: effectWorld{design: oneStart, effect: plantedEffect}, study: studyPlacebo, term: "programme_school:fake_after"}
	quiet.world.effect = 0 // in the years before there is none, whatever comes
	still := quiet.try(t, n)
	if placebo.excluded <= still.excluded || placebo.mean > -0.6 {
		t.Errorf("the placebo finds %.2f and leaves out 0 in %.0f%%, without drift in %.0f%%", placebo.mean, 100*placebo.excluded, 100*still.excluded)
	}
}

// TestEffectLimits measures where the intervals are no longer right, so that the
// documents can say so; with -effects only.
func TestEffectLimits(t *testing.T) {
	if *effectSeeds == 0 {
		t.Skip("with -effects")
	}
	for _, d := range []did{
		{name: "stepped wedge, mixed, with years of a school's own", world: effectWorld{design: wedge, effect: plantedEffect, shocks: 1}, study: studyWedge, term: "programme", own: true},
		{name: "stepped wedge, linear by school, the same", world: effectWorld{design: wedge, effect: plantedEffect, shocks: 1}, study: studyWedgeLinear, term: "programme"},
		{name: "one start, six programme schools of forty", world: effectWorld{design: fewSchools, effect: plantedEffect}, study: studyOneStart, term: "programme_school:after"},
		{name: "one start, six programme schools of forty, no effect", world: effectWorld{design: fewSchools}, study: studyOneStart, term: "programme_school:after"},
		{name: "one start, schools ignored", world: effectWorld{design: oneStart, effect: plantedEffect}, study: studyOneStart, term: "programme_school:after", own: true},
	} {
		t.Run(strings.ReplaceAll(d.name, ",", ""), func(t *testing.T) { d.try(t, *effectSeeds) })
	}
}
