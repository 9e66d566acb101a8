// Package tamper has no code: its tests play every tampering case that the
// protocol names, each with the code that must fire and the proof that only
// that check finds it. docs/tampering.md is written from their table.
package tamper
