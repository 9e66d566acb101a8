package verify

import "github.com/smartstart-federation/smartstart/audit/bundle"

// What no verifier of such a log can show, and what one bundle leaves open.
const (
	GapData       = "that the institutions' data are true, or that a node computed its numbers from them"
	GapNoise      = "that noise and keys were drawn at random"
	GapCollusion  = "that no more than c institutions of a study worked together with the coordinator"
	GapPersons    = "that the parties behind the keys are who their names say"
	GapOtherLog   = "that other people were not shown another log: compare the root with another institution's"
	GapLater      = "that the log has not gone on since this checkpoint"
	GapUse        = "that the conclusions help any child"
	GapUnpinned   = "that this is the log of your federation: no coordinator key was given, so the one in its charter was used"
	GapPublic     = "that the sums and models are right: a public bundle has no frames and releases"
	GapDeleted    = "that the sums of every study are right: some frames or releases were lawfully deleted"
	GapCosigned   = "that a quorum of institutions saw this log up to its last entry: fewer co-signed this checkpoint"
	GapUnfinished = "that every opened sum was computed again: see the findings"
)

// Gaps returns every Gap, the ones that always hold first.
func Gaps() []string {
	return append(always(), GapUnpinned, GapPublic, GapDeleted, GapCosigned, GapUnfinished)
}

func always() []string {
	return []string{GapData, GapNoise, GapCollusion, GapPersons, GapOtherLog, GapLater, GapUse}
}

// notProved is what this verification did not show.
func (v *verifier) notProved() []string {
	list := always()
	if !v.pinned {
		list = append(list, GapUnpinned)
	}
	if !v.cosigned.Quorum() {
		list = append(list, GapCosigned)
	}
	deleted, missing := false, false
	for _, s := range v.studies {
		deleted = deleted || s.Deleted > 0
		missing = missing || s.Recomputed+s.Deleted < s.Opened
	}
	switch {
	case v.bundle.Kind() == bundle.Public:
		list = append(list, GapPublic)
	case missing:
		list = append(list, GapUnfinished)
	}
	if deleted {
		list = append(list, GapDeleted)
	}
	return list
}
