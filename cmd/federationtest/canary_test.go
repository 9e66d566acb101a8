package federationtest

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/cmd/party"
)

// canary is a value that stands nowhere but where it belongs: in the folder of
// its owner, in the files that home names.
type canary struct {
	name  string
	owner string // the program in whose memory it may be; "" none of those that run
	home  []string
	forms [][]byte // as which it would be recognised
}

// written is a text as it would stand in a file, a log or a database.
func written(s string) [][]byte { return append(encodings([]byte(s)), []byte(s)) }

// encodings are the texts in which bytes hide: hex and base64 at each of the
// three places in a group that they can begin at.
func encodings(b []byte) (list [][]byte) {
	list = append(list, []byte(hex.EncodeToString(b)), []byte(strings.ToUpper(hex.EncodeToString(b))))
	for shift := range 3 {
		// Only groups that hold nothing of the neighbours are the same everywhere.
		part := b[(3-shift)%3:]
		part = part[:len(part)/3*3]
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			list = append(list, []byte(e.EncodeToString(part)))
		}
	}
	return list
}

// raw are bytes as memory and binary files hold them, in either order, and the
// texts for them.
func raw(b []byte) [][]byte {
	return append(encodings(b), b, back(b))
}

// number is a number of a row: its first eight characters, with which every
// longer or %f form begins, its bytes, and the hex words of a stack trace.
func number(text string) [][]byte {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || len(text) < 12 {
		panic("a planted number has many digits")
	}
	b := binary.BigEndian.AppendUint64(nil, math.Float64bits(x))
	return [][]byte{[]byte(text[:8]), b, back(b), fmt.Appendf(nil, "%x", b)}
}

// keysIn lists the secret parts of a key file.
func keysIn(t *testing.T, path, owner string) (list []canary) {
	t.Helper()
	k, err := party.ReadKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	add := func(what string, forms ...[]byte) {
		for _, f := range forms {
			if len(f) < 8 {
				t.Fatalf("%s of %s has a form of %d bytes, which may stand anywhere", what, path, len(f))
			}
		}
		list = append(list, canary{k.Owner + "'s " + what, owner, []string{path}, forms})
	}
	parts := strings.SplitN(string(k.Signing), "+", 5)
	seed, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(seed) != 33 {
		t.Fatalf("the signing key in %s is no note key (%v)", path, err)
	}
	add("signing key", append(raw(seed[1:]), []byte(parts[4]))...) // the first byte names the algorithm
	for what, text := range map[string]string{"connection key": string(k.TLS), "authority key": string(k.Authority)} {
		if text == "" {
			continue
		}
		block, _ := pem.Decode([]byte(text))
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		d, err := key.(*ecdsa.PrivateKey).Bytes()
		if err != nil {
			t.Fatal(err)
		}
		// The number itself begins in the first line of the file and ends with
		// 24 characters of the second; the public key follows.
		lines := strings.Split(text, "\n")
		add(what, append(raw(d), []byte(lines[1]), []byte(lines[2][:24]))...)
	}
	if k.Node != "" {
		b, err := hex.DecodeString(string(k.Node))
		if err != nil {
			t.Fatal(err)
		}
		add("node key", raw(b)...)
	}
	return list
}

// TestCanariesAreFound shows that the search has teeth: a canary is found
// wherever and however somebody would let it slip out.
func TestCanariesAreFound(t *testing.T) {
	const text = "1.739046152837"
	x, id := canary{forms: number(text)}, canary{forms: written("pupil-Zq7xKw3")}
	secret := []byte("0123456789abcdefFEDCBA9876543210")
	key := canary{forms: raw(secret)}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	bits := math.Float64bits(value)
	for name, c := range map[string]struct {
		canary
		slip string
	}{
		"a number in a text log":      {x, "2027-01-01T10:00:00Z [WARN] node: a value is out of range: value=" + text},
		"a number in a JSON log":      {x, `{"@level":"warn","value":` + text + `}`},
		"a number, rounded":           {x, fmt.Sprintf("value=%f", value)},
		"a number in a database":      {x, "\x00\x07" + string(binary.BigEndian.AppendUint64(nil, bits)) + "\x00"},
		"a number in memory":          {x, string(binary.LittleEndian.AppendUint64([]byte("\x01"), bits))},
		"a number on a stack":         {x, fmt.Sprintf("model.local(0x%x, 0xc000012345)", bits)},
		"a row's id":                  {id, "board1,pupil-Zq7xKw3,12"},
		"a row's id in base64":        {id, base64.StdEncoding.EncodeToString([]byte("ab,pupil-Zq7xKw3,12"))},
		"a key as bytes":              {key, "SQLite format 3\x00" + string(secret)},
		"a key in hex":                {key, fmt.Sprintf("key=%x", secret)},
		"a key in base64":             {key, base64.StdEncoding.EncodeToString(secret)},
		"a key in base64, one later":  {key, base64.StdEncoding.EncodeToString([]byte("." + string(secret)))},
		"a key in base64, two later":  {key, base64.URLEncoding.EncodeToString([]byte(".." + string(secret)))},
		"a key turned round, as some": {key, string(back(secret))},
	} {
		f := newFinder([]canary{c.canary})
		if !f.finds([]byte(c.slip)) {
			t.Errorf("%s is not found in %q", name, c.slip)
		}
		if f.finds([]byte("nothing of it: 1.739, pupil, 0123456789")) {
			t.Errorf("%s is found where it is not", name)
		}
	}
}

// back returns b in the other order, as numbers stand in memory.
func back(b []byte) []byte {
	b = slices.Clone(b)
	slices.Reverse(b)
	return b
}
