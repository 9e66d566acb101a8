package federationtest

import (
	"bytes"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/examples/language"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
	"github.com/smartstart-federation/smartstart/node/records"
)

// derivedTables are the first tables of a study with a cohort and derived columns.
const derivedTables = `[study]
id = "written"
question = "q"
purpose = "p"
[cohort]
where = "repeated == 0 && lang_pre > 15"
[[derive]]
name = "gap"
kind = "number"
min = -60.0
max = 60.0
value = "lang_pre - arith_pre"
[[derive]]
name = "bright"
value = "iq_verbal > 1.5"
`

// TestWrittenStudyIsExact: a study with a cohort, derived columns, a product,
// clusters or own intercepts runs over encrypted nodes and ends in the same
// bits as its sums in the clear.
func TestWrittenStudyIsExact(t *testing.T) {
	t.Parallel()
	const n = 3
	parts := cut(t, n)
	codebook := sited(t, parts)
	for _, c := range []struct {
		what, model string
		whole       bool // the rows together give the same as the institutions side by side
		check       func(*testing.T, *model.Result)
	}{
		{"clusters", "[model]\nkind = \"logistic\"\nformula = \"lang_delay ~ iq_verbal * girl + gap + bright\"\ncluster = \"school\"\ndrop = [\"iq_verbal:girl\"]\n", true,
			func(t *testing.T, r *model.Result) {
				if r.Clusters == nil || *r.Clusters < 100 || r.Coefficients[5].RobustStdError == nil || len(r.Tests) != 1 {
					t.Errorf("%+v", r)
				}
			}},
		{"own intercepts", "[model]\nkind = \"linear\"\nformula = \"lang_post ~ iq_verbal * girl + gap + bright\"\nintercepts = \"institution\"\n", false,
			func(t *testing.T, r *model.Result) {
				if r.Intercepts != configs.InterceptInstitution || len(r.Coefficients) != 5 {
					t.Errorf("%+v", r)
				}
			}},
	} {
		t.Run(c.what, func(t *testing.T) {
			study := []byte(derivedTables + c.model)
			want, rows := side(t, study, codebook, parts)
			if c.whole {
				whole := records.Part{CSV: language.Pupils}
				if one, _ := side(t, study, codebook, []records.Part{whole}); one != want {
					t.Errorf("the rows in one place end in state %v, side by side in %v", one, want)
				}
			}
			f := Start(t, federation.Config{Institutions: divide(t, n, codebook), Codebook: codebook})
			got, err := f.Run(study, "written", patience)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.State("written"); got != want {
				t.Errorf("encrypted, the study ended in state %v, in the clear in %v", got, want)
			}
			if len(got.Coefficients) < 5 || got.RowsUsed >= rows || got.RowsUsed < rows/4 {
				t.Errorf("%d of %d rows used", got.RowsUsed, rows)
			}
			c.check(t, got)
		})
	}
}

// side sums a study in the clear over files side by side, and returns the
// digest of its last state and the number of rows before the cohort.
func side(t testing.TB, study, codebook []byte, parts []records.Part) (last crypto.Digest, rows int64) {
	t.Helper()
	m, err := node.OpenMethod(string(study), codebook)
	if err != nil {
		t.Fatal(err)
	}
	var tables []*model.Table
	for _, p := range parts {
		table, err := records.ReadCSV(bytes.NewReader(p.CSV), "pupils", m.Codebook, m.Plan.Columns())
		if err != nil {
			t.Fatal(err)
		}
		rows += int64(table.Rows())
		table.Institution = p.Institution
		if table, _, err = m.Plan.Prepare(table); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
	}
	state, err := m.Start()
	if err != nil {
		t.Fatal(err)
	}
	for {
		shape, more, err := m.Shape(state)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return crypto.DigestOf(state), rows
		}
		sums := make([]*big.Int, shape.Values())
		for i := range sums {
			sums[i] = new(big.Int)
		}
		for _, table := range tables {
			values, err := m.Plan.Local(state, table)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range values {
				sums[i].Add(sums[i], v)
			}
		}
		if state, err = m.Global(state, sums); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSiteOfAnother: a node whose rows lie in a school that the codebook gives
// to another institution sums nothing.
func TestSiteOfAnother(t *testing.T) {
	parts := cut(t, 3)
	swapped := bytes.ReplaceAll(sited(t, parts), []byte("inst01"), []byte("inst99"))
	swapped = bytes.ReplaceAll(bytes.ReplaceAll(swapped, []byte("inst02"), []byte("inst01")), []byte("inst99"), []byte("inst02"))
	study := derivedTables + "[model]\nkind = \"logistic\"\nformula = \"lang_delay ~ iq_verbal\"\ncluster = \"school\"\n"
	m, err := node.OpenMethod(study, swapped)
	if err != nil {
		t.Fatal(err)
	}
	table, err := records.ReadCSV(bytes.NewReader(parts[0].CSV), "pupils", m.Codebook, m.Plan.Columns())
	if err != nil {
		t.Fatal(err)
	}
	table.Institution = parts[0].Institution
	if table, _, err = m.Plan.Prepare(table); err != nil {
		t.Fatal(err)
	}
	state, err := m.Start()
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Plan.Local(state, table)
	var wrong *model.Error
	if !errors.As(err, &wrong) || wrong.Code() != model.CodeSite || !strings.Contains(err.Error(), "inst01") {
		t.Errorf("rows in a school of inst02: %v", err)
	}
}
