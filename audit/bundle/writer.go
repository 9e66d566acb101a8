package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Blobs fetches blobs by digest; length < 0 means to the end.
type Blobs interface {
	GetBlob(ctx context.Context, digest [32]byte, offset, length int64, w io.Writer) error
}

// Write writes the bundle of a log, whose leaves must be exactly those of the
// checkpoint, to dir, which must be empty or not exist. A sealed bundle gets
// what opened every sum and what every dispute is judged by. The
// manifest is written last: a folder without one is not finished.
func Write(ctx context.Context, dir string, kind Kind, leaves [][]byte, checkpoint []byte, blobs Blobs) error {
	if list, err := os.ReadDir(dir); err == nil && len(list) > 0 {
		return failure(codeWrite, "choose another folder or empty it", "the folder for the bundle is not empty")
	}
	w := &writer{ctx: ctx, dir: dir, blobs: blobs, done: map[crypto.Digest]bool{}, folders: 0o755, files: 0o644}
	if kind == Sealed { // whoever has it can open every total
		w.folders, w.files = 0o700, 0o600
	}
	var tree audit.Tree
	for _, leaf := range leaves {
		tree.Append(leaf)
	}
	refs, err := needed(kind, leaves, checkpoint)
	if err != nil {
		return err
	}
	if err := w.log(&tree, leaves); err != nil {
		return err
	}
	if err := w.file(checkpointFile, checkpoint); err != nil {
		return err
	}
	if err := w.folder(blobFolder); err != nil {
		return err
	}
	for _, ref := range refs {
		if err := w.blob(ref); err != nil {
			return err
		}
	}
	manifest, err := json.MarshalIndent(Manifest{Format, Version, kind}, "", "  ")
	if err != nil {
		return err
	}
	return w.file(manifestFile, append(manifest, '\n'))
}

// needed lists the blobs of a bundle: documents, the checkpoints of every fork
// that somebody shows and, sealed, the frames, projections and releases of every
// certified attempt, and what other disputes are about.
func needed(kind Kind, leaves [][]byte, checkpoint []byte) ([]audit.BlobRef, error) {
	if len(leaves) == 0 {
		return nil, failure(codeLog, "wait until the charter is signed", "the log is empty")
	}
	first, err := audit.Parse(leaves[0])
	if err != nil {
		return nil, failure(codeLog, "fetch the log again", "entry 0 cannot be read: %v", err)
	}
	charter, ok := first.Body.(*audit.Charter)
	if !ok {
		return nil, failure(codeLog, "fetch the log again", "entry 0 is not a charter")
	}
	st := audit.NewState(first.Log, charter.Coordinator.Key)
	head, err := st.VerifyCheckpoint(checkpoint)
	if err != nil {
		return nil, err
	}
	for _, leaf := range leaves {
		st.Apply(leaf)
	}
	if st.Head() != head {
		return nil, failure(codeLog, "fetch both again", "the %d entries are not those of the checkpoint", len(leaves))
	}
	refs := documents(st, charter)
	for _, s := range st.Forks { // two checkpoints tell nothing of any institution
		refs = append(refs, s.Body.(*audit.Dispute).Evidence)
	}
	if kind == Public {
		return refs, nil
	}
	for _, study := range st.Studies {
		for _, attempts := range study.Rounds {
			for _, at := range attempts {
				refs = append(refs, opened(at)...)
				refs = append(refs, disputed(at)...)
			}
		}
	}
	return refs, nil
}

// documents lists what is in every bundle: the codebooks that studies or the
// charter in force name, and results in so far as they are public.
func documents(st *audit.State, first *audit.Charter) (refs []audit.BlobRef) {
	codebook := func(c *audit.Charter) {
		refs = append(refs, audit.BlobRef{Digest: c.Codebook, Size: -1}) // the log does not say its size
	}
	codebook(first)
	if st.Charter != nil {
		codebook(st.Charter.Body.(*audit.Charter))
	}
	for _, s := range st.Studies {
		codebook(s.Charter.Body.(*audit.Charter))
		if s.Published != nil {
			refs = append(refs, s.Published.Body.(*audit.Publish).Document)
		}
	}
	return refs
}

// opened lists the frames, projections and releases of an attempt that had a
// certificate.
func opened(at *audit.Attempt) (refs []audit.BlobRef) {
	if !at.Certified() {
		return nil
	}
	for _, point := range at.Set.Body.(*audit.Set).Points {
		u := at.Updates[at.Name(point)].Body.(*audit.Update)
		refs = append(refs, u.Frames, u.Projection)
	}
	for _, s := range at.Releases {
		refs = append(refs, s.Body.(*audit.Release).Sum)
	}
	return refs
}

// disputed lists what the evidence of an attempt's disputes is judged by: the
// frames and projection of whom each is about, and the share that was opened.
func disputed(at *audit.Attempt) (refs []audit.BlobRef) {
	for _, s := range at.Evidence() {
		d := s.Body.(*audit.Dispute)
		u := at.Updates[at.Name(d.Contributor)].Body.(*audit.Update)
		refs = append(refs, u.Frames, u.Projection)
		if d.Kind == audit.DisputeOpening {
			refs = append(refs, d.Evidence)
		}
	}
	return refs
}

// writer writes below one folder.
type writer struct {
	ctx   context.Context
	dir   string
	blobs Blobs
	done  map[crypto.Digest]bool

	folders, files fs.FileMode
}

// log writes the tiles and the entry bundles.
func (w *writer) log(tree *audit.Tree, leaves [][]byte) error {
	for _, t := range audit.Tiles(tree.Size()) {
		b, err := tree.ReadTile(t)
		if err != nil {
			return err
		}
		if err := w.file(audit.TilePath(t), b); err != nil {
			return err
		}
	}
	for _, t := range audit.Bundles(tree.Size()) {
		from := t.N << audit.TileHeight
		b, err := audit.EncodeBundle(leaves[from : from+int64(t.W)])
		if err != nil {
			return err
		}
		if err := w.file(audit.TilePath(t), b); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) folder(path string) error {
	if err := os.MkdirAll(filepath.Join(w.dir, filepath.FromSlash(path)), w.folders); err != nil {
		return cannotWrite(path, err)
	}
	return nil
}

func (w *writer) file(path string, b []byte) error {
	full := filepath.Join(w.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), w.folders); err != nil {
		return cannotWrite(path, err)
	}
	if err := os.WriteFile(full, b, w.files); err != nil {
		return cannotWrite(path, err)
	}
	return nil
}

// blob streams one blob into the folder and checks what arrived.
func (w *writer) blob(ref audit.BlobRef) (err error) {
	if w.done[ref.Digest] {
		return nil
	}
	w.done[ref.Digest] = true
	path := blobPath(ref.Digest)
	f, err := os.OpenFile(filepath.Join(w.dir, filepath.FromSlash(path)), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, w.files)
	if err != nil {
		return cannotWrite(path, err)
	}
	h := sha256.New()
	counted := &counter{w: io.MultiWriter(f, h), most: ref.Size}
	if ref.Size < 0 {
		counted.most = maxCodebook
	}
	err = w.blobs.GetBlob(w.ctx, ref.Digest, 0, -1, counted)
	if closed := f.Close(); err == nil && closed != nil {
		return cannotWrite(path, closed)
	}
	if err != nil {
		return failure(codeMissingBlob, "fetch the bundle while the coordinator keeps its blobs", "the blob %s cannot be fetched: %v", ref.Digest, err)
	}
	if crypto.Digest(h.Sum(nil)) != ref.Digest || ref.Size >= 0 && counted.n != ref.Size {
		return failure(codeBlobDigest, "fetch it again; if it stays, the coordinator serves wrong bytes", "the blob %s arrived with other bytes", ref.Digest)
	}
	return nil
}

// maxCodebook is the largest codebook in bytes: the one blob whose size the log
// does not state.
const maxCodebook = 1 << 20

// counter refuses more bytes than a blob has.
type counter struct {
	w    io.Writer
	n    int64
	most int64
}

func (c *counter) Write(p []byte) (int, error) {
	if c.n+int64(len(p)) > c.most {
		return 0, errors.New("it is larger than it can be")
	}
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func cannotWrite(path string, err error) *Error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return failure(codeWrite, "check the folder and the free space", "%s cannot be written: %v", path, err)
}
