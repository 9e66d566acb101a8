package tamper

import (
	"bytes"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/cmd"
)

// exits holds what the command says of a bundle to whoever reads exit codes.
func exits(t *testing.T, dir string, want int) {
	t.Helper()
	var out, errs bytes.Buffer
	if got := cmd.Main([]string{"audit", "verify", dir}, &out, &errs); got != want {
		t.Errorf("`audit verify` ends with %d, want %d:\n%s%s", got, want, &out, &errs)
	}
	if !strings.Contains(out.String()+errs.String(), "NOT verified") {
		t.Errorf("`audit verify` does not say that it is not verified:\n%s%s", &out, &errs)
	}
}
