package cmd

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/cmd/party"
)

// trouble says, on standard error, why the coordinator is not heard while a
// command waits for it, and when that is over.
func (o *output) trouble(err error) {
	if err == nil {
		o.event(false, "the coordinator is heard again; going on")
		return
	}
	o.event(false, "still trying: %v", err)
	var helped interface{ Remedy() string }
	if errors.As(err, &helped) && helped.Remedy() != "" {
		o.event(false, "  what to do: %s", helped.Remedy())
	}
}

// heard waits until a party holds the log as it is now, and holds that against
// what this seat saw before.
func heard(ctx context.Context, seat *party.Seat, p *loop.Party, checkpoint func(context.Context) ([]byte, error)) error {
	signed, err := checkpoint(ctx)
	if err == nil {
		err = p.Reach(ctx, signed)
	}
	if err == nil {
		err = seat.Remember(p, signed)
	}
	return err
}

// sayWaiting logs for whom a daemon waits, once that has stood for a minute,
// until ctx ends.
func sayWaiting(ctx context.Context, logger hclog.Logger, waiting func() []audit.Wait) {
	since, said := map[string]time.Time{}, map[string]bool{}
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := map[string]bool{}
		for _, w := range waiting() {
			line := w.Study + waitFor(w)
			now[line] = true
			if since[line].IsZero() {
				since[line] = time.Now()
			}
			if len(w.Who) == 0 || said[line] || time.Since(since[line]) < time.Minute {
				continue // time alone, or no news
			}
			said[line] = true
			logger.Info(waitFor(w), "study", w.Study, "remedy", w.Remedy)
		}
		for line := range since {
			if !now[line] {
				delete(since, line)
				delete(said, line)
			}
		}
	}
}
