package region

import "github.com/smartstart-federation/smartstart/configs"

// householdLinks is the part of the table that a household's children share.
// area_effect is N(0,1) by area; adversity has variance 1 and 15% of it lies
// between areas.
func householdLinks() []Link {
	const h = ofHousehold
	return []Link{
		{Name: "area_effect", Level: h, Draw: Given, Rule: "N(0,1), one an area"},
		{Name: "excess", Level: h, Draw: Given, Rule: "1 in the areas with a planted excess of cases"},
		given(h, "area", configs.Category, "Area where the child lives", "by the size of the areas", Everybody...),
		given(h, "deprivation", configs.Integer, "Fifth of the areas by deprivation; 5 is the most deprived", "by the rank of area_effect", Boards, JGZ).within(1, 5).known(0),
		given(h, "children_home", configs.Integer, "Children in the household", "1, 2, 3 or 4 with probability .25, .45, .22, .08", Municipality).within(1, 4),
		latent(h, "adversity", Normal, 0, sum(on("area_effect", 0.3872983346207417)), 0.9219544457292887),
		yesNo(h, "background", "A parent was born outside the country", -1.15, sum(on("area_effect", 0.5)), Boards, JGZ).with(configs.Origin).audit().known(0),
		latent(h, "parent_illness", Bernoulli, -2.4, sum(on("adversity", 0.6)), 0),
		yesNo(h, "low_education", "No parent has finished upper secondary school", -1.6, sum(on("adversity", 0.7), on("background", 0.4)), Boards).
			lacking(gap(-2.9, on("low_education", 0.5))),
		ordered(h, "income_band", "Household income, in five bands", []string{"very_low", "low", "middle", "high", "very_high"}, []float64{-1.1, -0.45, 0.45, 1.1}, 0,
			sum(on("adversity", -0.6), on("low_education", -0.3)), 0.8, Municipality),
		yesNo(h, "benefits", "Household receives a benefit", -2.3, sum(on("adversity", 1)), Municipality),
		yesNo(h, "debts", "Household is known for problematic debts", -2.5, sum(on("adversity", 0.9)), Municipality),
		yesNo(h, "single_parent", "One-parent household", -1.7, sum(on("adversity", 0.5)), Municipality),
		count(h, "moves", "Moves in ten years", 12, -0.5, sum(on("adversity", 0.4)), Municipality),
		count(h, "arrears_months", "Months of rent arrears in three years", 36, -0.8, sum(on("adversity", 0.95), on("debts", 0.5)), Housing),
		count(h, "complaints", "Complaints about the dwelling in three years", 20, -0.5, sum(on("adversity", 0.62)), Housing),
		yesNo(h, "overcrowded", "The dwelling has too few rooms for this household", -2, sum(on("children_home", 0.25), on("adversity", 0.7)), Housing),
		yesNo(h, "parent_treatment", "A parent, not the child, is in treatment", -0.4, sum(on("parent_illness", 2.4)), Treatment).with(configs.Health),
		number(h, "severity", "Severity of the complaints at intake", 0, 100, 42, sum(on("adversity", 6), on("parent_illness", 8)), 13, Treatment).with(configs.Health).
			lacking(gap(-2.2)),
		yesNo(h, "addiction_care", "Treatment is for addiction", -2.2, sum(on("adversity", 0.7)), Treatment).with(configs.Health),
		count(h, "calls", "Calls for help at the address in three years", 30, -2.5, sum(on("adversity", 0.75), on("parent_illness", 0.4)), Police).with(configs.ChildProtection),
		yesNo(h, "night_call", "A call for help came at night", -1.4, sum(on("calls", 0.6)), Police).with(configs.ChildProtection),
		count(h, "contacts", "Contacts with welfare work in three years", 40, 0.6, sum(on("adversity", 0.6)), Welfare),
		number(h, "network", "Support from family and friends, 0 to 10", 0, 10, 6.2, sum(on("adversity", -1.3)), 1.5, Welfare).lacking(gap(-2.4, on("adversity", 0.3))),
		yesNo(h, "isolation", "Household is isolated", -1.8, sum(on("adversity", 1)), Welfare),
	}
}
