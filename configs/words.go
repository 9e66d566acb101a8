package configs

// KindInWords says what a kind of model is, as it stands in a sentence.
func KindInWords(kind string) string {
	switch kind {
	case KindMixed:
		return "a linear regression with a random intercept"
	case KindDescriptives:
		return "a descriptive table"
	case KindAreas:
		return "a table of indicators by area"
	case KindAnomaly:
		return "a count of rows unlike the others"
	case KindDiscreteTime:
		return "a discrete-time regression"
	}
	return "a " + kind + " regression"
}
