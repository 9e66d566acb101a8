package crypto

// Parameters names the one parameter set of this version: one-time keys with
// a public common polynomial per block. It stands in every header.
const Parameters = "otk1"

// The numbers of the parameter set. See docs/parameters.md for the reasons.
const (
	// N is the number of coefficients of a ring element, a power of two.
	N = 4096
	// Q is the modulus 2^60 - 2^14 + 1: prime, and 1 modulo 2N.
	Q uint64 = 1152921504606830593
	// CanaryBlocks is the number of leading blocks that carry zeros.
	CanaryBlocks = 2
	// NoiseBits is the number of low bits of a coefficient left to the error.
	NoiseBits = 12
	// NoiseWarning is the largest error that honest institutions reach in
	// practice; more in a data block is a warning, not a refusal.
	NoiseWarning = 1024
	// CanaryTolerance bounds every coefficient of the opened canary blocks.
	CanaryTolerance = 1 << 25
	// MaxInstitutions is the largest roster; beyond it a committee is needed.
	MaxInstitutions = 64
	// MaxBlocks bounds the data blocks of one round (67 million vec16 values).
	MaxBlocks = 8192
	// LowDegree is the number of uniform projections of the share check, which
	// hold that all shares of a contributor lie on its polynomials.
	LowDegree = 3
	// KeyProjections is the number of short projections, which hold that the key
	// that was shared is the one in the frames.
	KeyProjections = 128
	// MaskWords is the number of masks in a share: one for each projection.
	MaskWords = LowDegree + KeyProjections
	// KeyTolerance bounds every short projection of a contributor's opened
	// canaries. Masks reach 98,298 in size and no further.
	KeyTolerance = 1 << 17
)

// Sizes in bytes of everything that crosses the network.
const (
	// BlockSize is one packed ring element: two 60-bit words in 15 bytes.
	BlockSize = N / 2 * 15
	// SaltSize is the random start of a share that keeps its digest blind.
	SaltSize = 32
	// ShareSize is the plaintext of a box: salt, masks, N words.
	ShareSize = SaltSize + 8*MaskWords + 8*N
	// BoxSize is a share sealed with HPKE: encapsulated key, share, tag.
	BoxSize = 1120 + ShareSize + 16
	// KeySize is a public MLKEM768X25519 key.
	KeySize = 1216
	// HeaderSize is the fixed start of frames, releases and projections.
	HeaderSize = 56
	// ReleaseSize is a release: header, the set as 64 bits, one block.
	ReleaseSize = HeaderSize + 8 + BlockSize
)
