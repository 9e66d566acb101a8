package plots

import (
	"fmt"
	"math"
	"strings"

	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/decide"
)

// coefficient returns a term with its normal 95% interval.
func coefficient(term string, estimate, se float64) model.Coefficient {
	return model.Coefficient{
		Term: term, Column: term, Estimate: estimate, StdError: se, Statistic: estimate / se,
		ConfLow: estimate - 1.96*se, ConfHigh: estimate + 1.96*se,
	}
}

// made up, in the order of what a study of language delay finds
func logisticResult() *model.Result {
	return &model.Result{
		Study: "language-2026", Model: "logistic", Institutions: 6, RowsUsed: 3449,
		Coefficients: []model.Coefficient{
			coefficient("(Intercept)", 4.97, 0.43),
			coefficient("iq_verbal", -0.318, 0.039), coefficient("iq_perf", -0.102, 0.033),
			coefficient("girl", -0.646, 0.122), coefficient("ses", -0.0268, 0.0063),
			coefficient("repeated", 0.411, 0.140), coefficient("lang_pre", -0.181, 0.0127),
			coefficient("arith_pre", -0.098, 0.021), coefficient("denominationProtestant", 0.22, 0.31),
		},
	}
}

// bins returns n bins of rows each, predictions rising from low to high, with
// observed events a little beside them.
func bins(n int, rows int64, low, high, drift float64) []model.Bin {
	list := make([]model.Bin, n)
	for i := range list {
		share := float64(i) / float64(max(n-1, 1))
		p := low + (high-low)*share*share*share
		events := math.Round(float64(rows) * p * (drift + 0.15*math.Sin(float64(5*i))))
		list[i] = model.Bin{Rows: rows, Events: int64(math.Min(events, float64(rows))), Expected: p * float64(rows)}
	}
	return list
}

func judged(name string, list []model.Bin, auc float64) model.Judged {
	j := model.Judged{
		Ranking: model.Ranking{AUC: auc, BinError: 0.006}, Slope: 0.97, Intercept: -0.04, Bins: list,
		Rule: &model.Rule{Column: "lang_pre", Ranking: model.Ranking{AUC: auc - 0.031, BinError: 0.005}},
	}
	if name != "" {
		j.Institutions = strings.Split(name, "+")
	}
	expected := 0.0
	for _, b := range list {
		j.Rows, j.Events, expected = j.Rows+b.Rows, j.Events+b.Events, expected+b.Expected
	}
	j.OE = float64(j.Events) / expected
	return j
}

func share(events, of int64) *model.Share {
	low, high := decide.Wilson(float64(events), float64(of))
	return &model.Share{Of: of, Estimate: float64(events) / float64(of), ConfLow: low, ConfHigh: high}
}

func point(sites int, models int64, auc float64) model.CurvePoint {
	return model.CurvePoint{Sites: sites, Models: models, AUC: auc}
}

func evaluation() *model.Evaluation {
	held := judged("", bins(20, 43, 0.004, 0.86, 1), 0.8923)
	e := &model.Evaluation{
		HeldOut: &held,
		Groups: map[string][]model.Group{
			"minority": {
				{Level: "no", Rows: 3231, Events: 520, FPR: share(160, 2711), FNR: share(197, 520)},
				{Level: "yes", Rows: 218, Events: 70, FPR: share(25, 148), FNR: share(19, 70)},
			},
			"denomination": {
				{Level: "public", Rows: 1210, Events: 230, FPR: share(70, 980), FNR: share(87, 230)},
				{Level: "Protestant", Rows: 980, Events: 160, FPR: share(46, 820), FNR: share(63, 160)},
				{Level: "Catholic", Rows: 1213, Events: 190, FPR: share(60, 1023), FNR: share(70, 190)},
				{Level: "other", TooFew: true},
			},
		},
		Curve: []model.CurvePoint{point(1, 216, 0.651), point(2, 108, 0.732), point(5, 60, 0.838), point(10, 40, 0.872), point(20, 20, 0.884), point(72, 12, 0.893)},
	}
	for i, name := range []string{"board1", "board2", "board3", "board4", "board5", "board6"} {
		e.LeftOut = append(e.LeftOut, judged(name, bins(10, int64(30+8*i), 0.01, 0.8, 0.6+0.12*float64(i)), 0.88+0.007*float64(i)))
	}
	return e
}

// hostile is a name of 64 characters that would break XML, a shell, a path or
// a terminal.
var hostile = func() string {
	s := "</text><script>alert(\"1\")</script>&amp;'../../x\x1b[31m\x00\u202e%s%d{{.}}\xff"
	return s + strings.Repeat("W", 64-len([]rune(s)))
}()

// hostileStudy has the hostile name everywhere that a name can stand.
func hostileStudy() (*model.Result, *model.Evaluation) {
	r, e := logisticResult(), evaluation()
	r.Study = hostile
	for i := range r.Coefficients[1:] {
		r.Coefficients[i+1].Term = hostile
	}
	for i := range e.LeftOut {
		e.LeftOut[i].Institutions = []string{hostile, fmt.Sprint(i)}
		e.LeftOut[i].Rule.Column = hostile
	}
	e.HeldOut.Rule.Column = hostile
	levels := e.Groups["denomination"]
	for i := range levels {
		levels[i].Level = hostile
	}
	e.Groups = map[string][]model.Group{hostile: levels, hostile + "!": levels}
	return r, e
}
