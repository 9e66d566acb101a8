package configs

import (
	"maps"
	"slices"
)

// validateSites holds that every site lies at one institution, so that what
// is summed over a site is computed in one place.
func (c *Column) validateSites() error {
	bad := func(remedy, format string, args ...any) error {
		return fail(CodeValue, remedy, "codebook: column %q "+format, append([]any{c.Name}, args...)...)
	}
	at, n := map[string]string{}, 0
	for _, institution := range slices.Sorted(maps.Keys(c.Sites)) {
		if !ValidName(institution) {
			return bad("use the names that institutions have in the federation", "lists sites of an institution without a usable name")
		}
		for _, site := range c.Sites[institution] {
			if !validColumnName(site) {
				return bad("use the names that stand in the data", "lists a site of %s without a usable name", institution)
			}
			switch other, twice := at[site]; {
			case twice && other == institution:
				return bad("list it once", "lists %q twice at %s", site, institution)
			case twice:
				return bad("give the site another name at one of them, or leave the rows out at one of them",
					"lists %q at %s and at %s: a site must lie wholly at one institution", site, other, institution)
			}
			at[site] = institution
			n++
		}
	}
	if n > MaxSites {
		return bad("describe only what studies use", "lists %d sites, at most %d", n, MaxSites)
	}
	return nil
}

// SiteNames lists the sites of all institutions, in order.
func (c *Column) SiteNames() []string {
	var names []string
	for _, sites := range c.Sites {
		names = append(names, sites...)
	}
	slices.Sort(names)
	return names
}
