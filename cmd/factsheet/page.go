package factsheet

// Page is one report in one language, before it has a form.
type Page struct {
	Lang, Title, Synthetic, Mark string
	Council                      bool
	Lead                         []Block
	Sections                     []Section
	Notes                        Text // what stands above the entries
	Entries                      []EntryLine
	Root                         string
}

// Section is a heading with what belongs to it.
type Section struct {
	Title  string
	Wide   bool // over both columns
	Blocks []Block
}

// Block is a paragraph, a list, a table or a drawing; one of them is given.
type Block struct {
	Text   Text
	List   []Text
	Table  *Table
	Figure *Figure
	Strong bool // a paragraph set apart
}

// Table has one heading a column.
type Table struct {
	Header []string
	Rows   [][]Text
	Wraps  int // the column whose cells may take more than a line; -1: none
}

// EntryLine is where numbers of a study stand in the log.
type EntryLine struct {
	Entry int64
	Study string
}

// cite is a number with the entry it rests on.
func cite(text string, entry int64) number { return number{text, entry} }

func para(t Text) Block { return Block{Text: t} }

func plain(s string) Text { return Text{{Text: s, Entry: -1}} }

// entriesOf lists the studies that have an answer and are cited, in the order of
// the log.
func (w *words) entriesOf(f *Findings, cited map[int64]bool) (list []EntryLine) {
	for _, s := range f.Studies {
		if s.Entry >= 0 && cited[s.Entry] {
			list = append(list, EntryLine{s.Entry, name(w.studyNames, s.ID)})
		}
	}
	for i := range list {
		for k := i; k > 0 && list[k-1].Entry > list[k].Entry; k-- {
			list[k-1], list[k] = list[k], list[k-1]
		}
	}
	return list
}

// citedIn collects the entries that a page cites.
func citedIn(p *Page) map[int64]bool {
	all := map[int64]bool{}
	see := func(t Text) {
		for _, s := range t {
			if s.Entry >= 0 {
				all[s.Entry] = true
			}
		}
	}
	blocks := func(list []Block) {
		for _, b := range list {
			see(b.Text)
			for _, t := range b.List {
				see(t)
			}
			if b.Table != nil {
				for _, row := range b.Table.Rows {
					for _, t := range row {
						see(t)
					}
				}
			}
		}
	}
	blocks(p.Lead)
	for _, s := range p.Sections {
		blocks(s.Blocks)
	}
	return all
}
