package region

import (
	"fmt"
	"strings"
)

// fiction makes up a name or a number that is nobody's.
func (t *templates) fiction(s *stream, field, language string) (text, kind string) {
	switch field {
	case "first":
		return t.first(s), SpanName
	case "last":
		return t.last(s), SpanName
	case "full":
		if s.chance(0.2) {
			return fmt.Sprintf("%c.%c. %s", 'A'+s.below(26), 'A'+s.below(26), t.last(s)), SpanName
		}
		return t.first(s) + " " + t.last(s), SpanName
	case "phone":
		return phone(s), SpanPhone
	case "number":
		return notBSN(s), SpanNumber
	case "postcode":
		return postcode(s), SpanPostcode
	case "street":
		return fmt.Sprintf("%s %d", pick(s, t.street), 1+s.below(199)), SpanAddress
	case "date":
		return date(s, language), SpanDate
	case "email":
		return strings.ToLower(t.first(s)+"."+pick(s, t.lastA)+pick(s, t.lastB)) + "@example.org", SpanEmail
	}
	return "", field
}

func (t *templates) first(s *stream) string { return pick(s, t.firstA) + pick(s, t.firstB) }

func (t *templates) last(s *stream) string {
	before := pick(s, []string{"", "", "", "", "van ", "de ", "van der ", "ten "})
	return before + pick(s, t.lastA) + pick(s, t.lastB)
}

// phone has the form of a Dutch number in a range that is given to nobody:
// mobile numbers begin with 06-1 to 06-5 or 06-8, and no area code begins with 00.
func phone(s *stream) string {
	a, b := s.below(10_000), s.below(100)
	switch s.below(4) {
	case 0:
		return fmt.Sprintf("06-00%02d%04d", b, a)
	case 1:
		return fmt.Sprintf("06 00 %02d %02d %02d", b, a/100, a%100)
	case 2:
		return fmt.Sprintf("+31 6 00%02d%04d", b, a)
	}
	return fmt.Sprintf("000-1%02d%04d", b, a)
}

// notBSN has nine figures like a citizen service number and fails its test.
func notBSN(s *stream) string {
	n := 100_000_000 + s.below(900_000_000)
	for passesElevenTest(n) {
		n++
	}
	if s.chance(0.3) {
		return fmt.Sprintf("%04d.%02d.%03d", n/100_000, n/1000%100, n%1000)
	}
	return fmt.Sprint(n)
}

// passesElevenTest says whether 9 a + 8 b + ... + 2 h - i is a multiple of 11,
// as of every citizen service number.
func passesElevenTest(n int) bool {
	total := -(n % 10)
	for k := 2; k <= 9; k++ {
		n /= 10
		total += k * (n % 10)
	}
	return total%11 == 0
}

// postcode ends in letters that no Dutch postcode ends in.
func postcode(s *stream) string {
	gap := pick(s, []string{" ", ""})
	return fmt.Sprintf("%d%s%s", 1000+s.below(9000), gap, pick(s, []string{"SA", "SD"}))
}

func date(s *stream, language string) string {
	day, month, year := 1+s.below(28), s.below(12), 2012+s.below(10)
	if s.chance(0.5) {
		return fmt.Sprintf("%02d-%02d-%d", day, month+1, year)
	}
	if language == English {
		return fmt.Sprintf("%d %s %d", day, englishMonths[month], year)
	}
	return fmt.Sprintf("%d %s %d", day, dutchMonths[month], year)
}

var (
	dutchMonths   = []string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"}
	englishMonths = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
)
