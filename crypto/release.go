package crypto

import "encoding/binary"

// Release is what one holder hands over to open one sum: the sum of its
// shares of the contributors in the set.
type Release struct {
	point int
	set   uint64
	sum   *Poly
}

// Point returns the holder's point.
func (r Release) Point() int { return r.point }

// Set returns the set that the release was made for.
func (r Release) Set() Set {
	var s Set
	for p := 1; p <= MaxInstitutions; p++ {
		if r.set>>(p-1)&1 == 1 {
			s = append(s, p)
		}
	}
	return s
}

// EncodeRelease returns the ReleaseSize bytes of a release by the holder at
// point: header, set as 64 bits little endian, packed sum of shares.
func EncodeRelease(a Attempt, point int, set Set, sum *Poly) []byte {
	b := make([]byte, ReleaseSize)
	copy(b, a.header(magicRelease, point, 1))
	binary.LittleEndian.PutUint64(b[HeaderSize:], set.bits())
	sum.Pack(b[HeaderSize+8:])
	return b
}

// ParseRelease reads a release for the attempt. It refuses any other length,
// header, a point or set outside the attempt, and words not below Q.
func ParseRelease(a Attempt, b []byte) (Release, error) {
	if len(b) != ReleaseSize {
		return Release{}, failure(codeRelease, "", "a release is %d bytes, not %d", ReleaseSize, len(b))
	}
	point := int(binary.LittleEndian.Uint32(b[44:]))
	if a.Index(point) < 0 {
		return Release{}, failure(codeRelease, "", "a release comes from point %d, which takes no part in the attempt", point)
	}
	if field := headerMismatch(a.header(magicRelease, point, 1), b[:HeaderSize]); field != "" {
		return Release{}, failure(codeRelease, "", "the release of point %d was made for another %s", point, field)
	}
	r := Release{point: point, set: binary.LittleEndian.Uint64(b[HeaderSize:]), sum: new(Poly)}
	if outside := r.set &^ a.holderBits(); outside != 0 || r.set == 0 {
		return Release{}, failure(codeRelease, "", "the release of point %d is for a set outside the attempt", point)
	}
	if err := r.sum.Unpack(b[HeaderSize+8:]); err != nil {
		return Release{}, failure(codeRelease, "", "the release of point %d holds a word that is not below the modulus", point)
	}
	return r, nil
}

func (a Attempt) holderBits() uint64 {
	var b uint64
	for _, h := range a.Holders {
		b |= Set{h.Point}.bits()
	}
	return b
}
