package cmd

import (
	"errors"
	"fmt"
	"strings"
)

// Error is a refusal of the command line itself.
type Error struct {
	code, sentence, remedy string
}

func (e *Error) Error() string { return e.sentence }

// Code is the stable code.
func (e *Error) Code() string { return e.code }

// Remedy says what to do.
func (e *Error) Remedy() string { return e.remedy }

func usage(sentence, remedy string) error { return &Error{"SS1001", sentence, remedy} }

// codeFailedVerification is the code of a bundle or log with findings.
const codeFailedVerification = "SS9001"

// coded is what every error that reaches a person answers.
type coded interface {
	Code() string
	Remedy() string
}

// exitCode maps an error to the exit code that the help texts promise.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if refused := new(refusedStudy); errors.As(err, &refused) {
		return 3
	}
	var c coded
	if !errors.As(err, &c) {
		return 1
	}
	switch code := c.Code(); {
	case code == codeFailedVerification,
		strings.HasPrefix(code, "SS20"), code == "SS2900": // the log itself, or two histories of it: evidence
		return 5
	case strings.HasPrefix(code, "SS1"), strings.HasPrefix(code, "SS51"): // SS51: the study file against the codebook
		return 2
	case strings.HasPrefix(code, "SS2"):
		return 3
	case strings.HasPrefix(code, "SS8"):
		return 4
	default:
		return 1
	}
}

// explain renders an error as what happened, with its code, and what to do.
func explain(err error) string {
	var c coded
	if !errors.As(err, &c) {
		return fmt.Sprintf("error: %s\n", err)
	}
	s := fmt.Sprintf("error: %s (%s)\n", err, c.Code())
	if r := c.Remedy(); r != "" {
		s += fmt.Sprintf("  what to do: %s\n", r)
	}
	return s
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
