package audit

import "github.com/smartstart-federation/smartstart/crypto"

// Party is a name with the Ed25519 verifier key (note format) it signs with.
type Party struct {
	Name string `json:"name"`
	Key  string `json:"key"` // "name+hash+base64", as golang.org/x/mod/sumdb/note prints it
}

// IsZero reports whether there is no party.
func (p Party) IsZero() bool { return p == Party{} }

// Founder is an institution and the keys of its mandated people. Its node's
// key comes with its own `member` statement.
type Founder struct {
	Institution string `json:"institution"`
	Approver    Party  `json:"approver"`         // named "<institution>.approver"
	Second      Party  `json:"second,omitzero"`  // "<institution>.approver2": then both must approve
	Officer     Party  `json:"officer,omitzero"` // "<institution>.fg", the data protection officer, who advises
}

// Charter is entry 0, signed by the coordinator's key, which only sequences; it
// binds an institution once that institution's approver has signed `member` for
// it. A later `charter` amends the one in force: it is moved by an approver and
// in force when a quorum has endorsed it. An amendment changes rules, never
// parties: those come and go by `member`.
type Charter struct {
	Protocol        int           `json:"protocol"`
	Amends          crypto.Digest `json:"amends,omitzero"` // leaf hash of the charter in force; none for entry 0
	Name            string        `json:"name"`
	Coordinator     Party         `json:"coordinator"`
	Founders        []Founder     `json:"founders"`    // strictly increasing by institution
	Researchers     []Party       `json:"researchers"` // strictly increasing by name
	Auditors        []Party       `json:"auditors"`
	Parameters      string        `json:"parameters"` // "otk1"
	Forgetful       int           `json:"forgetful"`  // r of the threshold rule
	MinInstitutions int           `json:"min_institutions"`
	AllowPair       bool          `json:"allow_pair"` // two institutions may compute: each can subtract its own
	Numbers         int64         `json:"numbers"`    // the most numbers a study may open; 0: no cap
	Codebook        crypto.Digest `json:"codebook"`   // blob
	Rehearsal       bool          `json:"rehearsal"`
	DPIA            crypto.Digest `json:"dpia,omitzero"`   // of the assessment for the federation; needed where it is no rehearsal
	Review          crypto.Digest `json:"review,omitzero"` // of an outside review of the cryptography; likewise
	Retention       string        `json:"retention"`
}

// The acts of a `member` statement.
const (
	ActEnrol  = "enrol"  // an institution in force names its node's key
	ActAdmit  = "admit"  // motion: a new institution, or new keys for one in force
	ActExpel  = "expel"  // motion: an institution leaves, with all its keys
	ActGrant  = "grant"  // motion: a new researcher or auditor
	ActRevoke = "revoke" // one's own node at once; motion: another's node, a researcher, an auditor
)

// Member says who belongs to the federation. Signed by an institution's
// approver. Which fields are set follows from Act.
type Member struct {
	Charter     crypto.Digest `json:"charter"` // leaf hash of the charter in force
	Act         string        `json:"act"`
	Institution string        `json:"institution,omitempty"` // enrol, expel
	Node        Party         `json:"node,omitzero"`         // enrol: named as the institution
	// Proof is the node key's Ed25519 signature (64 bytes) over ProofText, so
	// that nobody enrols a key that they do not hold.
	Proof  []byte   `json:"proof,omitempty"`
	Admit  *Founder `json:"admit,omitempty"`
	Grant  *Grant   `json:"grant,omitempty"`
	Revoke string   `json:"revoke,omitempty"` // name of the party whose key ends
}

// Grant makes somebody a researcher or an auditor.
type Grant struct {
	Role    string `json:"role"` // researcher | auditor
	Party   Party  `json:"party"`
	Expires string `json:"expires,omitempty"` // date, for a researcher: no new study after it
}

// Endorse is an institution's agreement with a motion: an amended charter, an
// `admit`, `expel`, `grant` or `revoke`, or a `publish`. A quorum puts it in
// force.
type Endorse struct {
	Motion crypto.Digest `json:"motion"` // leaf hash
}

// Advice is what an institution's data protection officer thinks of a proposal.
// It stands in the record and in every report, and binds nobody.
type Advice struct {
	Proposal    crypto.Digest `json:"proposal"` // leaf hash
	Institution string        `json:"institution"`
	Advice      string        `json:"advice"` // agree | agree_if | object
	Text        string        `json:"text"`   // at most 1,000 bytes; roles, never names of people
}

// Epoch is an institution's dated act that its records are from now on others:
// a new school year. Sets of studies are compared within epochs.
type Epoch struct {
	Epoch string `json:"epoch"` // a name that this institution has not used before
}
