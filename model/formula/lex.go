package formula

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind int

const (
	end    kind = iota
	name        // a column, or a function if "(" follows
	quote       // a name in backquotes: always a column
	number      // digits
	symbol      // one of ~ + - * : ^ ( ) , =
)

// token is a piece of a formula; at counts characters from 1.
type token struct {
	kind kind
	text string
	at   int
}

// lex cuts the text into tokens; the last one is of kind end.
func lex(text string) ([]token, *Error) {
	if len(text) > MaxText {
		return nil, failAt(CodeSyntax, 1, "shorten it, or list plain columns as features", "the text has %d bytes, at most %d", len(text), MaxText)
	}
	if !utf8.ValidString(text) {
		return nil, failAt(CodeSyntax, 1, "save the file as UTF-8", "the text is not UTF-8")
	}
	runes := []rune(text)
	var tokens []token
	for i := 0; i < len(runes); {
		r, at := runes[i], i+1
		switch {
		case strings.ContainsRune(" \t\r\n", r):
			i++
		case strings.ContainsRune("~+-*:^(),=", r):
			tokens = append(tokens, token{symbol, string(r), at})
			i++
		case r == '`':
			t, next, err := backquoted(runes, i)
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, t)
			i = next
		case inName(r):
			start := i
			for i < len(runes) && inName(runes[i]) {
				i++
			}
			t, err := word(string(runes[start:i]), at)
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, t)
		case r == '/' || r == '%' || r == '|':
			return nil, failAt(CodeUnsupported, at, "write the terms out with + and :", "the operator %q is not supported", r)
		default:
			return nil, failAt(CodeSyntax, at, "names with other characters than letters, digits, _ and . stand in `backquotes`", "%q cannot stand here", r)
		}
	}
	return append(tokens, token{end, "", len(runes) + 1}), nil
}

// backquoted reads a name in backquotes from runes[i]; \\ and \` stand for \
// and ` as in R. It returns the index after the closing backquote.
func backquoted(runes []rune, i int) (token, int, *Error) {
	at := i + 1
	var b strings.Builder
	for i++; i < len(runes) && runes[i] != '`'; i++ {
		r := runes[i]
		if r == '\\' {
			i++
			if i == len(runes) || runes[i] != '\\' && runes[i] != '`' {
				return token{}, 0, failAt(CodeSyntax, i, "write \\\\ for a backslash and \\` for a backquote", "a backslash in a name must be doubled")
			}
			r = runes[i]
		}
		if !unicode.IsPrint(r) {
			return token{}, 0, failAt(CodeSyntax, i+1, "rename the column", "the name holds a character that cannot be printed")
		}
		b.WriteRune(r)
	}
	if i >= len(runes) {
		return token{}, 0, failAt(CodeSyntax, at, "write ` after the name too", "the backquote is not closed")
	}
	if n := b.Len(); n == 0 || n > MaxName {
		return token{}, 0, failAt(CodeSyntax, at, "write the column's name as in the codebook", "a name of %d bytes, which must be 1 to %d", n, MaxName)
	}
	return token{quote, b.String(), at}, i + 1, nil
}

// word tells names from numbers.
func word(s string, at int) (token, *Error) {
	if !strings.ContainsFunc(s, func(r rune) bool { return !digit(r) }) {
		return token{number, s, at}, nil
	}
	switch {
	case len(s) > MaxName:
		return token{}, failAt(CodeSyntax, at, "write the column's name as in the codebook", "a name of %d bytes, which must be 1 to %d", len(s), MaxName)
	case s == ".":
		return token{}, failAt(CodeUnsupported, at, "list the columns; otherwise a new column in the codebook would change the model", "\".\" for all other columns is not supported")
	case !plain(s):
		return token{}, failAt(CodeSyntax, at, "write a column of this name in `backquotes`", "%q is not a plain name", s)
	}
	return token{name, s, at}, nil
}
