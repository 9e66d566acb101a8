package configs

import (
	"net"
	"slices"
	"strings"
	"time"
)

// Coordinator is coordinator.toml. Paths are relative to the file.
type Coordinator struct {
	About   CoordinatorAbout   `toml:"coordinator"`
	Serve   CoordinatorServe   `toml:"serve"`
	Charter CoordinatorCharter `toml:"charter"`
	Rounds  CoordinatorRounds  `toml:"rounds"`
	Limits  CoordinatorLimits  `toml:"limits"`
	Log     Log                `toml:"log"`
	Metrics Metrics            `toml:"metrics"`
}

// CoordinatorAbout is the [coordinator] table.
type CoordinatorAbout struct {
	Name        string `toml:"name"`        // of the federation and its log, such as "federation.example.org/log"; required, never changed
	State       string `toml:"state"`       // folder for log and blobs; default "state"
	Key         string `toml:"key"`         // the coordinator's own keys; default "coordinator.key"
	CAFile      string `toml:"ca_file"`     // the authority's certificate; default "ca.pem"
	Invitations string `toml:"invitations"` // folder; default "invitations"
}

// CoordinatorServe is the [serve] table.
type CoordinatorServe struct {
	Listen string   `toml:"listen"` // "0.0.0.0:443"; required
	Hosts  []string `toml:"hosts"`  // names and addresses that nodes dial, for the certificate; required
}

// CoordinatorCharter is the [charter] table: what the charter will say. Once
// it is written, changing this changes nothing: the institutions amend it.
type CoordinatorCharter struct {
	Codebook        string `toml:"codebook"`         // required
	MinInstitutions int    `toml:"min_institutions"` // default 3
	Forgetful       int    `toml:"forgetful"`        // nodes that may forget a vote or a release without harm; each raises the number needed to open; default 0
	AllowPair       bool   `toml:"allow_pair"`       // default false; this version admits nothing else
	Numbers         int64  `toml:"numbers"`          // the most numbers that one study may open; default 0: no cap
	Rehearsal       bool   `toml:"rehearsal"`        // default true; this version founds nothing else
	Retention       string `toml:"retention"`        // how long uploads are kept, in words
}

// CoordinatorRounds is the [rounds] table.
type CoordinatorRounds struct {
	Timeout Duration `toml:"timeout"` // of one attempt; default 10m; the same for all nodes
}

// CoordinatorLimits is the [limits] table. Zero means the default.
type CoordinatorLimits struct {
	MaxBlobMiB  int `toml:"max_blob_mib"` // of one upload; default 256
	Connections int `toml:"connections"`  // at once, of all callers; default 1024
}

// ParseCoordinator decodes and validates coordinator.toml.
func ParseCoordinator(text []byte) (*Coordinator, error) {
	c := &Coordinator{
		About:   CoordinatorAbout{State: "state", Key: "coordinator.key", CAFile: "ca.pem", Invitations: "invitations"},
		Charter: CoordinatorCharter{MinInstitutions: 3, Rehearsal: true, Retention: "until the federation ends"},
		Rounds:  CoordinatorRounds{Timeout: Duration(10 * time.Minute)},
		Log:     Log{Level: "info"},
	}
	if err := decode(text, coordinatorFile, maxDaemonFile, c); err != nil {
		return nil, err
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return c, nil
}

const coordinatorFile = "coordinator file"

// Under returns c with its paths as seen from where the file's folder is seen.
func (c Coordinator) Under(dir string) *Coordinator {
	under(dir, &c.About.State, &c.About.Key, &c.About.CAFile, &c.About.Invitations, &c.Charter.Codebook)
	return &c
}

// Validate checks the file on its own; the first fault is returned.
func (c *Coordinator) Validate() error {
	bad := func(remedy, format string, args ...any) error {
		return fail(CodeValue, remedy, coordinatorFile+": "+format, args...)
	}
	switch {
	case !ValidOrigin(c.About.Name):
		return bad(`write something like name = "federation.example.org/log"`,
			"[coordinator] name %q cannot name a log: 1 to 64 letters, digits, - _ . / are needed", c.About.Name)
	case c.About.State == "" || c.About.Key == "" || c.About.CAFile == "" || c.About.Invitations == "":
		return bad("leave the key out for its default", "[coordinator] holds an empty path")
	case c.Charter.Codebook == "":
		return fail(CodeMissing, "name the codebook that all institutions use", coordinatorFile+": [charter] has no codebook")
	case len(c.Serve.Hosts) == 0:
		return fail(CodeMissing, "list the names and addresses that nodes dial", coordinatorFile+": [serve] has no hosts")
	case slices.Contains(c.Serve.Hosts, ""):
		return bad("remove it", "[serve] hosts holds an empty name")
	case c.Charter.MinInstitutions < 3 || c.Charter.MinInstitutions > 64:
		return bad("give a whole number from 3 to 64; 3 is usual", "[charter] min_institutions is %d", c.Charter.MinInstitutions)
	case c.Charter.Forgetful < 0 || c.Charter.Forgetful > 64:
		return bad("give 0 or a small number", "[charter] forgetful is %d", c.Charter.Forgetful)
	case c.Charter.Numbers < 0:
		return bad("give the most numbers that one study may open, or leave it out for no cap", "[charter] numbers is %d", c.Charter.Numbers)
	case c.Charter.AllowPair:
		return bad("leave it out: of two institutions each could subtract its own numbers and read the other's", "[charter] allow_pair = true is not in this version")
	case !c.Charter.Rehearsal:
		return bad("leave it out: without an outside review of the encryption, every federation is a rehearsal", "[charter] rehearsal = false is not in this version")
	case strings.TrimSpace(c.Charter.Retention) == "":
		return bad("say in words how long uploads are kept", "[charter] retention is empty")
	case c.Rounds.Timeout < Duration(time.Second) || c.Rounds.Timeout > Duration(24*time.Hour):
		return bad(`give a length of time such as "10m"`, "[rounds] timeout must be from 1s to 24h")
	case c.Limits.MaxBlobMiB < 0 || c.Limits.Connections < 0:
		return bad("leave it out for the default", "[limits] holds a negative number")
	}
	if _, _, err := net.SplitHostPort(c.Serve.Listen); err != nil {
		return bad(`write it as "0.0.0.0:443"`, "[serve] listen = %q is not host:port", c.Serve.Listen)
	}
	if err := c.Log.validate(coordinatorFile); err != nil {
		return err
	}
	return c.Metrics.validate(coordinatorFile)
}

// ValidOrigin reports whether s can name a log: 1 to 64 letters, digits and
// - _ . / of ASCII, beginning with a letter or digit.
func ValidOrigin(s string) bool {
	return ValidName(strings.ReplaceAll(s, "/", "-")) && !strings.ContainsAny(s[:1], "/-_.")
}
