package federation

import (
	"context"
	"sort"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/audit/replay"
)

// Blobs reads blobs as the researcher does: over the network, by digest.
func (f *Federation) Blobs() replay.Blobs { return f.researcher.loop.Client }

// cosignWithin is how long a bundle waits for co-signatures: they are under way
// when a study has just ended, and missing when nodes are switched off.
const cosignWithin = 3 * time.Second

// Bundle writes the sealed audit bundle of the whole log to dir, fetched over
// the network as an auditor would.
func (f *Federation) Bundle(ctx context.Context, dir string) error {
	p := f.researcher.loop.Party
	for end := time.Now().Add(cosignWithin); p.Cosigned() < p.Due() && time.Now().Before(end) && ctx.Err() == nil; {
		time.Sleep(5 * time.Millisecond)
	}
	_, err := f.researcher.FetchBundle(ctx, f.researcher.loop.Client, bundle.Sealed, dir)
	return err
}

// Attempts lists every attempt of every study in the order of the log.
func Attempts(st *audit.State) []*audit.Attempt {
	var all []*audit.Attempt
	for _, s := range st.Studies {
		for _, round := range s.Rounds {
			all = append(all, round...)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Open.Index < all[j].Open.Index })
	return all
}
