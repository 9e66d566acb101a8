package model_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

func TestNewRefuses(t *testing.T) {
	cb := brandsma()
	cb.Columns = append(cb.Columns,
		configs.Column{Name: "born", Kind: configs.DateKind},
		configs.Column{Name: "arrested", Kind: configs.YesNo, Sensitivity: configs.Criminal},
		configs.Column{Name: "origin", Kind: configs.YesNo, Sensitivity: configs.Origin, AuditOnly: true})
	unvalidated := study("logistic", "lang_delay", "girl")
	unvalidated.Rounds.Max = 0
	for _, c := range []struct {
		study      *configs.Study
		code, says string
	}{
		{study("linear", "lang_post", "iq_verbl"), model.CodeUnknownColumn, `"iq_verbl", which is not in the codebook`},
		{study("linear", "lang_pots", "girl"), model.CodeUnknownColumn, "[model] outcome"},
		{study("linear", "lang_post", "born"), model.CodeKind, "kind date"},
		{study("linear", "denomination", "girl"), model.CodeKind, "needs a numeric outcome"},
		{study("logistic", "lang_post", "girl"), model.CodeKind, "needs a yes_no outcome"},
		{study("logistic", "lang_delay", "origin"), model.CodeAuditOnly, "audit_only"},
		{study("logistic", "origin", "girl"), model.CodeAuditOnly, "audit_only"},
		{study("logistic", "arrested", "girl"), model.CodeOffending, "offending"},
		{unvalidated, configs.CodeValue, "[rounds] max"},
	} {
		_, err := model.New(c.study, cb)
		var e interface {
			error
			Code() string
			Remedy() string
		}
		if !errors.As(err, &e) || e.Code() != c.code || !strings.Contains(e.Error(), c.says) || e.Remedy() == "" {
			t.Errorf("%s ~ %v: got %v, want %s with %q", c.study.Model.Outcome, c.study.Model.Features, err, c.code, c.says)
		}
	}
	_, err := model.New(study("linear", "lang_post", "iq_verbl"), cb)
	if e := err.(*model.Error); !strings.Contains(e.Remedy(), `"iq_verbal"`) {
		t.Errorf("the remedy does not name the nearest column: %s", e.Remedy())
	}
}

func TestColumnsAndShape(t *testing.T) {
	p := plan(t, study("logistic", "lang_delay", "girl", "denomination"), brandsma())
	if got := p.Columns(); !slices.Equal(got, []string{"girl", "denomination", "lang_delay"}) {
		t.Errorf("columns %v", got)
	}
	p.Columns()[0] = "changed"
	if p.Columns()[0] != "girl" {
		t.Error("the caller can change the plan")
	}
	start, err := p.Start()
	if err != nil {
		t.Fatal(err)
	}
	tensors, more, err := p.Shape(start)
	if err != nil || !more {
		t.Fatal(more, err)
	}
	want := []model.Tensor{{Name: "rows", Len: 2, Bits: 25}, {Name: "present", Len: 3, Bits: 25}, {Name: "sum", Len: 5, Bits: 104}}
	if !slices.Equal(tensors, want) {
		t.Errorf("first round asks for %v, want %v", tensors, want)
	}
}

func TestLocalRefuses(t *testing.T) {
	s := newSample(30)
	p := plan(t, study("linear", "score", "x1", "g"), s.codebook())
	start, err := p.Start()
	if err != nil {
		t.Fatal(err)
	}
	code := func(table *model.Table) string {
		_, err := p.Local(start, table)
		var e *model.Error
		if errors.As(err, &e) {
			return e.Code()
		}
		return ""
	}
	if got := code(s.table(t)); got != "" {
		t.Fatalf("a sound table: %s", got)
	}
	if n := p.Rows(s.table(t)); n != 30 {
		t.Errorf("%d rows would be used, want 30", n)
	}
	s.columns["x1"].Missing[3] = true
	if n := p.Rows(s.table(t)); n != 29 {
		t.Errorf("%d rows would be used, want 29", n)
	}
	s.columns["x1"].Values[3] = 99 // missing: its value is not looked at
	if got := code(s.table(t)); got != "" {
		t.Errorf("a missing value counts: %s", got)
	}
	s.columns["x1"].Values[4] = 10.5
	if got := code(s.table(t)); got != model.CodeRange {
		t.Errorf("out of range: %q", got)
	}
	s.columns["x1"].Values[4] = 0
	s.columns["x1"].Name = "other"
	if got := code(s.table(t)); got != model.CodeTable {
		t.Errorf("lacking column: %q", got)
	}
	if n := p.Rows(s.table(t)); n != 0 {
		t.Errorf("%d rows of a table that lacks a column", n)
	}
}

func TestNewTableRefuses(t *testing.T) {
	ok := func() model.Column {
		return model.Column{Name: "a", Kind: configs.Number, Values: []float64{1, 2}, Missing: []bool{false, true}}
	}
	nan := 0.0
	nan /= nan
	for name, spoil := range map[string]func(c *model.Column) []model.Column{
		"twice": func(c *model.Column) []model.Column { return []model.Column{*c, *c} },
		"short": func(c *model.Column) []model.Column { c.Missing = c.Missing[:1]; return []model.Column{*c} },
		"nan":   func(c *model.Column) []model.Column { c.Values[0] = nan; return []model.Column{*c} },
		"yes_no 2": func(c *model.Column) []model.Column {
			c.Kind = configs.YesNo
			c.Values[0] = 2
			return []model.Column{*c}
		},
		"broken": func(c *model.Column) []model.Column {
			c.Kind = configs.Integer
			c.Values[0] = 1.5
			return []model.Column{*c}
		},
		"no level": func(c *model.Column) []model.Column { c.Kind = configs.Category; return []model.Column{*c} },
	} {
		c := ok()
		if _, err := model.NewTable(spoil(&c)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := model.NewTable([]model.Column{ok()}); err != nil {
		t.Error(err)
	}
	table, _ := model.NewTable([]model.Column{ok()})
	if _, err := table.Take([]int{2}); err == nil {
		t.Error("a row that does not exist was taken")
	}
}

// TestDroppedShares: losses are reported by column, and only where there are
// some.
func TestDroppedShares(t *testing.T) {
	s := newSample(100)
	for i := range 5 {
		s.columns["x1"].Missing[i] = true
	}
	p := plan(t, study("linear", "score", "x1", "g"), s.codebook())
	r, err := p.Result(run(t, p, divide(t, s.table(t), 4, func(i int) int { return i % 4 })).last())
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Dropped) != 1 || r.Dropped["x1"] != 0.05 || r.RowsUsed != 95 {
		t.Errorf("dropped %v, used %d", r.Dropped, r.RowsUsed)
	}
}
