package verify

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/big"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// arithmetic checks families A, D and M of every study.
func (v *verifier) arithmetic() {
	for _, s := range v.sortedStudies() {
		m := v.newModel(s)
		summary := v.summary(s)
		for _, attempts := range s.Rounds {
			for _, at := range attempts {
				if v.ctx.Err() != nil {
					return
				}
				o := v.attempt(at)
				v.shareCheck(at)
				if v.deleted[at] && at.Valid() {
					summary.Deleted++
				}
				if o != nil && at.Valid() && m.step(at, o) {
					summary.Recomputed++
				}
			}
		}
		m.finish()
		summary.State = m.digest()
		if m.method != nil {
			summary.Method, summary.Final = m.method, m.state
		}
		v.studies = append(v.studies, summary)
	}
}

// attempt adds and opens one attempt again and returns the opening, nil when
// there is none.
func (v *verifier) attempt(at *audit.Attempt) *crypto.Opening {
	if !at.Certified() {
		return nil
	}
	if at.Result == nil && len(at.Releases) >= at.Open.Body.(*audit.Open).T {
		v.note(Note{Kind: NoteUnstated, Study: at.Study, Round: at.Round, Attempt: at.Number, Entry: at.Set.Index})
	}
	sum := v.add(at)
	if sum == nil {
		return nil
	}
	return v.open(at, sum)
}

// add adds the frames of the attempt's set again: family A.
func (v *verifier) add(at *audit.Attempt) *crypto.Sum {
	sum, err := crypto.NewSum(at.Crypto(v.st))
	if err != nil {
		v.check(true, audit.CodeNotOpening, placeOf(at.Open), err.Error())
		return nil
	}
	set := at.Set.Body.(*audit.Set)
	for _, point := range set.Points {
		if !v.addOne(at, sum, point) {
			return nil
		}
	}
	v.check(sum.Root() != set.Root, audit.CodeSumRoot, placeOf(at.Set))
	return sum
}

func (v *verifier) addOne(at *audit.Attempt, sum *crypto.Sum, point int) bool {
	name := at.Name(point)
	s := at.Updates[name]
	where := placeOf(s)
	r, err := v.bundle.Sized(s.Body.(*audit.Update).Frames)
	if err != nil {
		if missing(err) && v.lawfullyDeleted(at) {
			return false
		}
		code := audit.CodeFramesDigest
		if missing(err) {
			code = audit.CodeFramesMissing
		}
		v.check(true, code, where, name)
		return false
	}
	defer r.Close()
	read := v.buffers.read(r) // and hashes while the sum is added
	defer read.stop()
	loose := &looseReader{r: read}
	added := sum.Add(point, loose)
	_, err = io.Copy(io.Discard, loose) // to the end, where the digest is compared
	if loose.wrong != nil || err != nil {
		if !v.check(true, audit.CodeFramesDigest, where, name) {
			return false
		}
	}
	v.checks['A']++
	if added == nil {
		return true
	}
	return v.check(true, audit.CodeFramesMalformed, where, name, added.Error())
}

// looseReader keeps the digest error of a blob apart from its bytes, so that
// each is a finding of its own.
type looseReader struct {
	r     io.Reader
	wrong error
}

func (l *looseReader) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if err != nil && err != io.EOF {
		l.wrong, err = err, io.EOF
	}
	return n, err
}

// open opens the sum with the logged releases again: family D.
func (v *verifier) open(at *audit.Attempt, sum *crypto.Sum) *crypto.Opening {
	releases := v.releases(at)
	if at.Result == nil {
		return nil
	}
	where := placeOf(at.Result)
	result := at.Result.Body.(*audit.Result)
	set := crypto.Set(at.Set.Body.(*audit.Set).Points)

	// What the coordinator had when it signed the result.
	stated := pick(releases, func(r release) bool {
		return r.index < at.Result.Index && (!result.Valid || slices.Contains(result.Used, r.Point()) || slices.Contains(result.Wrong, r.Point()))
	})
	o, err := sum.Open(set, stated)
	if !result.Valid {
		v.check(err == nil, audit.CodeHidden, where, "the attempt is invalid: "+result.Reason)
		return nil
	}
	if err != nil {
		v.check(!v.deleted[at], audit.CodeNotOpening, where, err.Error())
		return nil
	}
	if !v.check(o.Digest() != result.Sums, audit.CodeSums, where) {
		return nil
	}
	v.check(o.CanaryMax != result.CanaryMax, audit.CodeCanary, where, result.CanaryMax, o.CanaryMax)
	if !o.Contested && !v.deleted[at] {
		v.check(!slices.Equal(o.Wrong, result.Wrong) && len(o.Wrong)+len(result.Wrong) > 0,
			audit.CodeWrongReleases, where, names(at, result.Wrong), names(at, o.Wrong))
	}
	v.redundant(at, sum, set, releases, o)
	return o
}

// redundant holds the releases that the result passes over against the ones
// that opened the sum. (Only one key opens the canaries of given frames, so
// they can disagree, but not open another sum.)
func (v *verifier) redundant(at *audit.Attempt, sum *crypto.Sum, set crypto.Set, releases []release, o *crypto.Opening) {
	result := at.Result.Body.(*audit.Result)
	used := pick(releases, func(r release) bool { return slices.Contains(o.Used, r.Point()) })
	for _, r := range releases {
		if slices.Contains(result.Used, r.Point()) || slices.Contains(result.Wrong, r.Point()) {
			continue
		}
		with, err := sum.Open(set, append(slices.Clone(used), r.Release))
		name := at.Name(r.Point())
		v.check(err != nil || slices.Contains(with.Wrong, r.Point()), audit.CodeRedundant, placeOf(at.Releases[name]), name)
	}
	note := func(kind NoteKind, names []string) {
		v.note(Note{Kind: kind, Study: at.Study, Round: at.Round, Attempt: at.Number, Names: names, Entry: at.Result.Index})
	}
	if len(o.Wrong) > 0 {
		note(NoteWrong, namesOf(at, o.Wrong))
	}
	if o.Contested {
		note(NoteContested, nil)
	}
	if o.LowBits > crypto.NoiseWarning {
		note(NoteNoise, nil)
	}
}

// release is a parsed release and where its statement stands.
type release struct {
	crypto.Release
	index int64
}

// releases reads the releases of an attempt, in order of their points.
func (v *verifier) releases(at *audit.Attempt) []release {
	var list []release
	a := at.Crypto(v.st)
	for _, h := range a.Holders {
		name := at.Name(h.Point)
		s := at.Releases[name]
		if s == nil {
			continue
		}
		where := placeOf(s)
		r, err := v.bundle.Blob(s.Body.(*audit.Release).Sum.Digest)
		if err != nil {
			if missing(err) && v.lawfullyDeleted(at) {
				continue
			}
			code := audit.CodeReleaseDigest
			if missing(err) {
				code = audit.CodeReleaseMissing
			}
			v.check(true, code, where, name)
			continue
		}
		loose := &looseReader{r: io.LimitReader(r, crypto.ReleaseSize+1)}
		var b bytes.Buffer
		_, err = b.ReadFrom(loose)
		r.Close()
		if loose.wrong != nil || err != nil {
			if !v.check(true, audit.CodeReleaseDigest, where, name) {
				continue
			}
		}
		parsed, err := crypto.ParseRelease(a, b.Bytes())
		switch {
		case err != nil:
			v.check(true, audit.CodeReleaseMalformed, where, name, err.Error())
		case parsed.Point() != h.Point:
			v.check(true, audit.CodeReleaseMalformed, where, name, "it is another institution's")
		case binary.LittleEndian.Uint64(b.Bytes()[crypto.HeaderSize:]) != bits(at.Set.Body.(*audit.Set).Points):
			v.check(true, audit.CodeReleaseMalformed, where, name, "it is for another set")
		default:
			v.checks['D']++
			list = append(list, release{parsed, s.Index})
		}
	}
	return list
}

// bits is a set as a release carries it: point p as bit p-1.
func bits(points []int) (b uint64) {
	for _, p := range points {
		b |= 1 << (p - 1)
	}
	return b
}

func pick(list []release, keep func(release) bool) (out []crypto.Release) {
	for _, r := range list {
		if keep(r) {
			out = append(out, r.Release)
		}
	}
	return out
}

// names lists institutions by their points.
func names(at *audit.Attempt, points []int) string {
	if len(points) == 0 {
		return "none"
	}
	return strings.Join(namesOf(at, points), ", ")
}

func namesOf(at *audit.Attempt, points []int) (list []string) {
	for _, p := range points {
		list = append(list, at.Name(p))
	}
	return list
}

// sums returns what a method gets: the opened integers, whatever the codec.
func sums(o *crypto.Opening, codec string) []*big.Int {
	if codec != crypto.CodecVec16 {
		return o.Stat()
	}
	list := o.Vec16()
	out := make([]*big.Int, len(list))
	for i, x := range list {
		out[i] = big.NewInt(int64(x))
	}
	return out
}
