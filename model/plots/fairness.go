package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/model"
	"gonum.org/v1/plot/vg/draw"
)

const maxLevels = 20

// Fairness draws, for each group column in the order of their names, the
// share of rows without the outcome that were selected and the share of rows
// with the outcome that were not, by level with 95% intervals. A level without
// a rate says "too few to say" in its place.
func Fairness(r *model.Result, groups map[string][]model.Group, lang string) ([]*Picture, error) {
	t, err := textsIn(lang)
	if err != nil {
		return nil, err
	}
	columns := make([]string, 0, len(groups))
	for c, levels := range groups {
		if len(levels) > 0 {
			columns = append(columns, c)
		}
	}
	if len(columns) == 0 {
		return nil, ErrNoData
	}
	slices.Sort(columns)
	var all []*Picture
	used := map[string]bool{}
	for _, c := range columns {
		pic, err := fairness(t, r, c, groups[c])
		if err != nil {
			return all, err
		}
		for n := 1; pic.Name == "" || used[pic.Name]; n++ {
			pic.Name = "fairness-" + fileWord(c)
			if n > 1 {
				pic.Name += fmt.Sprintf("-%d", n)
			}
		}
		used[pic.Name] = true
		all = append(all, pic)
	}
	return all, nil
}

// fileWord returns a name as part of a file name on any system: small letters,
// digits, _ and -, at most 40.
func fileWord(name string) string {
	word := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '_':
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, name)
	word = strings.Trim(word[:min(len(word), 40)], "-")
	if word == "" {
		return "column"
	}
	return word
}

func fairness(t *texts, r *model.Result, column string, levels []model.Group) (*Picture, error) {
	shown := levels[:min(len(levels), maxLevels)]
	sides := []struct {
		head, note, across string
		look               look
		rate               func(model.Group) *model.Share
	}{
		{t.fpr, t.fprShort, t.fprAxis, glyph(blue, draw.CircleGlyph{}), func(g model.Group) *model.Share { return g.FPR }},
		{t.fnr, t.fnrShort, t.fnrAxis, glyph(vermillion, draw.BoxGlyph{}), func(g model.Group) *model.Share { return g.FNR }},
	}
	pic := &Picture{
		Title: fmt.Sprintf(t.fairnessTitle, elide(column, bold(titleSize), 480)), Footer: footer(t, r),
		Caption: []string{t.selection + " " + t.wilsonBars}, columns: 2,
	}
	end, few := 0.1, false
	for _, g := range shown {
		for _, s := range sides {
			rate := s.rate(g)
			if g.TooFew || rate == nil {
				few = true
				continue
			}
			if !finite(rate.Estimate, rate.ConfLow, rate.ConfHigh) || rate.ConfLow < 0 || rate.ConfLow > rate.Estimate || rate.Estimate > rate.ConfHigh || rate.ConfHigh > 1 {
				return nil, fmt.Errorf("the %s in group %q is not a share within its interval: check the result", s.note, clean(column))
			}
			end = math.Max(end, rate.ConfHigh)
		}
	}
	end = math.Min(1, math.Ceil(10*end+0.1)/10)
	for i, s := range sides {
		p := newRowPlot(axis(0, end, linearTicks{t: t, about: 4, percent: true}), len(shown), textSize)
		rows := panel{plot: p, head: s.head, note: s.note, across: s.across, rowSize: textSize}
		m := marks{look: s.look, radius: 4}
		for k, g := range shown {
			y := float64(len(shown) - 1 - k)
			line := row{y: y, right: t.tooFew}
			if i == 0 {
				line.left = g.Level
				if !g.TooFew && g.Rows > 0 {
					line.left = fmt.Sprintf(t.levelRows, g.Level, t.whole(g.Rows))
				}
			}
			if rate := s.rate(g); !g.TooFew && rate != nil {
				m.list = append(m.list, mark{rate.Estimate, y, rate.ConfLow, rate.ConfHigh})
				line.right = fmt.Sprintf(t.of, t.percent(rate.Estimate), t.between(t.number(100*rate.ConfLow, 0), t.number(100*rate.ConfHigh, 0)), t.whole(rate.Of))
			}
			rows.rows = append(rows.rows, line)
		}
		p.Add(m)
		rows.fitSides(190)
		pic.panels = append(pic.panels, rows)
	}
	if few {
		pic.Caption = append(pic.Caption, t.tooFewWhy)
	}
	if more := len(levels) - len(shown); more > 0 {
		pic.Caption = append(pic.Caption, fmt.Sprintf(t.moreLevels, t.whole(int64(more))))
	}
	return pic, nil
}
