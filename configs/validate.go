package configs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Validate checks the study on its own: required keys, values that can be, and
// nothing that belongs to a later version. The first fault is returned.
func (s *Study) Validate() error {
	if err := s.About.validate(); err != nil {
		return err
	}
	if err := s.refuseLater(); err != nil {
		return err
	}
	if err := s.validateDerived(); err != nil {
		return err
	}
	if err := s.validateTexts(); err != nil {
		return err
	}
	if err := s.Model.validate(); err != nil {
		return err
	}
	if err := s.validateBeliefs(); err != nil {
		return err
	}
	if err := s.Evaluate.validate(s.Privacy.MinInstitutions); err != nil {
		return err
	}
	return s.conditions()
}

// ChangeDigits is how much of a motion's leaf hash a person types to name it.
const ChangeDigits = 12

// changeShape is what names a motion, and so no study.
var changeShape = regexp.MustCompile(fmt.Sprintf("^[0-9a-f]{%d,64}$", ChangeDigits))

func (a *About) validate() error {
	if a.ID == "" {
		return missingKey("study", "id", `give the study a short name: id = "language-delay"`)
	}
	if !ValidName(a.ID) || a.ID != strings.ToLower(a.ID) {
		return fail(CodeValue, "use lower-case letters, digits, - _ . and at most 64 of them, the first a letter or digit", "study file: [study] id %q is not a valid name", a.ID)
	}
	if changeShape.MatchString(a.ID) {
		return fail(CodeValue, "choose a name in words", "study file: [study] id %q looks like that of a change of the federation's rules: %d or more hexadecimal digits and nothing else", a.ID, ChangeDigits)
	}
	for _, t := range []struct{ key, text string }{{"question", a.Question}, {"purpose", a.Purpose}} {
		if strings.ContainsFunc(t.text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
			return fail(CodeValue, "remove it; approvers read this text on a screen", "study file: [study] %s holds a control character", t.key)
		}
	}
	return nil
}

// MaxFeatures bounds the features of one model.
const MaxFeatures = 200

func (s *Study) conditions() error {
	p := &s.Privacy
	for _, c := range []struct {
		table, key   string
		value        int
		least, above int
	}{
		{"rounds", "max", s.Rounds.Max, 3, 200},
		{"privacy", "min_institutions", p.MinInstitutions, 3, 64},
		{"privacy", "min_rows", p.MinRows, 1, 1 << 24},
		{"privacy", "min_cell", p.MinCell, 1, 1 << 24},
	} {
		if c.value < c.least || c.value > c.above {
			return fail(CodeValue, fmt.Sprintf("give a whole number from %d to %d", c.least, c.above),
				"study file: [%s] %s is %d, outside %d to %d", c.table, c.key, c.value, c.least, c.above)
		}
	}
	if s.Rounds.Wait < Duration(1e9) || s.Rounds.Wait > Duration(24*3600*1e9) {
		return fail(CodeValue, `give a length of time such as "10m"`, "study file: [rounds] wait must be from 1s to 24h")
	}
	if p.Numbers < 0 || p.Numbers > 1<<40 {
		return fail(CodeValue, "leave it out: it is worked out from the model", "study file: [privacy] numbers is %d", p.Numbers)
	}
	if !(p.NumbersPerRow > 0 && p.NumbersPerRow <= 1) {
		return fail(CodeValue, "0.15 is the usual bound", "study file: [privacy] numbers_per_row must be above 0 and at most 1")
	}
	if err := oneOf("privacy", "out_of_range", p.OutOfRange, OutOfRangeError, OutOfRangeMissing, OutOfRangeClip); err != nil {
		return err
	}
	return oneOf("privacy", "on_late", p.OnLate, "ask", "proceed")
}

func missingKey(table, key, remedy string) *Error {
	return fail(CodeMissing, remedy, "study file: [%s] has no %s", table, key)
}

func oneOf(table, key, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fail(CodeValue, "choose one of: "+strings.Join(allowed, ", "), "study file: [%s] %s = %q is not known", table, key, value)
}

// ValidName reports whether s can name an institution: 1 to 64 letters, digits,
// - _ . of ASCII, the first a letter or digit. It is the log's rule.
func ValidName(s string) bool {
	if s == "" || len(s) > 64 || strings.ContainsRune("._-", rune(s[0])) {
		return false
	}
	for _, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// validColumnName reports whether s can name a column: visible text of at most
// 128 bytes without spaces at its ends, so that it can stand in a message.
func validColumnName(s string) bool {
	if s == "" || len(s) > 128 || !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
