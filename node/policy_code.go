package node

import "fmt"

// The codes of a node's own refusals. docs/policy.md explains each to a
// privacy officer. A code is never given to another rule.
const (
	CodePolicy          = "SS2120" // the policy itself cannot be
	CodeStated          = "SS2121" // the proposal and its study file differ
	CodeMinInstitutions = "SS2122" // too few institutions in the sum
	CodeMinRows         = "SS2123" // too few rows here
	CodeEmptyColumn     = "SS2124" // a column of the study is empty here
	CodeMethodDenied    = "SS2125" // not among allow_methods
	CodeColumnDenied    = "SS2126" // among deny_columns
	CodeColumnUnlisted  = "SS2127" // not among allow_columns
	CodeProtected       = "SS2128" // a protected column used to predict
	CodeOffendingAsked  = "SS2129" // an outcome about offending
	CodeRehearsal       = "SS2130" // confidential or sensitive data in a rehearsal
	CodeSocialMedia     = "SS2131" // data about persons from social media
	CodeNoObjections    = "SS2132" // no objection list
	CodeObjections      = "SS2133" // an objection list that cannot be applied
	CodeRowsChanged     = "SS2134" // other rows than in the study's earlier rounds
	CodeCohort          = "SS2135" // a cohort a few rows from an earlier one
	CodeBudget          = "SS2136" // the numbers budget is used up
	CodeAlone           = "SS2137" // a number that only this institution fills
	CodeIsolated        = "SS2138" // two sets that differ by too few institutions
	CodeApproval        = "SS2139" // no living approval of this institution
	CodeUnnamedRows     = "SS2140" // the records cannot say whose row a row is
	CodeStudyEnded      = "SS2141" // the study's own end date has passed
	CodeSiteColumn      = "SS2142" // a column whose levels are institutions
	CodeLedgerLost      = "SS2143" // the log holds sums of this node that its ledger does not know
	CodeCodebook        = "SS2144" // the records are read by another codebook than the charter's
	CodeSmallCell       = "SS2145" // a group of one or two of this institution's rows would be summed over
	CodeChosenRows      = "SS2148" // sums over confidential rows that their own values choose
)

// Rules without a code, for tests that switch them off.
const (
	ruleOneAct  = "judging against the ledger and writing to it are one act"
	ruleHolder  = "only the start that offered the attempt's key encrypts"
	ruleJournal = "a release is in the journal before its first byte leaves"
	ruleForget  = "what an attempt needed is erased when it is over"
)

// RefusalError says why this institution does not take part in a study.
type RefusalError struct {
	code, sentence, remedy string
}

func (e *RefusalError) Error() string { return e.sentence }

// Code is the stable code of the refusal.
func (e *RefusalError) Code() string { return e.code }

// Remedy says what the researcher or the institution can do.
func (e *RefusalError) Remedy() string { return e.remedy }

// judgement collects broken rules in the order in which they are looked at.
type judgement struct {
	off    map[string]bool
	broken []*RefusalError
}

// refuse records the rule if it is broken and a test has not switched it off.
func (j *judgement) refuse(broken bool, code, remedy, format string, args ...any) {
	if broken && !j.off[code] {
		j.broken = append(j.broken, &RefusalError{code, fmt.Sprintf(format, args...), remedy})
	}
}

// first returns the first broken rule as an error, or nil.
func (j *judgement) first() error {
	if len(j.broken) == 0 {
		return nil
	}
	return j.broken[0]
}
