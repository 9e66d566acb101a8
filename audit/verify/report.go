package verify

import (
	"fmt"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Finding is a check that failed.
type Finding = audit.Finding

// Report is what a verification found. Its String is for people, its JSON for
// programs.
type Report struct {
	Verified  bool          `json:"verified"` // no findings
	Kind      bundle.Kind   `json:"kind"`
	Origin    string        `json:"origin"`
	Size      int64         `json:"size"`
	Root      crypto.Digest `json:"root"`
	Void      int           `json:"void"` // entries that broke a rule and changed nothing
	Families  []Family      `json:"families"`
	Studies   []Study       `json:"studies"`
	Findings  []Finding     `json:"findings"`
	Notes     []string      `json:"notes"`
	NotProved []string      `json:"not_proved"`
}

// Family is one kind of check.
type Family struct {
	Letter   string `json:"letter"`
	Name     string `json:"name"`
	Checks   int    `json:"checks"` // how many were made
	Findings int    `json:"findings"`
	Skipped  string `json:"skipped,omitempty"` // why none or not all could be made
}

// Study says how far one study got and how much of it was computed again.
type Study struct {
	ID           string        `json:"id"`
	Institutions int           `json:"institutions"` // approved for it; 0 before its first round
	Colluders    int           `json:"colluders"`    // c: so many, and no more, may collude with the coordinator
	Threshold    int           `json:"threshold"`    // t: so many release together
	Opened       int           `json:"opened_rounds"`
	Attempts     int           `json:"attempts"`
	Recomputed   int           `json:"recomputed_rounds"` // of which sums and model state were computed again
	State        crypto.Digest `json:"state"`             // of the last computed model state; zero when none
	Closed       string        `json:"closed,omitempty"`  // finished, failed or stopped

	// The method and the last model state that was computed again, for whoever
	// wants to compare a published result; nil when the chain broke.
	Method audit.Method `json:"-"`
	Final  []byte       `json:"-"`
}

// String renders the report for a person.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "log %s: %d entries, root %.16s..., %s bundle\n\n", r.Origin, r.Size, r.Root, r.Kind)
	for _, f := range r.Families {
		state := "ok"
		switch {
		case f.Findings > 0:
			state = fmt.Sprintf("%d findings", f.Findings)
		case f.Skipped != "" && f.Checks == 0:
			state = "not checked"
		}
		fmt.Fprintf(&b, "  %s  %-11s %7d checks   %s", f.Letter, f.Name, f.Checks, state)
		if f.Skipped != "" {
			fmt.Fprintf(&b, " (%s)", f.Skipped)
		}
		b.WriteByte('\n')
	}
	for _, s := range r.Studies {
		fmt.Fprintf(&b, "\nstudy %s: %d institutions, %d release together, up to %d may collude; %d sums opened in %d attempts, %d computed again",
			s.ID, s.Institutions, s.Threshold, s.Colluders, s.Opened, s.Attempts, s.Recomputed)
		if s.Closed != "" {
			fmt.Fprintf(&b, "; %s", s.Closed)
		}
		b.WriteByte('\n')
	}
	if len(r.Findings) > 0 {
		b.WriteString("\nFINDINGS\n")
	}
	for i := range r.Findings {
		fmt.Fprintf(&b, "  %s\n", &r.Findings[i])
	}
	section(&b, "Notes", r.Notes)
	section(&b, "Not proved by this", r.NotProved)
	if r.Verified {
		b.WriteString("\nverified: everything that this bundle lets one check is as the rules say\n")
	} else {
		fmt.Fprintf(&b, "\nNOT verified: %d checks failed\n", len(r.Findings))
	}
	return b.String()
}

func section(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, line := range lines {
		fmt.Fprintf(b, "  - %s\n", line)
	}
}

// notProved is what no verifier of such a log can show.
func notProved(pinned bool, kind bundle.Kind) []string {
	list := []string{
		"that the institutions' data are true, or that a node computed its numbers from them",
		"that noise and keys were drawn at random",
		"that no more than c institutions of a study worked together with the coordinator",
		"that the parties behind the keys are who their names say",
		"that other people were not shown another log: compare the root with another institution's",
		"that the log has not gone on since this checkpoint",
		"that the conclusions help any child",
	}
	if !pinned {
		list = append(list, "that this is the log of your federation: no coordinator key was given, so the one in its charter was used")
	}
	if kind == bundle.Public {
		list = append(list, "that the sums and models are right: a public bundle has no frames and releases")
	}
	return list
}
