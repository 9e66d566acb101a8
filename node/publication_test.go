package node

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/model"
)

// TestPublicationRounds: each kind of figure keeps what it supports and no more,
// counts stay, and doing it again changes nothing.
func TestPublicationRounds(t *testing.T) {
	round := func(text string) string {
		t.Helper()
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var o map[string]any
		if err := d.Decode(&o); err != nil {
			t.Fatal(err)
		}
		roundObject(o, 4)
		b, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, c := range []struct{ what, in, want string }{
		{"a hundredth of the standard error", `{"estimate":-1.23456789,"std_error":0.04567}`, `{"estimate":-1.2346,"std_error":0.0457}`},
		{"of the larger one", `{"estimate":-1.23456789,"std_error":0.04567,"robust_std_error":0.4567}`, `{"estimate":-1.235,"robust_std_error":0.457,"std_error":0.046}`},
		{"an interval by site", `{"estimate":1.23456789,"robust_std_error":0.4567,"robust_conf_low":0.29876543,"robust_conf_high":2.17654321}`, `{"estimate":1.235,"robust_conf_high":2.177,"robust_conf_low":0.299,"robust_std_error":0.457}`},
		{"an interval", `{"of":120,"estimate":0.123456,"conf_low":0.1012345,"conf_high":0.1812345}`, `{"conf_high":0.1812,"conf_low":0.1012,"estimate":0.1235,"of":120}`},
		{"a large error", `{"estimate":123456.7,"std_error":45678.9}`, `{"estimate":123500,"std_error":45700}`},
		{"an estimate far below its error", `{"estimate":0.0000123,"std_error":1.5}`, `{"estimate":0,"std_error":1.5}`},
		{"half of the last place", `{"estimate":0.00623,"std_error":1.5}`, `{"estimate":0.01,"std_error":1.5}`},
		{"z and p", `{"statistic":-17.23456,"p_value":1.23456e-66}`, `{"p_value":1.2e-66,"statistic":-17.23}`},
		{"other figures", `{"deviance":1921.0675,"rows_used":3449,"auc":0.89231999}`, `{"auc":0.8923,"deviance":1921,"rows_used":3449}`},
		{"lists", `{"list":[1.23456789,{"brier":0.0987654321}],"none":null,"yes":true,"name":"x"}`, `{"list":[1.235,{"brier":0.09877}],"name":"x","none":null,"yes":true}`},
	} {
		got := round(c.in)
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

// TestPublicationHides: two results that differ beyond what is published have
// the same document, and ones that differ within it have not.
func TestPublicationHides(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 2000 {
		x, e := r.NormFloat64()*10, 0.01+r.Float64()
		doc := func(x float64) string {
			o := map[string]any{"estimate": spell(x), "std_error": spell(e)}
			roundObject(o, 4)
			b, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		if doc(x) == doc(x+e/5) {
			t.Fatalf("%g and %g with a standard error of %g have the same document %s", x, x+e/5, e, doc(x))
		}
		if bytes.Count([]byte(doc(x)), []byte("0000000")) > 0 || len(doc(x)) > 60 {
			t.Fatalf("digits are left: %s", doc(x))
		}
	}
}

// TestPublicationTellsOfNoFew: where a fold is smaller than min_institutions, no
// fold alone is public, and all together only when nobody is the difference.
func TestPublicationTellsOfNoFew(t *testing.T) {
	judged := func(rows int64, institutions ...string) model.Judged {
		return model.Judged{Institutions: institutions, Rows: rows, Events: rows / 10, Bins: []model.Bin{{Rows: rows, Events: rows / 10}}}
	}
	one, two, four := []string{"b1"}, []string{"b2", "b3"}, []string{"b4", "b5", "b6", "b7"}
	three, all := []string{"b1", "b2", "b3"}, []string{"b1", "b2", "b3", "b4", "b5", "b6", "b7"}
	for _, c := range []struct {
		what  string
		folds [][]string
		sets  []model.Judged
		want  []int64 // rows of those that are public
		curve bool
	}{
		{"folds of enough", [][]string{three, four}, []model.Judged{judged(333, three...), judged(444, four...), judged(777, all...)}, []int64{333, 444, 777}, true},
		{"a fold of one, one of two and one of four", [][]string{one, two, four},
			[]model.Judged{judged(111, one...), judged(222, two...), judged(444, four...), judged(777, all...)}, []int64{777}, true},
		{"an institution that judged none", [][]string{one, two, four},
			[]model.Judged{judged(111, one...), judged(222, two...), judged(400, four...), judged(733, all...)}, nil, false},
		{"a fold that judged none", [][]string{one, two, four}, []model.Judged{judged(222, two...), judged(444, four...), judged(666, all[1:]...)}, nil, false},
		{"the small fold judged none", [][]string{one, four}, []model.Judged{judged(444, four...)}, nil, false},
	} {
		folds, err := json.Marshal(c.folds) // which is TOML too
		if err != nil {
			t.Fatal(err)
		}
		m := written(t, simple+"[evaluate]\nleave_out = \"folds\"\nfolds = "+string(folds)+"\n")
		r := &model.Result{Study: "s", RowsUsed: 777, Evaluation: &model.Evaluation{
			LeftOut: c.sets, Notes: []string{"the rows of fold 1 did not judge the model"}, Curve: []model.CurvePoint{{Sites: 9, Models: 3, AUC: 0.7}}}}
		document, err := m.publication(r)
		if err != nil {
			t.Fatal(err)
		}
		var read struct{ Result model.Result }
		if err := json.Unmarshal(document, &read); err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, j := range read.Result.Evaluation.LeftOut {
			got = append(got, j.Rows)
		}
		if !slices.Equal(got, c.want) || (read.Result.Evaluation.Curve != nil) != c.curve {
			t.Errorf("%s: %v is public, want %v: %s", c.what, got, c.want, document)
		}
		if small := len(c.folds[0]) < 3; small == bytes.Contains(document, []byte("the rows of fold 1")) {
			t.Errorf("%s: notes %q", c.what, read.Result.Evaluation.Notes)
		}
	}
}
