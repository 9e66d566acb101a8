package records

import (
	"bytes"
	"errors"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

// readDecoder: any bytes give a table within the codebook or a typed error. The
// length of an input chooses the rule for what is out of range.
func readDecoder(t testing.TB) mutate.Decoder {
	rules := []string{configs.OutOfRangeError, configs.OutOfRangeMissing, configs.OutOfRangeClip}
	cb := book(t)
	return mutate.Decoder{
		Seeds: [][]byte{
			[]byte("girl,iq,years,school\n1,1.5,2,open\n,,,\n"),
			[]byte("\ufeffgirl,iq,years,school\r\n0,-1e1,0,\"with, comma\"\r\n"),
			[]byte("girl,iq,years,school\n1,99,2,\"a\"\"b\n\""),
			[]byte("girl,iq,years,school,born,remark\n1,9,2,open,2019-01-31,\"a\nb\"\n0,-3.25,5,closed,,x\n"),
		},
		// A header of commas: every field of a byte takes its place in lists.
		Memory: mutate.Memory{PerByte: 512, Fixed: 1 << 20},
		Check: func(t testing.TB, text []byte) bool {
			table, err := ReadCSV(bytes.NewReader(text), "f", cb, asked, OutOfRange(rules[len(text)%3]))
			if err != nil {
				if !errors.As(err, new(*Error)) {
					t.Fatalf("untyped error %T: %v", err, err)
				}
				return false
			}
			for _, c := range table.Columns() {
				book, _ := cb.Column(c.Name)
				low, high := book.Range()
				for i, v := range c.Values {
					if !c.Missing[i] && !(v >= low && v <= high) {
						t.Fatalf("column %s row %d is outside the codebook", c.Name, i)
					}
				}
			}
			return true
		},
	}
}

func FuzzReadCSV(f *testing.F)       { readDecoder(f).Fuzz(f) }
func TestMutateReadCSV(t *testing.T) { readDecoder(t).Run(t) }

// splitDecoder: the parts of a file have its rows, and pass the codebook that is
// drafted from them.
func splitDecoder(testing.TB) mutate.Decoder {
	return mutate.Decoder{
		Seeds: [][]byte{
			[]byte("board,x\na,1\nb,2\n"),
			[]byte("\ufeffboard,\"x\ny\"\r\na,\"1\"\"\"\r\n"),
			[]byte("board,x,z\na,home 1,s1\nb,home 2,s2\na,,s1\n"),
			[]byte("board,x,y,z\na,1,0,north\nb,2.5,1,south\na,,1,\n"),
		},
		Slow: true,
		// Every row may be a part of its own, with the header in it.
		Memory: mutate.Memory{PerByte: 4096, Fixed: 1 << 20},
		Check: func(t testing.TB, text []byte) bool {
			parts, err := SplitCSV(bytes.NewReader(text), "f", "board")
			if err != nil {
				return false
			}
			for _, p := range parts {
				n, err := countRows(p.CSV, p.Institution)
				if err != nil || n != p.Rows {
					t.Fatalf("a part of %d rows reads as %d: %v", p.Rows, n, err)
				}
			}
			cb, err := DraftFromParts(parts, Units{Sites: []string{"z"}, Splits: []string{"x"}})
			if err != nil {
				return true
			}
			var columns []string
			for _, c := range cb.Columns {
				if c.Kind != configs.Text {
					columns = append(columns, c.Name)
				}
			}
			for _, p := range parts {
				if _, err := ReadCSV(bytes.NewReader(p.CSV), "f", cb, columns); err != nil {
					t.Fatalf("a part does not pass its own draft: %v", err)
				}
			}
			return true
		},
	}
}

func FuzzSplitCSV(f *testing.F)       { splitDecoder(f).Fuzz(f) }
func TestMutateSplitCSV(t *testing.T) { splitDecoder(t).Run(t) }
