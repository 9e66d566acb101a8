package report

// Question is what a study file asks, told by whoever can read one.
type Question struct {
	Question string   // in plain language
	Purpose  string   // what the answer is for
	Kind     string   // of model, by its name in study files: "logistic"
	Outcome  string   // column
	Rows     string   // the rule for which rows are in the study; "" for all
	Derived  []string // columns computed for each row, "name = expression"
	Columns  []Column // that are read
	Never    []string // columns of the codebook that are never read
	Until    string   // last day on which a round may start; "" when none is stated
	MinRows  int      // rows that an institution needs to take part
	MinCell  int      // smallest group that is shown
	Aside    string   // the rule for which rows only judge the model; "" for none
	HeldOut  float64  // or the share of the units of By that only judge it
	By       string
	Folds    [][]string // institutions that are judged by a model that never saw them
	Groups   []string   // columns whose levels are compared for fairness
}

// Column is a column of the codebook that a study reads.
type Column struct {
	Name, Label string
	Role        string // what the study does with it, in English words that this package knows
	Sensitivity string // ordinary, health, origin, criminal or child_protection
}

// Reader reads a study file with the federation's codebook.
type Reader func(study string, codebook []byte) (*Question, error)
