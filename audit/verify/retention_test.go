package verify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
)

func TestParseRetention(t *testing.T) {
	for text, want := range map[string]Period{
		"365 days": {Days: 365}, "1 day": {Days: 1}, "2 weeks": {Days: 14}, "6 months": {Months: 6}, "1 year": {Years: 1}, " 10 Years ": {Years: 10},
	} {
		if got, ok := ParseRetention(text); !ok || got != want {
			t.Errorf("%q: %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "one year", "until the federation ends", "0 days", "-1 days", "1.5 years", "365", "days", "1 year or so", "100000 days", "1  year", "01 days"} {
		if p, ok := ParseRetention(text); ok {
			t.Errorf("%q is read as %v", text, p)
		}
	}
}

// kept runs a federation of two rounds whose charter keeps blobs so long.
func keptFor(t *testing.T, retention string) *sealedFederation {
	f := newSealed(t, 4, 2, func(c *audit.Charter) { c.Retention = retention })
	return f.run()
}

// after is so long after the study closed.
func after(f *sealedFederation, days int) time.Time { return f.Clock.AddDate(0, 0, days) }

// TestLawfullyDeleted: blobs that are gone after the charter's retention are a
// note, and what they held is no longer added; everything else is still checked.
func TestLawfullyDeleted(t *testing.T) {
	f := keptFor(t, "365 days")
	frames := func(round int, name string) string {
		return blobFile(f.State.Attempt("study", round, 1).Updates[name].Body.(*audit.Update).Frames)
	}
	release := func(round int, name string) string {
		return blobFile(f.State.Attempt("study", round, 1).Releases[name].Body.(*audit.Release).Sum)
	}
	all := func(t *testing.T, dir string) {
		for _, name := range f.Institutions {
			for round := 1; round <= 2; round++ {
				gone(t, dir, frames(round, name), release(round, name))
			}
		}
	}
	for name, c := range map[string]struct {
		remove func(t *testing.T, dir string)
		at     time.Time
		f      *sealedFederation
		code   audit.Code // "" when it is lawful
		count  int        // rounds lawfully deleted
	}{
		"everything, a year later":     {all, after(f, 365), f, "", 2},
		"everything, a day too early":  {all, after(f, 364), f, audit.CodeFramesMissing, 0},
		"one list, a year later":       {func(t *testing.T, dir string) { gone(t, dir, frames(2, "board03")) }, after(f, 366), f, "", 1},
		"the releases, a year later":   {func(t *testing.T, dir string) { gone(t, dir, release(2, "board01"), release(2, "board02")) }, after(f, 366), f, "", 1},
		"the releases, too early":      {func(t *testing.T, dir string) { gone(t, dir, release(2, "board01"), release(2, "board02")) }, after(f, 300), f, audit.CodeReleaseMissing, 0},
		"nothing, a year later":        {func(*testing.T, string) {}, after(f, 366), f, "", 0},
		"one bit of it, a year later":  {func(t *testing.T, dir string) { flipFile(t, filepath.Join(dir, frames(1, "board01"))) }, after(f, 366), f, audit.CodeFramesDigest, 0},
		"a shorter file, a year later": {func(t *testing.T, dir string) { must(t, os.Truncate(filepath.Join(dir, frames(1, "board01")), 100)) }, after(f, 366), f, audit.CodeFramesDigest, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := c.f.bundle(bundle.Sealed)
			c.remove(t, dir)
			r := check(t, dir, nil, At(c.at))
			if c.code != "" {
				if r.Verified || !strings.Contains(r.String(), string(c.code)) {
					t.Errorf("no %s:\n%s", c.code, r)
				}
				return
			}
			if !r.Verified || r.Studies[0].Deleted != c.count || r.Studies[0].Recomputed+c.count < 1 {
				t.Errorf("%d deleted:\n%s", r.Studies[0].Deleted, r)
			}
			if c.count > 0 && (!strings.Contains(r.String(), "lawfully deleted (allowed since 2027-09-01); can no longer be re-added") || !strings.Contains(r.String(), GapDeleted)) {
				t.Errorf("it does not say so:\n%s", r)
			}
		})
	}
}

// TestKeptForGood: without a period in the charter, or before the study is
// closed, nothing may be gone, however long ago it was.
func TestKeptForGood(t *testing.T) {
	open := newSealed(t, 4, 2, func(c *audit.Charter) { c.Retention = "1 day" })
	open.Round(1, open.Institutions...)
	for name, f := range map[string]*sealedFederation{"in words": keptFor(t, "until the federation ends"), "still open": open} {
		dir := f.bundle(bundle.Sealed)
		gone(t, dir, blobFile(f.State.Attempt("study", 1, 1).Updates["board01"].Body.(*audit.Update).Frames))
		r := check(t, dir, nil, At(after(f, 100_000)))
		if r.Verified || r.Studies[0].Deletable != "" || !strings.Contains(r.String(), string(audit.CodeFramesMissing)) {
			t.Errorf("%s:\n%s", name, r)
		}
	}
}

func blobFile(ref audit.BlobRef) string { return filepath.Join("blobs", ref.Digest.String()) }

func gone(t *testing.T, dir string, paths ...string) {
	t.Helper()
	for _, p := range paths {
		must(t, os.Remove(filepath.Join(dir, p)))
	}
}

func flipFile(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	b[len(b)/2] ^= 1
	must(t, os.WriteFile(path, b, 0o600))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
