package verifier

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// judged is an entry of a log and what the product says of it.
type judged struct {
	leaf    []byte
	typ     string         // of the statement; "" when it cannot be read
	finding *audit.Finding // nil when it counts
}

// log is every entry of a history, and what the product said of it.
func (h *history) log() (list []judged) {
	for _, leaf := range h.f.Leaves {
		e := judged{leaf: leaf}
		if s, err := audit.Parse(leaf); err == nil {
			e.typ = s.Type
		}
		list = append(list, e)
	}
	for _, f := range h.f.State.Findings {
		list[f.Index].finding = f
	}
	return list
}

// undamaged is a story as it is meant.
func undamaged(t testing.TB, seed uint64, story int) []judged {
	h := newHistory(t, seed)
	h.tell(story, nil)
	return h.log()
}

// spoilt is a story in which, from one of its first so many statements on, damaged
// ones are said in between. The first of them that counts ends the story, because
// what was to follow does not fit; twenty more say again what was said before.
func spoilt(t testing.TB, seed uint64, long int) []judged {
	h := newHistory(t, seed)
	from := h.rnd.IntN(long)
	h.tell(int(seed%uint64(len(stories))), func(s *audittest.Signer, head audit.Header, b audit.Body) {
		if len(h.f.Leaves) < from {
			return
		}
		for range h.rnd.IntN(3) {
			leaf := h.damaged(s, head, b)
			if leaf == nil {
				continue
			}
			_, finding := h.f.Append(leaf)
			if h.f.State.Charter == nil { // no log begins with a void entry
				h.f.Append(h.f.Leaf(s, head, b))
				panic(ending{})
			}
			if finding != nil {
				continue
			}
			for range 20 {
				if leaf := h.again(); leaf != nil {
					h.f.Append(leaf)
				}
			}
			panic(ending{})
		}
	})
	return h.log()
}

// damaged makes another statement of what s is about to say: mostly with one
// field changed, at times with one token of its JSON changed, signed by another party, in
// an earlier boot epoch, at another time or before the newest entries were seen, or an old
// statement again. Nil when it cannot be made. Whoever signs it signs as the
// next one of its own chain, so that the signature is never what is wrong.
func (h *history) damaged(s *audittest.Signer, head audit.Header, b audit.Body) []byte {
	switch h.rnd.IntN(10) {
	case 0:
		return h.spelt(s, head, b)
	case 1:
		return h.sign(h.anyone(), head, b)
	case 2, 3:
		return h.again()
	case 4: // an old copy of the machine, if it was started anew since
		first := *s
		if first.Boot = audittest.Digest("boot", s.Name()); first.Boot != s.Boot {
			return h.sign(&first, head, b)
		}
	case 5: // by another clock, or by somebody who had not seen the newest entries
		if h.rnd.IntN(2) == 0 {
			head.Time = h.text(h.f.Clock.UTC().Format(time.RFC3339))
		} else {
			head.Seen.Size = h.f.State.Head().Size - 1 - h.rnd.Int64N(6)
		}
		return h.sign(s, head, b)
	}
	leaf, err := audit.Parse(h.f.Leaf(s, head, b)) // a copy
	if err != nil {
		return nil
	}
	if h.rnd.IntN(6) == 0 {
		h.field(reflect.ValueOf(&leaf.Header).Elem())
	} else {
		h.field(reflect.ValueOf(leaf.Body).Elem())
	}
	out, err := audit.Sign(leaf.Header, leaf.Body, s)
	if err != nil {
		return nil // no encoding has this value
	}
	return out
}

// sign signs as the next statement of s; head may give it another time than the
// clock's, and an earlier size of the log that its signer has seen.
func (h *history) sign(s *audittest.Signer, head audit.Header, b audit.Body) []byte {
	size := head.Seen.Size
	head = h.f.State.Next(s.Name(), s.Boot, head)
	if root, ok := h.f.State.RootAt(size); ok && size > 0 {
		head.Seen = audit.Head{Size: size, Root: root}
	}
	if head.Time == "" {
		head.Time = h.f.Clock.UTC().Format(time.RFC3339)
	}
	leaf, err := audit.Sign(head, b, s)
	if err != nil {
		return nil
	}
	return leaf
}

// again says what was said before in this log once more, perhaps changed, and
// perhaps in the newest attempt of its study.
func (h *history) again() []byte {
	if len(h.f.Leaves) == 0 {
		return nil
	}
	old, err := audit.Parse(one(h.rnd, h.f.Leaves...))
	if err != nil || h.signers[old.Signer] == nil {
		return nil
	}
	if h.rnd.IntN(3) == 0 {
		h.field(reflect.ValueOf(old.Body).Elem())
	}
	head := audit.Header{Study: old.Study, Round: old.Round, Attempt: old.Attempt}
	if study := h.f.State.Studies[old.Study]; study != nil && old.Round > 0 && h.rnd.IntN(2) == 0 {
		head = h.f.Next(old.Study)
		open := reflect.ValueOf(old.Body).Elem().FieldByName("Open")
		if at := study.Current(); at != nil && open.IsValid() {
			head.Attempt = at.Number
			open.Set(reflect.ValueOf(at.ID))
		}
	}
	return h.sign(h.signers[old.Signer], head, old.Body)
}

// token is a value or a key of JSON.
var token = regexp.MustCompile(`"[^"]*"|-?[0-9]+|true|false|\[\]`)

// spelt changes one token of the JSON, which its signer then signs all the same.
func (h *history) spelt(s *audittest.Signer, head audit.Header, b audit.Body) []byte {
	text, _, _ := bytes.Cut(h.f.Leaf(s, head, b), []byte("\n\n"))
	kind, line, _ := bytes.Cut(text, []byte("\n"))
	places := token.FindAllIndex(line, -1)
	at := places[h.rnd.IntN(len(places))]
	word := string(line[at[0]:at[1]])
	other := one(h.rnd, "null", "-1", "1.0", "1e3", "01", "9223372036854775808", `""`, "[]", "{}", "true", `"\u0061"`, `"\ud800"`, `"é"`, `"/"`, `"\/"`,
		" "+word, strings.ToUpper(word), word+","+word, word+`:1,`+word, `"x":`+word, "["+word+"]")
	if h.rnd.IntN(20) == 0 {
		kind = []byte(one(h.rnd, "smartstart/vote/v1", "smartstart/vote/v2", "smartstart/vote/v01", "smartstart/poll/v1", "smartstart/open"))
	}
	text = slices.Concat(kind, []byte("\n"), line[:at[0]], []byte(other), line[at[1]:], []byte("\n"))
	leaf, err := note.Sign(&note.Note{Text: string(text)}, s)
	if err != nil {
		return nil
	}
	return leaf
}

// field changes one field somewhere in a value.
func (h *history) field(v reflect.Value) {
	rnd := h.rnd
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		} else {
			h.field(v.Elem())
		}
	case reflect.Struct:
		h.field(v.Field(rnd.IntN(v.NumField())))
	case reflect.Array:
		v.Set(reflect.ValueOf(h.digest(v.Interface().(crypto.Digest))))
	case reflect.Slice:
		h.list(v)
	case reflect.String:
		v.SetString(h.text(v.String()))
	case reflect.Int, reflect.Int64:
		v.SetInt(one(rnd, v.Int()+1, v.Int()+1, v.Int()-1, v.Int()-1, 0, -1, 1, 2, 3, 63, 64, 65, 86400, 86401, 1<<20, 1<<20+1, 1<<62, 1<<63-1, -1<<63))
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Uint8:
		v.SetUint(rnd.Uint64() & 255)
	}
}

// list changes a list: empty, one fewer, one more, one twice, two swapped, or one
// of its elements changed.
func (h *history) list(v reflect.Value) {
	n := v.Len()
	switch kind := h.rnd.IntN(7); {
	case kind == 0:
		v.Set(v.Slice(0, 0))
	case n == 0 || kind == 1:
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
	case kind == 2:
		v.Set(v.Slice(0, n-1))
	case kind == 3:
		v.Set(reflect.Append(v, v.Index(n-1)))
	case kind == 4:
		reflect.Swapper(v.Interface())(h.rnd.IntN(n), n-1)
	default:
		h.field(v.Index(h.rnd.IntN(n)))
	}
}

// digest is another digest: of nothing, of something that this log has, or one
// with another bit.
func (h *history) digest(d crypto.Digest) crypto.Digest {
	switch h.rnd.IntN(4) {
	case 0:
		return crypto.Digest{}
	case 1, 2:
		if len(h.f.Leaves) > 0 {
			if s, err := audit.Parse(one(h.rnd, h.f.Leaves...)); err == nil {
				return s.Hash
			}
		}
	}
	d[0] ^= 1
	return d
}

// text is another text, of the same kind as the old one or of none.
func (h *history) text(old string) string {
	rnd := h.rnd
	_, notTime := time.Parse(time.RFC3339, old)
	_, notDate := time.Parse(time.DateOnly, old)
	signer := h.signers[old]
	switch odd := rnd.IntN(4) == 0; {
	case odd:
	case notTime == nil:
		if rnd.IntN(3) == 0 {
			return one(rnd, "2099-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-09-01T08:00:60Z", "2026-02-29T08:00:00Z", "2026-09-01T08:00:00.0Z", "2026-09-01T08:00:00+00:00", "2026-9-1T08:00:00Z", "10000-01-01T00:00:00Z")
		}
		return h.f.Clock.Add(time.Duration(rnd.IntN(4000)-2000) * time.Hour).UTC().Format(time.RFC3339)
	case notDate == nil:
		if rnd.IntN(3) == 0 {
			return one(rnd, "2026-02-29", "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "2027-7-31", "20270731", "")
		}
		return h.f.Clock.AddDate(0, 0, rnd.IntN(5)-2).Format(time.DateOnly)
	case signer != nil:
		return h.anyone().Name()
	case strings.Count(old, "+") >= 2: // a verifier key
		return one(rnd, h.anyone().Party.Key, old+"=", strings.ToUpper(old), audittest.NewSigner(strings.SplitN(old, "+", 2)[0], "another").Party.Key)
	}
	return one(rnd, "", " ", "x", "approve", "deny", "withdraw", "rehearsal", "consent", "proceed", "canary", "range", "enrol", "admit", "expel", "grant", "revoke",
		"agree", "agree_if", "object", "finished", "failed", "stopped", "share", "projection", "opening", "fork", "researcher", "auditor", "no_update", "withdrawn",
		"cannot_accept", "no_certificate", "board01", "board02", "a.fg", "a.approver", "stat", "vec16", "2027-07-31", "\n", "a\nb", "a\tb", "\x7f", "a\u0085", "\u00a0", "\u00ad", "\u061c",
		"\u200e", "\u2028", "\ufeff", "<&>", `"\`, "\U0001f600", "-a", "a-", "A", "é", strings.Repeat("a", 64), strings.Repeat("a", 65), strings.Repeat("a", 257), strings.Repeat("é", 129), strings.Repeat("a", 1001))
}

// anyone is one of the parties of this log, and at times a stranger.
func (h *history) anyone() *audittest.Signer {
	if h.rnd.IntN(20) == 0 {
		return audittest.NewSigner("stranger", "")
	}
	return h.signers[one(h.rnd, h.names...)]
}

func one[T any](rnd *rand.Rand, of ...T) T { return of[rnd.IntN(len(of))] }
