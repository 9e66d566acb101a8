package node

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

// coder is an error that a person can act on.
type coder interface {
	error
	Code() string
	Remedy() string
}

// methodDecoder takes a study as it stands in the log, written by somebody else,
// to the shape of its first round. What is opened there can be summed.
func methodDecoder(t testing.TB) mutate.Decoder {
	study := func(model string) []byte {
		return []byte("[study]\nid = \"s\"\npurpose = \"to learn\"\n" + model)
	}
	return mutate.Decoder{
		Slow:   true,
		Memory: mutate.Memory{PerByte: 4096, Fixed: 16 << 20},
		Seeds: [][]byte{
			[]byte(studyText("s", "iq_verbal", "girl")),
			study("[model]\nkind = \"linear\"\nformula = \"iq_verbal ~ girl*delay + ns(iq_verbal, 3)\"\n"),
			study("[cohort]\nwhere = \"iq_verbal < 2.0 && girl\"\n[[derive]]\nname = \"low\"\nvalue = \"iq_verbal < -1.0\"\n[model]\nkind = \"poisson\"\noutcome = \"delay\"\nfeatures = [\"low\", \"girl\"]\nmissing = \"mean\"\nindicators = true\ndrop = [\"girl\"]\n"),
			study("[model]\nkind = \"logistic\"\nformula = \"delay ~ (girl + iq_verbal)^2\"\n[evaluate]\nwhere = \"iq_verbal > 1.0\"\ngroups = [\"girl\"]\n"),
			study("[model]\nkind = \"descriptives\"\nfeatures = [\"girl\", \"iq_verbal\"]\ngroup = \"delay\"\n"),
		},
		Check: func(t testing.TB, text []byte) bool {
			m, err := OpenMethod(string(text), []byte(testBook))
			if err != nil {
				var c coder
				if !errors.As(err, &c) || c.Code() == "" {
					t.Fatalf("untyped error %T: %v", err, err)
				}
				return false
			}
			state, err := m.Start()
			if err != nil {
				t.Fatal(err)
			}
			shape, more, err := m.Shape(state)
			if err != nil {
				t.Fatal(err)
			}
			if more {
				err = shape.Check(3)
			}
			return err == nil
		},
	}
}

func FuzzMethod(f *testing.F)       { methodDecoder(f).Fuzz(f) }
func TestMutateMethod(t *testing.T) { methodDecoder(t).Run(t) }

// objectionsDecoder: a list that is read holds a column and no empty name, and
// no error shows a pseudonym.
func objectionsDecoder(t testing.TB) mutate.Decoder {
	f, err := os.Create(filepath.Join(t.TempDir(), "objections.csv"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // before its folder goes
	return mutate.Decoder{
		Slow: true, // a file is written
		// A list of pseudonyms of one letter: every one takes its place in a map.
		Memory: mutate.Memory{PerByte: 512, Fixed: 1 << 20},
		Seeds: [][]byte{
			[]byte("pseudonym\nP0003\n P0017\nP9999\n\nP0003\n"), []byte("\ufeffpseudonym\r\n\"P00\"\"1\"\r\n"),
			[]byte("pseudonym\n"), []byte("pseudonym,name\nP0001,x\n"), []byte("\"\"\nP0001\n"),
		},
		Check: func(t testing.TB, text []byte) bool {
			_, err := f.WriteAt(text, 0)
			if err = errors.Join(err, f.Truncate(int64(len(text)))); err != nil {
				t.Fatal(err)
			}
			o, err := readObjections(f.Name())
			if err != nil {
				var r *RefusalError
				if !errors.As(err, &r) || r.Code() != CodeObjections || r.Remedy() == "" {
					t.Fatalf("untyped error %T: %v", err, err)
				}
				if strings.Contains(err.Error(), "P00") {
					t.Fatalf("a pseudonym stands in %q", err)
				}
				return false
			}
			if o.column == "" || o.who[""] {
				t.Fatalf("a list of column %q", o.column)
			}
			return true
		},
	}
}

func FuzzObjections(f *testing.F)       { objectionsDecoder(f).Fuzz(f) }
func TestMutateObjections(t *testing.T) { objectionsDecoder(t).Run(t) }
