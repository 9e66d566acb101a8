package node

import (
	"reflect"

	"github.com/smartstart-federation/smartstart/configs"
)

// Described is Records that can say by which codebook they read their source.
type Described interface {
	Records
	Book() *configs.Codebook
}

// judgeBook holds the codebook that the records are read by to the one that
// the charter names. With another range, values would be clipped or dropped
// here that count everywhere else, and nobody would see it in the sums.
func (q *question) judgeBook(j *judgement, source Records) {
	d, ok := source.(Described)
	if !ok {
		return // the reader has no codebook of its own
	}
	column, same := sameBook(d.Book(), q.codebook)
	j.refuse(!same, CodeCodebook, "put back the codebook file that the charter names; `smartstart node doctor` compares them",
		"the codebook on this machine is not the one that the charter names: they differ at column %q", column)
}

// sameBook compares what two codebooks say of their columns, in order, and
// returns the first column at which they differ. Remarks do not matter.
func sameBook(a, b *configs.Codebook) (column string, same bool) {
	if a == nil || b == nil {
		return "", a == b
	}
	for i := range max(len(a.Columns), len(b.Columns)) {
		switch {
		case i >= len(a.Columns):
			return b.Columns[i].Name, false
		case i >= len(b.Columns):
			return a.Columns[i].Name, false
		case !reflect.DeepEqual(a.Columns[i], b.Columns[i]):
			return b.Columns[i].Name, false
		}
	}
	return "", true
}
