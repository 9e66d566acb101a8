package secret

import (
	"encoding/binary"
	"math/bits"

	"github.com/smartstart-federation/smartstart/crypto"
)

const (
	// eta is the parameter of the centred binomial error: 84 coins, less 42.
	// Its standard deviation is sqrt(42/2) = 4.58.
	eta = 42
	// noiseSize is the keystream for one block: 32 bytes make three errors of
	// 64+20 bits each.
	noiseSize = (crypto.N + 2) / 3 * 32
)

// blend sets dst to 2^12*m + e: data block b of the message, nothing for the
// canaries, plus errors from noiseSize bytes of keystream. It takes the same
// steps for all values.
func blend(dst *crypto.Poly, m crypto.Plain, b int, raw []byte) {
	raw = raw[:noiseSize]
	i := 0
	for ; i+3 <= crypto.N; i += 3 {
		w0, w1, w2, w3 := binary.LittleEndian.Uint64(raw), binary.LittleEndian.Uint64(raw[8:]), binary.LittleEndian.Uint64(raw[16:]), binary.LittleEndian.Uint64(raw[24:])
		dst[i] = uint64(coins(w0, w3))
		dst[i+1] = uint64(coins(w1, w3>>20))
		dst[i+2] = uint64(coins(w2, w3>>40))
		raw = raw[32:]
	}
	// N = 3*1365 + 1: the last group gives one error.
	dst[i] = uint64(coins(binary.LittleEndian.Uint64(raw), binary.LittleEndian.Uint64(raw[24:])))
	m.AddTo(dst, b-crypto.CanaryBlocks)
	for i, v := range dst {
		dst[i] = v + crypto.Q&uint64(int64(v)>>63)
	}
}

// coins returns the heads among the 64 bits of a and the low 20 bits of b,
// less eta.
func coins(a, b uint64) int64 {
	return int64(bits.OnesCount64(a)+bits.OnesCount64(b&(1<<20-1))) - eta
}
