package federation

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node/records"
)

// Institutions makes an institution of every part of a rehearsal's records.
func Institutions(parts []records.Part, codebook *configs.Codebook) []Institution {
	list := make([]Institution, len(parts))
	for i, p := range parts {
		list[i] = Institution{Name: p.Institution, Records: &csvRecords{part: p, codebook: codebook}}
	}
	return list
}

// csvRecords are one institution's rows in memory. They are read once and then
// kept, as they do not change during a rehearsal.
type csvRecords struct {
	part     records.Part
	codebook *configs.Codebook

	mu    sync.Mutex
	table *model.Table
	asked string
}

// Table implements node.Records.
func (r *csvRecords) Table(_ context.Context, columns []string, outOfRange string) (*model.Table, error) {
	asked := fmt.Sprint(columns, outOfRange)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.table != nil && r.asked == asked {
		return r.table, nil
	}
	t, err := records.ReadCSV(bytes.NewReader(r.part.CSV), r.part.Institution, r.codebook, columns, records.OutOfRange(outOfRange))
	if err == nil {
		r.table, r.asked = t, asked
	}
	return t, err
}
