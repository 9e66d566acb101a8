package verify

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/crypto"
)

// tampering is one lie and the check that finds it. The proof of teeth: with
// code and also switched off, the bundle passes.
type tampering struct {
	name  string
	code  audit.Code
	also  []audit.Code
	party string // whom the finding must name; "" for nobody in particular
	// lie prepares a federation that runs with it.
	lie func(f *sealedFederation)
	// run runs the study; nil runs all rounds and closes it.
	run func(f *sealedFederation)
	// spoil changes the finished folder.
	spoil   func(t *testing.T, f *sealedFederation, dir string)
	options func(f *sealedFederation) []Option
	methods audit.Methods
}

func (c tampering) findings(t *testing.T, f *sealedFederation, dir string, off []audit.Code) *Report {
	t.Helper()
	var options []Option
	if c.options != nil {
		options = c.options(f)
	}
	if c.methods != nil {
		options = append(options, func(v *verifier) { v.methods = c.methods })
	}
	return check(t, dir, off, options...)
}

// TestTampering: every lie is found with its code, and only its check finds
// it.
func TestTampering(t *testing.T) {
	reached := map[audit.Code]bool{}
	for _, c := range append(append(files(), statements()...), models()...) {
		reached[c.code] = true
		t.Run(string(c.code)+" "+c.name, func(t *testing.T) {
			f := newSealed(t, 4, 1)
			if c.lie != nil {
				c.lie(f)
			}
			if c.run != nil {
				c.run(f)
			} else {
				f.run()
			}
			dir := f.bundle(bundle.Sealed)
			if c.spoil != nil {
				c.spoil(t, f, dir)
			}
			r := c.findings(t, f, dir, nil)
			i := slices.IndexFunc(r.Findings, func(x Finding) bool { return x.Code == string(c.code) })
			if i < 0 || r.Verified {
				t.Fatalf("%s was not found:\n%s", c.code, r)
			}
			if r.Findings[i].Party != c.party {
				t.Errorf("the finding names %q, want %q", r.Findings[i].Party, c.party)
			}
			if r := c.findings(t, f, dir, append(c.also, c.code)); !r.Verified {
				t.Errorf("with the check switched off the bundle still fails:\n%s", r)
			}
		})
	}
	for _, code := range []audit.Code{
		audit.CodeCheckpointMalformed, audit.CodeCheckpointSignature, audit.CodeCheckpointOrigin, audit.CodeFork,
		audit.CodeRoot, audit.CodeTile, audit.CodeStale, audit.CodeUnreadable,
		audit.CodeFramesMissing, audit.CodeFramesDigest, audit.CodeFramesMalformed, audit.CodeSumRoot,
		audit.CodeReleaseMissing, audit.CodeReleaseDigest, audit.CodeReleaseMalformed, audit.CodeNotOpening, audit.CodeSums,
		audit.CodeWrongReleases, audit.CodeCanary, audit.CodeRedundant, audit.CodeHidden, audit.CodeMethod, audit.CodeState,
		audit.CodeStateShape, audit.CodeGlobal, audit.CodeCloseState, audit.CodeRoundTooFar,
		audit.CodeShareCheck, audit.CodeEvidenceVoid, audit.CodeEvidenceMissing,
	} {
		if !reached[code] {
			t.Errorf("no tampering reaches %s", code)
		}
	}
}

// flip flips one bit of a file, counted from its end.
func flip(path func(f *sealedFederation) string, fromEnd int) func(*testing.T, *sealedFederation, string) {
	return func(t *testing.T, f *sealedFederation, dir string) {
		name := filepath.Join(dir, path(f))
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)-fromEnd] ^= 1
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func remove(path func(f *sealedFederation) string) func(*testing.T, *sealedFederation, string) {
	return func(t *testing.T, f *sealedFederation, dir string) {
		if err := os.Remove(filepath.Join(dir, path(f))); err != nil {
			t.Fatal(err)
		}
	}
}

func entriesFile(f *sealedFederation) string {
	return audit.TilePath(audit.Bundles(f.State.Head().Size)[0])
}
func tileFile(f *sealedFederation) string { return audit.TilePath(audit.Tiles(f.State.Head().Size)[0]) }
func framesFile(f *sealedFederation) string {
	return "blobs/" + f.State.Attempt("study", 1, 1).Updates["board02"].Body.(*audit.Update).Frames.Digest.String()
}
func releaseFile(f *sealedFederation) string {
	return "blobs/" + f.State.Attempt("study", 1, 1).Releases["board02"].Body.(*audit.Release).Sum.Digest.String()
}

// rewrite replaces the entry bundle by other leaves.
func rewrite(change func(leaves [][]byte) [][]byte) func(*testing.T, *sealedFederation, string) {
	return func(t *testing.T, f *sealedFederation, dir string) {
		b, err := audit.EncodeBundle(change(slices.Clone(f.Leaves)))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, entriesFile(f)), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func signCheckpoint(f *sealedFederation, origin string, head audit.Head, s *audittest.Signer) []byte {
	c, err := audit.MakeCheckpoint(origin, head, s)
	f.must(err)
	return c
}

// checkpoint replaces the checkpoint.
func checkpoint(change func(f *sealedFederation) []byte) func(*testing.T, *sealedFederation, string) {
	return func(t *testing.T, f *sealedFederation, dir string) {
		if err := os.WriteFile(filepath.Join(dir, "checkpoint"), change(f), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func pinned(f *sealedFederation) []Option {
	return []Option{Pinned(audittest.Origin, f.Coordinator.Party.Key)}
}

// files are lies in a folder that was honest once.
func files() []tampering {
	return []tampering{
		{name: "garbage checkpoint", code: audit.CodeCheckpointMalformed, also: []audit.Code{audit.CodeRoot},
			spoil: checkpoint(func(f *sealedFederation) []byte { return []byte("no checkpoint\n") }), options: pinned},
		{name: "forged checkpoint", code: audit.CodeCheckpointSignature, options: pinned,
			spoil: checkpoint(func(f *sealedFederation) []byte {
				return signCheckpoint(f, audittest.Origin, f.State.Head(), audittest.NewSigner(audittest.Origin, "forged"))
			})},
		{name: "checkpoint of another log", code: audit.CodeCheckpointOrigin, options: pinned,
			spoil: checkpoint(func(f *sealedFederation) []byte {
				return signCheckpoint(f, "log.example/other", f.State.Head(), f.Coordinator)
			})},
		{name: "signed root of a fork", code: audit.CodeRoot,
			spoil: checkpoint(func(f *sealedFederation) []byte {
				h := f.State.Head()
				h.Root[0] ^= 1
				return signCheckpoint(f, audittest.Origin, h, f.Coordinator)
			})},
		{name: "fork held, same size", code: audit.CodeFork, options: func(f *sealedFederation) []Option {
			h := f.State.Head()
			h.Root[0] ^= 1
			return []Option{Held(signCheckpoint(f, audittest.Origin, h, f.Coordinator))}
		}},
		{name: "fork held, smaller", code: audit.CodeFork, options: func(f *sealedFederation) []Option {
			h := audit.Head{Size: 3, Root: audittest.Digest("fork")}
			return []Option{Held(signCheckpoint(f, audittest.Origin, h, f.Coordinator))}
		}},
		{name: "stale checkpoint", code: audit.CodeStale, options: func(f *sealedFederation) []Option {
			h := f.State.Head()
			h.Size++
			return []Option{Held(signCheckpoint(f, audittest.Origin, h, f.Coordinator))}
		}},
		{name: "flipped bit in an entry", code: audit.CodeRoot, spoil: flip(entriesFile, 20),
			also: []audit.Code{audit.CodeSignature, audit.CodeNote, audit.CodeTile}},
		{name: "flipped bit in a tile", code: audit.CodeTile, spoil: flip(tileFile, 20)},
		{name: "truncated tile", code: audit.CodeTile, spoil: func(t *testing.T, f *sealedFederation, dir string) {
			if err := os.Truncate(filepath.Join(dir, tileFile(f)), 33); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "missing tile", code: audit.CodeTile, spoil: remove(tileFile)},
		{name: "truncated entries", code: audit.CodeUnreadable, spoil: func(t *testing.T, f *sealedFederation, dir string) {
			if err := os.Truncate(filepath.Join(dir, entriesFile(f)), 2000); err != nil {
				t.Fatal(err)
			}
		}, options: pinned, also: []audit.Code{audit.CodeRoot, audit.CodeTile}},
		{name: "last entry dropped", code: audit.CodeUnreadable, spoil: rewrite(func(l [][]byte) [][]byte { return l[:len(l)-1] }),
			options: pinned, also: []audit.Code{audit.CodeRoot, audit.CodeTile}},
		{name: "entries reordered", code: audit.CodeRoot, also: []audit.Code{audit.CodeTile},
			run: func(f *sealedFederation) {
				f.Round(1, f.Institutions...)
				// Two statements that do not know of each other.
				one := f.Leaf(f.Approvers["board01"], audit.Header{Study: "study"}, f.DecisionBody("study", "board01", "approve"))
				two := f.Leaf(f.Approvers["board02"], audit.Header{Study: "study"}, f.DecisionBody("study", "board02", "approve"))
				f.Append(one)
				f.Append(two)
			},
			spoil: rewrite(func(l [][]byte) [][]byte {
				n := len(l)
				l[n-1], l[n-2] = l[n-2], l[n-1]
				return l
			})},
		{name: "checkpoint covers more", code: audit.CodeUnreadable, options: pinned, also: []audit.Code{audit.CodeRoot},
			spoil: checkpoint(func(f *sealedFederation) []byte {
				h := f.State.Head()
				h.Size++
				return signCheckpoint(f, audittest.Origin, h, f.Coordinator)
			})},
		{name: "flipped bit in frames", code: audit.CodeFramesDigest, party: "board02", spoil: flip(framesFile, 5000),
			also: []audit.Code{audit.CodeSumRoot, audit.CodeNotOpening}},
		{name: "swapped frames", code: audit.CodeFramesDigest, party: "board01", spoil: func(t *testing.T, f *sealedFederation, dir string) {
			at := f.State.Attempt("study", 1, 1)
			path := func(name string) string {
				return filepath.Join(dir, "blobs", at.Updates[name].Body.(*audit.Update).Frames.Digest.String())
			}
			for _, move := range [][2]string{{path("board01"), path("board01") + "~"}, {path("board02"), path("board01")}, {path("board01") + "~", path("board02")}} {
				if err := os.Rename(move[0], move[1]); err != nil {
					t.Fatal(err)
				}
			}
		}, also: []audit.Code{audit.CodeFramesMalformed, audit.CodeSumRoot, audit.CodeNotOpening}},
		{name: "projection gone", code: audit.CodeEvidenceMissing, party: "board02", spoil: remove(func(f *sealedFederation) string {
			return "blobs/" + f.State.Attempt("study", 1, 1).Updates["board02"].Body.(*audit.Update).Projection.Digest.String()
		})},
		{name: "frames gone", code: audit.CodeFramesMissing, party: "board02", spoil: remove(framesFile),
			also: []audit.Code{audit.CodeFramesDigest, audit.CodeSumRoot, audit.CodeNotOpening}},
		{name: "flipped bit in a release", code: audit.CodeReleaseDigest, party: "board02", spoil: flip(releaseFile, 5000),
			also: []audit.Code{audit.CodeWrongReleases}},
		{name: "release gone", code: audit.CodeReleaseMissing, party: "board02", spoil: remove(releaseFile)},
		{name: "codebook gone", code: audit.CodeMethod, party: audittest.Origin, spoil: remove(func(*sealedFederation) string {
			return "blobs/" + crypto.DigestOf([]byte(audittest.Codebook)).String()
		})},
	}
}

// stop runs one round and does not close the study.
func stop(f *sealedFederation) { f.Round(1, f.Institutions...) }

// statements are lies that somebody signed.
func statements() []tampering {
	return []tampering{
		{name: "another root in the set", code: audit.CodeSumRoot, party: audittest.Origin,
			lie: func(f *sealedFederation) {
				f.onSet = func(_ int, b *audit.Set) { b.Root = audittest.Digest("another sum") }
			}},
		{name: "another sum in the result", code: audit.CodeSums, party: audittest.Origin,
			lie: func(f *sealedFederation) {
				f.onResult = func(_ int, b *audit.Result) { b.Sums = audittest.Digest("another sum") }
			}},
		{name: "another canary maximum", code: audit.CodeCanary, party: audittest.Origin,
			lie: func(f *sealedFederation) { f.onResult = func(_ int, b *audit.Result) { b.CanaryMax++ } }},
		{name: "honest release called wrong", code: audit.CodeWrongReleases, party: audittest.Origin,
			lie: func(f *sealedFederation) {
				f.onResult = func(_ int, b *audit.Result) { b.Used, b.Wrong = []int{1, 2, 3}, []int{4} }
			}},
		{name: "sum hidden", code: audit.CodeHidden, party: audittest.Origin, run: stop,
			lie: func(f *sealedFederation) {
				f.onResult = func(_ int, b *audit.Result) { *b = audit.Result{Open: b.Open, Reason: "canary"} }
			}},
		{name: "release shifted, exactly t", code: audit.CodeNotOpening, party: audittest.Origin,
			run: func(f *sealedFederation) { f.Round(1, "board01", "board02", "board03"); f.Finish() },
			lie: func(f *sealedFederation) {
				f.onShare = func(_ int, name string, b []byte) []byte {
					if name == "board02" {
						b[crypto.HeaderSize+8+100] ^= 1
					}
					return b
				}
				f.onResult = func(_ int, b *audit.Result) {
					*b = audit.Result{Open: b.Open, Used: []int{1, 2, 3}, Valid: true, CanaryMax: 9, Sums: audittest.Digest("invented")}
				}
			}},
		{name: "release of another", code: audit.CodeReleaseMalformed, party: "board02",
			lie: func(f *sealedFederation) {
				var first []byte
				f.onShare = func(_ int, name string, b []byte) []byte {
					switch name {
					case "board01":
						first = b
					case "board02":
						return first
					}
					return b
				}
			}},
		{name: "release for another set", code: audit.CodeReleaseMalformed, party: "board02",
			lie: func(f *sealedFederation) {
				f.onShare = func(_ int, name string, b []byte) []byte {
					if name == "board02" {
						b[crypto.HeaderSize] = 0b0111
					}
					return b
				}
				// The coordinator leaves it out, as it must.
				f.onResult = func(_ int, b *audit.Result) { f.openWithout(b, "board02") }
			}},
		{name: "wrong release passed over", code: audit.CodeRedundant, party: "board04",
			lie: func(f *sealedFederation) {
				f.onShare = func(_ int, name string, b []byte) []byte {
					if name == "board04" {
						b[crypto.HeaderSize+8+100] ^= 1
					}
					return b
				}
				f.onResult = func(_ int, b *audit.Result) { f.openWithout(b, "board04") }
			}},
		{name: "malformed frames", code: audit.CodeFramesMalformed, party: "board02", run: stop, also: []audit.Code{audit.CodeSumRoot},
			lie: func(f *sealedFederation) {
				f.onFrames = func(_ int, name string, b []byte) []byte {
					if name == "board02" {
						b = bytes.Clone(b)
						copy(b[len(b)-30:], bytes.Repeat([]byte{0xff}, 30)) // words not below q
					}
					return b
				}
			}},
		{name: "frames of another attempt", code: audit.CodeFramesMalformed, party: "board02",
			lie: func(f *sealedFederation) {
				f.rounds = 2
				f.model = audittest.Counter{Rounds: 2}
			},
			run: func(f *sealedFederation) {
				var old []byte
				f.onFrames = func(round int, name string, b []byte) []byte {
					if name != "board02" {
						return b
					}
					if round == 1 {
						old = bytes.Clone(b)
						return b
					}
					old[len(old)-9] ^= 1 // so that it is not the same blob
					return old
				}
				f.Round(1, f.Institutions...)
				f.Round(2, f.Institutions...)
			},
			also: []audit.Code{audit.CodeSumRoot}},
		{name: "negated frames", code: audit.CodeShareCheck, party: "board02", run: stop,
			lie: func(f *sealedFederation) {
				var other []byte
				f.onFrames = func(_ int, name string, b []byte) []byte {
					switch name {
					case "board01":
						other = bytes.Clone(b)
					case "board02":
						return f.negated(b[:crypto.HeaderSize], other[crypto.HeaderSize:])
					}
					return b
				}
			}},
		{name: "dispute that shows nothing", code: audit.CodeEvidenceVoid, party: "board04",
			run: func(f *sealedFederation) {
				at, _, _ := f.upload(1)
				f.Say(f.Nodes["board04"], audittest.In(at), &audit.Dispute{Kind: audit.DisputeProjection, Open: at.ID, Contributor: 2})
			}},
		{name: "opened share gone", code: audit.CodeEvidenceMissing, party: "board04", also: []audit.Code{audit.CodeEvidenceVoid},
			run: func(f *sealedFederation) {
				at, _, _ := f.upload(1)
				in := audittest.In(at)
				f.Say(f.Nodes["board04"], in, &audit.Dispute{Kind: audit.DisputeShare, Open: at.ID, Contributor: 2})
				f.Say(f.Nodes["board04"], in, &audit.Dispute{Kind: audit.DisputeOpening, Open: at.ID, Contributor: 2, Evidence: f.blobs.put(make([]byte, crypto.ShareSize))})
			}, spoil: remove(func(*sealedFederation) string {
				return "blobs/" + crypto.DigestOf(make([]byte, crypto.ShareSize)).String()
			})},
		{name: "opened share that was never signed", code: audit.CodeEvidenceVoid, party: "board04",
			run: func(f *sealedFederation) {
				at, _, _ := f.upload(1)
				in := audittest.In(at)
				f.Say(f.Nodes["board04"], in, &audit.Dispute{Kind: audit.DisputeShare, Open: at.ID, Contributor: 2})
				f.Say(f.Nodes["board04"], in, &audit.Dispute{Kind: audit.DisputeOpening, Open: at.ID, Contributor: 2, Evidence: f.blobs.put(make([]byte, crypto.ShareSize))})
			}},
		{name: "second set", code: audit.CodeTwice, party: audittest.Origin,
			lie: func(f *sealedFederation) {
				f.onShare = func(_ int, name string, b []byte) []byte {
					if name == "board01" {
						at := f.At("study")
						second := *at.Set.Body.(*audit.Set)
						second.Root = audittest.Digest("second")
						f.Append(f.Leaf(f.Coordinator, audittest.In(at), &second))
					}
					return b
				}
			}},
		{name: "unknown signer", code: audit.CodeSigner, party: "stranger",
			run: func(f *sealedFederation) {
				stop(f)
				f.Append(f.Leaf(audittest.NewSigner("stranger", ""), audit.Header{Study: "s"}, audittest.ProposalBody(1)))
			}},
		{name: "duplicate JSON key", code: audit.CodeCanonical,
			run: func(f *sealedFederation) {
				stop(f)
				leaf := f.Leaf(f.Researcher, audit.Header{Study: "s"}, audittest.ProposalBody(1))
				f.Append(bytes.Replace(leaf, []byte(`"study":"s"`), []byte(`"study":"s","study":"s"`), 1))
			}},
		{name: "coordinator signs for a node", code: audit.CodeSignature, party: "board01",
			run: func(f *sealedFederation) {
				stop(f)
				liar := audittest.NewSigner("board01", "the coordinator's")
				liar.Boot = f.Nodes["board01"].Boot
				f.Append(f.Leaf(liar, f.Next("study"), f.ReadyBody("study")))
			}},
	}
}

// openWithout is the result over all releases but one.
func (f *sealedFederation) openWithout(b *audit.Result, without string) {
	at := f.At("study")
	a := at.Crypto(f.State)
	var list []crypto.Release
	for _, name := range at.Seats() {
		if s := at.Releases[name]; s != nil && name != without {
			r, err := crypto.ParseRelease(a, f.blobs[s.Body.(*audit.Release).Sum.Digest])
			f.must(err)
			list = append(list, r)
		}
	}
	points := at.Set.Body.(*audit.Set).Points
	o, err := f.sum(at, points).Open(crypto.Set(points), list)
	f.must(err)
	*b = audit.Result{Open: b.Open, Used: o.Used, Wrong: o.Wrong, CanaryMax: o.CanaryMax, Valid: true, Sums: o.Digest()}
}

// negated are frames with another's blocks, each with its sign changed.
func (f *sealedFederation) negated(header, blocks []byte) []byte {
	out := bytes.Clone(header)
	block := make([]byte, crypto.BlockSize)
	for ; len(blocks) > 0; blocks = blocks[crypto.BlockSize:] {
		var is, minus crypto.Poly
		f.must(is.Unpack(blocks[:crypto.BlockSize]))
		minus.Sub(&is)
		minus.Pack(block)
		out = append(out, block...)
	}
	return out
}

// models are lies about the model.
func models() []tampering {
	return []tampering{
		{name: "another model state to all", code: audit.CodeState, party: "board01",
			lie: func(f *sealedFederation) {
				f.onReady = func(_ int, _ string, b *audit.Ready) { b.State = audittest.Digest("slipped in") }
			}},
		{name: "round replayed under a new number", code: audit.CodeState, party: "board01",
			lie: func(f *sealedFederation) {
				f.rounds, f.model = 2, audittest.Counter{Rounds: 2}
				first := crypto.DigestOf(f.state)
				f.onReady = func(_ int, _ string, b *audit.Ready) { b.State = first }
			},
			run: func(f *sealedFederation) {
				f.Round(1, f.Institutions...)
				f.Round(2, f.Institutions...)
			}, also: []audit.Code{audit.CodeRoundTooFar}},
		{name: "another shape", code: audit.CodeStateShape, party: "board01",
			lie: func(f *sealedFederation) {
				b := f.ReadyBody("study")
				b.State = crypto.DigestOf(f.state)
				b.Shape.Tensors = []crypto.Tensor{{Name: "more", Len: 4, Bits: 60}}
				f.Say(f.Nodes["board01"], f.Next("study"), b)
			}},
		{name: "another final state", code: audit.CodeCloseState, party: "researcher",
			lie: func(f *sealedFederation) {
				f.onClose = func(b *audit.Close) { b.State = audittest.Digest("a better model") }
			}},
		{name: "a round too many", code: audit.CodeRoundTooFar, party: audittest.Origin,
			lie: func(f *sealedFederation) { f.rounds = 2 }},
		{name: "study that cannot be computed", code: audit.CodeMethod, party: "researcher", methods: failing{open: true}},
		{name: "step that cannot be computed", code: audit.CodeGlobal, party: "researcher", methods: failing{}},
	}
}

// failing is a method that cannot be computed.
type failing struct{ open bool }

func (m failing) Open(study string, codebook []byte) (audit.Method, error) {
	if m.open {
		return nil, errors.New("unknown method")
	}
	inner, err := audittest.Counters{}.Open(study, codebook)
	return failingMethod{inner}, err
}

type failingMethod struct{ audit.Method }

func (failingMethod) Global([]byte, []*big.Int) ([]byte, error) {
	return nil, errors.New("singular")
}

// TestNoBundle: what is no bundle is an error with a remedy, not a report.
func TestNoBundle(t *testing.T) {
	for name, c := range map[string]struct {
		code, manifest string
	}{
		"empty folder":    {"SS1801", ""},
		"garbage":         {"SS1801", "\x00\x01" + hex.EncodeToString([]byte("garbage"))},
		"newer version":   {"SS1802", `{"format":"smartstart-bundle","version":9,"kind":"public"}`},
		"unknown kind":    {"SS1801", `{"format":"smartstart-bundle","version":1,"kind":"secret"}`},
		"another format":  {"SS1801", `{"format":"zip","version":1,"kind":"public"}`},
		"endless garbage": {"SS1801", strings.Repeat("x", 1<<20)},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if c.manifest != "" {
				if err := os.WriteFile(filepath.Join(dir, "bundle.json"), []byte(c.manifest), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Bundle(context.Background(), os.DirFS(dir), audittest.Counters{})
			var coded interface{ Code() string }
			if !errors.As(err, &coded) || coded.Code() != c.code {
				t.Fatalf("got %v, want %s", err, c.code)
			}
		})
	}
}

// TestCancelled: a cancelled verification says so instead of "verified".
func TestCancelled(t *testing.T) {
	f := newSealed(t, 3, 1).run()
	dir := f.bundle(bundle.Sealed)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r, err := Bundle(ctx, os.DirFS(dir), audittest.Counters{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v and %v", r, err)
	}
}
