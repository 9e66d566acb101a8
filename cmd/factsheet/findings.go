package factsheet

import "github.com/smartstart-federation/smartstart/model/decide"

// Findings is what the two reports tell. A part that is nil had no answer: too few
// children in a small region. Entries are indexes in the federation's log.
type Findings struct {
	Preset   string `json:"preset"`
	Seed     uint64 `json:"seed"`
	Children int    `json:"children"`

	Holders []Holder `json:"holders"`
	Log     Log      `json:"log"`
	Studies []Study  `json:"studies"`

	Early      []Landmark  `json:"early,omitempty"` // by age
	Capacity   *Capacity   `json:"capacity,omitempty"`
	Decision   *Decision   `json:"decision,omitempty"`
	Delay      *Delay      `json:"delay,omitempty"`
	Statements []Statement `json:"statements,omitempty"`
	Effects    []Effect    `json:"effects,omitempty"`
	Unlike     *Unlike     `json:"unlike,omitempty"`
	Notes      []Ratio     `json:"notes,omitempty"`
	Periods    []Ratio     `json:"periods,omitempty"` // against the first
	Areas      *Areas      `json:"areas,omitempty"`
	Groups     *Groups     `json:"groups,omitempty"`

	Truth Truth `json:"truth"`
}

// Truth is what only the comparison with what is planted can say; it rests on
// no log entry.
type Truth struct {
	Compared []Compared `json:"compared,omitempty"`
	LargestZ float64    `json:"largest_z"`
	Ladder   *Ladder    `json:"ladder,omitempty"`
	Unlike   *Recall    `json:"unlike,omitempty"` // planted implausible rows found by alarms
	Areas    *Recall    `json:"areas,omitempty"`  // planted areas found by the funnel
	Bias     *Bias      `json:"bias,omitempty"`
}

// Holder is a group of institutions with alike columns.
type Holder struct {
	Group        string `json:"group"`
	Institutions int    `json:"institutions"`
	Rows         int    `json:"rows"`
}

// Log is what happened to the record of it all.
type Log struct {
	Entries  int64   `json:"entries"`
	Root     string  `json:"root"`
	Findings int     `json:"findings"` // of an auditor; 0 is as it should be
	Seconds  float64 `json:"seconds"`  // from the first study to the verified log
}

// Study is one study and the entry of its last opened sum.
type Study struct {
	ID           string `json:"id"`
	Entry        int64  `json:"entry"` // -1 without an answer
	Institutions int    `json:"institutions"`
	Rows         int64  `json:"rows"`
	None         string `json:"none,omitempty"` // why there is no answer
}

// Landmark is what can be told at one age.
type Landmark struct {
	Months    int      `json:"months"`
	Rows      int64    `json:"rows"`
	Events    int64    `json:"events"`    // reported after it
	Share     float64  `json:"share"`     // of the rows that is selected
	Precision Interval `json:"precision"` // reported later, among the selected
	Recall    Interval `json:"recall"`    // selected, among those reported later
	AUC       Interval `json:"auc"`       // all of this package with the interval of Hanley and McNeil (1982): of chance, not of the bins
	Earlier   float64  `json:"earlier"`   // mean months from the landmark to the report
	Entry     int64    `json:"entry"`
	LeadEntry int64    `json:"lead_entry"` // of the study that Earlier rests on
}

// Base is the share reported later among all.
func (l Landmark) Base() float64 { return float64(l.Events) / float64(l.Rows) }

// Capacity is what a team that can see so many families finds and misses, at one
// landmark.
type Capacity struct {
	Months   int     `json:"months"`
	PerMonth float64 `json:"per_month"` // families
	Yearly   float64 `json:"yearly"`    // children who reach the landmark in a year
	Found    float64 `json:"found"`     // of those selected in a year
	False    float64 `json:"false"`     // selected in a year and not reported
	Missed   float64 `json:"missed"`    // share of those reported later who were not selected
	Entry    int64   `json:"entry"`
}

// Decision is at which prices of a false alarm selecting by the model is worth it,
// at one landmark.
type Decision struct {
	Months   int            `json:"months"`
	Curve    []decide.Point `json:"curve"`    // by rising threshold
	Estimate decide.Range   `json:"estimate"` // conversations too many that one child left out counts for
	Certain  decide.Range   `json:"certain"`  // the same, beyond what bins and chance leave open
	Entry    int64          `json:"entry"`
}

// Delay compares models of developmental delay at schools that no model saw.
type Delay struct {
	Rows      int64      `json:"rows"`  // judged
	Child     Interval   `json:"child"` // AUC
	Situation Interval   `json:"situation"`
	Both      Interval   `json:"both"`
	BinError  float64    `json:"bin_error"` // of Both less Child
	PValue    float64    `json:"p_value"`   // of the situation beside the child
	Entries   [3]int64   `json:"entries"`
	Base      [2]float64 `json:"base"` // events, rows
}

// Statement is one sentence beside the data, as odds ratios.
type Statement struct {
	ID      string    `json:"id"`
	Who     string    `json:"who"`
	Says    string    `json:"says"`
	Experts Interval  `json:"experts"`
	Data    Interval  `json:"data"`
	Both    *Interval `json:"both,omitempty"`
	Verdict string    `json:"verdict"`
	Entry   int64     `json:"entry"`
}

// Interval is an estimate with 95%.
type Interval struct {
	Estimate float64 `json:"estimate"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// Effect is one estimate of what the programme did, in points.
type Effect struct {
	Design string `json:"design"` // did | wedge
	Interval
	Planted float64 `json:"planted"` // filled in by the comparison; 0 before
	Entry   int64   `json:"entry"`
}

// Unlike is how many rows lie so far out that they would be looked at again.
type Unlike struct {
	Rows   int64   `json:"rows"` // compared
	Alarms int64   `json:"alarms"`
	Share  float64 `json:"share"`
	Entry  int64   `json:"entry"`
}

// Ratio is an odds ratio of a named term.
type Ratio struct {
	Term string `json:"term"`
	Interval
	Entry int64 `json:"entry"`
}

// Areas is the table by area.
type Areas struct {
	Areas      int   `json:"areas"`
	Indicators int   `json:"indicators"`
	Told       int   `json:"told"`     // of areas times indicators: large enough to be told
	Cells      int   `json:"cells"`    // areas times indicators
	Reports    int   `json:"reports"`  // areas of which the number of reports is told
	Outside    int   `json:"outside"`  // of these: above the upper 99.8% limit
	Isolated   int   `json:"isolated"` // indicators that one institution alone holds, each by its approval
	Entry      int64 `json:"entry"`
}

// Groups is who is selected among children of two backgrounds.
type Groups struct {
	Months   int         `json:"months"`
	Selected float64     `json:"selected"` // share of all
	FPR      [2]Interval `json:"fpr"`      // wrongly selected: without background, with background
	Entry    int64       `json:"entry"`
}

// Compared is one estimate beside what is planted.
type Compared struct {
	Study    string  `json:"study"`
	Term     string  `json:"term"`
	Estimate float64 `json:"estimate"`
	StdError float64 `json:"std_error"`
	Planted  float64 `json:"planted"`
	Z        float64 `json:"z"`
	Entry    int64   `json:"entry"`
}

// Ladder is how well a report before twelve can be told from columns side by side:
// what no federation here can do yet.
type Ladder struct {
	Best     Interval   `json:"best"` // AUC of the best single holder's columns
	Holder   string     `json:"holder"`
	Together Interval   `json:"together"` // all holders' columns on the same child
	Oracle   Interval   `json:"oracle"`   // the true risk
	Planted  [3]float64 `json:"planted"`  // what the constants were chosen for: best, together, oracle
	Rows     int64      `json:"rows"`     // judged
	Events   int64      `json:"events"`   // of these
}

// Recall is how many of what is planted was found.
type Recall struct {
	Planted int      `json:"planted"`
	Found   int      `json:"found"`
	Looked  int      `json:"looked"` // in how many rows or areas
	Names   []string `json:"names,omitempty"`
}

// Bias is how many cases became a report, by background: [0] without, [1] with.
type Bias struct {
	Cases    [2]int      `json:"cases"`
	Reported [2]Interval `json:"reported"`
	Planted  [2]float64  `json:"planted"`
}
