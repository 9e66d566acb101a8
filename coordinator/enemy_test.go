package coordinator

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/protobuf/proto"
)

// enemy is a connection that speaks HTTP/2 as badly as a test wants.
type enemy struct {
	net.Conn
	framer *http2.Framer

	mu     sync.Mutex // framer's writing side, and what follows
	names  *hpack.Encoder
	buffer bytes.Buffer
	next   uint32
}

// newEnemy connects and sends settings; nothing is read yet.
func newEnemy(ctx context.Context, address string, config *tls.Config, settings ...http2.Setting) (*enemy, error) {
	config = config.Clone()
	config.NextProtos = []string{"h2"}
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	e := &enemy{Conn: conn, next: 1, framer: http2.NewFramer(conn, conn)}
	e.framer.AllowIllegalWrites = true
	e.names = hpack.NewEncoder(&e.buffer)
	if _, err = io.WriteString(conn, http2.ClientPreface); err == nil {
		err = e.framer.WriteSettings(settings...)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return e, nil
}

// block returns the headers of a call.
func (e *enemy) block(method string, more ...string) []byte {
	e.buffer.Reset()
	fields := append([]string{":method", "POST", ":scheme", "https", ":path", "/" + method, ":authority", "localhost",
		"content-type", "application/grpc", "te", "trailers"}, more...)
	for i := 0; i < len(fields); i += 2 {
		_ = e.names.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}) // into memory
	}
	return e.buffer.Bytes()
}

// call begins a call and returns its stream.
func (e *enemy) call(method string) (stream uint32, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	stream = e.next
	e.next += 2
	return stream, e.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: e.block(method), EndHeaders: true})
}

// message sends m, all of it but the last `less` bytes.
func (e *enemy) message(stream uint32, m proto.Message, less int, end bool) error {
	b, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	framed := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(b)))
	framed = append(framed, b...)
	return e.data(stream, framed[:len(framed)-less], end)
}

func (e *enemy) data(stream uint32, b []byte, end bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(b) > 16<<10 {
		if err := e.framer.WriteData(stream, false, b[:16<<10]); err != nil {
			return err
		}
		b = b[16<<10:]
	}
	return e.framer.WriteData(stream, end, b)
}

// ask is a whole call with one request.
func (e *enemy) ask(method string, m proto.Message) error {
	stream, err := e.call(method)
	if err != nil {
		return err
	}
	return e.message(stream, m, 0, true)
}

// read reads what comes until the connection ends, and takes note of it; see may
// be nil.
func (e *enemy) read(see func(http2.Frame)) {
	for {
		f, err := e.framer.ReadFrame()
		if err != nil {
			return
		}
		if s, ok := f.(*http2.SettingsFrame); ok && !s.IsAck() {
			e.mu.Lock()
			_ = e.framer.WriteSettingsAck() // a failure shows at the next read
			e.mu.Unlock()
		}
		if p, ok := f.(*http2.PingFrame); ok && !p.IsAck() {
			e.mu.Lock()
			_ = e.framer.WritePing(true, p.Data)
			e.mu.Unlock()
		}
		if see != nil {
			see(f)
		}
	}
}

// within reports whether yes comes true in time.
func within(d time.Duration, yes func() bool) bool {
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if yes() {
			return true
		}
	}
	return yes()
}
