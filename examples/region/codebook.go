package region

import (
	"fmt"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
)

// Synthetic is the sentence that every file begins with.
const Synthetic = "SYNTHETIC: every child, household, school and organisation in this folder is made up"

// Codebook describes the columns of all files, 60 besides the pseudonym. Areas
// are a category where a codebook can list them as one (configs.MaxLevels), else
// names of units.
func (w *World) Codebook() (*configs.Codebook, error) {
	book := &configs.Codebook{Note: Synthetic}
	for _, l := range Links() {
		if l.Column == "" {
			continue
		}
		if _, again := book.Column(l.Column); again {
			continue
		}
		c := configs.Column{Name: l.Column, Kind: l.Kind, Label: l.Label, Sensitivity: l.Sensitivity, AuditOnly: l.AuditOnly, Levels: slices.Clone(l.Levels), KnownAt: l.KnownAt}
		switch {
		case l.Kind == configs.Integer || l.Kind == configs.Number:
			c.Min, c.Max = &l.Min, &l.Max
		case l.Name == "area" && len(w.Areas) > configs.MaxLevels:
			c.Kind = configs.Site
		case l.Name == "area" || l.Name == "district":
			c.Levels = w.levels(l.Name)
		case l.Name == "school":
			c.Sites = map[string][]string{}
			for _, s := range w.Schools {
				board := Members(Boards)[s.Board-1]
				c.Sites[board] = append(c.Sites[board], s.Name)
			}
		}
		book.Columns = append(book.Columns, c)
	}
	return configs.ParseCodebook(book.TOML())
}

// levels are the texts that the values of a link stand for.
func (w *World) levels(link string) []string {
	var names []string
	switch link {
	case "area":
		for i := range w.Areas {
			names = append(names, w.Areas[i].Name)
		}
	case "district":
		for i := range districts {
			names = append(names, fmt.Sprintf("d%d", i+1))
		}
	case "school":
		for i := range w.Schools {
			names = append(names, w.Schools[i].Name)
		}
	default:
		return w.plan.links[w.plan.at[link]].Levels
	}
	return names
}
