package cmd

// leastInstitutions are in every sum: of two, each could subtract its own
// numbers and read the other's. No study, charter or node.toml goes below it.
const leastInstitutions = 3

// Codes of the command line's own rules. A code is never given to another rule;
// where a command applies a rule of another room it mentions that room's code.
const (
	codeTooFew       = "SS1010" // institutions, to compute together
	codeTooMany      = "SS1011" // institutions, to hold shares of each other's keys
	codeReservedName = "SS1012" // an institution called as another party of a rehearsal
	codePlots        = "SS1014" // pictures that cannot be written
	codeTerms        = "SS1013" // terms of a charter under which no sum could be opened
	codeNotJudged    = "SS1018" // what a model means in use, of a study that does not judge it

	// Refused before anything is signed or shown, whoever asks: exit code 3.
	codeCharterKey = "SS2801" // the charter names another key than the approver's here
	codeCodebook   = "SS2802" // the codebook here is another file than the charter's
	codeNoResult   = "SS2803" // the study was stopped before it had one
	codeSlot       = "SS2804" // a sum that fewer institutions than it needs can fill
	codeFewEvents  = "SS2805" // fewer rows with, or without, the outcome than min_cell

	codeNotCodebook = "SS6651" // what the coordinator sends as the codebook is not it

	codeServerAuthority = "SS6616" // of another federation, or somebody in between
	codeClockBehind     = "SS6631"
	codeClockAhead      = "SS6632"
	codeListen          = "SS6641"
	codeMetrics         = "SS6642"

	codeNoCharterYet = "SS8004"
	codeStandstill   = "SS8007" // the studies of one machine wait for what does not come
)
