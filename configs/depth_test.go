package configs

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestTooDeep(t *testing.T) {
	for text, line := range map[string]int{
		"a = [[1]]\n":                                             0,
		"a = \"[[[[[[[[[[[[\"\n":                                  0,
		"a = '[[[[[[[[[[[[ \\'\nb = 1\n":                          0,
		"a = \"\\\"[[[[[[[[[[[[\"\n":                              0,
		"# [[[[[[[[[[[[[[\na = 1\n":                               0,
		"a = \"\"\"\n[[[[[[[[[[\n\"\"\"\"\"\n":                    0,
		"a = '''\n{{{{{{{{{{\n'''\n":                              0,
		"a = \"........................\"\n":                      0,
		"[a.b.c]\nd = 1.5\n":                                      0,
		"a = 1\nb = [[[[[[[[[1\n":                                 2,
		"a = 1\n\nb = {a={a={a={a={a={a={a={a={a=1\n":             3,
		"a = '\n[[[[[[[[[[[[\n":                                   2,
		"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = 1\n":             1,
		"\"a\".\"a\" . a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = 1\n": 1,
		"a = \"\"\"\n\n\"\"\"\nb = [\n[[[[[[[[[\n":                5,
	} {
		if got := tooDeep([]byte(text)); got != line {
			t.Errorf("%q: line %d, want %d", text, got, line)
		}
	}
}

// TestHostileTextIsCheap: the longest hostile files are refused in bounded
// time and memory. Without tooDeep the second takes all memory there is.
func TestHostileTextIsCheap(t *testing.T) {
	for name, text := range map[string]string{
		"arrays":       "x = " + strings.Repeat("[", MaxCodebookSize-10),
		"inline":       "x = " + strings.Repeat("{a=", MaxCodebookSize/3-10),
		"dotted":       strings.Repeat("a.", MaxCodebookSize/2-10) + "a=1",
		"headers":      strings.Repeat("[[column]]\n", MaxCodebookSize/11),
		"sub tables":   strings.Repeat("[[column.a.b.c.d]]\n", MaxCodebookSize/19),
		"unknown keys": strings.Repeat("[[column]]\nx=1\n", MaxCodebookSize/15),
		"a long text":  "x='" + strings.Repeat("a", MaxCodebookSize-10),
		"many quotes":  strings.Repeat("\"\"\"", MaxCodebookSize/3),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		_, err := ParseCodebook([]byte(text))
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		if took, grown := time.Since(start), after.TotalAlloc-before.TotalAlloc; took > 5*time.Second || grown > 512<<20 {
			t.Errorf("%s: refused after %v and %d MiB", name, took, grown>>20)
		} else {
			t.Logf("%s: %v, %d MiB", name, took, grown>>20)
		}
		if len(err.Error()) > 2000 {
			t.Errorf("%s: the message has %d bytes", name, len(err.Error()))
		}
	}
}
