package region

import (
	"fmt"
	"strings"
)

// Preset is how large a region is and what is planted in it.
type Preset struct {
	Name     string `json:"name"`
	Children int    `json:"children"` // at least 1
	Areas    int    `json:"areas"`    // at least 6, one a district
	Schools  int    `json:"schools"`  // at least Areas
	Excess   int    `json:"excess"`   // areas with a planted excess of cases

	// Programme is the planted effect on language_score, in points.
	Programme float64 `json:"programme"`

	// Latents says whether Write gives a line of truth for every child.
	Latents bool `json:"latents"`
}

// Presets are the sizes that synth offers, the smallest first.
var Presets = []Preset{
	{Name: "tiny", Children: 600, Areas: 12, Schools: 18, Excess: 1, Programme: programmeEffect, Latents: true},
	{Name: "demo", Children: 12_000, Areas: 60, Schools: 90, Excess: 2, Programme: programmeEffect, Latents: true},
	{Name: "region", Children: 60_000, Areas: 150, Schools: 300, Excess: 3, Programme: programmeEffect, Latents: true},
	{Name: "scale", Children: 1_000_000, Areas: 400, Schools: 4_000, Excess: 8, Programme: programmeEffect},
}

// PresetNamed returns the preset with this name; the error lists them all.
func PresetNamed(name string) (Preset, error) {
	names := make([]string, 0, len(Presets))
	for _, p := range Presets {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Preset{}, fmt.Errorf("there is no preset %q; choose one of: %s", name, strings.Join(names, ", "))
}

func (p Preset) validate() error {
	if p.Children < 1 || p.Areas < districts || p.Areas > 999 || p.Schools < p.Areas || p.Schools > 9999 || p.Excess < 0 || p.Excess > p.Areas {
		return fmt.Errorf("a region needs children, %d to 999 areas, at least as many schools (9,999 at most) and no more areas with an excess than there are", districts)
	}
	return nil
}
