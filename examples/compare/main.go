// Command compare holds the results of `smartstart simulate` against R's
// answers on the same files and writes the table of docs/methods.md. The
// program `run` beside it makes both and calls it.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// run reads, for each case of the list, CASE.json and CASE.err (what simulate
// wrote on standard output and standard error) and CASE.r.json (reference.R) in
// the folder --work, and prints the table. It is an error when a case did not
// run or differs.
func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	list := flags.String("cases", "examples/compare/cases.txt", "the list of cases")
	work := flags.String("work", "", "the folder with the answers")
	docs := flags.String("docs", "", "the page to write the table into, between its two marks")
	if err := flags.Parse(args); err != nil {
		return err
	}
	names, err := readCases(*list)
	if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		if names, err = choose(names, flags.Args()); err != nil {
			return err
		}
	}
	var rows []row
	failed := 0
	for _, name := range names {
		r := judge(*work, name)
		if !r.equal() {
			failed++
		}
		rows = append(rows, r)
	}
	text := table(rows)
	fmt.Fprint(out, text)
	if *docs != "" {
		if err := writeBetween(*docs, text); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d cases did not run or differ from R; the last column of the table says why", failed, len(rows))
	}
	return nil
}

// readCases returns the names in the first column of the list.
func readCases(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var names []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 0 && !strings.HasPrefix(fields[0], "#") {
			names = append(names, fields[0])
		}
	}
	return names, lines.Err()
}

// choose keeps the cases that are named; a name that is not in the list is an
// error, because leaving it out would look like success.
func choose(names, wanted []string) ([]string, error) {
	known := map[string]bool{}
	for _, n := range names {
		known[n] = true
	}
	for _, w := range wanted {
		if !known[w] {
			return nil, fmt.Errorf("there is no case %q; cases.txt lists them", w)
		}
	}
	return wanted, nil
}

// judge compares one case.
func judge(work, name string) row {
	r := row{name: name}
	text, err := os.ReadFile(filepath.Join(work, name+".r.json"))
	if err != nil {
		r.problem = "R did not run"
		return r
	}
	theirs, asked, err := readR(text)
	if err != nil {
		r.problem = err.Error()
		return r
	}
	r.asked, r.rows, r.institutions = asked, theirs.rows, theirs.institutions
	text, err = os.ReadFile(filepath.Join(work, name+".json"))
	if err != nil || len(text) == 0 {
		r.problem = "did not run: " + said(work, name)
		return r
	}
	ours, err := readOurs(text)
	if err != nil {
		r.problem = err.Error()
		return r
	}
	r.groups, r.faults = compare(ours, theirs)
	return r
}

// said is what smartstart wrote about the case, on one line and without the
// folder, which is another one each time.
func said(work, name string) string {
	text, err := os.ReadFile(filepath.Join(work, name+".err"))
	if err != nil || len(strings.TrimSpace(string(text))) == 0 {
		return "smartstart said nothing"
	}
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(string(text)), work, "WORK"), "\n")
	for i, line := range lines { // the explanation follows the progress
		if strings.HasPrefix(line, "error") {
			lines = lines[i:]
			break
		}
	}
	return strings.Join(strings.Fields(lines[0]), " ")
}
