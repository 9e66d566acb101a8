package areas

import (
	"fmt"
	"slices"
)

// leastBanded is the fewest areas that are divided into fifths.
const leastBanded = 10

// Line is one indicator of an area beside the region.
type Line struct {
	Indicator string  `json:"indicator"`
	Rate      Rate    `json:"rate"`
	Region    float64 `json:"region_rate"`
	Ratio     float64 `json:"ratio,omitempty"` // rate over that of the region
	Fifth     int     `json:"fifth,omitempty"` // 1: among the fifth of areas with the lowest rates, 5: the highest; 0: fewer than ten areas are told
	Of        int     `json:"of"`              // areas that are told
}

// Profile places one area among the others, indicator by indicator. It says in
// which fifth of the areas a rate lies, and not which areas are the others: a
// ranking of named areas is another question.
func (t *Table) Profile(area string) ([]Line, error) {
	at := slices.Index(t.Areas, area)
	if at < 0 {
		return nil, fmt.Errorf("the table has no area %q; its areas are levels of the column %q", area, t.Column)
	}
	var lines []Line
	for _, k := range t.Indicators {
		own := k.Areas[at]
		line := Line{Indicator: k.Name, Rate: own, Region: k.Region.Rate}
		var below, equal int
		for _, r := range k.Areas {
			if r.TooFew {
				continue
			}
			line.Of++
			switch {
			case r.Rate < own.Rate:
				below++
			case r.Rate == own.Rate:
				equal++
			}
		}
		if !own.TooFew {
			if k.Region.Rate > 0 {
				line.Ratio = own.Rate / k.Region.Rate
			}
			if line.Of >= leastBanded { // areas that tie share the middle of their places
				middle := float64(below) + float64(equal)/2
				line.Fifth = min(5, 1+int(5*middle/float64(line.Of)))
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}
