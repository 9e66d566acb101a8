package node_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/cmd/federationtest"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
	"github.com/smartstart-federation/smartstart/node/records"
)

// districtBook describes columns of which every institution holds some.
const districtBook = `
[[column]]
name = "area"
kind = "category"
levels = ["a001", "a002", "a003", "a004"]
[[column]]
name = "arrears"
kind = "yes_no"
[[column]]
name = "noshow"
kind = "integer"
min = 0
max = 10
[[column]]
name = "concern"
kind = "yes_no"
`

const districtStudy = `
[study]
id = "areas"
purpose = "to learn"
[[derive]]
name = "noshow_often"
value = "noshow >= 4"
[model]
kind = "areas"
area = "area"
indicators = ["arrears", "noshow_often", "concern"]
`

// districtFiles are a housing corporation, two youth health teams that share the
// town, and three boards everywhere.
func districtFiles(t *testing.T) (list []federation.Institution) {
	t.Helper()
	cb, err := configs.ParseCodebook([]byte(districtBook))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 9))
	for i, in := range []struct {
		name, column string
		first, areas int
	}{{"housing", "arrears", 1, 4}, {"jgz1", "noshow", 1, 2}, {"jgz2", "noshow", 3, 2}, {"board1", "concern", 1, 4}, {"board2", "concern", 1, 4}, {"board3", "concern", 1, 4}} {
		var text strings.Builder
		fmt.Fprintf(&text, "pseudonym,area,%s\n", in.column)
		for k := range 300 {
			v := r.IntN(4) / 3
			if in.column == "noshow" {
				v = r.IntN(6)
			}
			fmt.Fprintf(&text, "P%d%04d,a%03d,%d\n", i, k, in.first+k%in.areas, v)
		}
		path := filepath.Join(t.TempDir(), in.name+".csv")
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		list = append(list, federation.Institution{Name: in.name, Records: &records.File{Path: path, Codebook: cb}})
	}
	return list
}

func districtRun(t *testing.T, policy node.Policy, isolated bool, study string) (*model.Result, *federationtest.Federation, error) {
	t.Helper()
	f := federationtest.Start(t, federation.Config{Institutions: districtFiles(t), Codebook: []byte(districtBook), Policy: policy, AcceptIsolated: isolated})
	r, err := f.Run([]byte(study), "areas", time.Minute)
	return r, f, err
}

// TestAreasOverHolders runs whole federations in which each institution holds
// one indicator: confidential records, every rule on but the one that keeps them
// out of a rehearsal. Cells of one institution are opened only where approvers
// accept it, and what an institution's rows enter is held against its own rows.
func TestAreasOverHolders(t *testing.T) {
	list := filepath.Join(t.TempDir(), "objections.csv")
	if err := os.WriteFile(list, []byte("pseudonym\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	strict := func(off ...string) node.Policy {
		return node.Policy{Openness: configs.OpenConfidential, Objections: list, AllowColumns: []string{"area", "arrears", "noshow", "concern"}}.Off(append(off, node.CodeRehearsal)...)
	}
	refused := func(what string, err error, code string) {
		t.Helper()
		var r *node.RefusalError
		if !errors.As(err, &r) || r.Code() != code {
			t.Errorf("%s: ended with %v, want %s", what, err, code)
		}
	}
	_, _, err := districtRun(t, strict(), false, districtStudy)
	refused("cells of one institution", err, node.CodeAlone)

	r, f, err := districtRun(t, strict(), true, districtStudy)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Areas.Indicators) != 3 || r.RowsUsed != 1800 {
		t.Fatalf("%+v", r)
	}
	for i, holders := range []int64{1, 1, 3} {
		for _, rate := range r.Areas.Indicators[i].Areas {
			if rate.TooFew || rate.Institutions != holders || rate.Children%5 != 0 {
				t.Errorf("%s: %+v", r.Areas.Indicators[i].Name, rate)
			}
		}
	}
	// The rows and the indicator, 4 cells, then 8 and one for each indicator: of 300 rows.
	b, err := f.Node("housing").Budget()
	if err != nil || len(b.Studies) != 1 || b.Studies[0].Numbers != 17 || b.Studies[0].Rows != 300 {
		t.Errorf("housing's budget: %+v, %v", b, err)
	}

	tight := districtStudy + "[privacy]\nnumbers_per_row = 0.05\n"
	_, _, err = districtRun(t, strict(), true, tight)
	refused("17 numbers of 300 rows, 15 allowed", err, node.CodeBudget)
	if _, _, err = districtRun(t, strict(node.CodeBudget), true, tight); err != nil {
		t.Errorf("with the rule off: %v", err)
	}
	if _, _, err = districtRun(t, strict(node.CodeAlone), false, districtStudy); err != nil {
		t.Errorf("with the rule about cells of one institution off: %v", err)
	}
}
