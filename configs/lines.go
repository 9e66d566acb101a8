package configs

import "strings"

// lineOf finds the line (from 1) on which key is written, 0 if it cannot tell.
// The TOML decoder names unknown keys without their place, so this looks for
// the table header or the "key =" under it; multi-line strings are stepped
// over. It only serves messages.
func lineOf(text []byte, key []string) int {
	var table []string
	inside := "" // the delimiter of the multi-line string we are in
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if inside != "" {
			if strings.Contains(line, inside) {
				inside = ""
			}
			continue
		}
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '[':
			table = splitKey(strings.Trim(strings.SplitN(line, "#", 2)[0], "[] \t"))
			if samePath(table, key) {
				return i + 1
			}
		default:
			name, value, found := strings.Cut(line, "=")
			if !found {
				continue
			}
			if samePath(append(append([]string{}, table...), splitKey(name)...), key) {
				return i + 1
			}
			for _, quote := range []string{`"""`, `'''`} {
				if strings.Count(value, quote)%2 == 1 {
					inside = quote
				}
			}
		}
	}
	return 0
}

func splitKey(s string) []string {
	parts := strings.Split(s, ".")
	for i, p := range parts {
		parts[i] = strings.Trim(strings.TrimSpace(p), `"'`)
	}
	return parts
}

func samePath(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
