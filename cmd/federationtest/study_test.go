package federationtest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/examples/language"
	"github.com/smartstart-federation/smartstart/node"
	"github.com/smartstart-federation/smartstart/node/records"
)

const patience = 5 * time.Minute

// study is a study file over the bundled pupils.
func study(id, kind, outcome string, features ...string) []byte {
	return fmt.Appendf(nil, "[study]\nid = %q\nquestion = \"q\"\npurpose = \"p\"\n[model]\nkind = %q\noutcome = %q\nfeatures = [%s]\n",
		id, kind, outcome, `"`+strings.Join(features, `", "`)+`"`)
}

var predictors = []string{"iq_verbal", "iq_perf", "girl", "ses", "minority", "repeated", "lang_pre", "arith_pre"}

func flagship(kind, outcome string) []byte {
	return study("flagship", kind, outcome, predictors...)
}

// openCodebook is the bundled codebook with minority allowed as a predictor:
// R's full model is a test, not the demo.
func openCodebook() []byte {
	return bytes.ReplaceAll(language.Codebook, []byte("audit_only = true"), []byte("audit_only = false"))
}

type reference struct {
	RowsUsed     int64 `json:"rows_used"`
	Coefficients map[string]struct{ Estimate, SE float64 }
	Deviance     float64
	AIC          float64 `json:"aic"`
	Sigma        float64
}

func readReference(t testing.TB, name string) (r reference) {
	t.Helper()
	b, err := os.ReadFile("../../model/testdata/" + name)
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestEncryptedStudyEqualsR runs R's full models through real encrypted sums.
func TestEncryptedStudyEqualsR(t *testing.T) {
	for _, c := range []struct{ kind, outcome, reference string }{
		{"logistic", "lang_delay", "flagship_brandsma_logistic.json"},
		{"linear", "lang_post", "flagship_brandsma_linear.json"},
	} {
		t.Run(c.kind, func(t *testing.T) {
			f := Start(t, federation.Config{Institutions: divide(t, 6, openCodebook()), Codebook: openCodebook()})
			got, err := f.Run(flagship(c.kind, c.outcome), "flagship", patience)
			if err != nil {
				t.Fatal(err)
			}
			want := readReference(t, c.reference)
			if got.RowsUsed != want.RowsUsed {
				t.Errorf("%d rows, R used %d", got.RowsUsed, want.RowsUsed)
			}
			var largest float64
			for _, c := range got.Coefficients {
				w := want.Coefficients[c.Term]
				largest = max(largest, math.Abs(c.Estimate-w.Estimate), math.Abs(c.StdError-w.SE))
			}
			if largest > 1e-9 || len(got.Coefficients) != len(want.Coefficients) {
				t.Errorf("%d coefficients differ from R's %d by up to %g", len(got.Coefficients), len(want.Coefficients), largest)
			}
			if c.kind == "logistic" && math.Abs(got.Deviance/want.Deviance-1) > 1e-8 {
				t.Errorf("deviance %.15g, R %.15g", got.Deviance, want.Deviance)
			}
			if c.kind == "linear" && math.Abs(*got.Sigma/want.Sigma-1) > 1e-9 {
				t.Errorf("sigma %.15g, R %.15g", *got.Sigma, want.Sigma)
			}
			t.Logf("largest difference from R: %.2g", largest)
		})
	}
}

var largestRoster = flag.Int("roster", 10, "institutions of the largest federation that one study runs over; -roster 30 is the figure")

// TestEveryRosterGivesTheSameBits runs one study over 3, 6 and more encrypted
// nodes and over one table without encryption: the model state is the same,
// bit for bit.
func TestEveryRosterGivesTheSameBits(t *testing.T) {
	rosters := []int{3, 6, *largestRoster}
	if testing.Short() {
		rosters = rosters[:1]
	}
	want := inTheClear(t, language.Study, language.Codebook)
	for _, n := range rosters {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			f := New(t, n)
			if _, err := f.Run(language.Study, "language-delay", patience); err != nil {
				t.Fatal(err)
			}
			if got := f.State("language-delay"); got != want {
				t.Errorf("%d nodes ended in state %v, the rows together in %v", n, got, want)
			}
		})
	}
}

// inTheClear computes the final state from the pooled rows.
func inTheClear(t testing.TB, study, codebook []byte) crypto.Digest {
	t.Helper()
	return inTheClearOf(t, study, codebook, language.Pupils)
}

func inTheClearOf(t testing.TB, study, codebook, pupils []byte) crypto.Digest {
	t.Helper()
	m, err := node.OpenMethod(string(study), codebook)
	if err != nil {
		t.Fatal(err)
	}
	cb, err := configs.ParseCodebook(codebook)
	if err != nil {
		t.Fatal(err)
	}
	table, err := records.ReadCSV(bytes.NewReader(pupils), "pupils", cb, m.Plan.Columns())
	if err != nil {
		t.Fatal(err)
	}
	if table, _, err = m.Plan.Prepare(table); err != nil {
		t.Fatal(err)
	}
	state, err := m.Start()
	for err == nil {
		var more bool
		if _, more, err = m.Shape(state); err != nil || !more {
			break
		}
		var sums []*big.Int
		if sums, err = m.Plan.Local(state, table); err == nil {
			state, err = m.Global(state, sums)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return crypto.DigestOf(state)
}
