package coordinator

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

var malformedEach = flag.Int("malformed", 0, "malformed requests to send of every method; 0: 1,000 in all")

// most is how much the heap may grow over all of them.
const most = 10 << 20

// newOpenWorld is a federation of boards with every service of a coordinator:
// a guest is invited and has not joined.
func newOpenWorld(t testing.TB, boards int, edit func(*Config)) *world {
	t.Helper()
	v, err := OpenInvitations(filepath.Join(t.TempDir(), "invitations"))
	if err != nil {
		t.Fatal(err)
	}
	guest := &Invitation{Name: "guest", Role: RoleInstitution, Secret: crypto.DigestOf([]byte("secret")), Expires: time.Now().Add(time.Hour)}
	if err := v.Invite(guest); err != nil {
		t.Fatal(err)
	}
	enrol := &Enrolment{Invitations: v, Terms: Terms{Codebook: []byte("codebook"), MinInstitutions: 3, Rehearsal: true, Retention: "test"}}
	w := newWorld(t, boards, func(c *Config) {
		c.Enrol = enrol
		if edit != nil {
			edit(c)
		}
	})
	enrol.Authority = w.authority
	w.found()
	return w
}

// sample is what a method is sent: requests that it grants, to be broken, and
// requests that are well formed and absurd.
type sample struct{ valid, absurd []proto.Message }

// samples has an entry for every method; TestMalformed fails without one.
func (w *world) samples() map[string]sample {
	leaf := w.leaf("researcher", audit.Header{Study: "s"}, &audit.Proposal{Study: "text", Numbers: 1 << 20})
	content := random(1000)
	d, codebook := crypto.DigestOf(content), crypto.DigestOf([]byte("codebook"))
	part := func(offset, length int64) proto.Message {
		return &api.GetBlobRequest{Digest: codebook[:], Offset: offset, Length: length}
	}
	plain := w.checkpoint()
	cosigned := w.cosigned("board01", plain)
	applicant := &api.Applicant{Name: "guest", Request: random(300), Key: w.people["board01"].public, Proof: random(64)}
	join := &api.JoinRequest{Secret: []byte("secret"), Applicants: []*api.Applicant{applicant, applicant}}
	list := &reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_FileByFilename{FileByFilename: "federation.proto"}}
	reflect := sample{valid: []proto.Message{list}, absurd: []proto.Message{
		&reflectionpb.ServerReflectionRequest{},
		&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: strings.Repeat("x.", 1000)}},
	}}
	health := sample{valid: []proto.Message{&healthpb.HealthCheckRequest{}}, absurd: []proto.Message{&healthpb.HealthCheckRequest{Service: "nobody's"}}}
	return map[string]sample{
		"smartstart.v1.Federation/Append": {[]proto.Message{&api.AppendRequest{Leaf: leaf}}, []proto.Message{
			&api.AppendRequest{}, &api.AppendRequest{Leaf: make([]byte, api.MaxLeaf+1)}, &api.AppendRequest{Leaf: leaf[:len(leaf)/2]},
			&api.AppendRequest{Leaf: []byte(strings.Repeat("[", 60_000))},
		}},
		"smartstart.v1.Federation/Follow": {[]proto.Message{&api.FollowRequest{From: 1}}, []proto.Message{
			&api.FollowRequest{From: -1}, &api.FollowRequest{From: math.MinInt64}, &api.FollowRequest{From: math.MaxInt64},
		}},
		"smartstart.v1.Federation/Cosign": {[]proto.Message{&api.CosignRequest{Checkpoint: cosigned}}, []proto.Message{
			&api.CosignRequest{}, &api.CosignRequest{Checkpoint: make([]byte, api.MaxCheckpoint+1)}, &api.CosignRequest{Checkpoint: cosigned[:len(cosigned)/2]},
			&api.CosignRequest{Checkpoint: plain}, &api.CosignRequest{Checkpoint: []byte(strings.Repeat("— a b\n", 500))}, &api.CosignRequest{Checkpoint: leaf},
		}},
		"smartstart.v1.Federation/Checkpoint": {valid: []proto.Message{&api.CheckpointRequest{}}},
		"smartstart.v1.Federation/PutBlob": {[]proto.Message{head(content, 1000), piece(0, content)}, []proto.Message{
			&api.PutBlobRequest{}, head(random(5), -1), head(random(5), math.MaxInt64), head(random(5), math.MinInt64),
			&api.PutBlobRequest{Step: &api.PutBlobRequest_Header{Header: &api.BlobHeader{Digest: d[:31], Size: 1000}}},
			piece(math.MaxInt64, content), piece(-1, content), piece(0, nil), head(content, 999), head(random(9), 0),
		}},
		"smartstart.v1.Federation/GetBlob": {[]proto.Message{part(0, -1)}, []proto.Message{
			part(-1, -1), part(math.MinInt64, -1), part(math.MaxInt64, math.MaxInt64), part(1, math.MaxInt64), part(0, -2), part(0, math.MinInt64),
			&api.GetBlobRequest{Digest: d[:], Length: -1}, &api.GetBlobRequest{}, &api.GetBlobRequest{Digest: random(4000)},
		}},
		"smartstart.v1.Enrolment/Join": {[]proto.Message{join}, []proto.Message{
			join, &api.JoinRequest{}, &api.JoinRequest{Secret: random(32)}, &api.JoinRequest{Secret: []byte("secret")},
			&api.JoinRequest{Secret: []byte("secret"), Applicants: make([]*api.Applicant, 5000)},
		}},
		"smartstart.v1.Enrolment/Standing":                              {valid: []proto.Message{&api.StandingRequest{}}},
		"grpc.health.v1.Health/Check":                                   health,
		"grpc.health.v1.Health/Watch":                                   health,
		"grpc.health.v1.Health/List":                                    {valid: []proto.Message{&healthpb.HealthListRequest{}}},
		"grpc.reflection.v1.ServerReflection/ServerReflectionInfo":      reflect,
		"grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": reflect,
	}
}

// methods lists what a coordinator serves, as the server itself says it.
func (w *world) methods() []string {
	w.t.Helper()
	s, err := newServer(context.Background(), w.c)
	if err != nil {
		w.t.Fatal(err)
	}
	defer s.grpc.Stop()
	var list []string
	for name, service := range s.grpc.GetServiceInfo() {
		for _, m := range service.Methods {
			list = append(list, name+"/"+m.Name)
		}
	}
	slices.Sort(list)
	return list
}

// asIs is a codec that sends bytes as they are.
type asIs struct{}

func (asIs) Name() string                    { return "proto" }
func (asIs) Marshal(v any) ([]byte, error)   { return v.([]byte), nil }
func (asIs) Unmarshal(b []byte, v any) error { *v.(*[]byte) = b; return nil }

// spoil returns the messages of one request that is not as it should be.
func spoil(r *rand.Rand, s sample) (how string, messages [][]byte) {
	pick := func(from []proto.Message) []byte {
		b, err := proto.Marshal(from[r.IntN(len(from))])
		if err != nil {
			panic(err)
		}
		return b
	}
	noise := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	good := pick(s.valid)
	switch r.IntN(10) {
	case 0:
		return "random bytes", [][]byte{noise(1 + r.IntN(400))}
	case 1:
		return "cut", [][]byte{good[:r.IntN(len(good)+1)], noise(3)}
	case 2:
		for range 1 + r.IntN(3) {
			if len(good) > 0 {
				good[r.IntN(len(good))] ^= 1 << r.IntN(8)
			}
		}
		return "flipped", [][]byte{good}
	case 3: // field 99, absurd lengths
		return "unknown fields", [][]byte{append(append(good, 0x9a, 0x06), 0xff, 0xff, 0xff, 0xff, byte(r.IntN(16)))}
	case 4:
		return "too large", [][]byte{append(good, make([]byte, 1<<r.IntN(22))...)}
	case 5:
		return "nothing", nil
	case 6:
		return "many", [][]byte{good, good, noise(9), good}
	case 7:
		return "half-way", [][]byte{good, noise(r.IntN(30))}
	case 8:
		return "many small parts", [][]byte{[]byte(strings.Repeat("\x12\x00", 1<<r.IntN(19)))}
	}
	if len(s.absurd) == 0 {
		return "group that never ends", [][]byte{[]byte(strings.Repeat("\x0b", 1+r.IntN(4000)))}
	}
	return "absurd", [][]byte{pick(s.absurd)}
}

// ask sends messages as they are and returns how the call ended; nil when it
// was granted.
func ask(conn *grpc.ClientConn, method string, messages [][]byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/"+method, grpc.ForceCodec(asIs{}))
	if err != nil {
		return err
	}
	for _, m := range messages {
		if s.SendMsg(m) != nil {
			break // the answer says why
		}
	}
	_ = s.CloseSend()
	endless := strings.HasSuffix(method, "/Follow") || strings.HasSuffix(method, "/Watch")
	if endless {
		stop := time.AfterFunc(200*time.Millisecond, cancel) // granted, with nothing to say
		defer stop.Stop()
	}
	for {
		var b []byte
		switch err := s.RecvMsg(&b); {
		case errors.Is(err, io.EOF), err == nil && endless, endless && ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
	}
}

// framing reports whether grpc itself answered, before there was a request: no
// message or several where a call takes one, or one larger than any. It does so
// with the codes of its specification, Internal and ResourceExhausted, and
// leaves nobody else to answer.
func framing(err error) bool {
	s := status.Convert(err)
	return len(s.Details()) == 0 && (strings.Contains(s.Message(), "cardinality violation") || strings.Contains(s.Message(), "larger than max"))
}

// typed says what is wrong with an answer: it must say what kind of refusal it
// is, in a code of ours.
func typed(err error) error {
	if framing(err) {
		return nil
	}
	s, e := status.Convert(err), api.FromStatus(err)
	switch {
	case s.Code() == codes.Unknown || s.Code() == codes.Internal || len(s.Details()) == 0:
		return fmt.Errorf("answered %v %q", s.Code(), s.Message())
	case !strings.HasPrefix(e.Code(), "SS") || e.Class == api.Internal || e.Sentence == "":
		return fmt.Errorf("answered %s %s %q", e.Class, e.Code(), e.Sentence)
	}
	return nil
}

// heap returns the bytes that are in use after a collection.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// bombard sends malformed requests of every method by everybody, at least each
// of them a method, until total are refused. It returns how many, how many of
// them by grpc itself, and what was wrong with the answers.
func (w *world) bombard(total, each int) (refused, framed int, faults []string) {
	w.t.Helper()
	r := rand.New(rand.NewPCG(8, 8))
	samples, methods := w.samples(), w.methods()
	for _, m := range methods {
		if _, ok := samples[m]; !ok {
			w.t.Fatalf("%s has no malformed requests; add it to samples", m)
		}
	}
	conns := map[string]*grpc.ClientConn{}
	for _, name := range []string{"board01", "board02", "researcher", "mallory", "join.guest", "join.other"} {
		conns[name] = w.raw(name)
	}
	names := slices.Sorted(maps.Keys(conns))
	count := map[string]int{}
	for tries := 0; refused < total || slices.ContainsFunc(methods, func(m string) bool { return count[m] < each }); tries++ {
		m := methods[tries%len(methods)]
		name := names[r.IntN(len(names))]
		how, messages := spoil(r, samples[m])
		err := ask(conns[name], m, messages)
		if err == nil {
			// Protobuf lets unknown fields pass, so some are as good as valid.
			continue
		}
		refused++
		if framing(err) {
			framed++
		}
		count[m]++
		if fault := typed(err); fault != nil {
			faults = append(faults, fmt.Sprintf("%s: %s by %s: %v", m, how, name, fault))
		}
	}
	return refused, framed, faults
}

// TestMalformed is figure 8: malformed requests of every method, each answered
// with a typed error, and then everything is as before.
func TestMalformed(t *testing.T) {
	log := new(strings.Builder)
	w := newOpenWorld(t, 3, func(c *Config) {
		c.MaxBlob = 1 << 20
		c.Logger = hclog.New(&hclog.LoggerOptions{Output: log, Level: hclog.Error})
	})
	w.bombard(50, 0) // whatever is made once is made
	before := heap()
	total, each := 1000, 20
	if *malformedEach > 0 {
		each = *malformedEach
	}
	began := time.Now()
	refused, framed, faults := w.bombard(total, each)
	growth := heap() - before
	t.Logf("%d malformed requests refused in %v, %d of them not typed, %d by grpc's framing; the heap grew by %d KiB", refused, time.Since(began), len(faults), framed, growth>>10)
	for _, f := range faults[:min(len(faults), 20)] {
		t.Error(f)
	}
	if growth > most {
		t.Errorf("the heap grew by %d bytes, at most %d", growth, int64(most))
	}
	w.say("researcher", audit.Header{Study: "honest"}, &audit.Proposal{Study: "text", Numbers: 1 << 20})
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	if log.Len() > 0 {
		t.Errorf("the operator is told of defects: %.2000s", log)
	}
}
