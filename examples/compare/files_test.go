package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
)

// TestFiles reads every file of the cases as the product does. A study of a
// later version is skipped by the product's own word for it, so that the list
// of them shrinks by itself.
func TestFiles(t *testing.T) {
	paths, err := filepath.Glob("*/*.toml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Base(path) == "codebook.toml" {
				_, err = configs.ParseCodebook(text)
			} else {
				_, err = configs.ParseStudy(text)
			}
			var refusal *configs.Error
			if errors.As(err, &refusal) && refusal.Code() == configs.CodeLater {
				t.Skip(err)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestListIsWhole: what is written is also run, and by both.
func TestListIsWhole(t *testing.T) {
	models, err := os.ReadFile("models.R")
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile("cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	names, err := readCases("cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			t.Errorf("%s is listed twice", name)
		}
		if !strings.Contains(string(models), `  "`+name+`" = function(d)`) {
			t.Errorf("%s is not in models.R", name)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^  "([a-z]+/[a-z_0-9]+)" = function`).FindAllStringSubmatch(string(models), -1) {
		if !slices.Contains(names, m[1]) {
			t.Errorf("models.R has %s, which is not listed", m[1])
		}
	}
	studies, _ := filepath.Glob("*/*.toml")
	ids := map[string]string{}
	for _, path := range studies {
		if filepath.Base(path) == "codebook.toml" {
			continue
		}
		if !slices.Contains(names, strings.TrimSuffix(path, ".toml")) {
			t.Errorf("%s is not listed", path)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		id := regexp.MustCompile(`(?m)^id = .*$`).FindString(string(text))
		if other, twice := ids[id]; twice || id == "" {
			t.Errorf("%s and %s have the same name %s", path, other, id)
		}
		ids[id] = path
	}
	for _, line := range strings.Split(string(list), "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) != 5 {
			t.Errorf("%q has not five columns", line)
			continue
		}
		for _, path := range []string{fields[1], fields[2], fields[4]} {
			if _, err := os.Stat(filepath.Join("..", "..", path)); err != nil && !strings.HasPrefix(path, "WORK/") {
				t.Errorf("%s: %v", fields[0], err)
			}
		}
	}
}
