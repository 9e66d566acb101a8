package party

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
)

// Seat is who a party is and how it reaches its federation.
type Seat struct {
	Party          audit.Party // name and verifier key
	Secret         string      // the signing key in note's private form
	Signer         note.Signer
	TLS            *tls.Config
	Origin         string // of the log
	Address        string // of the coordinator
	CoordinatorKey string // pinned
	Held           string // file with the newest checkpoint seen; empty keeps none
	// Trouble, if not nil, is told why the coordinator is not heard, while that
	// lasts; nil says that it is over.
	Trouble func(error)
}

// Dial prepares the connection; nothing is sent before a call needs it.
func (s *Seat) Dial() (*api.Client, error) { return api.Dial(s.Address, s.TLS) }

// Session is a seat while it is connected and follows the log.
type Session struct {
	*loop.Party
	Seat   *Seat
	Client *api.Client
}

// Act connects, reads the log to its end, and does one act. The log must
// extend what this party saw before.
func (s *Seat) Act(ctx context.Context, act func(context.Context, *Session) error) (err error) {
	if err := s.Expired(); err != nil {
		return err
	}
	client, err := s.Dial()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	p, err := loop.New(loop.Config{
		Name: s.Party.Name, Signer: s.Signer, Origin: s.Origin, CoordinatorKey: s.CoordinatorKey, Log: client,
		Trouble: s.Trouble, Fork: s.KeepFork,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	checkpoint, err := client.Checkpoint(ctx)
	if err == nil {
		err = p.Reach(ctx, checkpoint)
	}
	if err == nil {
		err = s.Remember(p, checkpoint)
	}
	if err == nil {
		err = act(ctx, &Session{Party: p, Seat: s, Client: client})
	}
	cancel()
	if e := <-ended; e != nil && (err == nil || errors.Is(err, context.Canceled)) {
		err = e
	}
	return err
}

// Expired says that the certificate has ended, which a server only answers
// with a closed connection.
func (s *Seat) Expired() error {
	if len(s.TLS.Certificates) == 0 || s.TLS.Certificates[0].Leaf == nil {
		return nil
	}
	if end := s.TLS.Certificates[0].Leaf.NotAfter; time.Now().After(end) {
		return fail(codeExpired, "check this machine's clock; if it is right, "+AskForToken(s.Party.Name)+", and enrol with it and the keys that are here",
			"the certificate of %s ended on %s", s.Party.Name, end.Format(time.DateOnly))
	}
	return nil
}

// Remember holds the log against the newest checkpoint this party kept, and
// keeps the newer one.
func (s *Seat) Remember(p *loop.Party, checkpoint []byte) error {
	if s.Held == "" {
		return nil
	}
	kept, err := os.ReadFile(s.Held)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the checkpoint kept here: %w", err)
	}
	if err == nil {
		held, err := audit.ReadCheckpoint(kept, s.Origin, s.CoordinatorKey)
		if err != nil {
			return fail(codeCheckpoint, "compare the newest checkpoint with another party's, then remove "+s.Held+"; what it remembered is lost",
				"the checkpoint kept in %s is damaged, or of another federation: %s", s.Held, err)
		}
		p.View(func(st *audit.State) {
			switch root, ok := st.RootAt(held.Size); {
			case !ok:
				err = audit.Refuse(audit.CodeStale, st.Head().Size, held.Size)
			case root != held.Root:
				err = &loop.InconsistentError{Held: held, Cause: audit.Refuse(audit.CodeFork, held.Size)}
				s.KeepFork(kept, checkpoint)
			}
		})
		if err != nil {
			return err
		}
	}
	return Replace(s.Held, checkpoint, 0o600)
}

// Charter returns the charter of the log, or a WaitError while there is none.
func (s *Session) Charter(ctx context.Context) (*audit.Statement, error) {
	var charter *audit.Statement
	s.View(func(st *audit.State) { charter = st.Charter })
	if charter != nil {
		return charter, nil
	}
	missing, err := s.Client.Standing(ctx)
	if err != nil {
		return nil, err
	}
	return nil, &WaitError{Who: missing, What: "the charter; it is written once everybody invited has joined"}
}

// Study returns a proposed study, or a refusal.
func Study(st *audit.State, id string) (*audit.Study, error) {
	if s := st.Studies[id]; s != nil {
		return s, nil
	}
	return nil, audit.Refuse(audit.CodeNoStudy, id)
}
