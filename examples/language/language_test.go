package language_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/examples/language"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node/records"
)

// TestExampleIsWhole reads every shipped file the way a federation would: all
// columns of all rows against the codebook, and each study against both.
func TestExampleIsWhole(t *testing.T) {
	codebook, err := configs.ParseCodebook(language.Codebook)
	if err != nil {
		t.Fatal(err)
	}
	table, err := records.ReadCSV(bytes.NewReader(language.Pupils), "pupils.csv", codebook, codebook.Names())
	if err != nil {
		t.Fatal(err)
	}
	if table.Rows() != 4106 || len(table.Columns()) != 17 {
		t.Errorf("%d rows and %d columns, the source has 4106 and 17", table.Rows(), len(table.Columns()))
	}
	parts, err := records.SplitCSV(bytes.NewReader(language.Pupils), "pupils.csv", language.By)
	if err != nil || len(parts) != 6 {
		t.Errorf("%d boards, %v", len(parts), err)
	}
	for name, wantRows := range map[string]int{"study.toml": 3449, "linear.toml": 3449} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		study, err := configs.ParseStudy(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		plan, err := model.New(study, codebook)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := plan.Rows(table); got != wantRows {
			t.Errorf("%s uses %d rows, R uses %d", name, got, wantRows)
		}
		for _, column := range plan.Columns() {
			if c, _ := codebook.Column(column); c.AuditOnly {
				t.Errorf("%s uses %s, which is for auditing only", name, column)
			}
		}
	}
}
