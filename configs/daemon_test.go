package configs

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestSampleNode: the shipped file is read, and says the defaults it claims.
func TestSampleNode(t *testing.T) {
	n, err := ParseNode([]byte(sample(t, "node.sample.toml")))
	if err != nil {
		t.Fatal(err)
	}
	d, err := ParseNode([]byte(leastNode))
	if err != nil {
		t.Fatal(err)
	}
	if n.About != d.About || n.Log != d.Log || n.Policy.MinRows != d.Policy.MinRows || n.Policy.MinInstitutions != d.Policy.MinInstitutions {
		t.Errorf("the sample does not show the defaults:\n got %+v\nwant %+v", n, d)
	}
	u := n.Under("/x")
	for _, p := range []string{u.About.State, u.About.Party, u.About.Approver, u.Coordinator.CAFile, u.Data.Path, u.Data.Objections, u.Data.Codebook} {
		if filepath.Dir(filepath.ToSlash(p)) != "/x" {
			t.Errorf("%s is not where the file stands", p)
		}
	}
	if n.About.State != "state" {
		t.Error("Under changed the file it was asked about")
	}
}

func TestSampleCoordinator(t *testing.T) {
	c, err := ParseCoordinator([]byte(sample(t, "coordinator.sample.toml")))
	if err != nil {
		t.Fatal(err)
	}
	d, err := ParseCoordinator([]byte(leastCoordinator))
	if err != nil {
		t.Fatal(err)
	}
	c.Limits, c.Metrics, c.Serve = d.Limits, d.Metrics, d.Serve
	if !reflect.DeepEqual(c, d) {
		t.Errorf("the sample does not show the defaults:\n got %+v\nwant %+v", c, d)
	}
}

func TestSampleParty(t *testing.T) {
	p, err := ParseParty([]byte(sample(t, "party.sample.toml")))
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseParty(p.TOML())
	if err != nil || *again != *p {
		t.Errorf("written and read again it is another: %+v, %v", again, err)
	}
}

const (
	leastNode        = "[node]\nname = \"board1\"\n[data]\npath = \"p.csv\"\nopenness = \"public\"\ncodebook = \"c.toml\"\n"
	leastCoordinator = "[coordinator]\nname = \"federation.example.org/log\"\n[serve]\nlisten = \":443\"\nhosts = [\"h\"]\n[charter]\ncodebook = \"codebook.toml\"\n"
)

func TestDaemonFilesRefused(t *testing.T) {
	node := func(text string) error { _, err := ParseNode([]byte(text)); return err }
	coordinator := func(text string) error { _, err := ParseCoordinator([]byte(text)); return err }
	party := func(text string) error { _, err := ParseParty([]byte(text)); return err }
	for _, c := range []struct {
		what string
		err  error
		code string
		says []string
	}{
		{"an unknown key", node(leastNode + "[policy]\nmin_row = 3\n"), CodeUnknownKey, []string{"min_row", `"min_rows"`, "line 8"}},
		{"no name", node(strings.Replace(leastNode, "name", "state", 1)), CodeMissing, []string{"name"}},
		{"a bad name", node(strings.Replace(leastNode, "board1", "../x", 1)), CodeValue, []string{"not a valid name"}},
		{"no data", node(strings.Replace(leastNode, "path", "objections", 1)), CodeMissing, []string{"path"}},
		{"no codebook", node(strings.Replace(leastNode, "codebook = \"c.toml\"\n", "", 1)), CodeMissing, []string{"codebook"}},
		{"no openness", node(strings.Replace(leastNode, "openness = \"public\"\n", "", 1)), CodeMissing, []string{"openness"}},
		{"another openness", node(strings.Replace(leastNode, "public", "open", 1)), CodeValue, []string{"confidential"}},
		{"another source", node(leastNode + "source = \"excel\"\n"), CodeValue, []string{"not in this version"}},
		{"an empty state folder", node("[node]\nname = \"b\"\nstate = \"\"\n" + leastNode[len("[node]\nname = \"board1\"\n"):]), CodeValue, []string{"empty"}},
		{"an address without a port", node(leastNode + "[coordinator]\naddress = \"h\"\n"), CodeValue, []string{"host:port"}},
		{"an unknown method", node(leastNode + "[policy]\nallow_methods = [\"logistics\"]\n"), CodeValue, []string{`did you mean "logistic"?`}},
		{"an empty pattern", node(leastNode + "[policy]\ndeny_columns = [\" \"]\n"), CodeValue, []string{"deny_columns"}},
		{"no rows", node(leastNode + "[policy]\nmin_rows = 0\n"), CodeValue, []string{"min_rows"}},
		{"one institution", node(leastNode + "[policy]\nmin_institutions = 1\n"), CodeValue, []string{"min_institutions"}},
		{"two institutions", node(leastNode + "[policy]\nmin_institutions = 2\n"), CodeValue, []string{"from 3 to 64"}},
		{"half a stretch of time", node(leastNode + "[policy]\nrun_between = \"20:00\"\n"), CodeValue, []string{"20:00-06:00"}},
		{"an hour that is none", node(leastNode + "[policy]\nrun_between = \"20:00-25:00\"\n"), CodeValue, []string{"run_between"}},
		{"no time at all", node(leastNode + "[policy]\nrun_between = \"06:00-06:00\"\n"), CodeValue, []string{"run_between"}},
		{"too many numbers", node(leastNode + "[policy]\nnumbers_per_row = 2.0\n"), CodeValue, []string{"numbers_per_row"}},
		{"a level", node(leastNode + "[log]\nlevel = \"all\"\n"), CodeValue, []string{"debug"}},
		{"metrics for everybody", node(leastNode + "[metrics]\naddress = \"0.0.0.0:9464\"\n"), CodeValue, []string{"loopback"}},
		{"metrics on every address", node(leastNode + "[metrics]\naddress = \":9464\"\n"), CodeValue, []string{"loopback"}},

		{"an unknown table", coordinator(leastCoordinator + "[server]\nlisten = \"x\"\n"), CodeUnknownKey, []string{`"serve"`}},
		{"a name with a space", coordinator(strings.Replace(leastCoordinator, "federation.", "federation ", 1)), CodeValue, []string{"name"}},
		{"no hosts", coordinator(strings.Replace(leastCoordinator, "hosts = [\"h\"]\n", "", 1)), CodeMissing, []string{"hosts"}},
		{"nowhere to listen", coordinator(strings.Replace(leastCoordinator, ":443", "443", 1)), CodeValue, []string{"listen"}},
		{"a real federation", coordinator(leastCoordinator + "rehearsal = false\n"), CodeValue, []string{"outside review"}},
		{"no time", coordinator(leastCoordinator + "[rounds]\ntimeout = \"1ms\"\n"), CodeValue, []string{"timeout"}},
		{"no institutions", coordinator(leastCoordinator + "min_institutions = 1\n"), CodeValue, []string{"min_institutions"}},
		{"two of them", coordinator(leastCoordinator + "min_institutions = 2\n"), CodeValue, []string{"from 3 to 64"}},
		{"a pair", coordinator(leastCoordinator + "allow_pair = true\n"), CodeValue, []string{"subtract its own"}},
		{"forgetful of more than none", coordinator(leastCoordinator + "forgetful = -1\n"), CodeValue, []string{"forgetful"}},
		{"negative limits", coordinator(leastCoordinator + "[limits]\nconnections = -1\n"), CodeValue, []string{"negative"}},

		{"half a party", party("name = \"x\"\n"), CodeMissing, []string{"role"}},
		{"a king", party(strings.Replace(sample(t, "party.sample.toml"), `"approver" `, `"king" `, 1)), CodeValue, []string{"king"}},
	} {
		refused(t, c.what, c.err, c.code, c.says...)
	}
	for what, err := range map[string]error{
		"three institutions":          node(leastNode + "[policy]\nmin_institutions = 3\n"),
		"a charter of three":          coordinator(leastCoordinator + "min_institutions = 3\n"),
		"a charter that says no pair": coordinator(leastCoordinator + "allow_pair = false\n"),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestForgetfulMeaning: the figure is for nodes that forget, and makes absences
// harder to bear; whoever reads otherwise founds a federation that stands still.
func TestForgetfulMeaning(t *testing.T) {
	text := sample(t, "coordinator.sample.toml")
	_, after, found := strings.Cut(text, "\nforgetful = 0")
	said, _, _ := strings.Cut(after, "\nallow_pair")
	for _, want := range []string{"forget a vote or a release", "raises the number needed to open", "fewer may be absent"} {
		if !found || !strings.Contains(said, want) {
			t.Errorf("the sample does not say of forgetful: %s", want)
		}
	}
}

// TestKeysPrintNothing: neither printing nor a broken file shows a key.
func TestKeysPrintNothing(t *testing.T) {
	k, err := ParseKeys([]byte("owner = \"x\"\nsigning_key = \"PRIVATE-CANARY\"\ntls_key = \"PRIVATE-CANARY\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseKeys(k.TOML("# note\n"))
	if err != nil || *again != *k {
		t.Errorf("written and read again they are others: %v", err)
	}
	_, broken := ParseKeys([]byte("owner = \"x\"\nsigning_key = PRIVATE-CANARY\n"))
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%+v %#v", *k, k), fmt.Sprint(broken)} {
		if strings.Contains(s, "CANARY") {
			t.Errorf("a key was printed: %s", s)
		}
	}
	if broken == nil {
		t.Error("a broken key file was read")
	}
}

// TestErrorsStayReadable: a decoder quotes a value that it cannot take, however
// long it is; the sentence does not.
func TestErrorsStayReadable(t *testing.T) {
	for name, text := range map[string]string{
		"a number":  "name = " + strings.Repeat("65536", 4000),
		"a literal": "name = f" + strings.Repeat("an", 60_000),
	} {
		_, err := ParseParty([]byte(text))
		if err == nil || len(err.Error()) > 2100 {
			t.Errorf("%s: an error of %d bytes", name, len(fmt.Sprint(err)))
		}
	}
}
