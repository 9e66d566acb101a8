package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/smartstart-federation/smartstart/crypto"
)

// MaxLeaf is the largest statement in bytes: entry bundles of the log count
// with 16 bits. Anything larger is a blob named by its digest.
const MaxLeaf = 65535

// Version is the version of every statement type in this protocol.
const Version = 1

const (
	signatureSize = 64
	noteDash      = "\u2014 " // how a signature line of a note begins
)

// Statement is one entry of the log, decoded.
type Statement struct {
	Header
	Body  Body
	Leaf  []byte        // the signed note, byte for byte
	Hash  crypto.Digest // leaf hash, RFC 6962
	Index int64         // place in the log; -1 before it has one

	text      []byte // what was signed
	keyHash   uint32
	signature []byte
}

// Sign returns the leaf that says b: a signed note whose text is the type line
// "smartstart/<type>/v1" and one line of canonical JSON. It fills in the
// header's Type, Version and Signer.
func Sign(h Header, b Body, s note.Signer) ([]byte, error) {
	h.Type, h.Version, h.Signer = b.Type(), Version, s.Name()
	plain, err := copyBody(b)
	if err != nil {
		return nil, fmt.Errorf("statement %s cannot be encoded: %w", b.Type(), err)
	}
	text, err := encodeText(h, plain)
	if err != nil {
		return nil, fmt.Errorf("statement %s cannot be encoded: %w", b.Type(), err)
	}
	leaf, err := note.Sign(&note.Note{Text: string(text)}, s)
	if err != nil {
		return nil, fmt.Errorf("statement %s cannot be signed: %w", b.Type(), err)
	}
	if _, err := Parse(leaf); err != nil { // never hand out what others would refuse to read
		return nil, err
	}
	return leaf, nil
}

// Parse decodes a leaf strictly: one signed note with one signature, known
// type and version, and JSON in exactly the bytes that encoding it again
// gives, so that unknown and duplicate keys, other spacing and other number
// forms are refused. It does not verify the signature; the State does, which
// knows the keys. The error is a *Refusal.
func Parse(leaf []byte) (*Statement, error) {
	s, r := parse(leaf)
	if r != nil {
		return nil, r
	}
	return s, nil
}

func parse(leaf []byte) (*Statement, *Refusal) {
	if len(leaf) > MaxLeaf {
		return nil, Refuse(CodeTooLarge, len(leaf), MaxLeaf)
	}
	text, name, sig, err := splitNote(leaf)
	if err != nil {
		return nil, Refuse(CodeNote, err.Error())
	}
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	if len(rest) == 0 || bytes.IndexByte(rest, '\n') != len(rest)-1 {
		return nil, Refuse(CodeNote, "the text is not one type line and one line of JSON")
	}
	typ, version, ok := cutTypeLine(string(line))
	wire := struct {
		Header
		Body Body `json:"body"`
	}{Body: newBody(typ)}
	if !ok || wire.Body == nil || version != Version {
		return nil, Refuse(CodeType, shorten(typ), version)
	}
	if err := strictJSON(rest, &wire); err != nil {
		return nil, Refuse(CodeCanonical, plainJSONError(err))
	}
	body := wire.Body
	if body == nil || wire.Type != typ || wire.Version != version {
		return nil, Refuse(CodeCanonical, "the type line, the header and the body differ")
	}
	if wire.Signer != name {
		return nil, Refuse(CodeNote, "the signature line and the header name different signers")
	}
	if hasNil(reflect.ValueOf(body).Elem()) {
		return nil, Refuse(CodeCanonical, "a list is null; an empty list is []")
	}
	again, err := encodeText(wire.Header, body)
	if err != nil || !bytes.Equal(again, text) {
		return nil, Refuse(CodeCanonical, "encoding it again gives other bytes (an unknown or doubled key, or another spelling)")
	}
	return &Statement{
		Header: wire.Header, Body: body, Leaf: bytes.Clone(leaf),
		Hash: crypto.Digest(tlog.RecordHash(leaf)), Index: -1,
		text: again, keyHash: binary.BigEndian.Uint32(sig), signature: sig[4:],
	}, nil
}

// splitNote takes a signed note with exactly one Ed25519 signature apart and
// refuses every second encoding of it.
func splitNote(leaf []byte) (text []byte, name string, sig []byte, err error) {
	if !utf8.Valid(leaf) {
		return nil, "", nil, errors.New("not UTF-8")
	}
	for _, c := range leaf {
		if c < 0x20 && c != '\n' {
			return nil, "", nil, errors.New("control characters")
		}
	}
	i := bytes.LastIndex(leaf, []byte("\n\n"))
	if i < 0 {
		return nil, "", nil, errors.New("no signature")
	}
	text, line := leaf[:i+1], string(leaf[i+2:])
	if !strings.HasPrefix(line, noteDash) || strings.IndexByte(line, '\n') != len(line)-1 {
		return nil, "", nil, errors.New("not exactly one signature line")
	}
	name, b64, ok := strings.Cut(line[len(noteDash):len(line)-1], " ")
	if !ok || name == "" {
		return nil, "", nil, errors.New("malformed signature line")
	}
	sig, err = base64.StdEncoding.Strict().DecodeString(b64)
	if err != nil || len(sig) != 4+signatureSize {
		return nil, "", nil, errors.New("the signature is not one of Ed25519 in base64")
	}
	return text, name, sig, nil
}

func typeLine(typ string, version int) string {
	return fmt.Sprintf("smartstart/%s/v%d", typ, version)
}

// cutTypeLine is the reverse of typeLine.
func cutTypeLine(line string) (typ string, version int, ok bool) {
	rest, ok := strings.CutPrefix(line, "smartstart/")
	typ, v, ok2 := strings.Cut(rest, "/v")
	version, err := strconv.Atoi(v)
	return typ, version, ok && ok2 && err == nil && line == typeLine(typ, version)
}

// encodeText returns what is signed: the type line and the JSON line.
func encodeText(h Header, b Body) ([]byte, error) {
	var buf bytes.Buffer
	buf.WriteString(typeLine(h.Type, h.Version))
	buf.WriteByte('\n')
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		Header
		Body Body `json:"body"`
	}{h, b})
	return buf.Bytes(), err
}

// strictJSON decodes one JSON value with no unknown keys and nothing after it.
func strictJSON(b []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("something follows the value")
	}
	return nil
}

// plainJSONError keeps a decoder's message short.
func plainJSONError(err error) string { return shorten(err.Error()) }

// shorten cuts text that came from outside before it is shown.
func shorten(s string) string {
	if len(s) > 120 {
		return strings.ToValidUTF8(s[:120], "") + "..."
	}
	return s
}

// newBody returns an empty body of a type, nil for an unknown one.
func newBody(typ string) Body {
	switch typ {
	case TypeCharter:
		return new(Charter)
	case TypeMember:
		return new(Member)
	case TypeProposal:
		return new(Proposal)
	case TypeDecision:
		return new(Decision)
	case TypeReady:
		return new(Ready)
	case TypeOpen:
		return new(Open)
	case TypeUpdate:
		return new(Update)
	case TypeSet:
		return new(Set)
	case TypeVote:
		return new(Vote)
	case TypeAbort:
		return new(Abort)
	case TypeRelease:
		return new(Release)
	case TypeResult:
		return new(Result)
	case TypeProceed:
		return new(Proceed)
	case TypeClose:
		return new(Close)
	case TypeEndorse:
		return new(Endorse)
	case TypeAdvice:
		return new(Advice)
	case TypeEpoch:
		return new(Epoch)
	case TypeDispute:
		return new(Dispute)
	case TypePublish:
		return new(Publish)
	}
	return nil
}

// copyBody returns a copy of b in which lists that are nil are empty, so that
// a body has one encoding.
func copyBody(b Body) (Body, error) {
	plain, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	out := newBody(b.Type())
	if out == nil {
		return nil, fmt.Errorf("unknown statement type %q", b.Type())
	}
	if err := json.Unmarshal(plain, out); err != nil {
		return nil, err
	}
	fillNil(reflect.ValueOf(out).Elem())
	return out, nil
}

// lists calls f for every slice in v.
func lists(v reflect.Value, f func(reflect.Value)) {
	switch v.Kind() {
	case reflect.Slice:
		f(v)
		if v.Type().Elem().Kind() == reflect.Struct {
			for i := range v.Len() {
				lists(v.Index(i), f)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !strings.HasSuffix(v.Type().Field(i).Tag.Get("json"), ",omitempty") {
				lists(v.Field(i), f)
			}
		}
	}
}

func hasNil(v reflect.Value) (found bool) {
	lists(v, func(l reflect.Value) { found = found || l.IsNil() })
	return found
}

func fillNil(v reflect.Value) {
	lists(v, func(l reflect.Value) {
		if l.IsNil() {
			l.Set(reflect.MakeSlice(l.Type(), 0, 0))
		}
	})
}
