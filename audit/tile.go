package audit

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// TileHeight is the height of the log's tiles, as C2SP tlog-tiles fixes it.
const TileHeight = 8

// Tiles returns the tiles that a log of a size consists of: every full one and
// the partial one at the right edge of each level.
func Tiles(size int64) []tlog.Tile {
	if size <= 0 {
		return nil
	}
	return tlog.NewTiles(TileHeight, 0, size)
}

// Bundles returns the entry bundles of a log of a size.
func Bundles(size int64) []tlog.Tile {
	var list []tlog.Tile
	for _, t := range Tiles(size) {
		if t.L == 0 {
			t.L = -1
			list = append(list, t)
		}
	}
	return list
}

// TilePath returns the path of a tile or entry bundle (level -1) as C2SP
// tlog-tiles names it: tile/<level>/<index>[.p/<width>].
func TilePath(t tlog.Tile) string {
	path := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", TileHeight))
	return "tile/" + strings.Replace(path, "data/", "entries/", 1)
}

// ReadTile returns the bytes of a tile of this tree.
func (t *Tree) ReadTile(tile tlog.Tile) ([]byte, error) { return tlog.ReadTileData(tile, t) }

// EncodeBundle returns an entry bundle: each leaf with its length as 16 bits,
// big endian, before it.
func EncodeBundle(leaves [][]byte) ([]byte, error) {
	var b []byte
	for _, leaf := range leaves {
		if len(leaf) > MaxLeaf {
			return nil, Refuse(CodeTooLarge, len(leaf), MaxLeaf)
		}
		b = binary.BigEndian.AppendUint16(b, uint16(len(leaf)))
		b = append(b, leaf...)
	}
	return b, nil
}

// DecodeBundle takes an entry bundle of exactly width leaves apart. The leaves
// are slices of b.
func DecodeBundle(b []byte, width int) ([][]byte, error) {
	if width < 0 || width > 1<<TileHeight {
		return nil, fmt.Errorf("an entry bundle holds at most %d entries, not %d", 1<<TileHeight, width)
	}
	leaves := make([][]byte, 0, width)
	for len(b) > 0 {
		if len(leaves) == width {
			return nil, errors.New("an entry bundle goes on after its last entry")
		}
		if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
			return nil, errors.New("an entry bundle ends within an entry")
		}
		n := int(binary.BigEndian.Uint16(b))
		leaves = append(leaves, b[2:2+n:2+n])
		b = b[2+n:]
	}
	if len(leaves) != width {
		return nil, fmt.Errorf("an entry bundle holds %d entries instead of %d", len(leaves), width)
	}
	return leaves, nil
}
