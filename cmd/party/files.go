package party

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// maxFile is the largest file of a party.
const maxFile = 1 << 20

// Read reads one file of at most 1 MiB. what is what messages call it.
func Read(path, what, remedy string) ([]byte, error) {
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fail(codeNoFile, remedy, "there is no %s %s", what, path)
	case err != nil:
		return nil, fail(codeUnreadable, "check who may read it", "the %s %s cannot be read: %s", what, path, reason(err))
	case len(b) > maxFile:
		return nil, fail(codeUnreadable, "check the path", "%s is larger than 1 MiB and cannot be a %s", path, what)
	}
	return b, nil
}

// Open reads a party file and the keys and certificates that it names.
func Open(path string) (*Seat, *configs.Party, error) {
	text, err := Read(path, "party file", "enrol first")
	if err != nil {
		return nil, nil, err
	}
	parsed, err := configs.ParseParty(text)
	if err != nil {
		return nil, nil, err
	}
	p := parsed.Under(filepath.Dir(path))
	keys, err := ReadKeys(p.KeyFile)
	if err != nil {
		return nil, nil, err
	}
	s, err := NewSeat(keys)
	if err != nil {
		return nil, nil, err
	}
	if s.Party.Name != p.Name {
		return nil, nil, fail(codeKey, "restore the right file from a backup", "%s holds the keys of %s, not of %s", p.KeyFile, s.Party.Name, p.Name)
	}
	if s.TLS, err = connection(p, keys); err != nil {
		return nil, nil, err
	}
	s.Origin, s.Address, s.CoordinatorKey = p.Origin, p.Address, p.CoordinatorKey
	s.Held = strings.TrimSuffix(path, ".toml") + ".checkpoint"
	return s, p, nil
}

// connection puts certificate, key and authority together.
func connection(p *configs.Party, keys *configs.Keys) (*tls.Config, error) {
	pool, err := ReadPool(p.CAFile)
	if err != nil {
		return nil, err
	}
	again := AskForToken(p.Name) + ", and enrol with it and the keys that are here"
	certificate, err := Read(p.CertificateFile, "certificate", again)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificate, []byte(string(keys.TLS)))
	if err != nil {
		return nil, fail(codeKey, again, "the certificate %s does not belong to the key in %s", p.CertificateFile, p.KeyFile)
	}
	return ca.TLSClient(pool, pair, ""), nil
}

// ReadPool reads the authority's certificate.
func ReadPool(path string) (*x509.CertPool, error) {
	b, err := Read(path, "certificate authority's file", "copy ca.pem from the coordinator's operator")
	if err != nil {
		return nil, err
	}
	pool, err := ca.ParsePool(b)
	if err != nil {
		return nil, fail(codeKey, "copy ca.pem from the coordinator's operator", "%s holds no certificate", path)
	}
	return pool, nil
}

// NewSeat makes a seat of keys alone, without a connection.
func NewSeat(keys *configs.Keys) (*Seat, error) {
	damaged := fail(codeKey, "restore it from its backup", "the key file of %s is damaged", keys.Owner)
	signer, err := note.NewSigner(string(keys.Signing))
	if err != nil || signer.Name() != keys.Owner {
		return nil, damaged
	}
	private, err := audit.PrivateKey(string(keys.Signing))
	if err != nil {
		return nil, damaged
	}
	vkey, err := note.NewEd25519VerifierKey(keys.Owner, private.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, damaged
	}
	return &Seat{Party: audit.Party{Name: keys.Owner, Key: vkey}, Secret: string(keys.Signing), Signer: signer}, nil
}

// NodeKey returns the node's lasting secret.
func NodeKey(keys *configs.Keys) (secret.NodeKey, error) {
	b, err := hex.DecodeString(string(keys.Node))
	if err != nil || len(b) != 32 {
		return secret.NodeKey{}, fail(codeKey, "restore it from its backup", "the key file of %s holds no node key", keys.Owner)
	}
	return secret.NodeKeyFrom(b)
}

// ReadKeys reads a private key file, and refuses one that others can read.
func ReadKeys(path string) (*configs.Keys, error) {
	text, err := Read(path, "key file", "restore it from its backup")
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fail(codeOpenKey, "chmod 600 "+path+", and consider whether somebody has copied it", "the private key file %s can be read by others (%v)", path, info.Mode().Perm())
	}
	k, err := configs.ParseKeys(text)
	if err != nil {
		return nil, err
	}
	return k, nil
}

// WriteNew writes a file that must not be there yet.
func WriteNew(path string, content []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if errors.Is(err, fs.ErrExist) {
		return fail(codeExists, "choose another folder, or move the file away if you are sure", "%s is there already and is not overwritten", path)
	}
	if err != nil {
		return fail(codeWrite, "check the folder and its permissions", "%s cannot be written: %s", path, reason(err))
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close(), syncFolder(filepath.Dir(path))); err != nil {
		return fail(codeWrite, "check the disk", "%s cannot be written: %s", path, reason(err))
	}
	return nil
}

// Replace writes a file over an older one: all of it, or nothing, also when the
// power goes.
func Replace(path string, content []byte, mode fs.FileMode) error {
	return replace(path, content, mode, syncFolder)
}

func replace(path string, content []byte, mode fs.FileMode, sync func(dir string) error) (err error) {
	bad := func(err error) error {
		return fail(codeWrite, "check the disk, the folder and its permissions", "%s cannot be written: %s", path, reason(err))
	}
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	f, err := os.CreateTemp(dir, name+".new-") // of its own: two commands of one party may run at once
	if err != nil {
		return bad(err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // it is what is left of a failure that is reported
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return bad(err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return bad(err)
	}
	if err := sync(dir); err != nil {
		return bad(err)
	}
	return nil
}

// syncFolder makes the names in a folder durable: without it a renamed file can
// be the old one again, or gone, after a loss of power. Windows has no such call
// and keeps names itself.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
