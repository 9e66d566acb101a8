package party

import "strings"

// WaitError says that a person or another party comes first. It is no failure:
// the same command works once they have.
type WaitError struct {
	Who  []string // empty when it is only time
	What string
}

func (e *WaitError) Error() string {
	s := "waiting for " + e.What
	if len(e.Who) > 0 {
		s += "; missing: " + strings.Join(e.Who, ", ")
	}
	return s
}

// Code is the stable code; SS8 is waiting.
func (e *WaitError) Code() string { return "SS8001" }

// Remedy says what to do.
func (e *WaitError) Remedy() string { return "run the same command again later" }
