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
	Cosigned  Cosigned      `json:"cosigned"`
	Families  []Family      `json:"families"`
	Studies   []Study       `json:"studies"`
	Findings  []Finding     `json:"findings"`
	Notes     []Note        `json:"notes"`
	NotProved []string      `json:"not_proved"` // some of the Gap constants
	Seconds   float64       `json:"seconds"`    // that the verification took
	Rate      float64       `json:"entries_per_second"`

	// For whoever writes more about the log than this: the folded log, whether
	// the caller knew the coordinator's key beforehand, and the checkpoint as it
	// lies in the bundle.
	State      *audit.State `json:"-"`
	Pinned     bool         `json:"-"`
	Checkpoint []byte       `json:"-"`
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
	// Deletable is the date from which the charter lets this study's blobs be
	// deleted; "" while it is open or when they are kept for good. Deleted
	// counts the opened rounds whose blobs are gone since: they can no longer
	// be added again.
	Deletable string `json:"deletable_from,omitempty"`
	Deleted   int    `json:"lawfully_deleted_rounds,omitempty"`

	// The method and the last model state that was computed again, for whoever
	// wants to compare a published result; nil when the chain broke.
	Method   audit.Method `json:"-"`
	Codebook []byte       `json:"-"` // of its charter; nil when it cannot be read
	Final    []byte       `json:"-"`
}

// String renders the report for a person.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "log %s: %d entries, root %.16s..., %s bundle\n\n", r.Origin, r.Size, r.Root, r.Kind)
	fmt.Fprintf(&b, "     family       checks  findings\n")
	for _, f := range r.Families {
		state := "ok"
		switch {
		case f.Findings > 0:
			state = "FAILED"
		case f.Skipped != "" && f.Checks == 0:
			state = "not checked"
		}
		fmt.Fprintf(&b, "  %s  %-11s %7d  %8d  %s", f.Letter, f.Name, f.Checks, f.Findings, state)
		if f.Skipped != "" {
			fmt.Fprintf(&b, " (%s)", f.Skipped)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "\n%d entries in %.2f s, %.0f a second\n", r.Size, r.Seconds, r.Rate)
	fmt.Fprintf(&b, "%s\n", r.Cosigned)
	for _, s := range r.Studies {
		fmt.Fprintf(&b, "\nstudy %s: %d institutions, %d release together, up to %d may collude; %d sums opened in %d attempts, %d computed again",
			s.ID, s.Institutions, s.Threshold, s.Colluders, s.Opened, s.Attempts, s.Recomputed)
		if s.Deleted > 0 {
			fmt.Fprintf(&b, ", %d lawfully deleted", s.Deleted)
		}
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
	notes := make([]string, len(r.Notes))
	for i, n := range r.Notes {
		notes[i] = n.String()
	}
	section(&b, "Notes", notes)
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
