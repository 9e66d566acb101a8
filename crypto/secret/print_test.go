package secret

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/crypto"
)

// TestSecretsDoNotPrint prints everything secret with every verb and encoder,
// by value, by pointer, and hidden in unexported fields of other structs,
// where fmt calls no methods.
func TestSecretsDoNotPrint(t *testing.T) {
	key, err := NodeKeyFrom([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	s := shapeOf(crypto.CodecVec16, 4, 15)
	plain, err := crypto.EncodeVec16(s, []int16{12345, 12345, 12345, 12345})
	if err != nil {
		t.Fatal(err)
	}
	f := smallRound(t, "print")
	f.accept(1, crypto.Set{1, 2, 3})
	// One more share of which salt and masks are still there.
	box, boxDigest, digest := f.box(4, 1)
	f.must(f.holders[1].Accept(4, box, boxDigest, digest))
	var share crypto.Share
	share.Words[0], share.Masks[0] = 12345, 12345
	type inside struct {
		key    NodeKey
		plain  crypto.Plain
		holder *Holder
	}
	seed := newSeed(new([32]byte), key, f.a, 1, plain)
	w, err := newWorker(f.a, plain, seed, new(crypto.Poly))
	if err != nil {
		t.Fatal(err)
	}
	// What must never appear: the key as text, hex, decimal or base64, and the
	// values; the shares have 60 bits and show as long numbers.
	forbidden := []string{"0123456789abcdef", "30313233", "48 49 50", "[48", "MDEyMzQ1", "12345", "3039", "57 48"}
	for _, v := range []any{key, &key, plain, &plain, f.holders[1], w.noise, share, &share} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
			if got := fmt.Sprintf(verb, v); got != "[secret]" {
				t.Errorf("%s of %T prints %.60s", verb, v, got)
			}
		}
		b, err := json.Marshal(v)
		if err != nil || string(b) != `"[secret]"` {
			t.Errorf("%T encodes as %.60s, %v", v, b, err)
		}
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		if !strings.Contains(log.String(), "[secret]") {
			t.Errorf("%T is logged as %s", v, log.String())
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%x"} {
		got := fmt.Sprintf(verb, inside{key, plain, f.holders[1]})
		for _, bad := range forbidden {
			if strings.Contains(got, bad) {
				t.Errorf("%s of a struct around secrets shows %q", verb, bad)
			}
		}
		if len(got) > 300 {
			t.Errorf("%s of a struct around secrets is %d characters long", verb, len(got))
		}
	}
}

func TestNodeKey(t *testing.T) {
	k := NewNodeKey()
	same, err := NodeKeyFrom(k.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	s := shapeOf(crypto.CodecStat, 1, 20)
	f := smallRound(t, "node key")
	one, two := stat(t, s, 1), stat(t, s, 2)
	if k.PlainDigest(one, f.a) != same.PlainDigest(one, f.a) {
		t.Error("a restored key gives another digest")
	}
	if k.PlainDigest(one, f.a) == k.PlainDigest(two, f.a) {
		t.Error("two numbers have one digest")
	}
	if NewNodeKey().PlainDigest(one, f.a) == k.PlainDigest(one, f.a) {
		t.Error("the digest does not depend on the key")
	}
	for _, n := range []int{0, 31, 33} {
		if _, err := NodeKeyFrom(make([]byte, n)); err == nil {
			t.Errorf("a key of %d bytes is taken", n)
		}
	}
}
