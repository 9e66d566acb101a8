package configs

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

// bare is a sample file without its comments, which are most of it.
func bare(t testing.TB, name string) []byte {
	var keep []string
	for _, line := range strings.Split(sample(t, name), "\n") {
		if code, _, _ := strings.Cut(line, " #"); code != "" && !strings.HasPrefix(code, "#") {
			keep = append(keep, strings.TrimRight(code, " "))
		}
	}
	return []byte(strings.Join(keep, "\n") + "\n")
}

// typed fails unless err is an *Error that says what to do.
func typed(t testing.TB, err error) {
	var e *Error
	if !errors.As(err, &e) || e.Code() == "" || e.Remedy() == "" || len(e.Error()) > 5000 {
		t.Fatalf("untyped or long error %T: %.200v", err, err)
	}
}

// file returns a decoder of a file that people write: what is accepted stands
// up to Validate and is the same at every reading, anything else is a typed error.
func file[T interface{ Validate() error }](parse func([]byte) (T, error), seeds ...[]byte) mutate.Decoder {
	return mutate.Decoder{Slow: true, Seeds: seeds, Memory: mutate.Memory{PerByte: 256, Fixed: 1 << 20}, Check: func(t testing.TB, text []byte) bool {
		v, err := parse(text)
		if err != nil {
			typed(t, err)
			return false
		}
		if err := v.Validate(); err != nil {
			t.Fatal(err)
		}
		if again, err := parse(text); err != nil || !reflect.DeepEqual(v, again) {
			t.Fatalf("the same text is read as %+v, and then as %+v, %v", v, again, err)
		}
		return true
	}}
}

// codebookDecoder: what is accepted is the same after it was written and read.
func codebookDecoder(t testing.TB) mutate.Decoder {
	d := file(ParseCodebook, bare(t, "codebook.sample.toml"), []byte("[[column]]\nname=\"a\"\nkind=\"integer\"\nmin=0\nmax=3\n"),
		[]byte("[[column]]\nname = \"s\"\nkind = \"site\"\n[column.sites]\nb1 = [\"1\", \"2\"]\nb2 = [\"3\"]\n[[column]]\nname = \"x\"\nkind = \"number\"\nmin = -1.5\nmax = 2e3\nknots = [0.0, 1.0]\nknown_at = 48.0\n"))
	valid := d.Check
	d.Check = func(t testing.TB, text []byte) bool {
		if !valid(t, text) {
			return false
		}
		c, err := ParseCodebook(text)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseCodebook(c.TOML())
		if err != nil {
			t.Fatalf("written back it is refused: %v\n%s", err, c.TOML())
		}
		if !reflect.DeepEqual(c, again) && !strings.Contains(string(text), "\r") {
			t.Fatalf("written back it differs:\n%s", c.TOML())
		}
		return true
	}
	return d
}

func FuzzParseCodebook(f *testing.F)       { codebookDecoder(f).Fuzz(f) }
func TestMutateParseCodebook(t *testing.T) { codebookDecoder(t).Run(t) }

func studyDecoder(t testing.TB) mutate.Decoder {
	return file(ParseStudy, bare(t, "study.sample.toml"), []byte(least),
		[]byte("[study]\nid = \"s\"\n[cohort]\nwhere = \"age < 8 && girl\"\n[[derive]]\nname = \"gap\"\nkind = \"number\"\nvalue = \"a - b\"\nmin = 0.0\nmax = 1.0\n"+
			"[model]\nkind = \"poisson\"\nformula = \"y ~ a*b + ns(c, 3)\"\nmissing = \"mean\"\nindicators = true\ncluster = \"school\"\ndrop = [\"a\"]\n"+
			"[model.reference]\nd = \"public\"\n[model.penalty]\nridge = 0.01\n[evaluate]\nheld_out = 0.25\nby = \"school\"\ngroups = [\"m\"]\n"),
		[]byte("[study]\nid = \"s\"\n[model]\nkind = \"discrete_time\"\ntime = \"age\"\nevent = \"seen\"\ncuts = [0.0, 48.0, 1e2]\nfeatures = [\"period\"]\n"+
			"[[prior]]\nterm = \"girl\"\nmean = -0.4\nsd = 0.2\n[[statement]]\nid = \"a_b\"\nwho = \"parent\"\nsays = \"Worse.\"\nrule = \"x > 1\"\nodds_ratio = 2.0\nlow = 1.2\nhigh = 3.5\n"),
		[]byte("[study]\nid = \"s\"\n[model]\nkind = \"logistic\"\noutcome = \"y\"\nfeatures = [\"x\"]\nlandmark = 72.0\n"))
}

func FuzzParseStudy(f *testing.F)       { studyDecoder(f).Fuzz(f) }
func TestMutateParseStudy(t *testing.T) { studyDecoder(t).Run(t) }

func nodeDecoder(t testing.TB) mutate.Decoder {
	return file(ParseNode, bare(t, "node.sample.toml"), []byte(leastNode))
}

func FuzzParseNode(f *testing.F)       { nodeDecoder(f).Fuzz(f) }
func TestMutateParseNode(t *testing.T) { nodeDecoder(t).Run(t) }

func coordinatorDecoder(t testing.TB) mutate.Decoder {
	return file(ParseCoordinator, bare(t, "coordinator.sample.toml"), []byte(leastCoordinator))
}

func FuzzParseCoordinator(f *testing.F)       { coordinatorDecoder(f).Fuzz(f) }
func TestMutateParseCoordinator(t *testing.T) { coordinatorDecoder(t).Run(t) }

func partyDecoder(t testing.TB) mutate.Decoder { return file(ParseParty, bare(t, "party.sample.toml")) }

func FuzzParseParty(f *testing.F)       { partyDecoder(f).Fuzz(f) }
func TestMutateParseParty(t *testing.T) { partyDecoder(t).Run(t) }
