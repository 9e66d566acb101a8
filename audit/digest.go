package audit

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Digest returns a digest of everything in the folded state. Two parties that
// folded the same entries have the same digest, to the bit; it is how tests
// and golden logs hold that.
func (st *State) Digest() crypto.Digest { return st.digest(true) }

// digest leaves the log itself and the findings out unless log is set: what is
// left is all that a void entry must not change.
func (st *State) digest(log bool) crypto.Digest {
	type partyDump struct {
		Role        role
		Institution string
		Key         string
		Seq         int64
		Prev        crypto.Digest
		Index, Seen int64
		Boot        crypto.Digest
		Boots       []string
		Revoked     bool
		Expires     string
	}
	type institutionDump struct {
		Founder  Founder
		Expelled bool
		Epoch    string
		Epochs   []string
	}
	type motionDump struct {
		Statement, InForce crypto.Digest
		Endorsed           map[string]crypto.Digest
	}
	type attemptDump struct {
		ID                                       crypto.Digest
		Readys, Updates, Votes, Aborts, Releases map[string]crypto.Digest
		Open, Set, Result                        crypto.Digest
		Disputes                                 []crypto.Digest
		Thresholds                               crypto.Thresholds
		Certified                                int64
		Closing                                  int
		IsCertified, IsClosed, IsValid           bool
	}
	type studyDump struct {
		Proposal, Proceed, Close, Charter, Published crypto.Digest
		Decisions, Ready, Half, Advice               map[string]crypto.Digest
		Institutions, Expelled                       []string
		Epochs                                       map[string]string
		Numbers                                      int64
		Roster                                       []string
		Thresholds                                   crypto.Thresholds
		Round                                        int
		Rounds                                       [][]attemptDump
		Frozen                                       []int
	}
	dump := struct {
		Origin, Key  string
		Head         Head
		Charter      crypto.Digest
		Members      map[string]crypto.Digest
		Institutions map[string]institutionDump
		Motions      map[string]motionDump
		Changed      map[string]int64
		Forks        []crypto.Digest
		Parties      map[string]partyDump
		Studies      map[string]studyDump
		Used, Named  []string
		Dated        string
		Findings     []*Finding
	}{
		Origin: st.origin, Key: st.coordinatorKey, Charter: hashOf(st.Charter),
		Members: hashes(st.Members), Parties: map[string]partyDump{}, Studies: map[string]studyDump{},
		Used: sortedDigests(st.used), Named: sortedDigests(st.named), Institutions: map[string]institutionDump{}, Motions: map[string]motionDump{},
		Forks: hashList(st.Forks), Changed: st.changed, Dated: st.dated,
	}
	for name, i := range st.institutions {
		dump.Institutions[name] = institutionDump{i.Founder, i.expelled, i.epoch, slices.Sorted(maps.Keys(i.epochs))}
	}
	for id, m := range st.Motions {
		dump.Motions[id.String()] = motionDump{hashOf(m.Statement), hashOf(m.InForce), hashes(m.Endorsed)}
	}
	if log {
		dump.Head, dump.Findings = st.Head(), st.Findings
	}
	for name, p := range st.parties {
		dump.Parties[name] = partyDump{p.role, p.institution, p.key, p.seq, p.prev, p.index, p.seen, p.boot, sortedDigests(p.boots), p.revoked, p.expires}
	}
	for id, s := range st.Studies {
		d := studyDump{
			Proposal: hashOf(s.Proposal), Proceed: hashOf(s.Proceed), Close: hashOf(s.Close),
			Decisions: hashes(s.Decisions), Ready: hashes(s.ready), Roster: s.Roster,
			Thresholds: s.Thresholds, Round: s.Round, Frozen: s.Frozen(),
			Charter: hashOf(s.Charter), Published: hashOf(s.Published), Half: hashes(s.Half), Advice: hashes(s.Advice),
			Institutions: s.Institutions, Expelled: slices.Sorted(maps.Keys(s.expelled)), Epochs: s.epochs, Numbers: s.Numbers(),
		}
		for _, attempts := range s.Rounds {
			list := []attemptDump{}
			for _, at := range attempts {
				list = append(list, attemptDump{
					ID: at.ID, Readys: hashes(at.Readys), Updates: hashes(at.Updates), Votes: hashes(at.Votes),
					Aborts: hashes(at.Aborts), Releases: hashes(at.Releases), Open: hashOf(at.Open),
					Set: hashOf(at.Set), Result: hashOf(at.Result), Disputes: hashList(at.Disputes), Thresholds: at.thresholds, Certified: at.certifiedAt, Closing: at.closing,
					IsCertified: at.Certified(), IsClosed: at.Closed(), IsValid: at.Valid(),
				})
			}
			d.Rounds = append(d.Rounds, list)
		}
		dump.Studies[id] = d
	}
	b, err := json.Marshal(dump)
	if err != nil {
		return crypto.Digest{} // nothing in the dump can fail to encode
	}
	return crypto.DigestOf(b)
}

func hashOf(s *Statement) crypto.Digest {
	if s == nil {
		return crypto.Digest{}
	}
	return s.Hash
}

func hashList(list []*Statement) (out []crypto.Digest) {
	for _, s := range list {
		out = append(out, s.Hash)
	}
	return out
}

func hashes(m map[string]*Statement) map[string]crypto.Digest {
	out := make(map[string]crypto.Digest, len(m))
	for name, s := range m {
		out[name] = s.Hash
	}
	return out
}

func sortedDigests(m map[crypto.Digest]bool) []string {
	out := make([]string, 0, len(m))
	for d := range maps.Keys(m) {
		out = append(out, d.String())
	}
	slices.Sort(out)
	return out
}
