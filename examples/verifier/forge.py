"""Makes bundles for the tests: a federation in the clear, with a hook at every step.

It follows the same pages as the verifier. JSON is made by the standard library
here, and by schema.py there, so that neither is checked by itself.
"""

import base64
import hashlib
import json
import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import ring
import shares
from studies import thresholds
from tree import Tree, leaf_hash

ORIGIN = "forge.example/log"
ZERO = "0" * 64


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


class Signer:
    def __init__(self, name, key=""):
        self.name = name
        self.key = Ed25519PrivateKey.from_private_bytes(sha(b"key of ", name.encode(), key.encode()))
        public = b"\1" + self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.hash = sha(name.encode(), b"\n", public)[:4]
        self.vkey = f"{name}+{self.hash.hex()}+{base64.b64encode(public).decode()}"
        self.boot = sha(b"boot of ", name.encode()).hex()
        self.seq, self.prev = 0, ZERO

    def party(self):
        return {"name": self.name, "key": self.vkey}

    def note(self, text):
        signature = base64.b64encode(self.hash + self.key.sign(text.encode())).decode()
        return f"{text}\n\u2014 {self.name} {signature}\n".encode()


class Forge:
    def __init__(self, institutions=4, codec="stat", rounds=1, hooks=None, study="s1", **rules):
        self.day, self.real = "2026-09-01", False
        self.hooks, self.rounds, self.study = hooks or {}, rounds, study
        self.rules = {"forgetful": 0, "min_institutions": 2, "allow_pair": False, "numbers": 0, **rules}
        self.names = [f"i{k + 1:02d}" for k in range(institutions)]
        self.people = {n: Signer(n) for n in ["coordinator", "researcher", *self.names, *(f"{n}.approver" for n in self.names)]}
        self.shape = {"codec": codec, "tensors": [{"name": "a", "len": 3, "bits": 15}, {"name": "b", "len": 2, "bits": 9}]}
        self.tree, self.entries, self.blobs, self.time = Tree(), [], {}, 0

    def hook(self, name, value=None):
        """Lets a test change what is said, or say something more. A hook gets (forge, value)."""
        change = self.hooks.get(name)
        got = change(self, value) if change else None
        return value if got is None else got

    def append(self, raw):
        self.entries.append(raw)
        self.tree.append(leaf_hash(raw))
        return leaf_hash(raw).hex()

    def say(self, type_, who, body, at=None, study=None, **header):
        signer = self.people.setdefault(who, Signer(who))
        self.time += 1
        size = header.pop("seen", len(self.entries))
        study = self.study if study is None and type_ not in ("charter", "member", "epoch") else study
        h = {"log": ORIGIN, "type": type_, "version": 1}
        if study:
            h["study"] = study
        if at:
            h["round"], h["attempt"] = at
        h |= {"signer": who, "boot": signer.boot, "seq": signer.seq + 1, "prev": signer.prev,
              "seen": {"size": size, "root": self.tree.root(size).hex()},
              "time": f"{self.day}T{self.time // 3600 + 8:02d}:{self.time // 60 % 60:02d}:{self.time % 60:02d}Z"}
        h |= header
        h["body"] = body
        line = json.dumps(h, separators=(",", ":"), ensure_ascii=False)
        text = self.hook("text", f"smartstart/{type_}/v1\n{line}\n")
        leaf = self.append(self.hook("entry", signer.note(text)))
        signer.seq, signer.prev = signer.seq + 1, leaf
        return leaf

    def blob(self, data):
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        return {"digest": digest, "size": len(data)}

    # --- the whole story

    def begin(self):
        people = self.people
        founders = [{"institution": n, "approver": people[f"{n}.approver"].party()} for n in self.names]
        founders = self.hook("founders", founders)
        self.charter_body = self.hook("charter", {
            "protocol": 2, "name": "A na\u00efve <federation> & \"more\"", "coordinator": people["coordinator"].party(), "founders": founders,
            "researchers": [people["researcher"].party()], "auditors": [], "parameters": "otk1",
            "forgetful": self.rules["forgetful"], "min_institutions": self.rules["min_institutions"],
            "allow_pair": self.rules["allow_pair"], "numbers": self.rules["numbers"],
            "codebook": self.blob(b"a codebook\n")["digest"], "rehearsal": True, "retention": "as \"agreed\"\nfor ever"})
        self.charter = self.say("charter", "coordinator", self.charter_body)
        for n in self.names:
            self.enrol(n)
        self.hook("enrolled")

    def enrol(self, n):
        node = self.people.setdefault(n, Signer(n))
        proof = node.key.sign(f"smartstart/proof/v1\n{ORIGIN}\n{self.charter}\n{n}\n{node.vkey}\n".encode())
        self.say("member", f"{n}.approver", self.hook("member", {
            "charter": self.charter, "act": "enrol", "institution": n, "node": node.party(), "proof": base64.b64encode(proof).decode()}))

    def propose(self):
        self.proposal = self.say("proposal", "researcher", self.hook("proposal", {
            "study": "rounds = 1\n# a\ttab, \"quotes\" and \x01\n", "min_institutions": 0, "numbers": 1000}))
        for n in self.names:
            self.decide(f"{n}.approver", n)
        self.hook("decided")

    def decide(self, who, institution, **change):
        self.say("decision", who, self.hook("decision", {
            "proposal": self.proposal, "institution": institution, "decision": "approve", "ground": "rehearsal", "purpose": "a test",
            "dpia": ZERO, "expires": "2027-07-31", "accept_isolated": False, **change}))

    def build(self):
        self.begin()
        self.propose()
        for r in range(1, self.rounds + 1):
            self.round((r, 1))
        self.say("close", "researcher", {"state": sha(b"the end").hex(), "reason": "finished"})
        self.hook("closed")
        return self

    def roster(self):
        return self.names

    def ready(self, n, at):
        key = base64.b64encode(bytes(1152) + 2 * sha(n.encode(), repr((at, len(self.entries))).encode())).decode()
        return self.say("ready", n, self.hook("ready", {"state": sha(b"state", repr(at[0]).encode()).hex(), "shape": self.shape, "key": key}), at)

    def round(self, at):
        c, t = thresholds(len(self.names), self.rules["forgetful"])
        least = max(self.rules["min_institutions"], c + 2)
        seats = [{"point": p, "ready": self.ready(n, at)} for p, n in enumerate(self.names, 1)]
        body = self.hook("open", {"roster": self.names, "seats": seats, "t": t, "c": c, "min_institutions": least,
                                  "state": sha(b"state", repr(at[0]).encode()).hex(), "shape": self.shape})
        opened = self.say("open", "coordinator", body, at)
        ident = bytes.fromhex(opened)
        self.opened, self.at = opened, at
        given, total = {}, None
        for p, n in enumerate(self.names, 1):
            values = self.values(p)
            key, frames = self.encrypt(ident, p, values)
            parts = [ring.uniform(sha(b"share", ident, bytes([p])), k) for k in range(1, t)]
            given[p] = (key, parts, values)
            total = self.add(total, frames)
            frames = self.hook("frames", self.packed(ident, p, frames))
            digests, answer = self.projection(ident, p, key, parts, frames, len(seats))
            update = {"open": opened, "frames": self.blob(frames),
                      "boxes": {"digest": sha(b"boxes", ident, bytes([p])).hex(), "size": 34984 * len(seats)},
                      "box_digests": [sha(b"box", bytes.fromhex(x)).hex() for x in digests], "shares": digests,
                      "projection": answer or {"digest": sha(b"W", ident, bytes([p])).hex(), "size": 56 + 8 * 131 * body["t"]}}
            self.say("update", n, self.hook("update", update), at)
        self.hook("before-set")
        points = list(range(1, len(self.names) + 1))
        root = sha(ring.header(b"SSSU", ident, 0, len(total)), ring.set_bits(points), *map(ring.pack, total)).hex()
        set_ = self.hook("set", {"open": opened, "points": points, "absent": [], "root": root})
        self.say("set", "coordinator", set_, at)
        self.hook("after-set", set_)
        for n in self.hook("voters", self.names):
            self.say("vote", n, self.hook("vote", {"open": opened, "points": set_["points"], "root": set_["root"]}), at)
        releasers = self.hook("releasers", self.names)
        for n in releasers:
            p = self.names.index(n) + 1
            share = [sum(column) % ring.Q for column in zip(*(self.share(given[q], p) for q in set_["points"]))]
            data = ring.header(b"SSRL", ident, p, 1) + ring.set_bits(points) + ring.pack(self.hook(f"share {p}", share))
            self.say("release", n, self.hook("release", {"open": opened, "sum": self.blob(self.hook("release bytes", data))}), at)
        self.result(at, given, releasers)

    def result(self, at, given, releasers):
        size = 16 if self.shape["codec"] == "stat" else 4
        sums = [sum(column) for column in zip(*(v for _, _, v in given.values()))]
        digest = hashlib.sha256(b"".join(s.to_bytes(size, "little", signed=True) for s in sums)).hexdigest()
        used = [self.names.index(n) + 1 for n in releasers]
        self.say("result", "coordinator", self.hook("result", {
            "open": self.opened, "used": used, "wrong": [], "canary_max": self.errors_max(len(given)), "valid": True, "sums": digest}), at)
        self.hook("after-result")

    # --- the arithmetic of parameters.md, from the side that encrypts; errors are plain

    def values(self, point):
        return self.hook("values", [point, -point * 1000, 32767, -511, point + 7])

    def coefficients(self, values):
        """What a contributor packs: every value, then a one."""
        if self.shape["codec"] == "stat":
            slots = [d for v in values for d in (ring.balanced(v, 40), ring.balanced(v - ring.balanced(v, 40) >> 40, 40), 0)] + [1]
            return slots + [0] * (ring.N - len(slots))
        slots = [*values, 1]
        slots += [0] * (2 * ring.N - len(slots))
        return [slots[2 * k] + (slots[2 * k + 1] << 24) for k in range(ring.N)]

    def encrypt(self, ident, p, values):
        key = ring.uniform(sha(b"key", ident, bytes([p])), 0)
        public = ring.public_key_of(ident)
        messages = [[0] * ring.N, [0] * ring.N, self.coefficients(values)]
        frames = []
        for b, m in enumerate(messages):
            e = [(self.error(p, b) if k == 5 else 0) + (m[k] << 12) for k in range(ring.N)]
            a = ring.uniform(public, b)
            frames.append([(x * s + y) % ring.Q for x, s, y in zip(a, key, ring.forward([x % ring.Q for x in e]))])
        return key, frames

    def error(self, p, b):
        return -p - b

    def errors_max(self, n):
        return self.hook("canary_max", max(abs(sum(self.error(p, b) for p in range(1, n + 1))) for b in range(2)))

    def add(self, total, frames):
        return frames if total is None else [[(x + y) % ring.Q for x, y in zip(t, f)] for t, f in zip(total, frames)]

    def packed(self, ident, p, frames):
        return ring.header(b"SSFR", ident, p, len(frames)) + b"".join(map(ring.pack, frames))

    def share(self, given, point):
        key, parts, _ = given
        factors = [1] + [pow(point + 1, k, ring.Q) for k in range(1, len(parts) + 1)]
        return [sum(f * w for f, w in zip(factors, column)) % ring.Q for column in zip(key, *parts)]

    def projection(self, ident, p, key, parts, frames, holders):
        """Digests of shares, and a blob; real ones only if asked for, because they take a second."""
        if not self.real:
            return [sha(b"share of ", ident, bytes([p, q])).hex() for q in range(holders)], None
        t = len(parts) + 1
        masks = [[w % 90000 for w in ring.uniform(sha(b"mask", ident, bytes([p])), 0)[:131]]]
        masks += [ring.uniform(sha(b"mask", ident, bytes([p])), k)[:131] for k in range(1, t)]

        def at(elements, x):
            return ring.combine([pow(x + 1, k, ring.Q) for k in range(t)], elements)

        def eights(words):
            return b"".join(w.to_bytes(8, "little") for w in words)
        dealt = [bytes(32) + eights(at(masks, j)) + eights(at([key, *parts], j)) for j in range(1, holders + 1)]
        dealt = self.hook("dealt", dealt)
        digests = [sha(x) for x in dealt]
        for x in dealt:
            self.blob(x)
        challenge = shares.Challenge(ident, shares.challenge_of(ident, p, sha(frames), digests))
        terms = [[(x + m) % ring.Q for x, m in zip(challenge.project(e), mask)] for e, mask in zip([key, *parts], masks)]
        answer = ring.header(b"SSPJ", ident, p, t) + b"".join(eights(at(terms, x)) for x in range(1, t + 1))
        return [d.hex() for d in digests], self.blob(self.hook("answer", answer))

    # --- files

    def write(self, folder, kind="sealed", entries=None):
        tree = self.tree
        if entries is not None:
            tree = Tree()
            for raw in entries:
                tree.append(leaf_hash(raw))
        entries = self.entries if entries is None else entries
        text = f"{ORIGIN}\n{len(tree)}\n{base64.b64encode(tree.root(len(tree))).decode()}\n"
        put(folder, "checkpoint", self.hook("checkpoint", self.people["coordinator"].note(text)))
        for level, index, hashes in tree.tiles():
            part = "" if len(hashes) == 256 else f".p/{len(hashes)}"
            put(folder, f"tile/{level}/{index:03d}{part}", b"".join(hashes))
        for index in range((len(entries) + 255) // 256):
            some = entries[256 * index:256 * index + 256]
            part = "" if len(some) == 256 else f".p/{len(some)}"
            put(folder, f"tile/entries/{index:03d}{part}", b"".join(len(e).to_bytes(2, "big") + e for e in some))
        for digest, data in self.blobs.items():
            if kind == "sealed" or digest == self.charter_body["codebook"]:
                put(folder, f"blobs/{digest}", data)
        put(folder, "bundle.json", json.dumps({"format": "smartstart-bundle", "version": 1, "kind": kind}).encode())
        return folder


def put(folder, name, data):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
