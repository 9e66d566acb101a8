package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func newNodeDoctor(o *output) *cobra.Command {
	var path string
	var within wait
	c := &cobra.Command{
		Use:   "doctor [--config node.toml]",
		Short: "Look for what keeps a node from working, and say what to do",
		Long: `doctor checks the file, the keys, the records against the codebook, the list of
objections, the disk, the certificate, the way to the coordinator, the clock, and
what the log says of this institution. It changes nothing and sends no value from
a record. A check that needs one that failed is left out.

` + exitCodes,
		Example: "  smartstart node doctor --config board1/node.toml",
		Args:    arguments(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := within.context(c.Context())
			defer cancel()
			list := examine(ctx, path)
			failed := 0
			for _, x := range list {
				if x.Outcome == failedCheck {
					failed++
				}
			}
			if o.json {
				if err := o.document(list); err != nil {
					return err
				}
			}
			for _, x := range list {
				x.print(o)
			}
			if failed > 0 {
				return &Error{"SS6601", fmt.Sprintf("%d of %s found something", failed, plural(len(list), "check")), "begin with the first: later ones often follow from it"}
			}
			return nil
		},
	}
	nodeFlag(c, &path)
	within.registerFor(c, 15*time.Second)
	return c
}

// The outcomes of a check.
const (
	passedCheck  = "ok"
	failedCheck  = "failed"
	skippedCheck = "skipped"
)

// examined is one check of doctor.
type examined struct {
	Check    string `json:"check"`
	Outcome  string `json:"outcome"`
	Sentence string `json:"sentence"`
	Code     string `json:"code,omitempty"`
	Remedy   string `json:"remedy,omitempty"`
}

func (x *examined) print(o *output) {
	mark := map[string]string{passedCheck: "ok    ", failedCheck: "FAILED", skippedCheck: "-     "}[x.Outcome]
	o.print("%s  %-12s %s", mark, x.Check, x.Sentence)
	if x.Code != "" {
		o.print("        %-12s %s (%s)", "what to do:", x.Remedy, x.Code)
	}
}

// errSkip leaves a check out because one that it needs failed.
var errSkip = errors.New("needs a check that failed")

// examine makes every check, in the order in which to repair.
func examine(ctx context.Context, path string) []examined {
	d := &doctor{ctx: ctx, path: path}
	defer d.close()
	var list []examined
	for _, c := range []struct {
		name string
		make func() (string, error)
	}{
		{"file", d.file}, {"keys", d.keys}, {"codebook", d.codebook}, {"data", d.data}, {"objections", d.objections}, {"disk", d.disk},
		{"certificate", d.certificate}, {"coordinator", d.coordinator}, {"clock", d.clock}, {"membership", d.membership},
	} {
		sentence, err := c.make()
		x := examined{Check: c.name, Outcome: passedCheck, Sentence: sentence}
		switch {
		case errors.Is(err, errSkip):
			x.Outcome, x.Sentence = skippedCheck, err.Error()
		case err != nil:
			x.Outcome, x.Sentence, x.Code = failedCheck, err.Error(), "SS6600"
			var known coded
			if errors.As(err, &known) {
				x.Code, x.Remedy = known.Code(), known.Remedy()
			}
		}
		list = append(list, x)
	}
	return list
}
