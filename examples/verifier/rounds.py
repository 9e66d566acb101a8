"""The rules inside an attempt: updates, disputes, set, votes, aborts, releases, result."""

import ring
import studies

RELEASE_SIZE = 56 + 8 + ring.PACKED
BOX_SIZE, SHARE_SIZE, MASKS = 34984, 33848, 131
NO_DIGEST = studies.NO_DIGEST


class Attempt:
    def __init__(self, s, seats, study):
        self.id, self.body, self.of = s.leaf, s.body, study
        self.round, self.number, self.study = s.round, s.attempt, s.study
        self.t, self.shape = s.body["t"], s.body["shape"]
        self.seats = seats  # point: the ready it counts on
        self.points = {r.signer: p for p, r in seats.items()}
        self.updates, self.votes, self.aborts, self.releases = {}, {}, {}, {}
        self.disputes = []
        self.set = self.result = self.certificate = None

    def name(self, point):
        return self.seats[point].signer

    def where(self):
        return f"study {self.study}, round {self.round}, attempt {self.number}"

    def closed(self):
        """Whether so many aborted that fewer than t can release, whoever colludes or forgets."""
        forgetful = self.of.charter.body["forgetful"]
        return len(self.aborts) >= len(self.seats) - self.t + self.body["c"] + forgetful + 1

    def disputed(self, point, *kinds):
        return [d for d in self.disputes if d.body["contributor"] == point and d.body["kind"] in kinds]


def apply(fold, s):
    if s.type == "proposal":
        return studies.proposal(fold, s)
    study = fold.studies.get(s.study)
    fold.need("study", study is not None, "no such study was proposed")
    fold.need("study", study.closed is None or s.type == "abort", "the study is closed")
    if s.type in OF_STUDY:
        return OF_STUDY[s.type](fold, s, study)
    a = next((a for a in study.rounds.get(s.round, []) if a.number == s.attempt and a.id == s.body.get("open")), None)
    fold.need("attempt", a is not None and s.round == study.round, "it belongs to no attempt of the round that goes on")
    fold.need("attempt", s.type == "abort" or not a.closed(), "the attempt was closed by aborts")
    if s.type not in ("set", "result"):
        fold.need("seat", s.signer in a.points, "the signer has no seat in this attempt")
        s.point = a.points[s.signer]
    OF_ATTEMPT[s.type](fold, s, study, a)


def same_start(fold, s, a):
    fold.need("boot", s.boot == a.seats[s.point].boot, "the machine was started again after its ready")


def frames_size(shape):
    return 56 + ring.PACKED * (ring.CANARIES + ring.data_blocks(shape))


def update(fold, s, study, a):
    b, seats = s.body, len(a.seats)
    fold.need("once", s.point not in a.updates, "a second update in one attempt")
    fold.need("update", a.set is None, "an update after the set")
    fold.need("update", not study.withdrawn(s.signer), "the institution has withdrawn")
    fold.need("update", (b["frames"]["size"], b["boxes"]["size"], b["projection"]["size"])
              == (frames_size(a.shape), BOX_SIZE * seats, 56 + 8 * MASKS * a.t), "frames, boxes or projection have another size than follows")
    fold.need("update", len(b["box_digests"]) == len(b["shares"]) == seats, "not one box and one share for every seat")
    fold.need("update", b["projection"]["digest"] != NO_DIGEST, "it names no projection")
    new = [b[k]["digest"] for k in ("frames", "boxes", "projection")]
    fold.need("update", not fold.used.intersection(new), "it names bytes that were named before")
    fold.used.update(new)
    a.updates[s.point] = s


def dispute(fold, s, study, a):
    b = s.body
    kind, point = b["kind"], b.get("contributor", 0)
    fold.need("dispute", kind != "fork" and point in a.updates and point != s.point, "it disputes no update of another one")
    fold.need("dispute", ("evidence" in b) == (kind == "opening") and b.get("evidence", {}).get("size", SHARE_SIZE) == SHARE_SIZE,
              "an opening names the share, other kinds nothing")
    fold.need("dispute", s.point not in a.votes and (kind == "opening" or s.point not in a.aborts), "the signer voted or aborted before")
    fold.need("once", all(d.signer != s.signer for d in a.disputed(point, kind)), "the same dispute twice")
    if kind == "opening":
        said, opened = a.disputed(point, "share"), a.disputed(point, "opening")
        fold.need("dispute", len(opened) < a.t - 1 - a.body["c"], "too many shares of one contributor are opened")
        fold.need("dispute", any(d.signer == s.signer for d in said), "a share is opened by somebody who did not name it before")
    a.disputes.append(s)


def set_(fold, s, study, a):
    b, points = s.body, s.body["points"]
    fold.need("once", a.set is None, "a second set in one attempt")
    fold.need("set", all(p in a.updates for p in points), "the set names an institution without a logged update")
    fold.need("set", not any(study.withdrawn(a.name(p)) for p in points), "the set has an institution that withdrew")
    out = [e["point"] for e in b["absent"]]
    fold.need("set", points == sorted(points) and out == sorted(out) and sorted(points + out) == sorted(a.seats),
              "the set and the absent ones are not the seats")
    waits = "on_late" not in study.proposal.body
    for e in b["absent"]:
        who = a.name(e["point"])
        held = {"withdrawn": study.withdrawn(who),
                "no_update": e["point"] not in a.updates and not study.withdrawn(who) and (not waits or who in study.without)}
        fold.need("set", held.get(e["reason"], False), f"{who} is left out as {e['reason'][:20]}, and the log does not bear that out")
    fold.need("set", len(points) >= max(a.t, study.least), "the set is too small")
    fold.need("set", study.frozen() in (None, points), "the set is not the one that is frozen")
    fold.need("set", b["root"] != NO_DIGEST, "it names no root")
    studies.isolated(fold, study, [a.name(p) for p in points], list(a.points), a.t, study.c, study.least, 0)
    a.set = s


def vote(fold, s, study, a):
    b = s.body
    fold.need("vote", a.set is not None and (b["points"], b["root"]) == (a.set.body["points"], a.set.body["root"]),
              "a vote for something else than the logged set")
    fold.need("vote", s.seen["size"] > a.set.entry, "the voter had not seen the set")
    same_start(fold, s, a)
    fold.need("once", s.point not in a.votes and s.point not in a.aborts, "a second vote, or one after an abort")
    fold.need("vote", not any(d.signer == s.signer and d.body["contributor"] in b["points"] for d in a.disputes),
              "the voter disputes somebody in the set")
    fold.need("vote", not any(study.withdrawn(a.name(p)) for p in b["points"]), "the set has an institution that withdrew")
    a.votes[s.point] = s
    if len(a.votes) == a.t:
        a.certificate = s.entry


def abort(fold, s, study, a):
    same_start(fold, s, a)
    fold.need("once", s.point not in a.releases and s.point not in a.aborts, "an abort after a release, or a second one")
    fold.need("abort", s.body["reason"] in ("no_certificate", "cannot_accept", "withdrawn") and set(s.body["cannot"]) <= set(a.updates)
              and s.body["cannot"] == sorted(set(s.body["cannot"])), "its reason is unknown, or it names somebody without an update or out of order")
    a.aborts[s.point] = s


def release(fold, s, study, a):
    fold.need("certificate", a.certificate is not None, f"a release before {a.t} votes stand in the log")
    fold.need("certificate", a.certificate is None or s.seen["size"] > a.certificate, "its head does not cover the votes")
    fold.need("release", s.point in a.votes, "a release without a vote of its own")
    fold.need("once", s.point not in a.releases and s.point not in a.aborts, "a second release, or one after an abort")
    fold.need("release", s.body["sum"]["size"] == RELEASE_SIZE and s.body["sum"]["digest"] != NO_DIGEST, "a release of another size, or of nothing")
    a.releases[s.point] = s


def result(fold, s, study, a):
    b, used, wrong = s.body, s.body["used"], s.body["wrong"]
    fold.need("once", a.result is None, "a second result of one attempt")
    fold.need("certificate", a.certificate is not None, f"a result before {a.t} votes stand in the log")
    fold.need("result", all(x == sorted(set(x)) for x in (used, wrong)) and not set(used) & set(wrong)
              and set(used) | set(wrong) <= set(a.releases), "it names releases that are not in the log, or some twice")
    fold.need("result", len(a.releases) >= a.t, f"fewer than {a.t} releases stand in the log")
    fold.need("result", (len(used) >= a.t and b["canary_max"] <= ring.TOLERANCE) if b["valid"] else True,
              "a valid result without enough releases, or with canaries out of bounds")
    fold.need("result", b["valid"] == ("reason" not in b) == (b["sums"] != NO_DIGEST), "valid, reason and sums do not fit together")
    a.result, a.logged = s, set(a.releases)
    if b["valid"]:
        study.round += 1
        study.rounds[study.round] = []
        study.ready, study.first = {}, {}


OF_STUDY = {"decision": studies.decision, "advice": studies.advice, "proceed": studies.proceed, "close": studies.close,
            "ready": studies.ready, "open": studies.open_}
OF_ATTEMPT = {"update": update, "dispute": dispute, "set": set_, "vote": vote, "abort": abort, "release": release, "result": result}
