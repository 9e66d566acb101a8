"""The arithmetic of one attempt with t votes: add the frames, open the sum, compare.

The frames are read block by block, so that memory stays at a few blocks.
"""

import datetime
import hashlib
import itertools
import re

import ring
from rounds import RELEASE_SIZE, frames_size

MAX_CHOICES = 924
OPENED, ADDED, DELETED, FAILED = "opened", "added", "deleted", "failed"


def verify(bundle, report, attempt):
    """Checks one attempt; says in a word how far it came."""
    where, points = attempt.where(), attempt.set.body["points"]
    if deleted(bundle, attempt):
        return DELETED
    ident = bytes.fromhex(attempt.id)
    shares = releases(bundle, report, attempt, ident)
    files = frames(bundle, report, attempt, ident)
    if files is None:
        return FAILED
    try:
        openers = keys_that_may_open(report, attempt, shares)
        opening = Opening(attempt, ident, openers)
        root = hashlib.sha256(ring.header(b"SSSU", ident, 0, ring.CANARIES + ring.data_blocks(attempt.shape))
                              + ring.set_bits(points))
        for index in range(ring.CANARIES + ring.data_blocks(attempt.shape)):
            total = [0] * ring.N
            for point, f in files.items():
                try:
                    total = [x + y for x, y in zip(total, ring.unpack(f.read(ring.PACKED)))]
                except ring.Words:
                    report.check("frames-words", False, where, f"the frames of {attempt.name(point)} hold a word not below q")
                    return FAILED
            total = [x % ring.Q for x in total]
            root.update(ring.pack(total))
            opening.block(index, total)
    finally:
        for f in files.values():
            f.close()
    report.check("set-root", root.hexdigest() == attempt.set.body["root"], where,
                 "the frames add up to another root than the set says")
    if attempt.result is None:
        return ADDED
    return OPENED if compare(report, attempt, opening) else ADDED


def deleted(bundle, attempt):
    """Whether uploads of the attempt are missing, and may be by now."""
    if not may_be_gone(attempt.of):
        return False
    blobs = [s.body["sum"] for s in attempt.releases.values()]
    for point in attempt.set.body["points"] if attempt.certificate is not None else [d.body["contributor"] for d in attempt.disputes]:
        blobs += [attempt.updates[point].body[k] for k in ("frames", "projection")]
    return not all(bundle.has(b["digest"]) for b in blobs)


def may_be_gone(study):
    """Whether the charter's retention has passed since the study was closed."""
    if study.closed is None:
        return False
    m = re.fullmatch(r"([1-9][0-9]{0,4}) (day|week|month|year)s?", study.charter.body["retention"].strip().lower())
    if not m:
        return False  # words for people: nothing may be deleted
    n, unit = int(m.group(1)), m.group(2)
    day = datetime.date.fromisoformat(study.closed.time[:10])
    try:
        if unit in ("month", "year"):
            months = day.year * 12 + day.month - 1 + n * (12 if unit == "year" else 1)
            day = datetime.date(months // 12, months % 12 + 1, 1) + datetime.timedelta(days=day.day - 1)
        else:
            day += datetime.timedelta(days=n * (7 if unit == "week" else 1))
    except (ValueError, OverflowError):
        return False
    return datetime.datetime.now(datetime.timezone.utc).date() > day


def frames(bundle, report, attempt, ident):
    """The opened frames of every institution of the set, after their headers."""
    files, whole = {}, True
    size, blocks = frames_size(attempt.shape), ring.CANARIES + ring.data_blocks(attempt.shape)
    for point in attempt.set.body["points"]:
        who = attempt.name(point)
        f = bundle.blob(attempt.updates[point].body["frames"]["digest"], size, report, attempt.where(), f"frames of {who}")
        if f is None:
            whole = False
            continue
        files[point] = f
        right = f.read(56) == ring.header(b"SSFR", ident, point, blocks)
        whole &= report.check("frames-header", right, attempt.where(), f"the frames of {who} have another header")
    if not whole:
        for f in files.values():
            f.close()
        return None
    return files


def releases(bundle, report, attempt, ident):
    """Point to ring element, of every release in the log that is well formed."""
    found = {}
    for point, s in attempt.releases.items():
        who = attempt.name(point)
        f = bundle.blob(s.body["sum"]["digest"], RELEASE_SIZE, report, attempt.where(), f"release of {who}")
        if f is None:
            continue
        with f:
            data = f.read(RELEASE_SIZE)
        head = ring.header(b"SSRL", ident, point, 1) + ring.set_bits(attempt.set.body["points"])
        if not report.check("release-header", data[:64] == head, attempt.where(), f"the release of {who} has another header or set"):
            continue
        try:
            found[point] = ring.unpack(data[64:])
        except ring.Words:
            report.check("release-words", False, attempt.where(), f"the release of {who} holds a word not below q")
    return found


def keys_that_may_open(report, attempt, shares):
    """The sum of keys that the result's releases give; without a valid result, that of every choice of t."""
    result = attempt.result
    if result is None:
        return []
    if result.body["valid"]:
        used = [p for p in result.body["used"] if p in shares]
        if not report.check("releases", len(used) >= attempt.t, attempt.where(), "too few of the releases that the result used can be read"):
            return []
        base = used[:attempt.t]
        on = {p: lies_on(base, shares, p) for p in shares}
        for p in shares:
            if p in result.body["wrong"]:
                report.check("releases", not on[p], attempt.where(), f"the release of {attempt.name(p)} is called wrong and fits the others")
            else:
                report.check("releases", on[p], attempt.where(), f"the release of {attempt.name(p)} does not fit those that the result used")
        return [key_of(base, shares)]
    before = sorted(p for p in shares if p in attempt.logged)
    keys = []
    for choice in itertools.islice(itertools.combinations(before, attempt.t), MAX_CHOICES):
        key = key_of(choice, shares)
        if key not in keys:
            keys.append(key)
    return keys


def key_of(points, shares):
    return ring.combine(ring.weights(points, -1), [shares[p] for p in points])


def lies_on(base, shares, point):
    return point in base or ring.combine(ring.weights(base, point), [shares[p] for p in base]) == shares[point]


class Opening:
    """Opens a sum with each key that came up; canary blocks come first and drop the keys that are none."""

    def __init__(self, attempt, ident, keys):
        self.attempt, self.keys = attempt, [(key, 0) for key in keys]
        self.public = ring.public_key_of(ident)
        self.decoder = None

    def block(self, index, total):
        if not self.keys:
            return
        public = ring.uniform(self.public, index)
        if index < ring.CANARIES:
            tried = [(key, max(most, max(map(abs, ring.opened(total, key, public))))) for key, most in self.keys]
            self.keys = [(key, most) for key, most in tried if most <= ring.TOLERANCE]
            return
        if self.decoder is None:
            self.decoder = ring.Decoder(self.attempt.shape, len(self.attempt.set.body["points"]))
        self.decoder.block(ring.opened(total, self.keys[0][0], public))


def compare(report, attempt, opening):
    where, body = attempt.where(), attempt.result.body
    decoder = opening.decoder
    opens = bool(opening.keys) and decoder is not None
    if not body["valid"]:
        if body["reason"] == "canary":
            report.check("result-invalid", not opens, where, "the result says that nothing opens, and the releases before it open the sum")
        else:
            report.check("result-invalid", opens and decoder.problem is not None, where,
                         "the result says out of range, and the sum opens within it or not at all")
        return False
    if not report.check("canary", opens, where, "the releases do not open the canary blocks within their tolerance") or not opens:
        return False
    most = opening.keys[0][1]
    report.check("canary-max", most == body["canary_max"], where, f"the canaries open to {most}, and the result says {body['canary_max']}")
    if not report.check("range", decoder.problem is None, where, f"the sums are out of range: {decoder.problem}"):
        return False
    report.check("sums-digest", decoder.hash.hexdigest() == body["sums"], where, "the opened sums have another digest than the result says")
    return True
