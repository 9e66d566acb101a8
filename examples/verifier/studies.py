"""The rules of a study, up to the opening of an attempt."""

import datetime
import re

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

import ring
from canon import readable
from note import base64_bytes
from schema import ZERO as NO_DIGEST
from schema import is_date

KEY_SIZE = 1216
MIN_POINTS, MAX_POINTS = 2, 64
MAX_BITS = {"stat": 118, "vec16": 15}
GROUNDS = {"rehearsal", "public_task", "legal_obligation", "vital_interest", "legitimate_interest", "contract", "consent"}
FRESH = datetime.timedelta(minutes=35)  # how long a ready says that its node is online
PROBE = X25519PrivateKey.from_private_bytes(bytes([8] + [0] * 31))  # any clamped scalar shows a point of small order


def thresholds(n, forgetful):
    c = max(0, (n - 1 - forgetful) // 3)
    return c, -(-(n + c + forgetful + 1) // 2)


class Study:
    def __init__(self, s, charter, institutions):
        self.proposal, self.charter, self.institutions = s, charter, institutions
        self.decisions, self.half = {}, {}  # in force, and waiting for the second approver
        self.expelled = set()
        self.without = []
        self.roster, self.t, self.c, self.least, self.epochs = None, 0, 0, 0, {}
        self.round, self.rounds, self.attempts = 1, {1: []}, []
        self.ready, self.first = {}, {}  # the newest and the first ready of each for the next attempt
        self.closed = self.published = None

    def min_institutions(self):
        return max(self.charter.body["min_institutions"], self.proposal.body["min_institutions"])

    def verdict(self, institution):
        if institution in self.expelled:
            return "withdraw"
        given = self.decisions.get(institution)
        return given and given["decision"]

    def withdrawn(self, institution):
        return self.verdict(institution) == "withdraw"

    def approved(self, institution):
        return self.verdict(institution) == "approve"

    def frozen(self):
        """The set of the first attempt that may have been opened, or None."""
        return next((a.set.body["points"] for a in self.attempts if a.set and not a.closed()), None)

    def hangs(self):
        """The attempts of this round that t aborts did not close."""
        return [a for a in self.rounds[self.round] if not a.closed()]

    def begun(self):
        """Whether a sum was or may be opened: from then on epochs are fixed."""
        return bool(self.hangs()) or self.frozen() is not None

    def sums(self):
        """The institutions of every sum that was or may be opened, and whose seats they are: while no set has its votes, every attempt from its open on."""
        fixed = [([self.roster[p - 1] for p in self.frozen()], None)] if self.frozen() is not None else []
        if any(a.certificate is not None and not a.closed() for a in self.attempts):
            return fixed
        return fixed + [(list(a.points), a) for a in self.hangs()]

    def excluded(self, point, n):
        """Whether more than n-t institutions named it in aborts of closed attempts of this round."""
        by = {p for a in self.rounds[self.round] if a.closed() for p, m in a.aborts.items() if point in m.body["cannot"]}
        return len(by) > n - self.t

    def next_attempt(self):
        return len(self.rounds[self.round]) + 1

    def numbers(self, but):
        """How many numbers may have been opened, each round once, one round left out."""
        return sum(next((ring.values(a.shape) for a in attempts if a.set and not a.closed()), 0)
                   for r, attempts in self.rounds.items() if r != but)


def proposal(fold, s):
    b, members = s.body, fold.members
    cap, party = members.charter.body["numbers"], members.parties[s.signer]
    fold.need("proposal", re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", s.study), "its study has no name in lower case")
    fold.need("proposal", s.study not in fold.studies, "the study was proposed before")
    fold.need("proposal", ("on_late" in b) == ("wait" in b) and b.get("wait", 1) <= 86400, "on_late and wait do not fit")
    fold.need("proposal", b["min_institutions"] <= MAX_POINTS, f"it asks for more than {MAX_POINTS} institutions")
    fold.need("proposal", 0 < len(b["study"].encode()) <= 32768, "the study file is empty or too long")
    fold.need("proposal", not party.expires or max(s.time, fold.dated)[:10] <= party.expires, "the researcher's grant has ended")
    fold.need("numbers", b["numbers"] > 0 and (cap == 0 or b["numbers"] <= cap),
              f"it asks for {b['numbers']} numbers: none, or more than the {cap} of the charter")
    fold.studies[s.study] = Study(s, members.charter, sorted(members.institutions))


def decision(fold, s, study):
    b, members = s.body, fold.members
    who, verdict = members.parties[s.signer].institution, s.body["decision"]
    fold.need("decision", b["proposal"] == study.proposal.leaf, "it answers another proposal")
    fold.need("decision", b["institution"] == who and who in study.institutions, "it decides for an institution that it may not decide for")
    fold.need("decision", who in members.enrolled or verdict == "withdraw", f"{who} is not enrolled")
    fold.need("decision", verdict != "withdraw" or study.approved(who), "it withdraws what was not approved")
    fold.need("decision", study.roster is None or verdict != "deny" and study.approved(who),
              "after the first open only a renewal or a withdrawal is possible")
    fold.need("text", readable(b["purpose"]), "its purpose has control characters")
    if verdict == "approve":
        rehearsal = b["ground"] == "rehearsal"
        fold.need("decision", b["ground"] in GROUNDS and rehearsal == study.charter.body["rehearsal"],
                  "the ground is unknown, or a rehearsal's where there is none")
        fold.need("decision", rehearsal or b["dpia"] != NO_DIGEST, "it names no DPIA")
        fold.need("decision", b["purpose"].strip() and is_date(b["expires"]) and s.time[:10] <= b["expires"],
                  "it has no purpose, no end date, or has ended")
    other = study.half.pop(who, None)
    if other is not None and not members.in_force(other):
        other = None
    if verdict == "approve" and "second" in members.institutions.get(who, {}):
        if other is None or other.signer == s.signer or other.body != b:
            study.half[who] = s
            return
    study.decisions[who] = b


def advice(fold, s, study):
    b = s.body
    fold.need("advice", b["proposal"] == study.proposal.leaf, "it is about another proposal")
    fold.need("advice", b["institution"] == fold.members.parties[s.signer].institution, "an officer advises another institution")
    fold.need("text", readable(b["text"]), "its text has control characters")
    fold.need("advice", len(b["text"].encode()) <= 1000 and (b["advice"] == "agree" or b["text"].strip()),
              "its text is too long, or does not say why")


def proceed(fold, s, study):
    fold.need("proceed", s.signer == study.proposal.signer, "only the proposer may go on without somebody")
    fold.need("proceed", study.frozen() is None, "a sum may already be open")
    without = s.body["without"]
    fold.need("proceed", without == sorted(set(without)) and set(without) <= set(study.institutions), "it names others than institutions in order")
    study.without = without


def close(fold, s, study):
    fold.need("close", s.signer == study.proposal.signer, "only the proposer closes a study")
    fold.need("close", s.body["reason"] != "finished" or study.round > 1 and s.body["state"] != NO_DIGEST,
              "it is finished, and nothing was opened or no state is named")
    study.closed = s


def good_shape(fold, shape):
    most = MAX_BITS[shape["codec"]]
    fold.need("shape", shape["tensors"] and all(t["len"] > 0 and 1 <= t["bits"] <= most for t in shape["tensors"]),
              "the shape is empty, or its bits are out of range")
    names = {t["name"] for t in shape["tensors"]}
    fold.need("shape", len(names) == len(shape["tensors"]) <= 4096 and all(0 < len(n.encode()) <= 200 for n in names),
              "its tensors have no names, the same ones, or are too many")
    fold.need("shape", ring.data_blocks(shape) <= ring.MAX_DATA_BLOCKS, "the shape is larger than an attempt may be")


def turn(fold, s, study):
    """A ready or an open is for exactly the next attempt, once it may follow."""
    expected = (study.round, study.next_attempt())
    fold.need("turn", (s.round, s.attempt) == expected,
              f"it is for round {s.round}, attempt {s.attempt}, and {expected[0]}, {expected[1]} comes next")
    fold.need("turn", not study.hangs() or study.frozen() is not None, "the attempt before is still open")


def ready(fold, s, study):
    b = s.body
    turn(fold, s, study)
    good_shape(fold, b["shape"])
    fold.need("ready", good_key(base64_bytes(b["key"])), "its key is none of MLKEM768X25519, or one with which no secret can be agreed")
    fold.need("ready", b["state"] != NO_DIGEST, "it names no model state")
    fold.need("approval", study.approved(s.signer), "the institution has not approved the study")
    fold.need("approval", not study.approved(s.signer) or s.time[:10] <= study.decisions[s.signer]["expires"], "the approval has ended")
    fold.need("roster", study.roster is None or s.signer in study.roster, "the institution is not on the roster")
    fold.need("roster", study.frozen() is None or study.roster.index(s.signer) + 1 in study.frozen(), "the institution is not in the frozen set")
    fold.need("ready", b["key"] not in fold.used, "its key was used before")
    fold.used.add(b["key"])
    study.ready[s.signer] = s
    study.first.setdefault(s.signer, s)


def good_key(key):
    """ML-KEM-768, whose 768 coefficients have 12 bits and are below 3329, and then Curve25519, with no point of small order."""
    if len(key) != KEY_SIZE:
        return False
    for a, b, c in zip(key[0:1152:3], key[1:1152:3], key[2:1152:3]):
        if a | (b & 15) << 8 >= 3329 or b >> 4 | c << 4 >= 3329:
            return False
    try:
        PROBE.exchange(X25519PublicKey.from_public_bytes(key[-32:]))
    except ValueError:
        return False
    return True


def open_(fold, s, study):
    b, frozen = s.body, study.frozen()
    turn(fold, s, study)
    hanging = study.hangs()
    fold.need("turn", not any(a.result and a.result.body.get("reason") == "range" for a in study.rounds[study.round]),
              "a round whose sums are out of range is not tried again")
    fold.need("repeat", b.get("repeat", []) == (frozen or [] if hanging else []), "repeat is not the set that may only be repeated")
    fold.need("repeat", all((a.body["state"], a.shape) == (b["state"], b["shape"]) for a in hanging),
              "it asks another question than the attempt before, which may have been answered")
    if study.roster is None:
        missing = [i for i in study.institutions if study.verdict(i) is None and i not in study.without]
        fold.need("roster", not missing, f"{', '.join(missing)[:100]} did not decide")
    expected = study.roster or [i for i in study.institutions if study.approved(i)]
    fold.need("roster", b["roster"] == expected, "the roster is not the institutions that approved")
    c, t, least = numbers_of_roster(fold, study, b)
    seats = seated(fold, s, study, frozen, max(t, least))
    fold.need("seats", len(seats) >= max(t, least), f"{len(seats)} seats are fewer than {max(t, least)}")
    good_shape(fold, b["shape"])
    fold.need("numbers", study.numbers(study.round) + ring.values(b["shape"]) <= study.proposal.body["numbers"],
              "it would open more numbers than were proposed")
    names = [r.signer for r in seats.values()]
    isolated(fold, study, names, names, t, c, least, 0 if frozen else max(0, len(names) - max(t, least)))
    fold.need("role", not fold.members.parties[study.proposal.signer].revoked, "the proposer's key was revoked")
    if study.roster is None:
        study.roster, study.t, study.c, study.least = b["roster"], t, c, least
    if not study.begun():
        study.epochs = {i: fold.members.epoch_of.get(i) for i in b["roster"]}
    a = fold.attempt(s, seats, study)
    study.rounds[study.round].append(a)
    study.attempts.append(a)
    study.ready, study.first = {}, {}


def numbers_of_roster(fold, study, b):
    n = len(b["roster"])
    c, t = (study.c, study.t) if study.roster else thresholds(n, study.charter.body["forgetful"])
    least = study.least or max(study.min_institutions(), c + 2)
    fold.need("thresholds", MIN_POINTS <= n <= MAX_POINTS and (n > 2 or study.charter.body["allow_pair"]),
              f"{n} institutions cannot compute together")
    fold.need("thresholds", (b["t"], b["c"], b["min_institutions"]) == (t, c, least),
              f"t {b['t']}, c {b['c']}, min_institutions {b['min_institutions']} instead of {t}, {c}, {least}")
    return c, t, least


def time_of(s):
    return datetime.datetime.strptime(s.time, "%Y-%m-%dT%H:%M:%SZ")


def in_time(s, study, expected, enough):
    """The seats of a study that may begin without late ones: everybody, until its wait after enough were ready has passed."""
    now, names = time_of(s), s.body["roster"]
    live = [p for p in expected if names[p - 1] in study.ready and now - time_of(study.ready[names[p - 1]]) < FRESH]
    since = sorted(time_of(study.first[names[p - 1]]) for p in live)
    if len(since) < enough or (now - since[enough - 1]).total_seconds() < study.proposal.body["wait"]:
        return expected
    return live


def seated(fold, s, study, frozen, enough):
    """Point to the ready it counts on, of every seat."""
    b = s.body
    points = [seat["point"] for seat in b["seats"]]
    fold.need("seats", points == sorted(set(points)) and all(1 <= p <= len(b["roster"]) for p in points), "the seats are not points of the roster")
    expected = frozen or [p for p, i in enumerate(b["roster"], 1) if study.approved(i) and i not in study.without
                          and not study.excluded(p, len(b["roster"]))]
    late = frozen is None and "on_late" in study.proposal.body
    fold.need("seats", points == expected or late and points == in_time(s, study, expected, enough), "the seats are not those who should take part")
    fold.need("seats", not any(study.withdrawn(b["roster"][p - 1]) for p in points), "a seat's institution has withdrawn")
    seats = {}
    for seat in b["seats"]:
        of = study.ready.get(b["roster"][seat["point"] - 1])
        fold.need("seats", of is not None and of.leaf == seat["ready"], f"point {seat['point']} does not count on its newest ready")
        fold.need("seats", of.body["state"] == b["state"] and of.body["shape"] == b["shape"], f"point {seat['point']} was ready for another state or shape")
        seats[seat["point"]] = of
    return seats


def meets(study, seats, t, c, other, a):
    """Whether two certificates, one of each study, share an honest holder that remembers."""
    forgetful = max(s.charter.body["forgetful"] for s in (study, other))
    return t + a.t > len({*seats, *a.points}) + min(c, other.c) + forgetful


def isolated(fold, study, names, seats, t, c, least, spare):
    """Beside a sum of another study, this one must not tell what too few institutions gave; spare seats it may yet lose."""
    def of(any_study, members):
        fixed = any_study.epochs if any_study.begun() else {}
        return {(i, fixed[i] if i in fixed else fold.members.epoch_of.get(i)) for i in members}

    def accepts(any_study, i):
        given = any_study.decisions.get(i)
        return bool(given) and given["decision"] == "approve" and given["accept_isolated"]

    opened = study.round > 1  # it was held against the others then: nobody outside stops it now
    for other in fold.studies.values():
        for theirs, a in other.sums() if other is not study else ():
            apart = {i for i, _ in of(study, names) ^ of(other, theirs)}
            accepted = all(accepts(study, i) if i in names else opened or accepts(other, i) for i in apart)
            far = max(least, other.least)
            if a is not None and not opened and not meets(study, seats, t, c, other, a):  # each may be certified in a history without the other
                far += spare + max(0, len(a.seats) - max(a.t, other.least))
                accepted = far == max(least, other.least) and accepted
            elif a is not None and a.set is not None:
                continue
            fold.need("isolated", len(apart) >= far or accepted,
                      f"beside study {other.proposal.study} it tells what only {', '.join(sorted(apart))} gave")
