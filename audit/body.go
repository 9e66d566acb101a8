package audit

import "github.com/smartstart-federation/smartstart/crypto"

// The statement types. PROTOCOL (docs/protocol.md) says who signs each.
const (
	TypeCharter  = "charter"
	TypeMember   = "member"
	TypeProposal = "proposal"
	TypeDecision = "decision"
	TypeReady    = "ready"
	TypeOpen     = "open"
	TypeUpdate   = "update"
	TypeSet      = "set"
	TypeVote     = "vote"
	TypeAbort    = "abort"
	TypeRelease  = "release"
	TypeResult   = "result"
	TypeProceed  = "proceed"
	TypeClose    = "close"
	TypeEndorse  = "endorse"
	TypeAdvice   = "advice"
	TypeEpoch    = "epoch"
	TypeDispute  = "dispute"
	TypePublish  = "publish"
)

// Body is the part of a statement that belongs to its type.
type Body interface{ Type() string }

// Proposal carries the whole study file, as the researcher wrote it.
type Proposal struct {
	Study string `json:"study"` // TOML text, at most 32 KiB
	// MinInstitutions repeats the study file's figure (0: the charter's), so
	// that the state machine need not read TOML. The larger of it and the
	// charter's counts; nodes refuse a proposal that differs from its text.
	MinInstitutions int `json:"min_institutions"`
	// OnLate repeats what the study file says of approved institutions that
	// are late for its first opening: "" waits for them, OnLateProceed opens
	// without them once Wait seconds have passed since enough were ready.
	OnLate string `json:"on_late,omitempty"`
	Wait   int64  `json:"wait,omitempty"`
	// Numbers is the most numbers that the study may open, over all its rounds;
	// a repeat of one sum counts once. An `open` beyond it is refused.
	Numbers int64 `json:"numbers"`
}

// OnLateProceed lets a study begin without late institutions.
const OnLateProceed = "proceed"

// Decision is one institution's own answer to a proposal.
type Decision struct {
	Proposal    crypto.Digest `json:"proposal"` // leaf hash
	Institution string        `json:"institution"`
	Verdict     string        `json:"decision"` // approve | deny | withdraw
	Ground      string        `json:"ground"`   // closed list, see Grounds
	Purpose     string        `json:"purpose"`
	DPIA        crypto.Digest `json:"dpia"`    // zero for public and synthetic data
	Expires     string        `json:"expires"` // date, 2027-07-31
	AcceptAlone bool          `json:"accept_isolated"`
}

// Ready says: I hold the update for this model state and am online, for
// exactly this (study, round, attempt number).
type Ready struct {
	State crypto.Digest `json:"state"` // digest of the model state the signer computed itself
	Shape crypto.Shape  `json:"shape"`
	Key   []byte        `json:"key"` // fresh HPKE public key, serves one open
}

// OpenSeat is one institution in an `open` that is ready.
type OpenSeat struct {
	Point int           `json:"point"`
	Ready crypto.Digest `json:"ready"` // leaf hash of the `ready` it counts on
}

// Open begins an attempt. Its leaf hash is the attempt's identifier.
type Open struct {
	Roster          []string      `json:"roster"` // approved institutions; point i+1 is Roster[i]; fixed for the study
	Seats           []OpenSeat    `json:"seats"`  // strictly increasing points
	T               int           `json:"t"`
	C               int           `json:"c"`
	MinInstitutions int           `json:"min_institutions"`
	State           crypto.Digest `json:"state"`
	Shape           crypto.Shape  `json:"shape"`
	Repeat          []int         `json:"repeat,omitempty"` // U of an earlier certificate of this round that may only be repeated
}

// BlobRef names a blob by digest and size in bytes.
type BlobRef struct {
	Digest crypto.Digest `json:"digest"`
	Size   int64         `json:"size"`
}

// Update names a contributor's uploaded frames and sealed shares. Boxes and
// Shares are in the order of the open's seats.
type Update struct {
	Open       crypto.Digest   `json:"open"`
	Frames     BlobRef         `json:"frames"`
	Boxes      BlobRef         `json:"boxes"` // all sealed boxes, end to end
	BoxDigests []crypto.Digest `json:"box_digests"`
	Shares     []crypto.Digest `json:"shares"`     // SHA-256 of each share's plaintext, salted
	Projection BlobRef         `json:"projection"` // the contributor's own projection W of its shares (docs/share-check.md)
}

// Set fixes who is in the sum. The first of an attempt is the only one.
type Set struct {
	Open   crypto.Digest `json:"open"`
	Points []int         `json:"points"` // U, strictly increasing
	Absent []Absence     `json:"absent"` // every seat not in U, and why
	Root   crypto.Digest `json:"root"`   // of the summed frames; the coordinator's claim
}

// Absence names a seat that is not in U.
type Absence struct {
	Point  int    `json:"point"`
	Reason string `json:"reason"` // no_update
}

// Vote is: release for exactly this set. T votes are the certificate.
type Vote struct {
	Open   crypto.Digest `json:"open"`
	Points []int         `json:"points"`
	Root   crypto.Digest `json:"root"`
}

// Abort is: same boot epoch as my ready, not released, never will.
type Abort struct {
	Open   crypto.Digest `json:"open"`
	Reason string        `json:"reason"` // no_certificate | cannot_accept | withdrawn
	Cannot []int         `json:"cannot"` // contributors whose box has the signed digest but cannot be accepted
}

// Release names the signer's share sum over U.
type Release struct {
	Open crypto.Digest `json:"open"`
	Sum  BlobRef       `json:"sum"`
}

// Result says what the releases open.
type Result struct {
	Open      crypto.Digest `json:"open"`
	Used      []int         `json:"used"`  // points whose releases were interpolated
	Wrong     []int         `json:"wrong"` // releases located as wrong
	CanaryMax int64         `json:"canary_max"`
	Valid     bool          `json:"valid"`
	Reason    string        `json:"reason,omitempty"` // canary | range, when not valid
	Sums      crypto.Digest `json:"sums"`             // digest of the opened sums' canonical bytes
}

// Proceed lets the study go on without these institutions.
type Proceed struct {
	Without []string `json:"without"`
}

// Close ends a study. State is the digest of the final model state.
type Close struct {
	State  crypto.Digest `json:"state"`
	Reason string        `json:"reason"` // finished | failed | stopped
}

// The kinds of dispute.
const (
	// DisputeProjection: the contributor's own projection does not open its
	// canaries. Anybody can check it.
	DisputeProjection = "projection"
	// DisputeShare: the share that the contributor sealed for the signer has
	// the signed digest and contradicts the projection. A name only.
	DisputeShare = "share"
	// DisputeOpening: that share, opened, by a holder that said DisputeShare.
	DisputeOpening = "opening"
	// DisputeFork: two checkpoints of this log that contradict each other.
	DisputeFork = "fork"
)

// Dispute is evidence that a check failed. Of itself it changes nothing: the
// state machine cannot read blobs, so who acts on it checks it.
type Dispute struct {
	Kind        string        `json:"kind"`
	Open        crypto.Digest `json:"open,omitzero"`         // all kinds but fork
	Contributor int           `json:"contributor,omitempty"` // its point; all kinds but fork
	Evidence    BlobRef       `json:"evidence,omitzero"`     // opening: the share; fork: both checkpoints
}

// Publish names what the proposer of a finished study makes public: its
// results, rounded. It is in force when enough institutions of the roster
// endorsed it.
type Publish struct {
	Close    crypto.Digest `json:"close"` // leaf hash of the study's `close`
	Document BlobRef       `json:"document"`
}

// Type returns the statement type of each body.
func (*Charter) Type() string  { return TypeCharter }
func (*Member) Type() string   { return TypeMember }
func (*Proposal) Type() string { return TypeProposal }
func (*Decision) Type() string { return TypeDecision }
func (*Ready) Type() string    { return TypeReady }
func (*Open) Type() string     { return TypeOpen }
func (*Update) Type() string   { return TypeUpdate }
func (*Set) Type() string      { return TypeSet }
func (*Vote) Type() string     { return TypeVote }
func (*Abort) Type() string    { return TypeAbort }
func (*Release) Type() string  { return TypeRelease }
func (*Result) Type() string   { return TypeResult }
func (*Proceed) Type() string  { return TypeProceed }
func (*Close) Type() string    { return TypeClose }
func (*Endorse) Type() string  { return TypeEndorse }
func (*Advice) Type() string   { return TypeAdvice }
func (*Epoch) Type() string    { return TypeEpoch }
func (*Dispute) Type() string  { return TypeDispute }
func (*Publish) Type() string  { return TypePublish }
