package bundle

import (
	"bytes"
	"encoding/json"
	"io/fs"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Kind says what a bundle can show.
type Kind string

// The two kinds.
const (
	Public Kind = "public" // statements, proofs and digests
	Sealed Kind = "sealed" // also frames and releases: it opens every sum
)

// Format and Version name this layout of the folder.
const (
	Format  = "smartstart-bundle"
	Version = 1
)

// Manifest is the file bundle.json.
type Manifest struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Kind    Kind   `json:"kind"`
}

// Names in the folder.
const (
	manifestFile   = "bundle.json"
	checkpointFile = "checkpoint"
	blobFolder     = "blobs"
)

func blobPath(d crypto.Digest) string { return blobFolder + "/" + d.String() }

func readManifest(fsys fs.FS) (Manifest, error) {
	b, err := readFile(fsys, manifestFile, 4096)
	if err != nil {
		return Manifest{}, &Error{codeNoBundle, "this is no audit bundle: " + err.Error(), "give the folder that holds bundle.json"}
	}
	var m Manifest
	dec := json.NewDecoder(bytes.NewReader(b))
	if err := dec.Decode(&m); err != nil || m.Format != Format {
		return Manifest{}, &Error{codeNoBundle, "bundle.json is not that of an audit bundle", "give the folder that an audit command wrote"}
	}
	if m.Version != Version {
		return Manifest{}, failure(codeVersion, "install the smartstart that wrote it, or a newer one",
			"the bundle has version %d, this program reads version %d", m.Version, Version)
	}
	if m.Kind != Public && m.Kind != Sealed {
		return Manifest{}, failure(codeNoBundle, "ask for the bundle again", "bundle.json names neither a public nor a sealed bundle")
	}
	return m, nil
}
