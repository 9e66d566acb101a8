package region

import (
	"fmt"

	"github.com/smartstart-federation/smartstart/configs"
)

// childLinks is the part of the table that each child has of its own, up to the
// outcomes. A high value of development means problems.
func childLinks() []Link {
	const c = ofChild
	list := []Link{
		{Name: "school_delay", Level: c, Draw: Given, Rule: "N(0, .15), one a school"},
		{Name: "school_language", Level: c, Draw: Given, Rule: "N(0, 1.5), one a school"},
		latent(c, "development", Normal, 0, sum(on("adversity", 0.35)), 0.9367496997597597),
		given(c, "girl", configs.YesNo, "Girl", "1 with probability .488", Boards, JGZ).known(0),
		given(c, "birth_month", configs.Integer, "Month of birth, counted from October, the oldest of a school year", "1 to 12, each as likely", Boards).within(1, 12).known(0),
		given(c, "cohort_year", configs.Integer, "School year in which the child is eleven", "2016 to 2021, each as likely; births are eleven years earlier", Boards).within(2016, 2021),
		given(c, "school", configs.Site, "School", "one of the area's own with probability .55, else any; siblings share it", Boards),
		given(c, "programme", configs.YesNo, "The school had the programme in that year", "1 from the school's start year on", Boards),
		given(c, "district", configs.Category, "District of the youth health team", "the area's, with probability .12 another one that the child was followed in before a move", JGZ),
		number(c, "language_5", "Language test at five, 0 to 100", 0, 100, 52, sum(on("development", -7), on("low_education", -2.5), on("background", -2), on("girl", 1.5)), 7.5, Boards).
			lacking(gap(-3.2, on("low_education", 0.4))).known(60),
		number(c, "vocabulary_5", "Vocabulary at five, 0 to 100", 0, 100, 20, sum(on("language_5", 0.6), on("development", -2)), 6, Boards).lacking(gap(-2.8)).known(60),
		number(c, "arithmetic_5", "Arithmetic test at five, 0 to 100", 0, 100, 24, sum(on("language_5", 0.5), on("development", -3)), 7, Boards).lacking(gap(-2.9, on("arithmetic_5", -0.01))).known(60),
		number(c, "motor_5", "Fine motor skills at five, 0 to 100", 0, 100, 50, sum(on("development", -5), on("girl", 2)), 9, Boards).lacking(gap(-2.6)).known(60),
		number(c, "attention_5", "Attention in class at five, 0 to 100", 0, 100, 22, sum(on("language_5", 0.5), on("development", -3), on("girl", 2), on("adversity", -1.9)), 8, Boards).lacking(gap(-2.6)).known(60),
		yesNo(c, "teacher_concern", "The teacher was concerned about development at four", -2.1, sum(on("development", 0.8), on("adversity", 0.25)), Boards).
			lacking(gap(-3.6, on("teacher_concern", 0.3))).known(48),
		count(c, "absence_6", "Days absent at six", 60, 1.35, sum(on("adversity", 0.38)), Boards).lacking(gap(-3)).known(84),
		yesNo(c, "repeated", "Repeated a year before eight", -2.6, sum(on("development", 0.6), on("language_5", -0.01)), Boards).known(96),

		number(c, "gestation", "Weeks of pregnancy", 24, 43, 39.4, sum(on("development", -0.45), on("adversity", -0.15)), 1.5, JGZ).with(configs.Health).lacking(gap(-3)).known(0),
		number(c, "birth_weight", "Weight at birth, in grams", 400, 6000, -2600, sum(on("gestation", 153), on("girl", -120), on("adversity", -40)), 420, JGZ).with(configs.Health).lacking(gap(-3)).known(0),
		number(c, "mother_age", "Age of the mother at birth", 14, 50, 30.6, sum(on("adversity", -1.6)), 4.4, JGZ).known(0),
	}
	// What is seen later knows more: it depends more on the home and holds less noise.
	for i, age := range Landmarks {
		home, child, noise := []float64{0.8, 1.1, 1.4, 1.7}[i], []float64{1.5, 1.8, 2.1, 2.4}[i], []float64{4.6, 4.3, 4, 3.7}[i]
		missed := []float64{0.25, 0.33, 0.42, 0.5}[i]
		seen, worry, ill := []float64{-2.7, -2.6, -2.5, -2.4}[i], []float64{0.4, 0.5, 0.65, 0.8}[i], []float64{0.2, 0.3, 0.4, 0.5}[i]
		list = append(list,
			number(c, fmt.Sprintf("sdq_%d", age), fmt.Sprintf("Difficulties questionnaire (SDQ) at %d, 0 to 40", age), 0, 40,
				8, sum(on("adversity", home), on("development", child)), noise, JGZ).
				with(configs.Health).lacking(gap(-2.1, on("adversity", 0.5))).known(12*float64(age)),
			count(c, fmt.Sprintf("noshow_%d", age), fmt.Sprintf("Appointments missed in the two years up to %d", age), 12,
				-1.2, sum(on("adversity", missed)), JGZ).with(configs.Health).known(12*float64(age)),
			yesNo(c, fmt.Sprintf("concern_%d", age), fmt.Sprintf("The nurse noted a concern about the home at %d", age),
				seen, sum(on("adversity", worry), on("development", 0.2), on("parent_illness", ill)), JGZ).
				with(configs.ChildProtection).lacking(gap(-3.2)).known(12*float64(age)),
		)
	}
	return append(list,
		count(c, "care_months", "Months of youth care", 120, 1.9, sum(on("adversity", 0.25), on("development", 0.2)), YouthCare).with(configs.ChildProtection),
		ordered(c, "care_kind", "Form of youth care", []string{"at_home", "day_care", "foster_care"}, []float64{1, 2}, 0, sum(on("adversity", 0.5)), 0.8, YouthCare).with(configs.ChildProtection),
		yesNo(c, "parenting_help", "Help with parenting", -0.4, sum(on("adversity", 0.5)), YouthCare).with(configs.ChildProtection),
	)
}

// Landmarks are the ages in years at which the youth health teams see a child.
var Landmarks = []int{4, 6, 8, 10}
