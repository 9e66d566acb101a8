package cmd

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/smartstart-federation/smartstart"

// room is a rule of the import table in docs/architecture.md.
type room struct {
	may []string // rooms of ours; a trailing /... admits the rooms inside
	why string
}

// rooms lists every room of the module. A package that none of them matches
// fails the test: a new room needs a rule and a reason.
var rooms = map[string]room{
	"":                     {[]string{"cmd"}, "main hands over to cmd and does nothing else"},
	"api":                  {nil, "the wire contract is a leaf, so that no party's types leak into it"},
	"configs":              {nil, "configuration is data that every party reads; it must not know any party"},
	"crypto":               {nil, "the encrypted sum must be reviewable alone"},
	"crypto/secret":        {[]string{"crypto"}, "secret keys are handled in one room that knows nothing of networks, logs or models"},
	"crypto/mutate":        {nil, "tests of decoders know bytes only"},
	"audit":                {[]string{"crypto"}, "the state machine is pure: it takes methods as an interface and knows no party"},
	"audit/bundle":         {[]string{"audit", "crypto"}, "a bundle is files of the log, nothing else"},
	"audit/loop":           {[]string{"audit", "crypto"}, "the loop serves every party, so it may know none"},
	"audit/replay":         {[]string{"audit", "crypto"}, "redoing the arithmetic must not depend on a party's code"},
	"audit/report":         {[]string{"audit", "audit/bundle", "audit/verify", "crypto"}, "a report says what a verification found; what a study file asks it is told"},
	"audit/verify":         {[]string{"audit", "audit/bundle", "audit/replay", "crypto"}, "an auditor needs no coordinator, node or key"},
	"audit/tamper":         {nil, "only tests, which may know everybody"},
	"audit/audittest":      {[]string{"audit", "audit/bundle", "crypto", "crypto/secret"}, "test logs hold real encrypted rounds"},
	"model":                {[]string{"configs", "model/anomaly", "model/areas", "model/bins", "model/decide", "model/disclosure", "model/elementary", "model/exact", "model/family", "model/formula", "model/lmm", "model/mp", "model/rule", "model/spline", "model/statement", "model/survival", "model/text", "model/validation"}, "methods are pure functions: no network, no crypto, no party"},
	"model/anomaly":        {nil, "a quantile is a function of two numbers"},
	"model/areas":          {nil, "arithmetic on opened counts knows no row, study or party"},
	"model/elementary":     {nil, "a function of a number knows nothing else"},
	"model/bins":           {[]string{"model/disclosure", "model/exact"}, "counts between edges know numbers, no row's other columns, study or party"},
	"model/disclosure":     {[]string{"model/exact"}, "what may be opened of counts follows from the counts alone"},
	"model/exact":          {nil, "adding is integers on a grid: it knows no row, study or party"},
	"model/family":         {[]string{"model/elementary"}, "a row's likelihood is a function of its outcome and its predictor"},
	"model/lmm":            {[]string{"model/mp"}, "what sums over sites say follows from the sums; no row or site comes near it"},
	"model/mp":             {[]string{"model/exact"}, "algebra knows numbers, and nothing of what they are of"},
	"model/expect":         {[]string{"configs"}, "what to expect is arithmetic on a few numbers; it reads no record"},
	"model/formula":        {nil, "a formula is text with a meaning"},
	"model/rule":           {[]string{"configs"}, "an expression sees columns and nothing else"},
	"model/spline":         {nil, "a basis is a function of one number"},
	"model/text":           {nil, "reading a note is a function of its text: it knows no file, study or party"},
	"model/statement":      {[]string{"model/elementary"}, "what is stated is held against what data say, number by number"},
	"model/survival":       {nil, "children become person-periods by two columns and nothing else"},
	"model/validation":     {[]string{"model/disclosure", "model/elementary", "model/exact", "model/family", "model/mp"}, "judging sees scores and outcomes: which rows may be judged is decided where studies are known"},
	"model/decide":         {nil, "what a model means in use follows from opened bins; it asks nobody for anything"},
	"model/plots/scale":    {nil, "where the marks of an axis stand does not depend on what is drawn"},
	"model/plots":          {[]string{"model", "model/areas", "model/decide", "model/plots/scale"}, "a picture shows a result and computes none"},
	"coordinator":          {[]string{"api", "audit", "audit/loop", "audit/replay", "crypto", "coordinator/blobs", "coordinator/ca", "coordinator/store"}, "the coordinator holds no secret key, no record and no training code"},
	"coordinator/blobs":    {[]string{"crypto"}, "a store of bytes by digest"},
	"coordinator/ca":       {nil, "certificates give a connection, never a statement"},
	"coordinator/store":    {[]string{"audit", "crypto"}, "a store of leaves"},
	"node":                 {[]string{"api", "audit", "audit/loop", "audit/replay", "configs", "crypto", "crypto/secret", "model", "node/records"}, "a node never links the coordinator"},
	"node/records":         {[]string{"configs", "model", "model/text"}, "reading records needs neither keys nor a network"},
	"cmd":                  {[]string{"..."}, "the only place where parts are wired"},
	"cmd/factsheet":        {[]string{"model/decide", "model/plots/scale"}, "a report tells findings that it is given: it reads no file, result or truth"},
	"cmd/federation":       {[]string{"..."}, "the only place where parts are wired"},
	"cmd/federationtest":   {[]string{"..."}, "the only place where parts are wired"},
	"cmd/party":            {[]string{"..."}, "the only place where parts are wired"},
	"examples/walkthrough": {nil, "an example is what a person types"},
	"examples/language":    {nil, "an example is data"},
	"examples/region":      {[]string{"configs", "model/elementary"}, "an invented world knows columns; what it is used for it does not know"},
	"examples/compare":     {nil, "a comparison runs what a person types"},
	"examples/verifier":    {nil, "the second verifier shares no code with the product; only its tests know both"},
}

// outside limits who may import a module, whatever room.
var outside = []struct {
	path string
	may  []string
	why  string
}{
	{"github.com/tuneinsight/lattigo/", []string{"crypto", "crypto/secret"}, "one folder to review, and one to change when lattigo moves on"},
	{"github.com/blevesearch/snowballstem", []string{"model/text"}, "one place decides what a word is"},
	{"gonum.org/", []string{"model", "model/anomaly", "model/plots"}, "the model state must not depend on kernels that differ between processors; only reports use gonum"},
	{"modernc.org/sqlite", []string{"coordinator/store", "node"}, "only the two parties that keep a log on disk have a database"},
	{"google.golang.org/grpc", []string{"api", "coordinator"}, "everything else talks through api.Client"},
}

type pkg struct {
	ImportPath, Dir string
	Imports         []string
	Deps            []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,Deps", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// violations returns what the import table forbids in p.
func violations(p pkg) []string {
	name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
	r, known := rooms[name]
	if !known {
		return []string{name + " is a new room: give it a rule and a reason in this table and in docs/architecture.md"}
	}
	var bad []string
	for _, imp := range p.Imports {
		if ours, ok := strings.CutPrefix(imp, module+"/"); ok {
			if ours == "crypto/mutate" {
				bad = append(bad, name+" imports "+ours+": only tests may, which are not listed here")
				continue
			}
			if !slices.Contains(r.may, ours) && !slices.Contains(r.may, "...") {
				bad = append(bad, name+" imports "+ours+": "+r.why)
			}
		}
		for _, o := range outside {
			if strings.HasPrefix(imp, o.path) && !slices.Contains(o.may, name) {
				bad = append(bad, name+" imports "+imp+": "+o.why)
			}
		}
	}
	return bad
}

func TestImportTable(t *testing.T) {
	for _, p := range packages(t) {
		for _, v := range violations(p) {
			t.Error(v)
		}
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		// Not only what is imported: what is linked.
		if path.Dir(name) == "coordinator" || name == "coordinator" {
			for _, d := range p.Deps {
				for _, never := range []string{"crypto/secret", "model", "configs", "node"} {
					if d == module+"/"+never {
						t.Errorf("%s links %s: the coordinator holds no secret-key code, no training code and no study's meaning", name, never)
					}
				}
			}
		}
	}
}

// TestImportTableHasTeeth shows that the table refuses what it is there for.
func TestImportTableHasTeeth(t *testing.T) {
	for _, p := range []pkg{
		{ImportPath: module + "/coordinator", Imports: []string{module + "/crypto/secret"}},
		{ImportPath: module + "/coordinator", Imports: []string{module + "/node"}},
		{ImportPath: module + "/model", Imports: []string{module + "/crypto"}},
		{ImportPath: module + "/node", Imports: []string{"github.com/tuneinsight/lattigo/v5/ring"}},
		{ImportPath: module + "/audit", Imports: []string{"gonum.org/v1/gonum/stat"}},
		{ImportPath: module + "/utils"},
		{ImportPath: module + "/cmd", Imports: []string{module + "/crypto/mutate"}},
	} {
		if len(violations(p)) == 0 {
			t.Errorf("%s importing %v passed", p.ImportPath, p.Imports)
		}
	}
}
