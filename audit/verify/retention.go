package verify

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
)

// Period is how long uploads are kept after a study has closed.
type Period struct{ Years, Months, Days int }

var period = regexp.MustCompile(`^([1-9][0-9]{0,4}) (day|week|month|year)s?$`)

// ParseRetention reads a charter's retention: a number and a unit, such as
// "365 days", "12 weeks", "6 months" or "1 year". ok is false for any other
// text, which is for people: then nothing may be deleted.
func ParseRetention(text string) (p Period, ok bool) {
	m := period.FindStringSubmatch(strings.ToLower(strings.TrimSpace(text)))
	if m == nil {
		return Period{}, false
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return Period{}, false
	}
	switch m[2] {
	case "day":
		p.Days = n
	case "week":
		p.Days = 7 * n
	case "month":
		p.Months = n
	case "year":
		p.Years = n
	}
	return p, true
}

// After returns the moment at which the period, begun at t, has passed.
func (p Period) After(t time.Time) time.Time { return t.AddDate(p.Years, p.Months, p.Days) }

// deletable returns the moment from which the blobs of a study may be deleted;
// zero while it is open and when its charter keeps them for good.
func (v *verifier) deletable(study *audit.Study) time.Time {
	if study == nil || study.Close == nil {
		return time.Time{}
	}
	p, ok := ParseRetention(study.Charter.Body.(*audit.Charter).Retention)
	closed, err := time.Parse(time.RFC3339, study.Close.Time)
	if !ok || err != nil {
		return time.Time{}
	}
	return p.After(closed)
}

// lawfullyDeleted reports whether a blob of the attempt that is not there may
// be gone, and notes it once an attempt.
func (v *verifier) lawfullyDeleted(at *audit.Attempt) bool {
	from := v.deletable(v.st.Studies[at.Study])
	if from.IsZero() || v.now.Before(from) {
		return false
	}
	if !v.deleted[at] {
		v.deleted[at] = true
		v.note(Note{Kind: NoteDeleted, Study: at.Study, Round: at.Round, Attempt: at.Number, Date: from.Format(time.DateOnly), Entry: at.Open.Index})
	}
	return true
}
