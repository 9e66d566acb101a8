package node

import (
	"maps"
	"slices"

	"github.com/smartstart-federation/smartstart/audit"
)

// judgeSet refuses a set of institutions that differs from the set of an
// earlier study of the same epoch by fewer than least (the larger figure of the two, raised to c+2): subtracting the two
// results would leave the numbers of those few. It is allowed when each of
// them accepted that in the approval of one of the two studies. entries is how
// long the log was when this institution's epoch began: earlier sets belong to
// other records. A study that has opened a sum was judged then, and later sums of
// others beside it: nobody that takes no part in it stops it any more.
func judgeSet(j *judgement, st *audit.State, study string, set []string, least int, entries int64) {
	if len(set) == 0 {
		return
	}
	now := st.Studies[study]
	opened := now != nil && now.Round > 1
	for _, id := range slices.Sorted(maps.Keys(st.Studies)) {
		earlier := st.Studies[id]
		if id == study {
			continue
		}
		for _, other := range openedSets(earlier, entries) {
			apart := difference(set, other)
			if len(apart) == 0 || len(apart) >= max(least, earlier.Thresholds.MinInstitutions) {
				continue
			}
			for _, name := range apart {
				outside := opened && !slices.Contains(set, name)
				j.refuse(!outside && !acceptsAlone(now, name) && !acceptsAlone(earlier, name), CodeIsolated,
					"ask the same institutions as in that study, or ask "+name+" to approve with accept_isolated",
					"study %s would be summed over other institutions than study %s, with only %d between them: the difference of the two would be the numbers of %s",
					study, earlier.ID, len(apart), name)
			}
		}
	}
}

// openedSets returns the names in each set of a study that may have been
// opened, from an entry of the log on.
func openedSets(s *audit.Study, entries int64) (sets [][]string) {
	for _, round := range s.Rounds {
		for _, at := range round {
			if at.Open.Index < entries || at.Closed() && !at.Certified() {
				continue
			}
			names := at.Seats() // it counts from its `open`: another history of the log may fix its set now
			if at.Set != nil {
				names = pointNames(at, at.Set.Body.(*audit.Set).Points)
			}
			if !slices.ContainsFunc(sets, func(have []string) bool { return slices.Equal(have, names) }) {
				sets = append(sets, names)
			}
		}
	}
	return sets
}

func pointNames(at *audit.Attempt, points []int) []string {
	names := make([]string, len(points))
	for i, p := range points {
		names[i] = at.Name(p)
	}
	return names
}

// difference returns who is in exactly one of the two sets.
func difference(a, b []string) (names []string) {
	for _, n := range a {
		if !slices.Contains(b, n) {
			names = append(names, n)
		}
	}
	for _, n := range b {
		if !slices.Contains(a, n) {
			names = append(names, n)
		}
	}
	return names
}

// acceptsAlone reports whether an institution's newest decision on a study is
// an approval with accept_isolated.
func acceptsAlone(s *audit.Study, institution string) bool {
	if s == nil || s.Decisions[institution] == nil {
		return false
	}
	d := s.Decisions[institution].Body.(*audit.Decision)
	return d.Verdict == "approve" && d.AcceptAlone
}

// maySet judges who is, or will be, in the sum of the task's attempt: the
// seats that the log prescribes, those of its `open`, or its fixed set.
func (n *Node) maySet(st *audit.State, j *judgement, study string, round, attempt int, entries int64) {
	s := st.Studies[study]
	var set []string
	least := s.Thresholds.MinInstitutions
	if at := st.Attempt(study, round, attempt); at != nil {
		set = at.Seats()
		if at.Set != nil {
			set = pointNames(at, at.Set.Body.(*audit.Set).Points)
		}
	} else if b, r := st.NextOpen(s); r == nil {
		for _, seat := range b.Seats {
			set = append(set, b.Roster[seat.Point-1])
		}
		least = b.MinInstitutions
	}
	least = max(least, s.Charter.Body.(*audit.Charter).MinInstitutions, s.Proposal.Body.(*audit.Proposal).MinInstitutions)
	judgeSet(j, st, study, set, least, entries)
}
