package report

import (
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/verify"
)

// Log is what a report needs of the entries, gathered while they are verified:
// give its Add to verify.Watching.
type Log struct {
	lines []line
	acts  []*audit.Statement // of people and of membership, valid ones, in order
}

// line is one entry in a few words.
type line struct {
	time, signer, typ string
	void              string // code of the rule it broke
}

// Add takes the next entry.
func (l *Log) Add(_ int64, s *audit.Statement, f *verify.Finding) {
	var x line
	if s != nil {
		x = line{time: s.Time, signer: s.Signer, typ: s.Type}
	}
	if f != nil {
		x.void = f.Code
	}
	l.lines = append(l.lines, x)
	if s == nil || f != nil {
		return
	}
	switch s.Type { // those of rounds stand in their attempts
	case audit.TypeReady, audit.TypeOpen, audit.TypeUpdate, audit.TypeSet, audit.TypeVote, audit.TypeAbort, audit.TypeRelease, audit.TypeResult:
	default:
		l.acts = append(l.acts, s)
	}
}

// of returns the acts of a type in a study; "" for those outside studies.
func (l *Log) of(typ, study string) (list []*audit.Statement) {
	for _, s := range l.acts {
		if s.Type == typ && s.Study == study {
			list = append(list, s)
		}
	}
	return list
}
