package audit

import (
	"fmt"
	"time"
)

const remedyCosign = "start the nodes named here, or ask their institutions to: a node co-signs by itself, whether or not it takes part in the study"

// cosigned reports whether this party has seen a quorum co-sign entry index,
// and says who has not otherwise. on is what the entry is about, which is there
// since then.
func (e *expectation) cosigned(index int64, on string, since time.Time) bool {
	if index < e.local.Cosigned {
		return true
	}
	missing := e.st.NotCosigned(index, e.local.Cosigners)
	more := max(1, e.st.Quorum()-(len(e.st.Members)-len(missing)))
	institutions := "institutions"
	if more == 1 {
		institutions = "institution"
	}
	e.ask(missing, fmt.Sprintf("co-signatures of %d more %s %s", more, institutions, on), since, time.Time{}, remedyCosign)
	return false
}

// agreed reports whether a quorum has co-signed under which rules, and by whom,
// the study is computed: the charter, the members and the decisions.
func (e *expectation) agreed() bool {
	last, since := e.st.Charter.Index, timeOf(e.study.Proposal)
	for _, m := range e.st.Motions { // an amended charter, a change of membership
		if m.InForce != nil && m.Statement.Type != TypePublish {
			last = max(last, m.InForce.Index)
		}
	}
	for name, d := range e.study.Decisions {
		if m := e.st.Members[name]; m != nil {
			last = max(last, m.Index)
		}
		if d.Index > last {
			last, since = d.Index, timeOf(d)
		}
	}
	return e.cosigned(last, "on the decisions", since)
}
