package api

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

// problemDecoder takes a status as it stands in the trailer of an answer. What
// is not OK stays an error, and only a Problem whose class goes with the code is
// believed when it says that an answer is final.
func problemDecoder(t testing.TB) mutate.Decoder {
	var seeds [][]byte
	for _, class := range classes {
		b, err := proto.Marshal(Errorf(class, "SS6999", "do", "what").GRPCStatus().Proto())
		if err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, b)
	}
	return mutate.Decoder{Seeds: seeds, Check: func(t testing.TB, b []byte) bool {
		p := status.New(codes.OK, "").Proto()
		if proto.Unmarshal(b, p) != nil {
			return false
		}
		s := status.FromProto(p)
		e := FromStatus(s.Err())
		if (e == nil) != (s.Code() == codes.OK) {
			t.Fatalf("code %v became %v", s.Code(), e)
		}
		if e == nil || !e.Refused() || e.Number == "SS6003" {
			return true
		}
		if want, known := e.Class.grpcCode(); !known || want != s.Code() {
			t.Fatalf("final with code %v and class %q", s.Code(), e.Class)
		}
		return true
	}}
}

func FuzzProblem(f *testing.F)       { problemDecoder(f).Fuzz(f) }
func TestMutateProblem(t *testing.T) { problemDecoder(t).Run(t) }
