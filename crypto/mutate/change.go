package mutate

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"slices"
)

const (
	junkEvery = 5000    // one input in so many is junk
	junkMost  = 1 << 20 // bytes of it
	keepMost  = 256     // accepted mutants that are kept to go on from
	keepEvery = 8       // one accepted mutant in so many is
	stacked   = 8       // changes to one input
)

// interesting are the edges of integers and lengths.
var interesting = []uint64{
	0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64, 65, 100, 127, 128, 129, 255, 256, 257, 511, 512, 1023, 1024, 4095, 4096,
	1<<15 - 1, 1 << 15, 1<<16 - 1, 1 << 16, 1<<24 - 1, 1 << 24, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 32, 1<<40 - 1, 1 << 53,
	1<<62 - 1, 1 << 62, 1<<63 - 1, 1 << 63, 1<<64 - 2, 1<<64 - 1,
}

// texts have a meaning in text formats: structure, numbers and odd characters.
var texts = []string{
	"{", "}", "[", "]", "[[", "]]", "(", ")", "\"", "'", "`", "\"\"", "\"\"\"", "'''", ",", ";", ":", "=", ".", "..", "#", "\n", "\r", "\r\n", "\n\n",
	"\t", " ", "-", "+", "*", "/", "\\", "\\u0000", "\\x00", "\\\"", "_", "<", ">", "&", "&&", "|", "||", "!", "?", "~", "^", "%", "$", "@", "null", "true", "false",
	"0", "1", "-1", "00", "007", "0.0", "-0", "1e9", "1e309", "-1e309", "1e-400", "nan", "NaN", "inf", "-inf", "0x7f", "1_000", "127", "128", "255", "256", "65535",
	"65536", "2147483647", "2147483648", "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
	"18446744073709551615", "18446744073709551616", "340282366920938463463374607431768211456", "\x00", "\x7f", "\x80", "\xff", "\xc0\x80", "\xed\xa0\x80",
	"\ufeff", "\u2028", "\u00a0", "\u200b", "e\u0301", "\u2014 ",
}

// mutator makes inputs.
type mutator struct {
	r     *rand.Rand
	seeds [][]byte
	kept  [][]byte // accepted mutants
	long  int      // bytes of the longest seed
	most  int      // bytes of an input that is not junk
	buf   []byte   // of the last input
	spare []byte
}

func newMutator(r *rand.Rand, seeds [][]byte) *mutator {
	m := &mutator{r: r, seeds: seeds}
	for _, s := range seeds {
		m.long = max(m.long, len(s))
	}
	m.long = max(m.long, 16)
	m.most = 4 * m.long
	if len(seeds) == 0 {
		m.seeds = [][]byte{{}}
	}
	return m
}

// next returns an input, which is good until the next call. Its capacity is its
// length, so that to read on behind it is a panic.
func (m *mutator) next() []byte {
	if m.r.IntN(junkEvery) == 0 {
		m.junk()
		return slices.Clip(m.buf)
	}
	m.buf = append(m.buf[:0], m.start()...)
	n := 1
	for n < stacked && m.r.IntN(2) == 0 {
		n++
	}
	for range n {
		m.change()
		if len(m.buf) > m.most {
			m.buf = m.buf[:m.most]
		}
	}
	return slices.Clip(m.buf)
}

// accepted tells that the last input was accepted.
func (m *mutator) accepted(b []byte) {
	switch {
	case len(b) > m.long || m.r.IntN(keepEvery) != 0:
	case len(m.kept) < keepMost:
		m.kept = append(m.kept, slices.Clone(b))
	default:
		i := m.r.IntN(keepMost)
		m.kept[i] = append(m.kept[i][:0], b...)
	}
}

func (m *mutator) start() []byte {
	if len(m.kept) > 0 && m.r.IntN(3) == 0 {
		return m.kept[m.r.IntN(len(m.kept))]
	}
	return m.seeds[m.r.IntN(len(m.seeds))]
}

// junk makes a long input: noise, or one short text over and over, which is
// what decoders that recurse or look back suffer from.
func (m *mutator) junk() {
	n := m.most
	for doublings := bits.Len(uint(junkMost / m.most)); n < junkMost; n *= 2 {
		if doublings--; m.r.IntN(doublings+2) == 0 {
			break
		}
	}
	n = min(n, junkMost)
	m.buf = m.buf[:0]
	if m.r.IntN(4) == 0 {
		for len(m.buf) < n {
			m.buf = binary.LittleEndian.AppendUint64(m.buf, m.r.Uint64())
		}
		return
	}
	if m.r.IntN(2) == 0 {
		s := m.start()
		m.buf = append(m.buf, s[:m.r.IntN(len(s)+1)]...)
	}
	again := append(m.spare[:0], texts[m.r.IntN(len(texts))]...)
	if m.r.IntN(2) == 0 {
		s := m.start()
		from, to := m.block(len(s))
		again = append(again, s[from:to]...)
	}
	m.spare = again
	for len(m.buf) < n {
		m.buf = append(m.buf, again...)
	}
}

// block returns a stretch of n bytes, mostly a short one.
func (m *mutator) block(n int) (from, to int) {
	if n == 0 {
		return 0, 0
	}
	from = m.r.IntN(n)
	long := n - from
	if m.r.IntN(4) > 0 {
		long = min(long, 32)
	}
	return from, from + 1 + m.r.IntN(long)
}

// at returns a place in or behind the input.
func (m *mutator) at() int { return m.r.IntN(len(m.buf) + 1) }

// put puts p in the place of the bytes from to to.
func (m *mutator) put(from, to int, p []byte) {
	m.spare = append(m.spare[:0], p...) // p may be part of buf
	m.buf = slices.Replace(m.buf, from, to, m.spare...)
}

// over writes p over the input, as much of it as fits.
func (m *mutator) over(at int, p []byte) { copy(m.buf[min(at, len(m.buf)):], p) }

// change makes one change.
func (m *mutator) change() {
	r := m.r
	n := len(m.buf)
	if n == 0 {
		m.put(0, 0, []byte(texts[r.IntN(len(texts))]))
		return
	}
	switch r.IntN(16) {
	case 0, 1:
		m.buf[r.IntN(n)] ^= 1 << r.IntN(8)
	case 2:
		m.buf[r.IntN(n)] = byte(r.Uint32())
	case 3:
		m.buf[r.IntN(n)] += byte(1 + r.IntN(8) - 5)
	case 4:
		m.integer()
	case 5:
		if r.IntN(2) == 0 {
			m.buf = m.buf[:r.IntN(n)]
		} else {
			m.buf = m.buf[:n-min(n, 1+r.IntN(8))]
		}
	case 6: // longer, by anything
		var p [16]byte
		if r.IntN(2) == 0 {
			binary.LittleEndian.PutUint64(p[:], r.Uint64())
			binary.LittleEndian.PutUint64(p[8:], r.Uint64())
		}
		at := n
		if r.IntN(2) == 0 {
			at = m.at()
		}
		m.put(at, at, p[:1+r.IntN(16)])
	case 7:
		from, to := m.block(n)
		m.put(from, to, nil)
	case 8: // a block twice, or many times
		from, to := m.block(n)
		at, times := m.at(), 1
		if r.IntN(4) == 0 {
			times += r.IntN(16)
		}
		m.put(at, at, bytes.Repeat(m.buf[from:to], times))
	case 9:
		from, to := m.block(n)
		m.over(m.at(), slices.Clone(m.buf[from:to]))
	case 10: // a block moves
		from, to := m.block(n)
		p := slices.Clone(m.buf[from:to])
		m.put(from, to, nil)
		at := m.at()
		m.put(at, at, p)
	case 11: // the end of another input
		s := m.start()
		m.put(m.at(), n, s[r.IntN(len(s)+1):])
	case 12: // a block of another input
		s := m.start()
		from, to := m.block(len(s))
		at := m.at()
		m.put(at, min(n, at+r.IntN(2)*(to-from)), s[from:to])
	case 13:
		at := m.at()
		m.put(at, at, []byte(texts[r.IntN(len(texts))]))
	case 14:
		m.over(r.IntN(n), []byte(texts[r.IntN(len(texts))]))
	case 15:
		m.number()
	}
}

// integer writes an edge over 1, 2, 4 or 8 bytes, or moves what stands there by
// a little.
func (m *mutator) integer() {
	size := 1 << m.r.IntN(4)
	if len(m.buf) < size {
		return
	}
	at := m.r.IntN(len(m.buf) - size + 1)
	var p [8]byte
	v := interesting[m.r.IntN(len(interesting))]
	big := m.r.IntN(2) == 0
	if m.r.IntN(4) == 0 {
		copy(p[:], m.buf[at:at+size])
		v = binary.LittleEndian.Uint64(p[:])
		if big {
			slices.Reverse(p[:size])
			v = binary.LittleEndian.Uint64(p[:])
		}
		v += uint64(m.r.IntN(33)) - 16
	}
	binary.LittleEndian.PutUint64(p[:], v)
	if big {
		slices.Reverse(p[:size])
	}
	m.over(at, p[:size])
}

// number puts another number in the place of digits.
func (m *mutator) number() {
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	from := m.r.IntN(len(m.buf))
	for from < len(m.buf) && !digit(m.buf[from]) {
		from++
	}
	to := from
	for to < len(m.buf) && digit(m.buf[to]) {
		to++
	}
	m.put(from, to, []byte(texts[m.r.IntN(len(texts))]))
}
