// Package walkthrough is a federation of programs of their own, command by
// command: see README.md, whose every command the tests run.
package walkthrough
