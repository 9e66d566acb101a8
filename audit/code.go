package audit

import "strings"

// Code is the stable name of one rule: "SS2", a family and two digits. The
// families, with the letter that the verifier prints: 0 log (L), 1 statements
// (S), 2 permission (P), 3 rounds (R), 4 arithmetic (A), 5 opening (D),
// 6 model (M), 7 numbers budget (E). A code is never given to another rule.
type Code string

// The rules of a checkpoint and of the log as a whole.
const (
	CodeCheckpointMalformed Code = "SS2001"
	CodeCheckpointSignature Code = "SS2002"
	CodeCheckpointOrigin    Code = "SS2003"
	CodeFork                Code = "SS2004"
	CodeRoot                Code = "SS2005"
	CodeTile                Code = "SS2006"
	CodeStale               Code = "SS2007"
	CodeUnreadable          Code = "SS2008"
	CodeFewCosigned         Code = "SS2009"
	CodeCosignature         Code = "SS2010"
	CodeCosigner            Code = "SS2011"
)

// The rules that every statement must keep, whatever it says.
const (
	CodeTooLarge  Code = "SS2101"
	CodeNote      Code = "SS2102"
	CodeType      Code = "SS2103"
	CodeCanonical Code = "SS2104"
	CodeHeader    Code = "SS2105"
	CodeLog       Code = "SS2106"
	CodeSigner    Code = "SS2107"
	CodeSignature Code = "SS2108"
	CodeSeq       Code = "SS2109"
	CodePrev      Code = "SS2110"
	CodeBoot      Code = "SS2111"
	CodeSeen      Code = "SS2112"
	CodeSeenBack  Code = "SS2113"
	CodeBody      Code = "SS2114"
)

// The rules of who may say what.
const (
	CodeNoCharter     Code = "SS2201"
	CodeCharterTwice  Code = "SS2202"
	CodeCharter       Code = "SS2203"
	CodeProtocol      Code = "SS2204"
	CodeRole          Code = "SS2205"
	CodeOtherCharter  Code = "SS2206"
	CodeEnrolled      Code = "SS2207"
	CodeProof         Code = "SS2208"
	CodeKeyInUse      Code = "SS2209"
	CodeStudyExists   Code = "SS2210"
	CodeNoStudy       Code = "SS2211"
	CodeStudyClosed   Code = "SS2212"
	CodeOtherProposal Code = "SS2213"
	CodeTooLate       Code = "SS2214"
	CodeApproval      Code = "SS2215"
	CodeNotApproved   Code = "SS2216"
	CodeExpired       Code = "SS2217"
	CodeNotProposer   Code = "SS2218"
	CodeProceed       Code = "SS2219"
	CodeNotEnrolled   Code = "SS2220"
	CodeRevoked       Code = "SS2221"
	CodeMember        Code = "SS2222"
	CodeAmends        Code = "SS2223"
	CodeNoMotion      Code = "SS2224"
	CodeEndorsed      Code = "SS2225"
	CodeMotionOver    Code = "SS2226"
	CodeQuorum        Code = "SS2227" // the count itself; switched off, every motion is in force at once
	CodeSecond        Code = "SS2228" // likewise for the second approver
	CodeGrantExpired  Code = "SS2229"
	CodePublish       Code = "SS2230"
	CodeEpoch         Code = "SS2231"
	CodeIsolates      Code = "SS2232"
)

// The rules of a round.
const (
	CodeRound         Code = "SS2301"
	CodeAttemptNumber Code = "SS2302"
	CodeNotInRoster   Code = "SS2303"
	CodeAttemptKey    Code = "SS2304"
	CodeShape         Code = "SS2305"
	CodeUndecided     Code = "SS2306"
	CodeRoster        Code = "SS2307"
	CodeThresholds    Code = "SS2308"
	CodeSeats         Code = "SS2309"
	CodeOldReady      Code = "SS2310"
	CodeStates        Code = "SS2311"
	CodeTooFew        Code = "SS2312"
	CodeNotClosed     Code = "SS2313"
	CodeRepeat        Code = "SS2314"
	CodeWithdrawn     Code = "SS2315"
	CodeRangeFailed   Code = "SS2316"
	CodeNoAttempt     Code = "SS2317"
	CodeClosed        Code = "SS2318"
	CodeNoSeat        Code = "SS2319"
	CodeTwice         Code = "SS2320"
	CodeLate          Code = "SS2321"
	CodeSizes         Code = "SS2322"
	CodeCopied        Code = "SS2323"
	CodeProjection    Code = "SS2324"
	CodeSetMembers    Code = "SS2325"
	CodeSetSmall      Code = "SS2326"
	CodeSetFrozen     Code = "SS2327"
	CodeAbsent        Code = "SS2328"
	CodeNoSet         Code = "SS2329"
	CodeOtherSet      Code = "SS2330"
	CodeSeenSet       Code = "SS2331"
	CodeRestarted     Code = "SS2332"
	CodeAborted       Code = "SS2333"
	CodeReleased      Code = "SS2334"
	CodeNoCertificate Code = "SS2335"
	CodeNotVoted      Code = "SS2336"
	CodeSeenVotes     Code = "SS2337"
	CodeFewReleases   Code = "SS2338"
	CodeUsed          Code = "SS2339"
	CodeResult        Code = "SS2340"
	CodeCloseEarly    Code = "SS2341"
	CodeSetWaits      Code = "SS2342"
	CodeDispute       Code = "SS2343"
	CodeOpenings      Code = "SS2344"
	CodeDisputed      Code = "SS2345"
)

// The checks that only the verifier can make: it has the blobs.
const (
	CodeFramesMissing   Code = "SS2401"
	CodeFramesDigest    Code = "SS2402"
	CodeFramesMalformed Code = "SS2403"
	CodeSumRoot         Code = "SS2404"

	CodeReleaseMissing   Code = "SS2501"
	CodeReleaseDigest    Code = "SS2502"
	CodeReleaseMalformed Code = "SS2503"
	CodeNotOpening       Code = "SS2504"
	CodeSums             Code = "SS2505"
	CodeWrongReleases    Code = "SS2506"
	CodeCanary           Code = "SS2507"
	CodeRedundant        Code = "SS2508"
	CodeHidden           Code = "SS2509"
	CodeShareCheck       Code = "SS2510"
	CodeEvidenceVoid     Code = "SS2511"
	CodeEvidenceMissing  Code = "SS2512"

	CodeMethod      Code = "SS2601"
	CodeState       Code = "SS2602"
	CodeStateShape  Code = "SS2603"
	CodeGlobal      Code = "SS2604"
	CodeCloseState  Code = "SS2605"
	CodeRoundTooFar Code = "SS2606"
	CodePublished   Code = "SS2607"
)

// The rules of how many numbers a study may open.
const (
	CodeNumbersMissing Code = "SS2701"
	CodeNumbersCap     Code = "SS2702"
	CodeNumbers        Code = "SS2703"
)

// rule is what a person reads about a code.
type rule struct {
	code     Code
	sentence string // formatted with the arguments of the refusal
	remedy   string
}

// Remedies that several rules share.
const (
	remedySync    = "fetch the log up to its newest checkpoint and sign again"
	remedyUpgrade = "install the newest smartstart and start again"
	remedyWait    = "wait until the log says so"
	remedyReport  = "keep a copy of the log and tell the other institutions: this is evidence against the signer"
	remedyClose   = "close the study; a new proposal can be made"
)

// rules is the one table of codes.
var rules = [...]rule{
	{CodeCheckpointMalformed, "the checkpoint cannot be read: %s", "fetch the checkpoint again"},
	{CodeCheckpointSignature, "the checkpoint is not signed by the coordinator's pinned key", remedyReport},
	{CodeCheckpointOrigin, "the checkpoint is of the log %q, not of %q", "check the coordinator's address"},
	{CodeFork, "the checkpoint at size %d contradicts entries that were already verified: two histories of one log exist", remedyReport},
	{CodeRoot, "the entries give another root than the checkpoint at size %d", remedyReport},
	{CodeTile, "%s", "fetch the bundle again; if it stays, the log server shows inconsistent tiles"},
	{CodeStale, "the checkpoint covers %d entries; an earlier one that you hold covers %d", "the other side may run from an old backup: its operator must bring the newest state back; keep your copy of the log, which is evidence"},
	{CodeUnreadable, "%s", "fetch the bundle again"},
	{CodeFewCosigned, "%d institutions co-signed this checkpoint and %d are needed", "let more institutions run their nodes, and fetch again"},
	{CodeCosignature, "the co-signature in the name and key of %s is not that party's", remedyReport},
	{CodeCosigner, "%s co-signed two histories of this log: the one here, and another one of %d entries", remedyReport},

	{CodeTooLarge, "the statement has %d bytes, more than %d", "put large content into a blob and name its digest"},
	{CodeNote, "the statement is not one signed note in its only encoding: %s", remedyReport},
	{CodeType, "statement type %q version %d is unknown here", remedyUpgrade},
	{CodeCanonical, "the statement is not canonical JSON: %s", remedyReport},
	{CodeHeader, "the header is unacceptable: %s", "sign again with a complete header"},
	{CodeLog, "the statement was signed for the log %q, this is %q", "check the coordinator's address"},
	{CodeSigner, "%s is not known to this log", "enrol first; the charter names who may"},
	{CodeSignature, "the signature is not by the logged key of %s", remedyReport},
	{CodeSeq, "%s has number %d, the next one of this signer is %d", remedySync},
	{CodePrev, "%s does not name the signer's own last statement", remedySync},
	{CodeBoot, "%s speaks with the boot epoch of an earlier start: an old copy of its machine may be running", "stop the copy; start the node afresh"},
	{CodeSeen, "%s has seen a log of size %d with another root: its history is not this one", remedyReport},
	{CodeSeenBack, "%s had seen more of the log before it signed this (size %d, needed %d)", remedySync},
	{CodeBody, "the statement is unacceptable: %s", "correct it and sign again"},

	{CodeNoCharter, "a log begins with its charter", "let the coordinator sign the charter first"},
	{CodeCharterTwice, "the charter was signed already", "amend it: an approver signs the new text, which names the charter in force"},
	{CodeCharter, "the charter is unacceptable: %s", "correct the charter and begin a new log"},
	{CodeProtocol, "the charter asks for protocol %d, this program knows %d", remedyUpgrade},
	{CodeRole, "%s may not sign a %s", "let the party sign that the charter names for it"},
	{CodeOtherCharter, "%s joins another charter than this log's", "read this log's charter and sign for that one"},
	{CodeEnrolled, "%s has enrolled already", "use the key that is enrolled"},
	{CodeProof, "the node key of %s comes without proof that its holder signed", "let the node sign the proof again"},
	{CodeKeyInUse, "the key or name of %s is in use by another party", "make a new key"},
	{CodeStudyExists, "a study named %s was proposed before", "choose another id"},
	{CodeNoStudy, "no study named %q was proposed in this log", "check the id of the study"},
	{CodeStudyClosed, "study %s was closed", "propose a new study"},
	{CodeOtherProposal, "%s decides on another proposal than the one logged as %s", "read the logged proposal and decide on that"},
	{CodeTooLate, "%s cannot %s study %s now: its sums have begun", "after the beginning only a withdrawal or a renewal is possible"},
	{CodeApproval, "the approval is incomplete: %s", "complete the approval and sign again"},
	{CodeNotApproved, "%s has no living approval for study %s", "ask the institution's approver"},
	{CodeExpired, "the approval of %s for study %s ended on %s", "ask the institution's approver to renew it"},
	{CodeNotProposer, "%s did not propose study %s", "let its researcher sign"},
	{CodeProceed, "study %s cannot go on without these: %s", "name institutions of the charter, each once, in order; once a sum may have been opened, wait for the absent ones or close the study"},
	{CodeNotEnrolled, "%s has not enrolled its node", "let the institution's approver sign `member` first"},

	{CodeRevoked, "the key of %s was revoked or replaced", "let the party sign with its key in force, or ask the institutions for a new one"},
	{CodeMember, "membership cannot change so: %s", "correct it and sign again"},
	{CodeAmends, "the amendment is of another charter than the one in force", "read the charter in force and amend that"},
	{CodeNoMotion, "%s endorses a statement that is no motion of this log", "name the leaf hash of an amendment, a change of membership or a publication"},
	{CodeEndorsed, "%s has endorsed this motion already", "nothing needs to be done"},
	{CodeMotionOver, "the motion cannot take effect any more: %s", "move it anew if it is still wanted"},
	{CodeQuorum, "a motion took effect without its quorum", remedyReport},
	{CodeSecond, "an approval counted without the institution's second approver", remedyReport},
	{CodeGrantExpired, "%s may propose studies until %s only", "ask the institutions for a new grant"},
	{CodePublish, "results of study %s cannot be published so: %s", "publish once, after the study was closed as finished"},
	{CodeEpoch, "%s has had the epoch %s before", "choose another name"},
	{CodeIsolates, "a sum of study %s beside one of study %s would tell what %s alone gave; sets must be equal or differ by at least %d institutions", "take the same institutions as that study, or let each of these approve with accept_isolated, or wait for a new epoch of more institutions"},

	{CodeRound, "study %s is in round %d, not %d", remedySync},
	{CodeAttemptNumber, "the next attempt of study %s round %d is %d, not %d", remedySync},
	{CodeNotInRoster, "%s takes no part in study %s: its institutions were fixed without it", "wait for a next study"},
	{CodeAttemptKey, "the attempt key of %s is unusable: %s", "make a fresh key for every `ready`"},
	{CodeShape, "the shape cannot be summed: %s", "correct the study"},
	{CodeUndecided, "these institutions have not decided on study %s: %s", "wait for them, or let the researcher sign `proceed` without them"},
	{CodeRoster, "the roster is not the institutions that approved study %s", remedyReport},
	{CodeThresholds, "the thresholds are not those of %d approved institutions", remedyReport},
	{CodeSeats, "the seats are not the institutions that must take part: %s", remedyReport},
	{CodeOldReady, "the open does not count on the newest unused `ready` of %s for this attempt", remedySync},
	{CodeStates, "%s is ready for another model state or shape", "let the institutions compare their versions; one of them computed another model"},
	{CodeTooFew, "%d institutions are ready and %d are needed", remedyWait},
	{CodeNotClosed, "attempt %d of round %d is still open", remedyWait},
	{CodeRepeat, "attempt %d of round %d was not closed by aborts and may have been opened: only exactly the same set may be repeated, and the `open` says so", remedyReport},
	{CodeWithdrawn, "%s withdrew after its sum may have been opened; a sum without it would show what it gave", remedyClose},
	{CodeRangeFailed, "round %d of study %s left the declared range and is not tried again", remedyClose},
	{CodeNoAttempt, "study %s has no attempt %d in round %d with that `open`", remedySync},
	{CodeClosed, "attempt %d of round %d was closed", remedySync},
	{CodeNoSeat, "%s has no seat in this attempt", remedySync},
	{CodeTwice, "%s has said its %s for this attempt already", remedyReport},
	{CodeLate, "the update of %s came after the set was fixed", "wait for the next attempt"},
	{CodeSizes, "the update of %s names %s", "let the node encrypt again"},
	{CodeCopied, "the update of %s names bytes that were uploaded before", remedyReport},
	{CodeProjection, "the update of %s names no projection of %d bytes, without which its shares cannot be checked", remedyUpgrade},
	{CodeSetMembers, "the set is not the contributors whose update came before it: %s", remedyReport},
	{CodeSetSmall, "the set has %d institutions and needs %d", remedyWait},
	{CodeSetFrozen, "the set differs from the one that was opened before", remedyWait},
	{CodeSetWaits, "%s has not uploaded, and nothing in the log lets the first sum begin without it", "wait; or close the attempt by aborts, and let the researcher sign `proceed` without it"},
	{CodeAbsent, "the set does not explain who is absent", "list every absent seat with its reason"},
	{CodeNoSet, "the set of this attempt is not fixed yet", remedyWait},
	{CodeOtherSet, "%s votes for another set or root than the logged one", remedyReport},
	{CodeSeenSet, "%s voted without having seen the set: its head lies before entry %d", remedySync},
	{CodeRestarted, "%s was restarted since its `ready` and holds nothing of this attempt", "wait for the next attempt"},
	{CodeAborted, "%s has aborted this attempt", remedyReport},
	{CodeReleased, "%s has released in this attempt and cannot abort it", remedyReport},
	{CodeNoCertificate, "%d of %d votes are logged: there is no certificate", remedyWait},
	{CodeNotVoted, "%s did not vote for this set", remedyReport},
	{CodeSeenVotes, "%s signed a release before it had seen the certificate", remedyReport},
	{CodeFewReleases, "%d releases are logged and %d are needed", remedyWait},
	{CodeUsed, "the result counts on releases that are not logged, or not in order", remedyReport},
	{CodeResult, "the result contradicts itself: %s", remedyReport},
	{CodeDispute, "the dispute of %s is unacceptable: %s", "sign only what a check of this attempt shows"},
	{CodeOpenings, "of the shares of %s %d may be opened, and were", "no more can be shown about it; the attempt is given up by aborts"},
	{CodeDisputed, "%s disputes a contributor and votes for a sum with it", remedyReport},
	{CodeCloseEarly, "study %s cannot be closed as finished: %s", remedyWait},

	{CodeFramesMissing, "the frames of %s are not in the bundle", "ask for a complete sealed bundle"},
	{CodeFramesDigest, "the frames of %s are not the bytes that its update names", remedyReport},
	{CodeFramesMalformed, "the frames of %s are malformed: %s", remedyReport},
	{CodeSumRoot, "the frames, added again, give another root than the coordinator's set says", remedyReport},

	{CodeReleaseMissing, "the release of %s is not in the bundle", "ask for a complete sealed bundle"},
	{CodeReleaseDigest, "the release of %s is not the bytes that its statement names", remedyReport},
	{CodeReleaseMalformed, "the release of %s is malformed: %s", remedyReport},
	{CodeNotOpening, "the releases do not open the sum: %s", remedyReport},
	{CodeSums, "the releases open other sums than the result says", remedyReport},
	{CodeWrongReleases, "the result names %s as wrong releases, the arithmetic says %s", remedyReport},
	{CodeCanary, "the result states a canary maximum of %d, the frames give %d", remedyReport},
	{CodeRedundant, "the release of %s, which the result passes over, does not agree with those that open the sum", remedyReport},
	{CodeHidden, "the result says %s, but the logged releases open the sum", remedyReport},
	{CodeShareCheck, "the projection of %s does not open its canaries: %s", remedyReport},
	{CodeEvidenceVoid, "the dispute of %s about %s shows nothing: %s", remedyReport},
	{CodeEvidenceMissing, "%s is not in the bundle, or other bytes are", "ask for a complete sealed bundle"},

	{CodeMethod, "the study cannot be computed again: %s", remedyUpgrade},
	{CodeState, "%s was ready for another model state than the logged sums give", remedyReport},
	{CodeStateShape, "%s was ready with another shape than the model state gives", remedyReport},
	{CodeGlobal, "the model state of round %d cannot be computed: %s", remedyReport},
	{CodeCloseState, "the study was closed with another model state than the logged sums give", remedyReport},
	{CodeRoundTooFar, "round %d was opened although the model had ended", remedyReport},
	{CodePublished, "the document that is to make the results of study %s public is not what its sums give", remedyReport},

	{CodeNumbersMissing, "the proposal does not say how many numbers may be opened", "say it: `study submit` computes it from the study file"},
	{CodeNumbersCap, "the proposal asks for %d numbers, the charter allows %d", "ask for fewer: fewer columns, levels or rounds; or let the institutions amend the charter"},
	{CodeNumbers, "study %s would have opened %d numbers with this sum, and %d were approved", remedyClose},
}

// families are the letters of the code's third digit.
const families = "LSPRADME"

// Short returns the verifier's name of the code: the family letter and the
// last two digits, "R25" for SS2325.
func (c Code) Short() string {
	if len(c) != 6 || c[3] < '0' || int(c[3]-'0') >= len(families) {
		return string(c)
	}
	return string(families[c[3]-'0']) + string(c[4:])
}

// Codes returns every code that there is, in order.
func Codes() []Code {
	var list []Code
	for _, r := range rules {
		list = append(list, r.code)
	}
	return list
}

// Evidence reports whether the code says that the arithmetic of the log does not
// hold: families A, D and M. No later entry mends that.
func (c Code) Evidence() bool { return len(c) == 6 && strings.Contains("ADM", c.Short()[:1]) }

// lookup returns the table's line for c.
func lookup(c Code) rule {
	for _, r := range rules {
		if r.code == c {
			return r
		}
	}
	return rule{code: c, sentence: "rule " + string(c) + " is broken"}
}
