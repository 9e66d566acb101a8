package configs

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/BurntSushi/toml"
)

// decode fills into, a pointer to a struct that already holds the defaults.
// file is what people call the file ("study file"). Every key must be known.
func decode(text []byte, file string, limit int, into any) error {
	if len(text) > limit {
		return fail(CodeSize, "shorten it", "the %s has %d bytes, at most %d are read", file, len(text), limit)
	}
	if line := tooDeep(text); line > 0 {
		return fail(CodeSyntax, "write one key a line", "%s, line %d: brackets or dots nest deeper than these files do", file, line)
	}
	md, err := toml.Decode(string(text), into)
	if err != nil {
		return syntaxError(file, err)
	}
	// The library also takes a key in other capitals, and of two keys that then
	// mean one field whichever comes last in an order that changes.
	for _, key := range md.Keys() {
		if !known(reflect.TypeOf(into), key) {
			return unknownKey(text, file, key, into)
		}
	}
	return nil
}

// known reports whether a key stands for a field of the struct behind t, letter
// for letter, or lies in a map.
func known(t reflect.Type, path []string) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if len(path) == 0 || t.Kind() == reflect.Map {
		return true
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("toml"), ","); name == path[0] && name != "" && name != "-" {
			return known(t.Field(i).Type, path[1:])
		}
	}
	return false
}

func syntaxError(file string, err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	remedy := "see configs/" + strings.TrimSuffix(file, " file") + ".sample.toml for the form"
	var pe toml.ParseError
	if errors.As(err, &pe) {
		message := pe.Message
		if message == "" {
			message = strings.TrimPrefix(pe.Error(), "toml: ")
		}
		where := fmt.Sprintf("line %d", pe.Position.Line)
		if pe.LastKey != "" {
			where += fmt.Sprintf(" (%s)", pe.LastKey)
		}
		return fail(CodeSyntax, remedy, "%s, %s: %s", file, where, message)
	}
	return fail(CodeSyntax, remedy, "%s: %s", file, strings.TrimPrefix(err.Error(), "toml: "))
}

func unknownKey(text []byte, file string, key toml.Key, into any) *Error {
	parent, last := key[:len(key)-1], key[len(key)-1]
	place := "at the top of the file"
	if len(parent) > 0 {
		place = "in [" + strings.Join(parent, ".") + "]"
	}
	where := file
	if line := lineOf(text, key); line > 0 {
		where = fmt.Sprintf("%s, line %d", file, line)
	}
	known := knownKeys(reflect.TypeOf(into), parent)
	message := fmt.Sprintf("%s: unknown key %q %s", where, last, place)
	if near := nearest(last, known); near != "" {
		return fail(CodeUnknownKey, fmt.Sprintf("write %q, or remove the line", near), "%s; the nearest known key is %q", message, near)
	}
	return fail(CodeUnknownKey, "remove it; known here: "+strings.Join(known, ", "), "%s", message)
}

// knownKeys lists the keys that the struct behind t has under path.
func knownKeys(t reflect.Type, path []string) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var keys []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("toml"), ",")
		if name == "" || name == "-" {
			continue
		}
		if len(path) > 0 && name == path[0] {
			return knownKeys(t.Field(i).Type, path[1:])
		}
		keys = append(keys, name)
	}
	if len(path) > 0 {
		return nil
	}
	return keys
}
