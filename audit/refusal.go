package audit

import "fmt"

// Refusal says which rule a statement or checkpoint breaks. It names parties
// and numbers of the log, never a value from a record.
type Refusal struct {
	Rule     Code
	Sentence string
}

// Refuse makes the refusal of rule c; args fill its sentence.
func Refuse(c Code, args ...any) *Refusal {
	return &Refusal{Rule: c, Sentence: fmt.Sprintf(lookup(c).sentence, args...)}
}

// Error returns the sentence: what happened.
func (r *Refusal) Error() string { return r.Sentence }

// Code returns the stable code, "SS2331".
func (r *Refusal) Code() string { return string(r.Rule) }

// Remedy returns what to do.
func (r *Refusal) Remedy() string { return lookup(r.Rule).remedy }

// Finding is a broken rule at a place in the log.
type Finding struct {
	Code     string `json:"code"`  // "SS2331"
	Check    string `json:"check"` // "R31", the verifier's short name of the code
	Index    int64  `json:"entry"` // of the log; -1 when it is about the log as a whole
	Party    string `json:"party,omitempty"`
	Study    string `json:"study,omitempty"`
	Sentence string `json:"sentence"`
	Remedy   string `json:"remedy,omitempty"`
}

// FindingOf places a refusal.
func FindingOf(r *Refusal, index int64, party, study string) *Finding {
	return &Finding{
		Code: r.Code(), Check: r.Rule.Short(), Index: index,
		Party: party, Study: study, Sentence: r.Sentence, Remedy: r.Remedy(),
	}
}

// String is one plain line.
func (f *Finding) String() string {
	where := "log"
	if f.Index >= 0 {
		where = fmt.Sprintf("entry %d", f.Index)
	}
	if f.Party != "" {
		where += ", " + f.Party
	}
	return fmt.Sprintf("%s  %s: %s (%s)", f.Check, where, f.Sentence, f.Code)
}

// judge collects the first broken rule. off holds rules that a test has
// switched off, to prove that each of them has teeth; nothing else sets it.
type judge struct {
	off map[Code]bool
	r   *Refusal
}

// refuse records c if broken holds, unless a rule was broken before.
func (j *judge) refuse(broken bool, c Code, args ...any) {
	if broken && j.r == nil && !j.off[c] {
		j.r = Refuse(c, args...)
	}
}
