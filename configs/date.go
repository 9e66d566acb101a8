package configs

import (
	"fmt"
	"time"
)

// Date is a calendar day, "2027-07-31", or empty.
type Date string

// UnmarshalTOML accepts a TOML local date or the same as a string.
func (d *Date) UnmarshalTOML(v any) error {
	text := ""
	switch v := v.(type) {
	case time.Time:
		if v.Hour() != 0 || v.Minute() != 0 || v.Second() != 0 || v.Nanosecond() != 0 {
			return fmt.Errorf("a date has no time of day")
		}
		text = v.Format(time.DateOnly)
	case string:
		text = v
	default:
		return fmt.Errorf("not a date such as 2027-07-31")
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return fmt.Errorf("not a date such as 2027-07-31")
	}
	*d = Date(text)
	return nil
}

// Time returns the start of the day in UTC and whether there is a date.
func (d Date) Time() (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, string(d))
	return t, err == nil
}

// Duration is a length of time written as "10m" or "1h30m".
type Duration time.Duration

// UnmarshalText parses what time.ParseDuration parses.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("not a length of time such as \"10m\"")
	}
	*d = Duration(v)
	return nil
}

// MarshalText writes it back.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }
