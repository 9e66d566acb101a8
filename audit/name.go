package audit

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ValidName reports whether an institution, researcher or auditor may have
// this name: 1 to 64 letters, digits, dots, underscores and hyphens, the first
// a letter or digit. Names stand in file names, certificates and signature
// lines.
func ValidName(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsRune("._-", rune(s[0])) &&
		strings.IndexFunc(s, func(r rune) bool { return !nameRune(r) }) < 0
}

// ValidStudy reports whether a study may have this id: as ValidName, in lower
// case.
func ValidStudy(s string) bool { return ValidName(s) && s == strings.ToLower(s) }

func nameRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '_' || r == '-'
}

// plausible reports whether the header has what its type needs, and no more.
func plausible(h Header) bool {
	if h.Boot.IsZero() || !validTime(h.Time) {
		return false
	}
	switch h.Type {
	case TypeCharter, TypeMember, TypeEpoch:
		return h.Study == "" && h.Round == 0 && h.Attempt == 0
	case TypeProposal, TypeDecision, TypeAdvice, TypeProceed, TypeClose, TypePublish:
		return ValidStudy(h.Study) && h.Round == 0 && h.Attempt == 0
	case TypeEndorse:
		return (h.Study == "" || ValidStudy(h.Study)) && h.Round == 0 && h.Attempt == 0
	case TypeDispute:
		if h.Study == "" { // a fork is about the log
			return h.Round == 0 && h.Attempt == 0
		}
	}
	return ValidStudy(h.Study) && h.Round > 0 && h.Attempt > 0
}

// validTime accepts RFC 3339 in UTC with whole seconds, in one spelling, from the
// year 1 on: not every reader's calendar has a year 0.
func validTime(s string) bool {
	t, err := time.Parse(time.RFC3339, s)
	return err == nil && t.Year() > 0 && t.UTC().Format(time.RFC3339) == s
}

// validDate accepts a date as 2027-07-31.
func validDate(s string) bool {
	t, err := time.Parse(time.DateOnly, s)
	return err == nil && t.Year() > 0 && t.Format(time.DateOnly) == s
}

// timeOf returns the header's time; it was checked before the statement was
// taken.
func timeOf(s *Statement) time.Time {
	t, _ := time.Parse(time.RFC3339, s.Time)
	return t
}

// readable reports whether a text that people read holds nothing that could
// rewrite what stands around it: no control characters but line ends, and none
// that turn the direction of writing.
func readable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
	})
}

// increasing reports whether a list is strictly increasing.
func increasing[T int | string](list []T) bool {
	for i := 1; i < len(list); i++ {
		if list[i-1] >= list[i] {
			return false
		}
	}
	return true
}
