package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
)

// checkResults compares the results.json beside a bundle, if there is one,
// with the result that follows from the sums computed again. It returns what
// it did in a sentence, "" when there is nothing to compare.
func checkResults(folder string, report *verify.Report) (string, error) {
	path := filepath.Join(folder, "results.json")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	var said model.Result
	if err == nil {
		err = json.Unmarshal(text, &said)
	}
	if err != nil {
		return "", &Error{codeFailedVerification, fmt.Sprintf("%s cannot be read as a result: %v", path, err), "fetch the result again"}
	}
	for _, s := range report.Studies {
		method, ok := s.Method.(*node.Method)
		if s.ID != said.Study || !ok {
			continue
		}
		follows, err := method.Plan.Result(s.Final)
		if err != nil {
			return "", &Error{codeFailedVerification, fmt.Sprintf("%s states a result, but the study ended without one: %v", path, err), "do not use it"}
		}
		follows.Institutions = said.Institutions
		if what := firstDifference(follows, &said); what != "" {
			return "", &Error{codeFailedVerification, fmt.Sprintf("%s is not what the sums give: %s differs", path, what), "do not use it; the bundle itself is judged above"}
		}
		return path + ": every number follows from the sums", nil
	}
	return "", &Error{codeFailedVerification, fmt.Sprintf("%s is of study %q, which this bundle does not hold whole", path, said.Study), "fetch the sealed bundle of that study"}
}

// firstDifference names the first field in which two results differ. They are
// compared as JSON, which carries every bit of a float64.
func firstDifference(a, b *model.Result) string {
	if len(a.Coefficients) != len(b.Coefficients) {
		return "the number of coefficients"
	}
	for i := range a.Coefficients {
		if !sameJSON(a.Coefficients[i], b.Coefficients[i]) {
			return fmt.Sprintf("coefficient %q", a.Coefficients[i].Term)
		}
	}
	x, y := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	for i := range x.NumField() {
		if !sameJSON(x.Field(i).Interface(), y.Field(i).Interface()) {
			name, _, _ := strings.Cut(x.Type().Field(i).Tag.Get("json"), ",")
			return name
		}
	}
	return ""
}

func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
