package federationtest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/examples/language"
	"github.com/smartstart-federation/smartstart/node/records"
)

// New runs a federation of n institutions over the bundled pupils, whole
// schools together, for the time of a test.
func New(t testing.TB, n int) *Federation {
	t.Helper()
	return Start(t, federation.Config{Institutions: divide(t, n, language.Codebook), Codebook: language.Codebook})
}

// divide makes n institutions of the bundled pupils, whole schools together.
func divide(t testing.TB, n int, codebook []byte) []federation.Institution {
	t.Helper()
	cb, err := configs.ParseCodebook(codebook)
	if err != nil {
		t.Fatal(err)
	}
	return federation.Institutions(cut(t, n), cb)
}

// cut cuts the bundled pupils into n files, whole schools together.
func cut(t testing.TB, n int) []records.Part {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(language.Pupils)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for i, row := range rows {
		who := "institution"
		if i > 0 {
			school, err := strconv.Atoi(row[0])
			if err != nil {
				t.Fatal(err)
			}
			who = fmt.Sprintf("inst%02d", school%n+1)
		}
		if err := w.Write(append(row, who)); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	parts, err := records.SplitCSV(&b, "pupils", "institution")
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) != n {
		t.Fatalf("%d institutions, want %d", len(parts), n)
	}
	return parts
}

// sited is the bundled codebook with school as a site, and who holds which as
// the files say.
func sited(t testing.TB, parts []records.Part) []byte {
	t.Helper()
	cb, err := configs.ParseCodebook(language.Codebook)
	if err != nil {
		t.Fatal(err)
	}
	column, ok := cb.Column("school")
	if !ok {
		t.Fatal("no column school")
	}
	*column = configs.Column{Name: "school", Kind: configs.Site, Label: "School", Sites: map[string][]string{}}
	for _, p := range parts {
		rows, err := csv.NewReader(bytes.NewReader(p.CSV)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			if at := column.Sites[p.Institution]; !slices.Contains(at, row[0]) {
				column.Sites[p.Institution] = append(at, row[0])
			}
		}
	}
	return cb.TOML()
}
