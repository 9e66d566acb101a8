package coordinator

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"slices"
	"testing"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

// requests are the messages that callers send, empty.
func requests() []proto.Message {
	return []proto.Message{
		&api.AppendRequest{}, &api.FollowRequest{}, &api.CheckpointRequest{}, &api.PutBlobRequest{},
		&api.GetBlobRequest{}, &api.JoinRequest{}, &api.StandingRequest{},
	}
}

// requestDecoder takes a message as grpc hands it over. The first byte of an
// input chooses the kind. What cannot be read is said in the envelope, never to
// grpc, and what can be read is the same when it is sent on.
func requestDecoder(t testing.TB) mutate.Decoder {
	d := crypto.DigestOf(nil)
	var seeds [][]byte
	for i, m := range []proto.Message{
		&api.AppendRequest{Leaf: []byte("smartstart/close/v1\n{}\n")}, &api.FollowRequest{From: 300}, &api.CheckpointRequest{},
		piece(70000, []byte("content")), &api.GetBlobRequest{Digest: d[:], Offset: 5, Length: -1},
		&api.JoinRequest{Secret: d[:], Applicants: []*api.Applicant{{Name: "guest", Request: d[:], Key: "k", Proof: d[:]}, {Name: "x"}}}, &api.StandingRequest{},
	} {
		b, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, append([]byte{byte(i)}, b...))
	}
	h, err := proto.Marshal(head([]byte("content"), 7))
	if err != nil {
		t.Fatal(err)
	}
	seeds = append(seeds, append([]byte{3}, h...))
	return mutate.Decoder{Seeds: seeds, Check: func(t testing.TB, b []byte) bool {
		if len(b) == 0 {
			return false
		}
		kinds := requests()
		m := kinds[int(b[0])%len(kinds)]
		b = b[1:]
		e := &envelope{message: m}
		if err := (strict{}).Unmarshal(mem.BufferSlice{mem.SliceBuffer(b)}, e); err != nil {
			t.Fatalf("grpc would word this itself: %v", err)
		}
		if e.err != nil {
			if out := outward(e.err); out == nil || out.Class == api.Internal || out.Number == "" {
				t.Fatalf("refused as %+v", out)
			}
			return false
		}
		if len(b) > largest(m) {
			t.Fatalf("%d bytes are taken, %d is the most", len(b), largest(m))
		}
		out, err := (strict{}).Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		again := m.ProtoReflect().New().Interface()
		if err := (strict{}).Unmarshal(out, again); err != nil || !proto.Equal(m, again) {
			t.Fatalf("sent on it is another message: %v", err)
		}
		return true
	}}
}

func FuzzRequest(f *testing.F)       { requestDecoder(f).Fuzz(f) }
func TestMutateRequest(t *testing.T) { requestDecoder(t).Run(t) }

// joinDecoder: a request to join is granted for exactly the keys that signed
// it, whatever else is spoilt.
func joinDecoder(t testing.TB) mutate.Decoder {
	k := newKeys(t, "guest")
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	request, err := ca.NewRequest("guest", key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := audit.PrivateKey(k.private)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := private.Sign(nil, api.JoinProof(origin, "guest", request), &ed25519.Options{})
	if err != nil {
		t.Fatal(err)
	}
	good, err := proto.Marshal(&api.JoinRequest{Applicants: []*api.Applicant{{Name: "guest", Request: request, Key: k.public, Proof: proof}}})
	if err != nil {
		t.Fatal(err)
	}
	e := &enrolment{c: &Coordinator{cfg: Config{Origin: origin}}}
	invited := &Invitation{Name: "guest", Role: RoleResearcher}
	return mutate.Decoder{Slow: true, Seeds: [][]byte{good}, Check: func(t testing.TB, b []byte) bool {
		r := &api.JoinRequest{}
		if proto.Unmarshal(b, r) != nil {
			return false
		}
		keys, err := e.applicants(invited, r.GetApplicants())
		if err != nil {
			if out := outward(err); out == nil || out.Class != api.Invalid {
				t.Fatalf("refused as %v", err)
			}
			return false
		}
		a := r.GetApplicants()
		if len(keys) != 1 || keys[0].Key != k.public || !slices.Equal(a[0].GetRequest(), request) || !slices.Equal(a[0].GetProof(), proof) {
			t.Fatal("joined with what nobody signed")
		}
		return true
	}}
}

// There is no fuzz target: go's workers are processes of their own, with other
// keys than those that the seed was signed with.
func TestMutateJoin(t *testing.T) { joinDecoder(t).Run(t) }

// wireDecoder: the frames of a connection are found wherever reads end, and
// every byte of them is accounted for.
func wireDecoder(testing.TB) mutate.Decoder {
	type frame struct {
		kind   byte
		length int
	}
	preface := "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	return mutate.Decoder{
		Seeds: [][]byte{
			[]byte(preface + "\x00\x00\x00\x04\x00\x00\x00\x00\x00" + "\x00\x00\x05\x01\x04\x00\x00\x00\x01abcde" + "\x00\x00\x03\x00\x01\x00\x00\x00\x01xyz"),
			[]byte(preface), {},
		},
		Check: func(t testing.TB, b []byte) bool {
			see := func(pieces ...[]byte) (found []frame, f frames) {
				f = frames{skip: prefaceSize}
				for _, p := range pieces {
					f.see(p, func(kind byte, length int) { found = append(found, frame{kind, length}) })
				}
				return found, f
			}
			whole, f := see(b)
			bytes := prefaceSize - f.skip + f.have
			for _, w := range whole {
				bytes += frameHead + w.length
			}
			if bytes != len(b) {
				t.Fatalf("%d of %d bytes are accounted for", bytes, len(b))
			}
			var single [][]byte
			for i := range b[:min(len(b), 4096)] {
				single = append(single, b[i:i+1])
			}
			single = append(single, b[len(single):])
			if got, g := see(single...); !slices.Equal(got, whole) || g != f {
				t.Fatalf("byte by byte %v are found, else %v", got, whole)
			}
			return len(whole) > 0
		},
	}
}

func FuzzWire(f *testing.F)       { wireDecoder(f).Fuzz(f) }
func TestMutateWire(t *testing.T) { wireDecoder(t).Run(t) }
