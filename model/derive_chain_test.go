package model_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// TestDerivedChainsEnd: columns of which each is made of all before it take no
// longer to read than others: whoever may propose a study cannot keep every
// institution busy with it.
func TestDerivedChainsEnd(t *testing.T) {
	low, high := -1.0, 1e6
	s := study(configs.KindLogistic, "late", "d49")
	for k := range configs.MaxDerived {
		value := "score"
		if k > 0 {
			value = "score * 0.0"
			for j := range k {
				value += fmt.Sprintf(" + d%02d", j)
			}
		}
		s.Derive = append(s.Derive, configs.Derive{Name: fmt.Sprintf("d%02d", k), Kind: configs.Number, Value: value, Min: &low, Max: &high})
	}
	type opened struct {
		plan *model.Plan
		err  error
	}
	done := make(chan opened, 1)
	go func() {
		p, err := model.New(s, &configs.Codebook{Columns: []configs.Column{yesNo("late"), ranged("score", 0, 1)}})
		if err == nil {
			p.Roles()
		}
		done <- opened{p, err}
	}()
	select {
	case o := <-done:
		if o.err != nil || strings.Join(o.plan.MadeOf("d49"), " ") != "score" {
			t.Errorf("made of %v, %v", o.plan, o.err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("reading the study does not end")
	}
}
