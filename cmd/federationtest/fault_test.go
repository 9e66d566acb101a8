//go:build unix

package federationtest

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/examples/language"
)

var everyCall = flag.Bool("everycall", false, "let every call of one study fail once, its kinds of faults taking turns: about an hour")

var kindOf = flag.String("faultclass", "", "with -faults, only the kinds of this class of calls: sync, write, name or send")

// Classes of calls to the kernel, and what can be done to one.
const (
	classSync  = "sync"  // fsync, fdatasync
	classWrite = "write" // write, pwrite64 to a file
	className  = "name"  // rename, remove, truncate
	classSend  = "send"  // write to a connection

	howKill  = "kill"  // the program ends, by SIGKILL, before the call
	howTorn  = "torn"  // half of the bytes are written, then it ends
	howFail  = "EIO"   // the call fails
	howFull  = "full"  // the call fails: no space left
	howReset = "reset" // the connection is broken
	howLie   = "lie"   // this and all later ones are said to be done and are not: what the mutant's disk does
)

// fault is one point: what happens at the at-th call of a class in one life of
// a program.
type fault struct {
	class, how string
	at         int
}

func (f fault) String() string { return fmt.Sprintf("%s %d %s", f.class, f.at, f.how) }

// kinds are the faults that each program must survive.
var kinds = []fault{
	{class: classSync, how: howKill}, {class: classSync, how: howFail},
	{class: classWrite, how: howKill}, {class: classWrite, how: howTorn}, {class: classWrite, how: howFull}, {class: classWrite, how: howFail},
	{class: className, how: howKill}, {class: className, how: howFail},
	{class: classSend, how: howKill}, {class: classSend, how: howReset},
}

// smallStudy is a study of few rounds and few calls, with every kind of
// statement: a hundred faults cost minutes in it.
func smallStudy() string {
	return strings.NewReplacer(`"logistic"`, `"linear"`, `"lang_delay"`, `"lang_post"`,
		`["iq_verbal", "iq_perf", "girl", "ses", "repeated", "lang_pre", "arith_pre"]`, `["lang_pre"]`).Replace(string(language.Study))
}

// eachOnce is one fault at every call that was counted.
func eachOnce(calls map[string]int) (all []fault) {
	for class, k := range calls {
		if *kindOf != "" && class != *kindOf {
			continue
		}
		some := slices.DeleteFunc(slices.Clone(kinds), func(f fault) bool { return f.class != class })
		for at := range k {
			f := some[at%len(some)]
			f.at = at + 1
			all = append(all, f)
		}
	}
	return all
}

// points spreads share points of each kind over the calls that were counted.
func points(calls map[string]int, share int) (all []fault) {
	for i, kind := range kinds {
		if *kindOf != "" && kind.class != *kindOf {
			continue
		}
		k := calls[kind.class]
		for _, kind.at = range spread(k, share) {
			if share < k { // the kinds strike at different places
				kind.at += i * k / (share * len(kinds))
			}
			all = append(all, kind)
		}
	}
	return all
}

// early are a few points, shared out over the two programs, so near each other
// that two studies hold them all.
func early(calls map[string]int, whose int) (all []fault) {
	for i, kind := range kinds {
		if (i+i/2)%2 == whose { // each gets some that end it and some that fail
			kind.at = min(1+(i+1)*calls[kind.class]/100, max(1, calls[kind.class]))
			all = append(all, kind)
		}
	}
	return all
}

// victims are the programs that faults strike, one at a time.
var victims = []string{"coordinator", "board2"}

// TestFaultAtEveryCall lets one call of one program to the kernel fail, or end
// the program, and then another one, while studies run. The program either
// says why it stops or goes on; either way every study ends with the
// undisturbed result, bit for bit, no statement that anybody saw is lost, and
// the record verifies.
func TestFaultAtEveryCall(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program and runs studies over its processes; run without -short")
	}
	p := newPrograms(t)
	p.mayInject()
	p.text = smallStudy()
	p.found()
	want, calls := p.countCalls()
	if *faults == 0 && !*everyCall {
		for whose, name := range victims {
			p.strike(name, early(calls[name], whose), want)
		}
	}
	p.verify()
	if *faults == 0 && !*everyCall {
		return
	}
	for _, name := range victims {
		all := points(calls[name], *faults)
		if *everyCall {
			all = eachOnce(calls[name])
		}
		t.Logf("%s makes %v calls in a study: %d points", name, calls[name], len(all))
		// A log that grows for hundreds of studies would slow each start down.
		for batch := range slices.Chunk(all, 40) {
			p = newPrograms(t)
			p.text = smallStudy()
			p.found()
			p.strike(name, batch, want)
			p.verify()
		}
	}
}

// countCalls runs an undisturbed study and returns its result, and how many
// calls of each class each victim makes.
func (p *programs) countCalls() (want string, calls map[string]map[string]int) {
	p.t.Helper()
	counting := map[string]*injector{}
	for _, name := range victims {
		p.kill(name)
		counting[name] = p.inject(name, fault{})
	}
	want, _ = p.study("undisturbed", false)
	calls = map[string]map[string]int{}
	for name, i := range counting {
		calls[name] = i.counted()
		p.kill(name)
		<-i.served
		p.start(name)
	}
	return want, calls
}

// strike runs studies while one program lives through the faults.
func (p *programs) strike(name string, all []fault, want string) {
	p.t.Helper()
	p.kill(name)
	l := &lives{p: p, name: name, outcomes: map[string]int{}, quit: make(chan struct{}), over: make(chan struct{})}
	go l.run(all)
	defer func() { close(l.quit); <-l.over }() // it ends with the test, also with one that failed
	for n := 1; ; n++ {
		id := fmt.Sprintf("%s-%d", name, n)
		if got, _ := p.study(id, false); got != want {
			p.t.Fatalf("study %s ended with\n%s\nwant\n%s", id, got, want)
		}
		l.studies.Add(1)
		select {
		case <-l.over:
			p.t.Logf("%s: %d of %d points in %d studies, %v", name, l.hits, len(all), n, l.outcomes)
			for _, b := range l.broken {
				p.t.Error(b)
			}
			if l.last != nil {
				p.running[name] = l.last
			}
			return
		default:
		}
	}
}

// TestFaultsHaveTeeth gives the coordinator a disk that says "written" and does
// not write: it acknowledges what is not there, as a program would that answers
// before its commit. The check finds the loss.
func TestFaultsHaveTeeth(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program and ends its processes; run without -short")
	}
	p := newPrograms(t)
	p.mayInject()
	p.found()
	p.propose("lost")
	p.kill("coordinator")
	i := p.inject("coordinator", fault{classWrite, howLie, 60}) // after its start
	opened := func() int { return strings.Count(p.tail("board1", 0), "a total was opened") }
	before := opened()
	for deadline := time.Now().Add(time.Minute); opened() == before; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the coordinator made %v calls, and no sum was opened\n%s", i.counted(), p.tail("coordinator", 0))
		}
	}
	if err := p.kept(); !errors.Is(err, errLost) {
		t.Fatalf("a coordinator that acknowledged what it had not written was not found: %v", err)
	}
}
