package report

// Document is a report, ready to be written in one form or another.
type Document struct {
	Lang     string
	Failed   Text // the first line, when the verification failed; else empty
	Title    string
	Lead     []Block
	Sections []Section
	Foot     Text
}

// Section is a numbered part. Entries of the log that the text names lead to
// the last one.
type Section struct {
	Number int
	Title  string
	Blocks []Block
}

// Block is one of a paragraph, a heading, a list, a table or facts.
type Block struct {
	Heading string
	Text    Text
	List    []Text
	Table   *Table
	Facts   []Fact
}

// Table is a table. Anchors, when there are any, name the rows as entries.
type Table struct {
	Header  []string
	Rows    [][]Text
	Anchors []int64
}

// Fact is one line of a list of facts.
type Fact struct {
	Name string
	Text Text
}

// Text is a run of words, in which some name an entry of the log.
type Text []Span

// Span is a part of a Text.
type Span struct {
	Text  string
	Entry int64 // of the log that it leads to; -1 for words
	Code  bool  // a digest or a name that is to be read letter by letter
}

// String is the text without its links.
func (t Text) String() (s string) {
	for _, x := range t {
		s += x.Text
	}
	return s
}
