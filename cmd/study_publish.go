package cmd

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/crypto"
)

func newStudyPublish(o *output) *cobra.Command {
	var f partyFlags
	c := &cobra.Command{
		Use:   "publish STUDY",
		Short: "Ask the institutions to make the result of a finished study public, rounded",
		Long: `publish computes the result again on this machine, rounds it to what its standard
errors support, uploads that document and signs for it. It is public once enough
institutions of the study have agreed with node approve, whose machines compute
the same document from the totals first. Full digits stay in the study circle.

` + exitCodes,
		Example: "  smartstart study publish language-delay --config researcher/party.toml",
		Args:    arguments(1, "study publish needs the name of one study"),
		RunE: func(c *cobra.Command, args []string) error {
			return f.act(c.Context(), func(ctx context.Context, s *party.Session) error {
				if err := finished(s, args[0]); err != nil {
					return err
				}
				document, err := publication(ctx, s, args[0])
				if err != nil {
					return err
				}
				body := &audit.Publish{Document: audit.BlobRef{Digest: crypto.DigestOf(document), Size: int64(len(document))}}
				var old *audit.Motion
				s.View(func(st *audit.State) {
					body.Close = st.Studies[args[0]].Close.Hash
					for _, m := range st.Motions {
						if b, ok := m.Statement.Body.(*audit.Publish); ok && m.Statement.Study == args[0] && *b == *body {
							old = m
						}
					}
				})
				if old != nil { // the same command again is the same wish
					return showMotion(o, s, old.Statement.Hash, nil, nextEndorse)
				}
				if err := s.Client.PutBlob(ctx, body.Document.Digest, body.Document.Size, bytes.NewReader(document)); err != nil {
					return err
				}
				signed, err := s.Say(ctx, audit.Header{Study: args[0]}, body, nil)
				if err != nil {
					return err
				}
				return showMotion(o, s, signed.Hash, nil, nextEndorse)
			})
		},
	}
	f.register(c)
	return c
}

// finished refuses a study that has no result to publish.
func finished(s *party.Session, study string) (err error) {
	s.View(func(st *audit.State) {
		var p *audit.Study
		if p, err = party.Study(st, study); err == nil && (p.Close == nil || p.Close.Body.(*audit.Close).Reason != "finished") {
			err = audit.Refuse(audit.CodePublish, study, "it is not closed as finished")
		}
	})
	return err
}

// publication computes what a finished study makes public, from its totals.
func publication(ctx context.Context, s *party.Session, study string) ([]byte, error) {
	method, state, err := s.Replay(ctx, study)
	if err != nil {
		return nil, err
	}
	return method.Publication(state)
}

// checkPublished computes the document of a publication again and returns it:
// nobody agrees with numbers that are not what the totals give. Other motions
// pass and have none.
func checkPublished(ctx context.Context, s *party.Session, motion *audit.Statement) ([]byte, error) {
	b, ok := motion.Body.(*audit.Publish)
	if !ok {
		return nil, nil
	}
	document, err := publication(ctx, s, motion.Study)
	if err != nil {
		return nil, err
	}
	if crypto.DigestOf(document) != b.Document.Digest || int64(len(document)) != b.Document.Size {
		return nil, audit.Refuse(audit.CodePublished, motion.Study)
	}
	return document, nil
}

// printPublished prints the public result of a study.
func printPublished(ctx context.Context, o *output, s *party.Session, study string) error {
	var ref *audit.BlobRef
	var rehearsal bool
	var err error
	s.View(func(st *audit.State) {
		var p *audit.Study
		if p, err = party.Study(st, study); err != nil {
			return
		}
		rehearsal = p.Charter.Body.(*audit.Charter).Rehearsal
		if p.Published != nil {
			ref = &p.Published.Body.(*audit.Publish).Document
		}
	})
	if err != nil {
		return err
	}
	if ref == nil {
		return &party.WaitError{What: "the publication of " + study + ": its researcher asks for it (study publish) and the institutions agree (node approve)"}
	}
	most := &atMostBytes{left: int(ref.Size)}
	if err := s.Client.GetBlob(ctx, ref.Digest, 0, -1, most); err != nil {
		return err
	}
	text := most.held.Bytes()
	if crypto.DigestOf(text) != ref.Digest {
		return audit.Refuse(audit.CodePublished, study)
	}
	if rehearsal {
		o.event(false, "note: a rehearsal, with public or synthetic data")
	}
	if o.json {
		_, err = o.out.Write(text) // the bytes that were agreed on
		return err
	}
	var plain bytes.Buffer
	if err := json.Indent(&plain, text, "", "  "); err != nil {
		return audit.Refuse(audit.CodePublished, study)
	}
	o.print("%s", bytes.TrimRight(plain.Bytes(), "\n"))
	return nil
}
