package replay

import (
	"bytes"
	"context"
	"fmt"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// maxCodebook is the largest codebook in bytes.
const maxCodebook = 1 << 20

// Viewer shows the folded state of the log; loop.Party is one.
type Viewer interface{ View(func(*audit.State)) }

// Follow does a TaskAdvance: round 0 opens the study's method, any other round
// redoes its arithmetic and takes the model's next step.
func (c *Chain) Follow(ctx context.Context, v Viewer, t audit.Task, blobs Blobs) error {
	if t.Round > 0 {
		r, err := Read(v, t.Study, t.Round, t.Attempt)
		if err != nil {
			return err
		}
		_, err = c.Advance(ctx, r, blobs)
		return err
	}
	var proposal string
	var codebook crypto.Digest
	v.View(func(st *audit.State) {
		if s := st.Studies[t.Study]; s != nil {
			proposal = s.Proposal.Body.(*audit.Proposal).Study
			codebook = s.Charter.Body.(*audit.Charter).Codebook // in force when it was proposed
		}
	})
	if proposal == "" {
		return fmt.Errorf("study %s was not proposed", t.Study)
	}
	var b bytes.Buffer
	if err := blobs.GetBlob(ctx, codebook, 0, -1, &limited{&b, maxCodebook}); err != nil {
		return fmt.Errorf("fetching the codebook: %w", err)
	}
	return c.Start(t.Study, proposal, b.Bytes())
}

// Read copies what the log says of one attempt that has a set.
func Read(v Viewer, study string, round, attempt int) (*Round, error) {
	var r *Round
	v.View(func(st *audit.State) {
		at := st.Attempt(study, round, attempt)
		if at == nil || at.Set == nil {
			return
		}
		set := at.Set.Body.(*audit.Set)
		r = &Round{
			Study: study, Number: round, Attempt: at.Crypto(st),
			Set: set.Points, Root: set.Root,
			Frames: map[int]audit.BlobRef{}, Releases: map[int]audit.BlobRef{},
		}
		for i, name := range at.Open.Body.(*audit.Open).Roster {
			if u := at.Updates[name]; u != nil {
				r.Frames[i+1] = u.Body.(*audit.Update).Frames
			}
			if rel := at.Releases[name]; rel != nil {
				r.Releases[i+1] = rel.Body.(*audit.Release).Sum
			}
		}
		if at.Result != nil {
			r.Result = at.Result.Body.(*audit.Result)
		}
	})
	if r == nil {
		return nil, fmt.Errorf("study %s round %d attempt %d has no set", study, round, attempt)
	}
	return r, nil
}
