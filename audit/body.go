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
)

// Body is the part of a statement that belongs to its type.
type Body interface{ Type() string }

// Party is a name with the Ed25519 verifier key (note format) it signs with.
type Party struct {
	Name string `json:"name"`
	Key  string `json:"key"` // "name+hash+base64", as golang.org/x/mod/sumdb/note prints it
}

// Founder is an institution of the charter and the key of its mandated
// approver. Its node's key comes with its own `member` statement.
type Founder struct {
	Institution string `json:"institution"`
	Approver    Party  `json:"approver"` // named "<institution>.approver"
}

// Charter is entry 0. It is signed by the coordinator's key, which only
// sequences; it binds an institution once that institution's approver has
// signed `member` for exactly this charter.
type Charter struct {
	Protocol        int           `json:"protocol"`
	Name            string        `json:"name"`
	Coordinator     Party         `json:"coordinator"`
	Founders        []Founder     `json:"founders"`    // strictly increasing by institution
	Researchers     []Party       `json:"researchers"` // strictly increasing by name
	Auditors        []Party       `json:"auditors"`
	Parameters      string        `json:"parameters"` // "otk1"
	Forgetful       int           `json:"forgetful"`  // r of the threshold rule
	MinInstitutions int           `json:"min_institutions"`
	AllowPair       bool          `json:"allow_pair"` // two institutions may compute: each can subtract its own
	Codebook        crypto.Digest `json:"codebook"`   // blob
	Rehearsal       bool          `json:"rehearsal"`
	Retention       string        `json:"retention"`
}

// Member enrols the signer's institution under this charter and names its
// node's key. Signed by the institution's approver; Proof is the node key's
// signature over ProofText, so nobody enrols a key that they do not hold.
type Member struct {
	Charter     crypto.Digest `json:"charter"` // leaf hash of the charter
	Institution string        `json:"institution"`
	Node        Party         `json:"node"`  // named as the institution
	Proof       []byte        `json:"proof"` // Ed25519, 64 bytes
}

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
	Shares     []crypto.Digest `json:"shares"`               // SHA-256 of each share's plaintext, salted
	Projection *BlobRef        `json:"projection,omitempty"` // W of CRYPTO; its place, unused in this version
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
