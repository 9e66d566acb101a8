package audit

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/crypto"
)

// MakeCheckpoint signs a head of the log in the form of C2SP tlog-checkpoint:
// origin, size and root, one a line, as a signed note.
func MakeCheckpoint(origin string, h Head, s note.Signer) ([]byte, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, h.Size, base64.StdEncoding.EncodeToString(h.Root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		return nil, fmt.Errorf("checkpoint at size %d cannot be signed: %w", h.Size, err)
	}
	return signed, nil
}

// ReadCheckpoint verifies the coordinator's signature on a checkpoint and
// returns its head. Signatures of others on the same checkpoint are allowed
// and ignored. The error is a *Refusal.
func ReadCheckpoint(signed []byte, origin, coordinatorKey string) (Head, error) {
	h, r := readCheckpoint(signed, origin, coordinatorKey)
	if r != nil {
		return Head{}, r
	}
	return h, nil
}

func readCheckpoint(signed []byte, origin, coordinatorKey string) (Head, *Refusal) {
	_, h, r := openCheckpoint(signed, origin, coordinatorKey)
	return h, r
}

// openCheckpoint is readCheckpoint with the note itself, in which the lines of
// others are not verified.
func openCheckpoint(signed []byte, origin, coordinatorKey string) (*note.Note, Head, *Refusal) {
	if len(signed) > MaxLeaf {
		return nil, Head{}, Refuse(CodeCheckpointMalformed, "it is too large")
	}
	v, err := note.NewVerifier(coordinatorKey)
	if err != nil {
		return nil, Head{}, Refuse(CodeCheckpointMalformed, "the coordinator's pinned key is malformed")
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		var unsigned *note.UnverifiedNoteError
		var invalid *note.InvalidSignatureError
		if errors.As(err, &unsigned) || errors.As(err, &invalid) {
			return nil, Head{}, Refuse(CodeCheckpointSignature)
		}
		return nil, Head{}, Refuse(CodeCheckpointMalformed, "it is not a signed note")
	}
	got, h, r := parseCheckpoint(n.Text)
	if r == nil && got != origin {
		r = Refuse(CodeCheckpointOrigin, shorten(got), origin)
	}
	return n, h, r
}

// ReadUnverified reads the head of a checkpoint without looking at who signed
// it: for messages, never for trust.
func ReadUnverified(signed []byte) (Head, error) {
	_, h, r := parseCheckpoint(string(signed))
	if r != nil {
		return Head{}, r
	}
	return h, nil
}

// parseCheckpoint reads origin, size and root of a checkpoint's text.
func parseCheckpoint(text string) (origin string, h Head, r *Refusal) {
	lines := strings.SplitN(text, "\n", 4) // C2SP allows extension lines after the third
	if len(lines) < 4 {
		return "", Head{}, Refuse(CodeCheckpointMalformed, "it has fewer than three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return "", Head{}, Refuse(CodeCheckpointMalformed, "the size is not a plain number")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != len(crypto.Digest{}) || base64.StdEncoding.EncodeToString(root) != lines[2] {
		return "", Head{}, Refuse(CodeCheckpointMalformed, "the root is not 32 bytes in base64")
	}
	return lines[0], Head{Size: size, Root: crypto.Digest(root)}, nil
}

// VerifyCheckpoint verifies a checkpoint of this log under the pinned key. One
// that covers no more entries than are applied must have the root that they
// give; a larger one is to be checked again once the entries are there.
func (st *State) VerifyCheckpoint(signed []byte) (Head, error) {
	h, r := readCheckpoint(signed, st.origin, st.coordinatorKey)
	if r != nil {
		return Head{}, r
	}
	if root, ok := st.tree.RootAt(h.Size); ok && root != h.Root && !st.off[CodeFork] {
		return Head{}, Refuse(CodeFork, h.Size)
	}
	return h, nil
}
