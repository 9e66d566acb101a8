package region

import "github.com/smartstart-federation/smartstart/configs"

// programmeEffect is what the programme adds to language_score, in points.
const programmeEffect = 1.5

// outcomeLinks are the outcomes of the boards, which depend on what the boards
// have recorded and on the school, and on nothing else; then what Veilig Thuis
// and the youth health teams know of a report (hazard.go).
func outcomeLinks() []Link {
	const c = ofChild
	return []Link{
		yesNo(c, "developmental_delay", "Developmental delay found before nine", -0.34,
			sum(on("language_5", -0.06), on("teacher_concern", 0.9), on("girl", -0.35), on("birth_month", 0.04),
				on("low_education", 0.45), on("deprivation", 0.12), on("school_delay", 1)), Boards).
			with(configs.Health).lacking(gap(-3.4, on("low_education", 0.3))),
		number(c, "language_score", "Language test at eleven", 0, 150, -768.4,
			sum(on("language_5", 0.55), on("arithmetic_5", 0.15), on("girl", 1.5), on("low_education", -2), on("deprivation", -0.8),
				on("cohort_year", 0.4), on("programme", programmeEffect), on("school_language", 1)), 6, Boards).
			decimals(1).lacking(gap(-1.6, on("language_5", -0.02))),
		{Name: "report_age", Column: "report_age", Holders: []string{VeiligThuis}, Level: c, Draw: Given, Kind: configs.Integer, Max: 143, Sensitivity: configs.ChildProtection,
			Rule: "see abuse; missing at Veilig Thuis without a report before 144 months", Label: "Age in months at the first report; at a youth health team 0 where none was told back"},
		{Name: "told_age", Column: "report_age", Holders: []string{JGZ}, Level: c, Draw: Given, Kind: configs.Integer, Max: 143, Sensitivity: configs.ChildProtection,
			Rule: "report_age where Veilig Thuis told it back, which it did with probability told_back; else 0"},
		{Name: "advice", Column: "advice", Holders: []string{VeiligThuis}, Level: c, Draw: Given, Kind: configs.YesNo, Sensitivity: configs.ChildProtection,
			Rule: "1 where somebody asked for advice and no report followed", Label: "Only advice was asked"},
		{Name: "reporter", Column: "reporter", Holders: []string{VeiligThuis}, Level: c, Draw: Given, Kind: configs.Category, Sensitivity: configs.ChildProtection,
			Levels: []string{"professional", "police", "school", "family"}, Rule: "with probability .35, .35, .15, .15", Label: "Who reported or asked"},
		yesNo(c, "immediate", "Help was needed at once", -2.2, sum(on("adversity", 0.4)), VeiligThuis).with(configs.ChildProtection),
		{Name: "note", Column: "note", Holders: []string{JGZ, Welfare}, Level: c, Draw: Given, Kind: configs.Text, Sensitivity: configs.ChildProtection,
			Rule: "see notes", Label: "Dossier note"},
	}
}

// Abuse is how a case comes about and becomes a report.
type Abuse struct {
	Rule string `json:"rule"`

	// Yearly is the logit of a case in a year of age, 0 to 11, for a child whose
	// linear predictor is 0 and that is no case yet.
	Yearly   []float64 `json:"yearly"`
	Loadings []Loading `json:"loadings"`

	// Reported is the probability that a case becomes a report, by background:
	// the planted reporting bias.
	Reported  [2]float64 `json:"reported"`
	Delay     float64    `json:"delay"`     // mean months from the case to its report, besides the first
	Censored  int        `json:"censored"`  // months: later reports are not seen
	ToldBack  float64    `json:"told_back"` // the share of reports that the youth health team is told of
	Advice    float64    `json:"advice"`    // logit of a request for advice without a report
	AdviceOn  []Loading  `json:"advice_on"`
	Reporters []float64  `json:"reporters"`
}

// TheAbuse is what is planted. The linear predictor is the oracle's.
func TheAbuse() Abuse {
	return Abuse{
		Rule:   "each year of age from 0 to 11 a child that is no case becomes one with probability 1/(1+exp(-(yearly+eta))), in any of its months; eta is the sum of the loadings",
		Yearly: []float64{-6.7, -6.7, -6.7, -6.55, -6.55, -6.55, -6.45, -6.45, -6.45, -6.4, -6.4, -6.4},
		Loadings: sum(on("adversity", 0.815), on("development", 0.38), on("debts", 0.65), on("single_parent", 0.45),
			on("parent_illness", 0.25), on("calls", 0.4), on("excess", 1.2)),
		Reported: [2]float64{0.70, 0.90}, Delay: 8, Censored: 144, ToldBack: 0.85,
		Advice: -4.2, AdviceOn: sum(on("adversity", 0.6)), Reporters: []float64{0.35, 0.35, 0.15, 0.15},
	}
}
