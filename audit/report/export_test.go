package report

// HasGap reports whether a gap has words.
func HasGap(gap string) bool { w, ok := gaps[gap]; return ok && w.english != "" && w.dutch != "" }

// Dutch is the table of Dutch sentences.
var Dutch = dutch
