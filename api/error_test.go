package api

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

var classes = []Class{Invalid, Refused, Denied, Missing, Conflict, Exhausted, Unavailable, Late, Corrupt, Internal}

// wire sends an error as grpc does: as a status with details, without cause.
func wire(err error) error { return status.ErrorProto(status.Convert(err).Proto()) }

func TestErrorsCrossTheWire(t *testing.T) {
	seen := map[codes.Code]Class{}
	for _, class := range classes {
		e := Errorf(class, "SS6999", "do this", "what %s", "happened").Because(errors.New("/secret/path"))
		code := e.GRPCStatus().Code()
		if other, ok := seen[code]; ok {
			t.Errorf("%s and %s share the code %s", class, other, code)
		}
		seen[code] = class
		got := FromStatus(wire(e))
		if got.Class != class || got.Code() != "SS6999" || got.Error() != "what happened" || got.Remedy() != "do this" || got.Refused() != e.Refused() {
			t.Errorf("%s arrived as %+v", class, got)
		}
		if s := fmt.Sprint(e.GRPCStatus().Proto()); containsPath(s) {
			t.Errorf("%s: the cause crossed the wire: %s", class, s)
		}
	}
}

func containsPath(s string) bool {
	for i := range s {
		if len(s)-i >= 7 && s[i:i+7] == "/secret" {
			return true
		}
	}
	return false
}

// Finality is the one word that a peer must not be able to say by accident or
// with a status of another meaning.
func TestForeignStatusIsNotFinal(t *testing.T) {
	for code := codes.OK + 1; code <= codes.Unauthenticated; code++ {
		e := FromStatus(status.Error(code, "x"))
		if e == nil {
			t.Fatalf("%s: no error", code)
		}
		if e.Refused() && code != codes.Unimplemented {
			t.Errorf("%s without a Problem is final", code)
		}
	}
	s, err := status.New(codes.Unavailable, "x").WithDetails(&Problem{Class: string(Refused), Code: "SS2109"})
	if err != nil {
		t.Fatal(err)
	}
	if e := FromStatus(s.Err()); e.Refused() {
		t.Error("a Problem that contradicts its code was believed")
	}
	if FromStatus(nil) != nil {
		t.Error("no error became one")
	}
	if e := FromStatus(context.DeadlineExceeded); e.Class != Late {
		t.Errorf("a deadline became %s", e.Class)
	}
}
