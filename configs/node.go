package configs

import (
	"slices"
	"strings"
	"time"
)

// Node is node.toml: everything an institution's node is told. Only this file
// decides what the institution takes part in; what a study or the coordinator
// says can only narrow it. Paths are relative to the file they stand in.
type Node struct {
	About       NodeAbout       `toml:"node"`
	Coordinator NodeCoordinator `toml:"coordinator"`
	Data        NodeData        `toml:"data"`
	Policy      NodePolicy      `toml:"policy"`
	Rounds      NodeRounds      `toml:"rounds"`
	Log         Log             `toml:"log"`
	Metrics     Metrics         `toml:"metrics"`
}

// NodeAbout is the [node] table.
type NodeAbout struct {
	Name     string `toml:"name"`     // of the institution and its node; required
	State    string `toml:"state"`    // folder for log, journal and uploads; default "state"
	Party    string `toml:"party"`    // what `node enrol` wrote for the node; default "party.toml"
	Approver string `toml:"approver"` // and for the mandated person; default "approver.toml"
	Second   string `toml:"second"`   // for the second approver, where there is one; default "approver2.toml"
	Officer  string `toml:"officer"`  // for the data protection officer, where there is one; default "fg.toml"
}

// NodeCoordinator is the [coordinator] table. Both keys may be left out: the
// join token says where the coordinator is and which authority it has.
type NodeCoordinator struct {
	Address string `toml:"address"` // host:port
	CAFile  string `toml:"ca_file"` // PEM
}

// NodeData is the [data] table: the institution's own records.
type NodeData struct {
	Source     string `toml:"source"`     // csv (default)
	Path       string `toml:"path"`       // required
	Openness   string `toml:"openness"`   // public | synthetic | confidential; required
	Objections string `toml:"objections"` // the list of objections; no list, no run
	Codebook   string `toml:"codebook"`   // required; must be the federation's, byte for byte
}

// How open an institution's records are.
const (
	OpenPublic       = "public"
	OpenSynthetic    = "synthetic"
	OpenConfidential = "confidential" // refused while the federation is a rehearsal
)

// NodePolicy is the [policy] table.
type NodePolicy struct {
	AllowColumns    []string `toml:"allow_columns"`    // names, * for any characters; empty admits the whole codebook
	DenyColumns     []string `toml:"deny_columns"`     // the same; wins over allow_columns
	AllowMethods    []string `toml:"allow_methods"`    // kinds of model; empty admits every kind
	MinRows         int      `toml:"min_rows"`         // default 30
	MinInstitutions int      `toml:"min_institutions"` // 3 to 64; default 3
	RunBetween      string   `toml:"run_between"`      // "20:00-06:00" by this machine's clock; empty: always
	NumbersPerRow   float64  `toml:"numbers_per_row"`  // numbers opened for each row, over all studies of an epoch; 0 leaves it to the study
	Epoch           string   `toml:"epoch"`            // the version of the records, such as "school year 2026"; naming a new one is an act
}

// NodeRounds is the [rounds] table.
type NodeRounds struct {
	Timeout Duration `toml:"timeout"` // of one attempt; default 10m; as the coordinator's
}

// ParseNode decodes and validates node.toml. Paths stay as they are written.
func ParseNode(text []byte) (*Node, error) {
	n := &Node{
		About:  NodeAbout{State: "state", Party: "party.toml", Approver: "approver.toml", Second: "approver2.toml", Officer: "fg.toml"},
		Data:   NodeData{Source: "csv"},
		Policy: NodePolicy{MinRows: 30, MinInstitutions: 3},
		Rounds: NodeRounds{Timeout: Duration(10 * time.Minute)},
		Log:    Log{Level: "info"},
	}
	if err := decode(text, nodeFile, maxDaemonFile, n); err != nil {
		return nil, err
	}
	if err := n.Validate(); err != nil {
		return nil, err
	}
	return n, nil
}

const (
	nodeFile      = "node file"
	maxDaemonFile = 256 << 10 // bytes
)

// Under returns n with its paths as seen from where the file's folder is seen.
func (n Node) Under(dir string) *Node {
	under(dir, &n.About.State, &n.About.Party, &n.About.Approver, &n.About.Second, &n.About.Officer, &n.Coordinator.CAFile, &n.Data.Path, &n.Data.Objections, &n.Data.Codebook)
	return &n
}

// Validate checks the file on its own; the first fault is returned.
func (n *Node) Validate() error {
	bad := func(remedy, format string, args ...any) error {
		return fail(CodeValue, remedy, nodeFile+": "+format, args...)
	}
	switch {
	case n.About.Name == "":
		return fail(CodeMissing, `write name = "board1", as the federation invited you`, nodeFile+": [node] has no name")
	case !ValidName(n.About.Name):
		return bad("use letters, digits, - _ . and at most 64 of them", "[node] name %q is not a valid name", n.About.Name)
	case n.About.State == "" || n.About.Party == "" || n.About.Approver == "" || n.About.Second == "" || n.About.Officer == "":
		return bad("leave the key out for its default", "[node] state, party and approver cannot be empty")
	case n.Data.Source != "csv":
		return bad(`write source = "csv"`, "[data] source = %q is not in this version", n.Data.Source)
	case n.Data.Path == "":
		return fail(CodeMissing, "name the file with the institution's rows", nodeFile+": [data] has no path")
	case n.Data.Codebook == "":
		return fail(CodeMissing, "name the federation's codebook", nodeFile+": [data] has no codebook")
	case n.Data.Openness == "":
		return fail(CodeMissing, "write public, synthetic or confidential", nodeFile+": [data] has no openness")
	case !slices.Contains([]string{OpenPublic, OpenSynthetic, OpenConfidential}, n.Data.Openness):
		return bad("choose one of: public, synthetic, confidential", "[data] openness = %q is not known", n.Data.Openness)
	}
	if n.Coordinator.Address != "" {
		if err := address(nodeFile, "[coordinator] address", n.Coordinator.Address); err != nil {
			return err
		}
	}
	if t := n.Rounds.Timeout; t < Duration(time.Second) || t > Duration(24*time.Hour) {
		return bad("choose between 1s and 24h, as the coordinator has", "[rounds] timeout is out of bounds")
	}
	if err := n.Policy.validate(); err != nil {
		return err
	}
	if err := n.Log.validate(nodeFile); err != nil {
		return err
	}
	return n.Metrics.validate(nodeFile)
}

func (p *NodePolicy) validate() error {
	bad := func(remedy, format string, args ...any) error {
		return fail(CodeValue, remedy, nodeFile+": [policy] "+format, args...)
	}
	for key, list := range map[string][]string{"allow_columns": p.AllowColumns, "deny_columns": p.DenyColumns} {
		for _, c := range list {
			if strings.TrimSpace(c) == "" {
				return bad("remove it", "%s holds an empty name", key)
			}
		}
	}
	for _, m := range p.AllowMethods {
		if known := append(kinds(), laterKinds()...); !slices.Contains(known, m) {
			remedy := "choose from: " + strings.Join(known, ", ")
			if near := nearest(m, known); near != "" {
				remedy = "did you mean " + quote(near) + "?"
			}
			return bad(remedy, "allow_methods names %q, which is not known", m)
		}
	}
	if p.MinRows < 1 || p.MinRows > 1<<24 {
		return bad("give a whole number of at least 1; 30 is usual", "min_rows is %d", p.MinRows)
	}
	if p.MinInstitutions < 3 || p.MinInstitutions > 64 { // of two each could subtract its own
		return bad("give a whole number from 3 to 64; 3 is usual", "min_institutions is %d", p.MinInstitutions)
	}
	if p.NumbersPerRow < 0 || p.NumbersPerRow > 1 || p.NumbersPerRow != p.NumbersPerRow {
		return bad("0.15 is the usual bound; leave it out to follow each study", "numbers_per_row is not from 0 to 1")
	}
	if p.RunBetween == "" {
		return nil
	}
	from, to, found := strings.Cut(p.RunBetween, "-")
	for _, at := range []string{from, to} {
		if t, err := time.Parse("15:04", at); err != nil || t.Format("15:04") != at || !found || from == to {
			return bad(`write two times of day, such as "20:00-06:00"`, "run_between = %q is not a stretch of the day", p.RunBetween)
		}
	}
	return nil
}
