package federationtest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/examples/language"
	"github.com/smartstart-federation/smartstart/node"
)

// oneRowChanged returns the pupils with one number of one pupil changed, who
// goes to a school of an institution.
func (r *rig) oneRowChanged(who string) []byte {
	r.t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(language.Pupils)).ReadAll()
	r.must(err)
	column := slices.Index(rows[0], "iq_verbal")
	whole := func(row []string) bool { return !slices.Contains(row, "") }
	for _, row := range rows[1:] {
		if r.goesTo(row) == who && whole(row) && row[column] != "1" {
			row[column] = "1"
			break
		}
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	r.must(w.WriteAll(rows))
	return b.Bytes()
}

// TestChangedRowIsNotGivenInARetry: an attempt whose set is fixed loses all its
// holders, so it may have been opened and only its very numbers may be asked
// again. One institution's records have changed by one number since. It gives
// nothing, says why, and everybody sees for whom the study waits; with the
// records put back the study ends with the same bits.
func TestChangedRowIsNotGivenInARetry(t *testing.T) {
	t.Parallel()
	const n = 6
	r := newRig(t, n, 4*time.Second)
	m := r.nodes[r.names[2]]
	before := *m.records.Load()
	after := r.cut(n, r.oneRowChanged(m.name))[2].Records
	var once sync.Once
	var stopped atomic.Bool
	stop := func() {
		var all sync.WaitGroup
		for _, other := range r.nodes {
			all.Go(other.kill)
		}
		all.Wait()
		m.records.Store(&after)
		stopped.Store(true)
		for _, other := range r.nodes {
			other.start()
		}
	}
	for _, other := range r.nodes {
		other.on(func(when string, s *audit.Statement) error {
			if stopped.Load() || when != "before" || s.Type != audit.TypeVote || s.Round != 2 || s.Attempt != 1 {
				return nil
			}
			once.Do(func() { r.wg.Go(stop) })
			return errGone
		})
	}
	r.begin(language.Study, languageStudy)
	r.wait("only "+m.name+" is not ready", time.Minute, func() bool {
		return stopped.Load() && slices.ContainsFunc(r.research.Party.Waiting(), func(w audit.Wait) bool {
			return slices.Equal(w.Who, []string{m.name}) && strings.Contains(w.What, "exactly the numbers") && w.Remedy != "" && !w.Since.IsZero()
		})
	})
	// Two rules stand in the way: the ledger of rows, and the digest of the
	// numbers themselves, which TestRepeatGivesTheSameNumbers holds alone.
	var refusal *node.RefusalError
	if !slices.ContainsFunc(m.refusals(), func(err error) bool {
		return errors.As(err, &refusal) && slices.Contains([]string{node.CodeRowsChanged, node.CodeOtherNumbers}, refusal.Code()) && refusal.Remedy() != ""
	}) {
		t.Errorf("%s did not refuse: %v", m.name, m.refusals())
	}
	r.research.Party.View(func(st *audit.State) {
		if at := st.Attempt(languageStudy, 2, 2); at != nil {
			t.Error("the retry was opened with other numbers")
		}
	})
	m.records.Store(&before)
	m.restart()
	r.finished(language.Study, languageStudy, time.Minute)
}
