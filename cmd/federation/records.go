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

// csvRecords are one institution's rows in memory. They are read once for each
// list of columns and then kept, as they do not change during a rehearsal.
type csvRecords struct {
	part     records.Part
	codebook *configs.Codebook

	mu     sync.Mutex
	tables map[string]*model.Table // by what was asked
}

// Held implements node.Holder.
func (r *csvRecords) Held(context.Context) ([]string, error) {
	return records.Header(bytes.NewReader(r.part.CSV), r.part.Institution)
}

// Table implements node.Records.
func (r *csvRecords) Table(_ context.Context, columns []string, outOfRange string, texts ...configs.TextColumn) (*model.Table, error) {
	asked := fmt.Sprint(columns, outOfRange, texts)
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.tables[asked]; t != nil {
		return t, nil
	}
	t, err := records.ReadCSV(bytes.NewReader(r.part.CSV), r.part.Institution, r.codebook, columns, records.OutOfRange(outOfRange), records.Texts(texts...))
	if err == nil {
		if r.tables == nil {
			r.tables = map[string]*model.Table{}
		}
		r.tables[asked] = t
	}
	return t, err
}
