"""The public half of the share check, and the evidence of disputes, after share-check.md."""

import hashlib

import ring
from rounds import MASKS, SHARE_SIZE

LOW, SHORT = 3, 128
TOLERANCE = 1 << 17


def words(data):
    found = [int.from_bytes(data[at:at + 8], "little") for at in range(0, len(data), 8)]
    if max(found) >= ring.Q:
        raise ring.Words
    return found


def challenge_of(ident, point, frames, shares):
    """What a contributor must answer, from what its update fixes."""
    return hashlib.sha256(b"smartstart/otk1/challenge" + ident + ring.le32(point) + frames + b"".join(shares)).digest()


class Challenge:
    def __init__(self, ident, digest):
        self.public = ring.public_key_of(ident)
        self.uniform = hashlib.sha256(b"smartstart/otk1/challenge/uniform" + digest).digest()
        self.short = hashlib.sha256(b"smartstart/otk1/challenge/short" + digest).digest()

    def shorts(self, blocks):
        """The 128 short projections of the coefficients of both canary blocks.

        Coefficients are gathered by the value of each byte of u and v, so that
        each is added 32 times and not 128.
        """
        bins = [[0] * 256 for _ in range(SHORT // 8)]
        size = ring.N * 32
        for b, coefficients in enumerate(blocks):
            region = ring.stream(self.short, b * size, size)
            for i, x in enumerate(coefficients):
                at = 32 * i
                for g in range(16):
                    bins[g][region[at + g]] += x
                    bins[g][region[at + 16 + g]] -= x
        return [sum(x for byte, x in enumerate(bins[k // 8]) if byte >> k % 8 & 1) % ring.Q for k in range(SHORT)]

    def project(self, element):
        """All 131 projections of a ring element in the domain of the transform."""
        low = [sum(x * y for x, y in zip(ring.uniform(self.uniform, k), element)) % ring.Q for k in range(LOW)]
        blocks = []
        for b in range(ring.CANARIES):
            a = ring.uniform(self.public, b)
            blocks.append(ring.inverse([x * y % ring.Q for x, y in zip(a, element)]))
        return low + self.shorts(blocks)


class Missing(Exception):
    """Something is not in the bundle; the finding was made."""


def verify(bundle, report, attempt):
    """Checks everybody in a certified sum, and the evidence of every dispute. Returns how many projections were checked."""
    if "share-check" in report.off:
        return 0
    judged = {}

    def wrong(point):
        if point not in judged:
            try:
                judged[point] = projection(bundle, report, attempt, point)
            except Missing:
                judged[point] = None
        return judged[point]

    if attempt.certificate is not None:
        for point in attempt.set.body["points"]:
            found = wrong(point)
            report.check("share-check", not found or not found[0], attempt.where(),
                         f"the projection of {attempt.name(point)} {found and found[0]}")
    for d in attempt.disputes:
        if d.body["kind"] == "share":
            continue
        found = wrong(d.body["contributor"])
        if found is None or found[0]:
            continue
        shows = d.body["kind"] == "opening" and opening(bundle, report, attempt, d, found[1])
        report.check("dispute-void", shows, f"entry {d.entry}, dispute by {d.signer}",
                     f"it shows nothing about {attempt.name(d.body['contributor'])}")
    return sum(1 for found in judged.values() if found)


def read(bundle, report, attempt, ref, size, what):
    f = bundle.blob(ref["digest"], size, report, attempt.where(), what)
    if f is None:
        raise Missing
    with f:
        return f.read(size)


def projection(bundle, report, attempt, point):
    """What proves a contributor wrong by its own update ("" for nothing), and its polynomials at 1..t."""
    body, who, t = attempt.updates[point].body, attempt.name(point), attempt.t
    ident, size = bytes.fromhex(attempt.id), 56 + 8 * MASKS * t
    data = read(bundle, report, attempt, body["projection"], size, f"projection of {who}")
    if data[:56] != ring.header(b"SSPJ", ident, point, t):
        return "has another header", None
    try:
        values = words(data[56:])
    except ring.Words:
        return "holds a word not below q", None
    at = [values[MASKS * i:MASKS * i + MASKS] for i in range(t)]
    f = bundle.blob(body["frames"]["digest"], body["frames"]["size"], report, attempt.where(), f"frames of {who}")
    if f is None:
        raise Missing
    with f:
        f.seek(56)
        try:
            blocks = [ring.inverse(ring.unpack(f.read(ring.PACKED))) for _ in range(ring.CANARIES)]
        except ring.Words:
            raise Missing from None  # a finding of the sum
    challenge = Challenge(ident, challenge_of(ident, point, bytes.fromhex(body["frames"]["digest"]), map(bytes.fromhex, body["shares"])))
    secret = ring.combine(ring.weights(range(1, t + 1), -1), at)
    off = max(abs(ring.centred((y - p) % ring.Q)) for y, p in zip(challenge.shorts(blocks), secret[LOW:]))
    return ("does not open its own canaries" if off > TOLERANCE else ""), (challenge, at)


def opening(bundle, report, attempt, dispute, found):
    """Whether an opened share has the signed digest and contradicts the projection."""
    challenge, at = found
    holder = attempt.points[dispute.signer]
    signed = attempt.updates[dispute.body["contributor"]].body["shares"][sorted(attempt.seats).index(holder)]
    if dispute.body["evidence"]["digest"] != signed:
        return False
    try:
        data = read(bundle, report, attempt, dispute.body["evidence"], SHARE_SIZE, f"share that {dispute.signer} opened")
    except Missing:
        return True  # said already
    try:
        values = words(data[32:])
    except ring.Words:
        return True
    want = ring.combine(ring.weights(range(1, attempt.t + 1), holder), at)
    got = challenge.project(values[MASKS:])
    return [(g + m) % ring.Q for g, m in zip(got, values)] != want
