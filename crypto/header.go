package crypto

import "encoding/binary"

const version = 1

// Magic numbers of what starts with a header.
const (
	magicFrames     = "SSFR"
	magicRelease    = "SSRL"
	magicProjection = "SSPJ" // its block count is the number of points
	magicSum        = "SSSU" // never sent: the start of what Root digests
)

// header is the fixed start of everything with ring elements in it. Layout,
// little endian: magic 4, version 4, parameters 4, attempt 32, point 4, first
// block 4, block count 4. There is one valid header for each magic, attempt
// and point, so it is compared, not interpreted.
func (a Attempt) header(magic string, point, blocks int) []byte {
	b := make([]byte, 0, HeaderSize)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, version)
	b = append(b, Parameters...)
	b = append(b, a.ID[:]...)
	b = binary.LittleEndian.AppendUint32(b, uint32(point))
	b = binary.LittleEndian.AppendUint32(b, 0)
	return binary.LittleEndian.AppendUint32(b, uint32(blocks))
}

// headerMismatch names the first field in which got differs from want.
func headerMismatch(want, got []byte) string {
	for _, f := range []struct {
		name     string
		from, to int
	}{
		{"magic", 0, 4}, {"version", 4, 8}, {"parameter set", 8, 12}, {"attempt", 12, 44},
		{"point", 44, 48}, {"first block", 48, 52}, {"block count", 52, 56},
	} {
		if string(want[f.from:f.to]) != string(got[f.from:f.to]) {
			return f.name
		}
	}
	return ""
}
