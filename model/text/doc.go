// Package text turns a note into a few yes/no values, at the institution that
// holds it. A note is normalised, stripped of names and numbers, cut into
// words, stemmed (Snowball, Dutch or English), and read for negation; what is
// left are the stems that it mentions.
//
// What it does: Deidentify takes out e-mail and web addresses, every digit with
// what belongs to it (dates, postcodes, the street before a house number),
// initials, names after a title or a naming word, listed first names and
// surnames, every capitalised word that is not known to be nobody's, and a noun
// that is a name too where no article goes before it. Read says which stems a
// note mentions and which of them are negated.
//
// Words that negate what follows, phrases that only look like it, and words that
// end a scope are those of NegEx (Chapman, Bridewell, Hanbury, Cooper, Buchanan
// 2001, J Biomed Inform 34:301-310) and ConText (Harkema, Dowling, Thornblade,
// Chapman 2009, J Biomed Inform 42:839-851), which also have phrases that negate
// what went before; for Dutch compare ContextD (Afzal et al. 2014, BMC
// Bioinformatics 15:373). The lists are our own, and so are four rules: "niet"
// and "not" at the end of what is said negate backwards; a scope ends before a
// thing that the writer takes to be there ("geen einde aan het geweld"); a
// negation turns another round ("niet zonder"); an answer in a form negates what
// it answers ("Schulden: geen"). Unlike ConText it does not tell what was once or
// what may be from what is.
//
// What it trusts: nothing in a note. Every function takes any bytes, takes
// time and memory proportional to them, and never panics.
//
// What it never does: make a note anonymous. A de-identified note is still
// personal data: who knows the child recognises it. It is for the institution's
// own eyes; what leaves are sums of yes and no.
package text

// Version changes whenever a note can give other values than before. It is
// part of a study's digest, so that all institutions read notes alike.
const Version = "text/2"

// MaxNote is the largest note in bytes that the reader of records takes.
const MaxNote = 64 << 10
