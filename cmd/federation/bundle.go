package federation

import (
	"context"
	"sort"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/audit/replay"
)

// Blobs reads blobs as the researcher does: over the network, by digest.
func (f *Federation) Blobs() replay.Blobs { return f.researcher.loop.Client }

// Bundle writes the sealed audit bundle of the whole log to dir, fetched over
// the network as an auditor would.
func (f *Federation) Bundle(ctx context.Context, dir string) error {
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
