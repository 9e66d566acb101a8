// Package loop runs one party of the federation: it follows the log, folds it
// with audit.State, and does what audit.State.Expect says is expected of this
// party now. Node, coordinator and researcher differ only in their handlers.
//
// It trusts nobody: every page must extend the log that it already holds and
// must hash to the signed checkpoint it came with; otherwise Run ends with an
// InconsistentError and says no more. It keeps no secret.
//
// It never decides what is allowed: that is audit.State.Check, the same
// function the coordinator and the auditor use.
package loop
