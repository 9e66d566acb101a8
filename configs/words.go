package configs

// KindInWords says what a kind of model is, as it stands in a sentence.
func KindInWords(kind string) string {
	switch kind {
	case KindMixed:
		return "a linear regression with a random intercept"
	case KindDescriptives:
		return "a descriptive table"
	}
	return "a " + kind + " regression"
}
