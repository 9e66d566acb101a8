package configs

import "bytes"

// The files nest two deep at most; the TOML decoder recurses and spends
// memory that grows with the square of the depth, so that a megabyte of
// opening brackets or dots stops a machine. tooDeep is asked before it.
const (
	deepest     = 8  // brackets within brackets
	longestPath = 16 // dots in one key
)

// tooDeep returns the line (from 1) at which text nests deeper than any real
// file, 0 if none does. It follows strings and comments as TOML does; where it
// meets a fault, such as a string that is not closed on its line, the decoder
// stops too.
func tooDeep(text []byte) int {
	line, depth, dots := 1, 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\n':
			line++
			dots = 0
		case '#':
			for i+1 < len(text) && text[i+1] != '\n' {
				i++
			}
		case '"', '\'':
			end := stringEnd(text, i)
			line += bytes.Count(text[i:end], []byte("\n"))
			i = end - 1
		case '[', '{':
			depth++
			dots = 0
		case ']', '}':
			depth--
			dots = 0
		case '=', ',':
			dots = 0
		case '.':
			dots++
		}
		if depth > deepest || dots > longestPath {
			return line
		}
	}
	return 0
}

// stringEnd returns the index after the string that starts at i. A string that
// is not closed ends before the newline, or at the end of the text if it may
// hold newlines.
func stringEnd(text []byte, i int) int {
	quote := text[i : i+1]
	long := bytes.Repeat(quote, 3)
	escapes := quote[0] == '"'
	if bytes.HasPrefix(text[i:], long) {
		for i += 3; i < len(text); i++ {
			switch {
			case escapes && text[i] == '\\':
				i++
			case bytes.HasPrefix(text[i:], long):
				i += 3
				for range 2 { // up to two quotes may stand before the closing three
					if i < len(text) && text[i] == quote[0] {
						i++
					}
				}
				return i
			}
		}
		return len(text)
	}
	for i++; i < len(text); i++ {
		switch {
		case text[i] == '\n':
			return i
		case escapes && text[i] == '\\':
			i++
		case text[i] == quote[0]:
			return i + 1
		}
	}
	return len(text)
}
