package coordinator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/audit/replay"
	"github.com/smartstart-federation/smartstart/crypto"
)

// party is what the tasks need of loop.Party.
type party interface {
	View(func(*audit.State))
	Say(context.Context, audit.Header, audit.Body, func(*audit.Statement) error) (*audit.Statement, error)
}

// tasks is the coordinator's own part of a round. Each function reads the
// folded log, works, and says one statement; run twice it says it once, because
// the log takes it once.
type tasks struct {
	party   party
	blobs   replay.Blobs
	adder   *adder
	timeout time.Duration
	now     func() time.Time
}

func (k *tasks) handlers() map[string]loop.Handler {
	return map[string]loop.Handler{
		audit.TaskOpen:   k.open,
		audit.TaskSet:    k.set,
		audit.TaskResult: k.result,
	}
}

func header(t audit.Task) audit.Header {
	return audit.Header{Study: t.Study, Round: t.Round, Attempt: t.Attempt}
}

// open begins the attempt that the log prescribes.
func (k *tasks) open(ctx context.Context, t audit.Task) error {
	var body *audit.Open
	var refusal *audit.Refusal
	k.party.View(func(st *audit.State) {
		if s := st.Studies[t.Study]; s != nil {
			body, refusal = st.NextOpenAt(s, k.now())
		}
	})
	if refusal != nil {
		return refusal
	}
	if body == nil {
		return fmt.Errorf("study %s is not in the log", t.Study)
	}
	_, err := k.party.Say(ctx, header(t), body, nil)
	return err
}

// set fixes who is in the sum: everybody whose update is in the log. Another
// update may get in while the frames are added; the statement is then refused,
// the task comes again, and only the newcomer is added.
func (k *tasks) set(ctx context.Context, t audit.Task) error {
	var at crypto.Attempt
	body := new(audit.Set)
	frames := map[int]audit.BlobRef{}
	k.party.View(func(st *audit.State) {
		a := st.Attempt(t.Study, t.Round, t.Attempt)
		if a == nil {
			return
		}
		at, body.Open = a.Crypto(st), a.ID
		body.Points, body.Absent = st.NextSet(t.Study, t.Round, t.Attempt)
		for _, p := range body.Points {
			frames[p] = a.Updates[a.Name(p)].Body.(*audit.Update).Frames
		}
	})
	if body.Open.IsZero() {
		return fmt.Errorf("study %s round %d has no attempt %d", t.Study, t.Round, t.Attempt)
	}
	err := k.adder.with(ctx, at, frames, func(sum *crypto.Sum) error {
		body.Root = sum.Root()
		return nil
	})
	if err != nil {
		return err
	}
	_, err = k.party.Say(ctx, header(t), body, nil)
	return err
}

// errMoreReleases asks the loop to come again.
var errMoreReleases = errors.New("the releases so far do not open the sum; waiting for more")

// result opens the sum with the releases that are logged and says what came of
// it. Releases that do not fit are no result while others may still come.
func (k *tasks) result(ctx context.Context, t audit.Task) error {
	r, err := replay.Read(k.party, t.Study, t.Round, t.Attempt)
	if err != nil {
		return err
	}
	releases, err := r.FetchReleases(ctx, k.blobs)
	if err != nil {
		return err
	}
	frames := map[int]audit.BlobRef{}
	for _, p := range r.Set {
		frames[p] = r.Frames[p]
	}
	body := &audit.Result{Open: r.Attempt.ID, Used: []int{}, Wrong: []int{}}
	err = k.adder.with(ctx, r.Attempt, frames, func(sum *crypto.Sum) error {
		o, err := sum.Open(r.Set, releases)
		if err != nil {
			return err
		}
		body.Used, body.Wrong = o.Used, append(body.Wrong, o.Wrong...)
		body.CanaryMax, body.Sums, body.Valid = o.CanaryMax, o.Digest(), true
		return nil
	})
	var invalid *crypto.InvalidError
	switch {
	case errors.As(err, &invalid):
		if invalid.Reason == crypto.ReasonCanary && len(releases) < len(r.Attempt.Holders) && k.early(t) {
			return errMoreReleases
		}
		body.Reason = invalid.Reason
		for _, rel := range releases {
			body.Used = append(body.Used, rel.Point())
		}
	case err != nil:
		return err
	}
	_, err = k.party.Say(ctx, header(t), body, nil)
	return err
}

// early reports whether the attempt's time is not over yet.
func (k *tasks) early(t audit.Task) bool {
	var opened time.Time
	k.party.View(func(st *audit.State) {
		if at := st.Attempt(t.Study, t.Round, t.Attempt); at != nil {
			opened, _ = time.Parse(time.RFC3339, at.Open.Time) // its form was checked before it got in
		}
	})
	return k.now().Before(opened.Add(k.timeout))
}
