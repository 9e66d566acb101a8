package model

import "github.com/smartstart-federation/smartstart/model/areas"

// areasResult reads the end of a study by area.
func (p *Plan) areasResult(s *state) (*Result, error) {
	j, names := s.Areas, p.areaNames()
	r := &Result{
		Study: p.study.About.ID, Model: p.kind, RowsUsed: j.Rows, Dropped: map[string]float64{}, Coefficients: []Coefficient{}, Converged: true,
		OpenedNumbers: s.Opened, OpenedNumbersPerRow: float64(s.Opened) / float64(j.Rows),
	}
	if k := p.counted(); k >= 0 {
		r.Areas = p.ofChildren(j, k)
		return r, nil
	}
	table := &areas.Table{Column: p.sources[p.group].name, Areas: names}
	for k, source := range p.described {
		i := areas.Indicator{Name: p.sources[source].name, Merged: j.Merged[k]}
		var count, children, holders int64
		for at, n := range j.Children[k] {
			count, children, holders = count+j.Count[k][at], children+n, holders+j.Holders[k][at]
			name := ""
			if at < len(names) {
				name = names[at]
			}
			rate := areas.NewRate(name, j.Count[k][at], n, j.Holders[k][at])
			switch {
			case at < len(names):
				i.Areas = append(i.Areas, rate)
			case n > 0:
				i.Rest = &rate
			}
		}
		i.Region = areas.NewRate("", count, children, holders)
		table.Indicators = append(table.Indicators, i)
	}
	r.Areas = table
	return r, nil
}

// ofChildren reads counts as rates of the yes of one indicator. Institutions
// merge other areas, so the rest has no children of its own.
func (p *Plan) ofChildren(j *joined, of int) *areas.Table {
	names := p.areaNames()
	table := &areas.Table{Column: p.sources[p.group].name, Areas: names, Children: p.study.Model.Children}
	for k, source := range p.described {
		i := areas.Indicator{Name: p.sources[source].name, Merged: j.Merged[k]}
		var count, children, holders int64
		for at, n := range j.Children[of] {
			count, children, holders = count+j.Count[k][at], children+n, holders+max(j.Holders[k][at], j.Holders[of][at])
			if at == len(names) {
				break
			}
			if j.Count[k][at] == 0 {
				n = 0 // nobody tells of it
			}
			i.Areas = append(i.Areas, areas.NewRate(names[at], j.Count[k][at], n, max(j.Holders[k][at], j.Holders[of][at])))
		}
		i.Region = areas.NewRate("", count, children, holders)
		table.Indicators = append(table.Indicators, i)
	}
	return table
}
