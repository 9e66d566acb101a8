package cmd

import (
	"bytes"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/node"
)

func newStudySubmit(o *output) *cobra.Command {
	var f partyFlags
	c := &cobra.Command{
		Use:   "submit FILE [--config party.toml]",
		Short: "Propose a study to every institution",
		Long: `submit checks the study file against the federation's codebook and puts it,
signed, into the log. Then every institution decides. The same file submitted
twice is one study.

` + exitCodes,
		Example: "  smartstart study submit study.toml --config researcher/party.toml",
		Args:    arguments(1, "study submit needs one study file"),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := readFile(args[0], "study")
			if err != nil {
				return err
			}
			study, err := configs.ParseStudy(text)
			if err != nil {
				return inFile(args[0], err)
			}
			return f.act(c.Context(), func(ctx context.Context, s *party.Session) error {
				codebook, err := charterCodebook(ctx, s)
				if err != nil {
					return err
				}
				method, err := node.OpenMethod(string(text), codebook)
				if err != nil {
					return inFile(args[0], err)
				}
				fed := new(federationSeen)
				s.View(func(st *audit.State) { fed = seeFederation(st, study.About.ID) })
				numbers, from, err := numbersAsked(method, fed.Institutions)
				if err != nil {
					return inFile(args[0], err)
				}
				var old *audit.Statement
				s.View(func(st *audit.State) {
					if p := st.Studies[study.About.ID]; p != nil && p.Proposal.Body.(*audit.Proposal).Study == string(text) && p.Proposer() == s.Seat.Party.Name {
						old = p.Proposal
					}
				})
				if old == nil {
					var beside *audit.Refusal
					s.View(func(st *audit.State) {
						beside = st.WouldIsolate(study.About.ID, study.Privacy.MinInstitutions, st.Enrolled())
					})
					if beside != nil {
						o.event(false, "note: as things are, its sums would be refused: %s (%s). What to do: %s", beside.Sentence, beside.Code(), beside.Remedy())
					}
					if old, err = party.Propose(ctx, s.Party, text, numbers); err != nil {
						return err
					}
				}
				if b := old.Body.(*audit.Proposal); b.Numbers != numbers {
					numbers, from = b.Numbers, "as it was proposed"
				}
				if o.json {
					return o.document(struct {
						Study   string        `json:"study"`
						Entry   int64         `json:"entry"`
						Digest  crypto.Digest `json:"digest"`
						Numbers int64         `json:"numbers_at_most"`
					}{study.About.ID, old.Index, old.Hash, numbers})
				}
				o.print("%s is proposed, in entry %d of the log; every institution now decides", study.About.ID, old.Index)
				o.print("it asks that at most %s numbers may be opened (%s)", thousands(int(numbers)), from)
				o.print("next: smartstart study watch %s --config %s", study.About.ID, f.path)
				return nil
			})
		},
	}
	f.register(c)
	return c
}

// charterCodebook fetches the federation's codebook.
func charterCodebook(ctx context.Context, s *party.Session) ([]byte, error) {
	charter, err := s.Charter(ctx)
	if err != nil {
		return nil, err
	}
	return codebookFrom(ctx, s.Client, charter.Body.(*audit.Charter).Codebook)
}

// codebookFrom fetches a codebook from somebody who may send anything: no more
// than a codebook can have, and exactly the one that the charter names.
func codebookFrom(ctx context.Context, blobs bundle.Blobs, digest crypto.Digest) ([]byte, error) {
	most := &atMostBytes{left: maxCodebook}
	err := blobs.GetBlob(ctx, digest, 0, -1, most)
	switch {
	case most.left < 0:
		return nil, &Error{codeNotCodebook, "the coordinator sends more than a codebook can have", "tell the coordinator's operator and the other institutions"}
	case err != nil:
		return nil, err
	case crypto.DigestOf(most.held.Bytes()) != digest:
		return nil, &Error{codeNotCodebook, "the coordinator sends another file than the codebook that the charter names", "tell the coordinator's operator and the other institutions"}
	}
	return most.held.Bytes(), nil
}

// maxCodebook is the largest codebook in bytes.
const maxCodebook = 1 << 20

// atMostBytes is a buffer that ends whatever fills it with too much. The buffer
// is not embedded: it has other ways to be filled than Write.
type atMostBytes struct {
	held bytes.Buffer
	left int
}

func (b *atMostBytes) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		b.left = -1
		return 0, errors.New("more bytes come than asked for")
	}
	return b.held.Write(p)
}

// codebook reads a codebook file, or fetches the federation's when path is "".
func (f *partyFlags) codebook(ctx context.Context, path string) (text []byte, err error) {
	if path != "" {
		if text, err = readFile(path, "codebook"); err != nil {
			return nil, err
		}
		_, err = configs.ParseCodebook(text)
		return text, inFile(path, err)
	}
	err = f.act(ctx, func(ctx context.Context, s *party.Session) error {
		text, err = charterCodebook(ctx, s)
		return err
	})
	return text, err
}
