package coordinator

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/coordinator/blobs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

func head(content []byte, size int64) *api.PutBlobRequest {
	d := crypto.DigestOf(content)
	return &api.PutBlobRequest{Step: &api.PutBlobRequest_Header{Header: &api.BlobHeader{Digest: d[:], Size: size}}}
}

func piece(at int64, data []byte) *api.PutBlobRequest {
	return &api.PutBlobRequest{Step: &api.PutBlobRequest_Piece{Piece: &api.BlobPiece{Offset: at, Data: data}}}
}

func random(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return b
}

// upload sends messages as they are and returns the code of the answer that
// ends the call; "done" when the blob was taken.
func upload(t *testing.T, f api.FederationClient, messages ...*api.PutBlobRequest) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := f.PutBlob(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if s.Send(m) != nil {
			break // the answer says why
		}
	}
	_ = s.CloseSend()
	for {
		m, err := s.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return ""
		case err != nil:
			return api.FromStatus(err).Code()
		case m.GetDone() != nil:
			return "done"
		}
	}
}

func TestHostileUploads(t *testing.T) {
	w := newWorld(t, 3, func(c *Config) { c.MaxBlob = 1 << 20; c.Quota = 3 << 20; c.Dir = t.TempDir() })
	w.found()
	f := api.NewFederationClient(w.raw("board01"))
	c := random(1000)
	short := head(c, 1000)
	short.GetHeader().Digest = short.GetHeader().Digest[:31]
	for what, x := range map[string]struct {
		want     string
		messages []*api.PutBlobRequest
	}{
		"nothing":               {"SS6407", nil},
		"empty message":         {"SS6407", []*api.PutBlobRequest{{}}},
		"piece first":           {"SS6407", []*api.PutBlobRequest{piece(0, c)}},
		"two headers":           {"SS6407", []*api.PutBlobRequest{head(c, 1000), head(c, 1000)}},
		"short digest":          {"SS6401", []*api.PutBlobRequest{short}},
		"no size":               {"SS6402", []*api.PutBlobRequest{head(random(9), 0)}},
		"negative size":         {"SS6402", []*api.PutBlobRequest{head(random(9), -1)}},
		"over the maximum":      {"SS6402", []*api.PutBlobRequest{head(random(9), 1<<20+1)}},
		"huge size":             {"SS6402", []*api.PutBlobRequest{head(random(9), 1<<62)}},
		"empty piece":           {"SS6410", []*api.PutBlobRequest{head(random(8), 8), piece(0, nil)}},
		"large piece":           {"SS6410", []*api.PutBlobRequest{head(random(7), 1<<20), piece(0, random(api.MaxPiece+1))}},
		"large message":         {"SS6004", []*api.PutBlobRequest{head(random(6), 1<<20), piece(0, random(api.MaxMessage+1))}},
		"wrong offset":          {"SS6406", []*api.PutBlobRequest{head(random(5), 100), piece(1, random(10))}},
		"negative offset":       {"SS6406", []*api.PutBlobRequest{head(random(5), 100), piece(-5, random(10))}},
		"same offset again":     {"SS6406", []*api.PutBlobRequest{head(random(4), 100), piece(0, random(10)), piece(0, random(10))}},
		"more than announced":   {"SS6402", []*api.PutBlobRequest{head(random(3), 10), piece(0, random(11))}},
		"less than announced":   {"SS6407", []*api.PutBlobRequest{head(random(2), 10), piece(0, random(9))}},
		"wrong digest":          {"SS6404", []*api.PutBlobRequest{head(c, 1000), piece(0, random(1000))}},
		"size of another's lie": {"SS6402", []*api.PutBlobRequest{head([]byte("codebook"), 9)}},
	} {
		if got := upload(t, f, x.messages...); got != x.want {
			t.Errorf("%s: answered %q, want %q", what, got, x.want)
		}
	}
	if got := upload(t, f, head(c, 1000), piece(0, c)); got != "done" {
		t.Errorf("after all that an honest upload is answered %q", got)
	}
}

func TestQuotaOverTheWire(t *testing.T) {
	w := newWorld(t, 3, func(c *Config) { c.MaxBlob = 1 << 20; c.Quota = 2 << 20 })
	w.found()
	f := api.NewFederationClient(w.raw("board01"))
	for range 2 {
		c := random(1 << 20)
		if got := upload(t, f, head(c, 1<<20), piece(0, c[:api.MaxPiece])); got != "SS6407" {
			t.Fatalf("a part: %q", got)
		}
	}
	if got := upload(t, f, head(random(10), 10)); got != "SS6403" {
		t.Errorf("over the quota: %q", got)
	}
	other := api.NewFederationClient(w.raw("board02"))
	c := random(10)
	if got := upload(t, other, head(c, 10), piece(0, c)); got != "done" {
		t.Errorf("another's quota: %q", got)
	}
}

// A new connection takes over from one that stands half open, where it stopped.
func TestHalfOpenUpload(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.found()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := random(2 * api.MaxPiece)
	begin := func() (grpc.BidiStreamingClient[api.PutBlobRequest, api.PutBlobResponse], int64) {
		s, err := api.NewFederationClient(w.raw("board01")).PutBlob(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Send(head(c, int64(len(c)))); err != nil {
			t.Fatal(err)
		}
		m, err := s.Recv()
		if err != nil {
			t.Fatal(err)
		}
		return s, m.GetOffset().GetOffset()
	}
	old, _ := begin()
	if err := old.Send(piece(0, c[:api.MaxPiece])); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // the piece is on its way
	now, at := begin()
	if at != api.MaxPiece {
		t.Fatalf("resumed at %d", at)
	}
	if err := old.Send(piece(at, c[at:])); err == nil {
		if _, err := old.Recv(); api.FromStatus(err).Code() != "SS6408" {
			t.Errorf("the half-open upload: %v", err)
		}
	}
	if err := now.Send(piece(at, c[at:])); err != nil {
		t.Fatal(err)
	}
	if m, err := now.Recv(); err != nil || m.GetDone() == nil {
		t.Fatalf("%v, %v", m, err)
	}
}

func TestSilentUploadEnds(t *testing.T) {
	w := newWorld(t, 3, func(c *Config) { c.Idle = 100 * time.Millisecond })
	w.found()
	for _, messages := range [][]*api.PutBlobRequest{nil, {head(random(10), 10)}, {head(random(20), 20), piece(0, random(5))}} {
		s, err := api.NewFederationClient(w.raw("board01")).PutBlob(w.ctx())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			if err := s.Send(m); err != nil {
				t.Fatal(err)
			}
		}
		for err == nil {
			_, err = s.Recv()
		}
		if got := api.FromStatus(err).Code(); got != "SS6409" {
			t.Errorf("after %d messages and silence: %q", len(messages), got)
		}
	}
}

func TestRanges(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.found()
	c := random(3*api.MaxPiece + 5)
	d := crypto.DigestOf(c)
	cl := w.client("board01")
	if err := cl.PutBlob(w.ctx(), d, int64(len(c)), bytes.NewReader(c)); err != nil {
		t.Fatal(err)
	}
	size := int64(len(c))
	for _, r := range [][2]int64{{0, -1}, {0, size}, {5, 10}, {size, 0}, {size - 1, -1}, {api.MaxPiece - 1, 2 * api.MaxPiece}} {
		var got bytes.Buffer
		if err := cl.GetBlob(w.ctx(), d, r[0], r[1], &got); err != nil {
			t.Errorf("%v: %v", r, err)
			continue
		}
		end := size
		if r[1] >= 0 {
			end = r[0] + r[1]
		}
		if !bytes.Equal(got.Bytes(), c[r[0]:end]) {
			t.Errorf("%v: other bytes", r)
		}
	}
	for _, r := range [][2]int64{{size + 1, -1}, {size, 1}, {0, size + 1}, {1 << 62, 1 << 62}} {
		refused(t, "a range outside", cl.GetBlob(w.ctx(), d, r[0], r[1], io.Discard), "SS6411")
	}
	refused(t, "an unknown blob", cl.GetBlob(w.ctx(), [32]byte{1}, 0, -1, io.Discard), "SS6405")
}

// script stream: what a hostile client sends, without a network.
type mutter struct {
	grpc.ServerStream
	ctx  context.Context
	in   []*api.PutBlobRequest
	mu   sync.Mutex
	done bool
}

func (m *mutter) Context() context.Context { return m.ctx }

func (m *mutter) Recv() (*api.PutBlobRequest, error) {
	if len(m.in) == 0 {
		return nil, io.EOF
	}
	next := m.in[0]
	m.in = m.in[1:]
	return next, nil
}

func (m *mutter) Send(r *api.PutBlobResponse) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done = m.done || r.GetDone() != nil
	return nil
}

// putBlobDecoder sends arbitrary sequences of messages. Whatever is answered, a
// blob that is there has its digest, a `done` means that it is there, and what
// is kept stays within the quota.
func putBlobDecoder(testing.TB) mutate.Decoder {
	content, other := bytes.Repeat([]byte{7}, 255), bytes.Repeat([]byte{8}, 255)
	check := func(t testing.TB, plan []byte) (accepted bool) {
		const quota = 400
		shelf := blobs.NewMemory(blobs.Limits{Blob: 250, Quota: quota})
		s := &server{c: &Coordinator{blobs: shelf}, ctx: context.Background()}
		plan = plan[:min(len(plan), 600)]
		for len(plan) > 0 { // one upload each
			m := &mutter{ctx: context.Background()}
			var sizes []int
			for len(plan) >= 3 && len(m.in) < 6 {
				kind, x, y := plan[0], plan[1], plan[2]
				plan = plan[3:]
				switch kind % 4 {
				case 0:
					m.in = append(m.in, head(content[:x], int64(int8(y))+int64(x)))
					sizes = append(sizes, int(x))
				case 1:
					m.in = append(m.in, piece(int64(x), content[:y]))
				case 2:
					m.in = append(m.in, piece(int64(binary.LittleEndian.Uint16([]byte{x, y}))-1000, other[:y]))
				case 3:
					m.in = append(m.in, &api.PutBlobRequest{})
				}
			}
			if len(m.in) == 0 {
				break
			}
			ctx, cancel := context.WithCancel(m.ctx)
			err := s.putBlob("board01", receive(ctx, m, time.Minute), m)
			cancel()
			if e := outward(err); e != nil && e.Class == api.Internal {
				t.Fatalf("an internal error from outside bytes: %v", err)
			}
			kept := false
			for _, n := range sizes {
				b, err := shelf.Open(crypto.DigestOf(content[:n]))
				if err != nil {
					continue
				}
				all, err := io.ReadAll(blobs.Reader(b))
				if err != nil || !bytes.Equal(all, content[:n]) {
					t.Fatalf("a blob without its digest: %v", err)
				}
				kept = true
			}
			if m.done && !kept {
				t.Fatal("done without a blob")
			}
			accepted = accepted || m.done
		}
		return accepted
	}
	return mutate.Decoder{
		Slow: true,
		// Each upload, of eighteen bytes of an input, hashes what came earlier
		// through a buffer of 32 KiB.
		Memory: mutate.Memory{PerByte: 4096, Fixed: 1 << 20},
		Seeds: [][]byte{
			{0, 10, 0, 1, 0, 10},
			{0, 10, 1, 0, 10},
			{0, 200, 0, 1, 0, 100, 1, 100, 100},
			{0, 10, 0, 20, 1, 0, 10, 2, 7},
			{1, 0, 0, 3, 9, 9},
		},
		Check: check,
	}
}

func FuzzPutBlob(f *testing.F)       { putBlobDecoder(f).Fuzz(f) }
func TestMutatePutBlob(t *testing.T) { putBlobDecoder(t).Run(t) }
