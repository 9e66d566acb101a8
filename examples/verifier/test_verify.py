"""Tests of the second verifier: python3 -m unittest, in this folder.

Every spoilt bundle has its finding, and is accepted when exactly the checks
named with it are switched off: so no other check finds it by chance, and none
of them is idle.
"""

import base64
import contextlib
import io
import os
import shutil
import sys
import tempfile
import tracemalloc
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import bundle
import forge
import ring
import shares
import verify
from note import Key
from report import Unusable

ROOT = os.path.join(HERE, "..", "..")
KEPT = os.path.join(ROOT, "audit", "verify", "testdata", "bundle")


def run(folder, key=None, off=(), out=lambda line: None, shares_too=False):
    """Verifies; without the share check, which takes a second a bundle and has tests of its own."""
    return verify.verify(folder, key, {*off} if shares_too else {*off, "share-check"}, out)


def names(report):
    return {name for name, _, _ in report.findings}


class Case(unittest.TestCase):
    def folder(self):
        d = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, d)
        return d

    def check(self, folder, finding, *others, key=None):
        """The finding is made; with it and the others off there is none, with only the others off it is the one."""
        report, _ = run(folder, key)
        self.assertIn(finding, names(report))
        if others:
            report, _ = run(folder, key, off=others)
            self.assertEqual({finding}, names(report))
        report, _ = run(folder, key, off={finding, *others})
        self.assertEqual([], report.findings, "found by another check than the one that was switched off")

    def forged(self, finding, *others, kind="sealed", make=None, **options):
        f = forge.Forge(**options)
        f.build() if make is None else make(f)
        self.check(f.write(self.folder(), kind), finding, *others)


class Kept(Case):
    """The bundle that the product's tests keep, and tampered copies."""

    def copy(self):
        d = os.path.join(self.folder(), "bundle")
        shutil.copytree(KEPT, d)
        os.chmod(d, 0o755)
        return d

    def flip(self, path, at):
        with open(path, "r+b") as f:
            f.seek(at, os.SEEK_SET if at >= 0 else os.SEEK_END)
            b = f.read(1)
            f.seek(-1, os.SEEK_CUR)
            f.write(bytes([b[0] ^ 1]))

    def only(self, folder, *parts):
        """The only file below a folder."""
        found = [os.path.join(d, f) for d, _, files in os.walk(os.path.join(folder, *parts)) for f in files]
        self.assertEqual(1, len(found))
        return found[0]

    def blob_of(self, magic):
        d = self.copy()
        for name in sorted(os.listdir(os.path.join(d, "blobs"))):
            path = os.path.join(d, "blobs", name)
            with open(path, "rb") as f:
                if f.read(4) == magic:
                    return d, path
        self.fail(f"no blob begins with {magic}")

    def test_good(self):
        report, counts = run(KEPT, shares_too=True)
        self.assertEqual([], list(report.lines()))
        self.assertEqual(1, counts["opened"])

    def test_key(self):
        with open(os.path.join(KEPT, "checkpoint"), encoding="utf-8") as f:
            origin = f.readline().strip()
        out = []
        run(KEPT, out=out.append)
        line = next(x for x in out if x.startswith("key: "))
        self.assertIn("taken from the charter", line)
        key = Key(line.split()[1].rstrip(","))
        self.assertEqual([], run(KEPT, key)[0].findings)
        other = Key(forge.Signer(origin).vkey)
        self.check(KEPT, "checkpoint-signature", "coordinator-key", key=other)

    def test_entry(self):
        d = self.copy()
        self.flip(self.only(d, "tile", "entries"), -20)  # in the last signature, to which nothing refers
        self.check(d, "signature", "root", "tile")
        self.check(d, "root", "signature", "tile")

    def test_tile(self):
        d = self.copy()
        self.flip(self.only(d, "tile", "0"), 100)
        self.check(d, "tile")

    def test_frames(self):
        d, path = self.blob_of(b"SSFR")
        self.flip(path, 60 + 5 * ring.PACKED // 2)
        self.check(d, "blob-digest", "set-root", "sums-digest", "range", "canary", "canary-max")

    def test_release(self):
        d, path = self.blob_of(b"SSRL")
        self.flip(path, 1000)
        self.check(d, "blob-digest", "releases", "canary")

    def test_checkpoint(self):
        d = self.copy()
        with open(os.path.join(d, "checkpoint"), "rb") as f:
            at = f.read().rindex(b" ") + 20
        self.flip(os.path.join(d, "checkpoint"), at)
        self.check(d, "checkpoint-signature")

    def test_missing_blob(self):
        d, path = self.blob_of(b"SSFR")
        os.remove(path)
        self.check(d, "blob-missing")

    def test_short_blob(self):
        d, path = self.blob_of(b"SSRL")
        os.truncate(path, 5000)
        self.check(d, "blob-size", "blob-digest", "releases", "canary")

    def unusable(self, folder, sentence):
        tracemalloc.start()
        try:
            with self.assertRaisesRegex(Unusable, sentence):
                run(folder)
            self.assertLess(tracemalloc.get_traced_memory()[1], 64 << 20)
        finally:
            tracemalloc.stop()
        with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(verify.UNUSABLE, verify.main([folder]))
        self.assertEqual(1, said.getvalue().count("\n"), "one sentence")

    def test_version(self):
        d = self.copy()
        with open(os.path.join(d, "bundle.json"), "w") as f:
            f.write('{"format":"smartstart-bundle","version":99,"kind":"sealed"}')
        self.unusable(d, "version 99")
        self.assertEqual([], run(d, off={"bundle-version"})[0].findings)

    def test_truncated(self):
        d = self.copy()
        path = self.only(d, "tile", "entries")
        os.truncate(path, os.path.getsize(path) - 10)
        self.unusable(d, "truncated")
        d = self.copy()
        os.truncate(self.only(d, "tile", "0"), 100)
        self.unusable(d, "100 bytes instead of")
        d = self.copy()
        os.truncate(os.path.join(d, "checkpoint"), 30)
        self.unusable(d, "checkpoint cannot be read")

    def test_missing(self):
        self.unusable("/nowhere/at/all", "not a folder")
        self.unusable(self.folder(), "no bundle.json")
        for name in ("checkpoint", os.path.join("tile", "entries"), os.path.join("tile", "0")):
            d = self.copy()
            path = os.path.join(d, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
            self.unusable(d, "is missing")

    def test_one_entry_dropped(self):
        d = self.copy()
        path = self.only(d, "tile", "entries")
        with open(path, "rb") as f:
            data = f.read()
        with open(path, "wb") as f:
            f.write(data[2 + int.from_bytes(data[:2], "big"):])
        self.unusable(d, "truncated: it should hold")

    def test_garbage(self):
        for name in ("bundle.json", "checkpoint"):
            for data in (b"", b"\0" * 100, b"[" * 4000, os.urandom(3000), b'{"format":1}', b"\n\n\n"):
                d = self.copy()
                with open(os.path.join(d, name), "wb") as f:
                    f.write(data)
                self.unusable(d, "")
        for name in ("bundle.json", "checkpoint", os.path.relpath(self.only(KEPT, "tile", "entries"), KEPT),
                     os.path.relpath(self.only(KEPT, "tile", "0"), KEPT)):
            d = self.copy()
            os.truncate(os.path.join(d, name), 1 << 30)  # a gigabyte, none of it on the disk
            self.unusable(d, "1073741824 bytes")
        d, path = self.blob_of(b"SSFR")
        os.truncate(path, 1 << 30)
        self.check(d, "blob-size", "blob-digest")
        d = self.copy()
        os.remove(os.path.join(d, "checkpoint"))
        os.mkfifo(os.path.join(d, "checkpoint"))
        self.unusable(d, "not a file")
        d = self.copy()
        os.rename(os.path.join(d, "checkpoint"), os.path.join(d, "elsewhere"))
        os.symlink("elsewhere", os.path.join(d, "checkpoint"))
        self.unusable(d, "is a link")

    def test_exit_codes(self):
        d = self.copy()
        for want in (verify.OK, verify.FINDINGS):
            with contextlib.redirect_stdout(io.StringIO()) as said:
                self.assertEqual(want, verify.main([d]))
            self.assertIn("not shown", said.getvalue())
            self.flip(os.path.join(self.only(d, "tile", "0")), 100)


class Good(Case):
    """Bundles made here: other codecs, sizes, and what protocol 2 may say."""

    def good(self, f, opened):
        out = []
        report, counts = run(f.write(self.folder()), out=out.append)
        self.assertEqual([], list(report.lines()))
        self.assertEqual(opened, counts["opened"])
        return "\n".join(out)

    def test_codecs(self):
        for codec in ("stat", "vec16"):
            for n in (3, 7):
                with self.subTest(codec=codec, n=n):
                    self.good(forge.Forge(n, codec, rounds=2).build(), 2)

    def test_public(self):
        f = forge.Forge().build()
        out = []
        report, counts = run(f.write(self.folder(), "public"), out=out.append)
        self.assertEqual([], list(report.lines()))
        self.assertEqual(0, counts["opened"])
        self.assertIn("were not added up", "\n".join(out))

    def test_many_entries(self):
        """More than one full tile, so that level 1 has one too."""
        def talk(f, _):
            for k in range(600):
                f.say("epoch", f.names[0], {"epoch": f"e{k}"})
        f = forge.Forge(hooks={"closed": talk}).build()
        d = f.write(self.folder())
        self.assertEqual([], run(d)[0].findings)
        with open(os.path.join(d, "tile", "1", "000.p", "2"), "r+b") as file:
            file.write(b"x")
        self.check(d, "tile")

    def test_retention(self):
        """What the charter's time has passed over may be gone, and nothing else."""
        for retention, study, fine in (("2 weeks", "2020-01-02", True), ("1 month", "2020-01-31", True), ("9000 years", "2020-01-02", False),
                                       ("one year", "2020-01-02", False)):
            f = forge.Forge(hooks={"charter": lambda f, b: {**b, "retention": retention}})
            f.day = study
            d = f.build().write(self.folder())
            os.remove(os.path.join(d, "blobs", next(n for n, b in f.blobs.items() if b[:4] == b"SSRL")))
            report, counts = run(d)
            self.assertEqual(set() if fine else {"blob-missing"}, names(report))
            self.assertEqual(0 if fine else 1, counts["opened"])

    def test_motions(self):
        def amend(f, _):
            body = {"protocol": 2, "amends": f.charter, **f.charter_body, "min_institutions": 3}
            motion = f.say("charter", "i01.approver", body, study="")
            for n in ("i02", "i03"):
                f.say("endorse", f"{n}.approver", {"motion": motion}, study="")
            f.rules["min_institutions"], f.charter = 3, motion
            admit = {"institution": "i05", "approver": forge.Signer("i05.approver").party(),
                     "second": forge.Signer("i05.approver2").party(), "officer": forge.Signer("i05.fg").party()}
            motion = f.say("member", "i02.approver", {"charter": motion, "act": "admit", "admit": admit})
            for n in ("i03", "i01"):
                f.say("endorse", f"{n}.approver", {"motion": motion}, study="")
            f.enrol("i05")
            f.say("epoch", "i05", {"epoch": "2027"})
            f.names.append("i05")

        def second(f, _):
            f.say("advice", "i05.fg", {"proposal": f.proposal, "institution": "i05", "advice": "agree_if", "text": "short keeping"})
            f.decide("i05.approver2", "i05")

        def publish(f, _):
            close = f.people["researcher"].prev
            motion = f.say("publish", "researcher", {"close": close, "document": f.blob(b"rounded numbers")})
            for n in f.names[:4]:
                f.say("endorse", f"{n}.approver", {"motion": motion})
        said = self.good(forge.Forge(hooks={"enrolled": amend, "decided": second, "closed": publish}).build(), 1)
        self.assertIn("2 charter, 6 member", said)

    def test_a_wrong_release(self):
        """One of five lies; the result says so, and the sum opens all the same."""
        hooks = {"share 2": lambda f, s: [s[0] ^ 1, *s[1:]], "result": lambda f, b: {**b, "used": [1, 3, 4, 5], "wrong": [2]}}
        self.good(forge.Forge(5, hooks=hooks).build(), 1)

    def test_nothing_opens(self):
        hooks = {f"share {p}": lambda f, s: [(x + 12345) % ring.Q for x in s] for p in (1, 2, 3)}
        hooks["result"] = lambda f, b: {"open": b["open"], "used": [], "wrong": [], "canary_max": 0, "valid": False,
                                        "reason": "canary", "sums": forge.ZERO}
        f = forge.Forge(3, hooks=hooks)
        f.rounds = 1
        f.begin(), f.propose(), f.round((1, 1))
        self.good(f, 0)
        self.forged("result-invalid", hooks={"result": hooks["result"]}, institutions=3,
                    make=lambda f: (f.begin(), f.propose(), f.round((1, 1))))


class Statements(Case):
    """Statements signed by those who may sign, with one thing wrong in each."""

    def test_form(self):
        def spoil(change):
            def hook(f, text):
                return change(text) if "/close/" in text else None
            return {"text": hook}
        for change in (lambda t: t.replace('"seq"', '"x":1,"seq"'), lambda t: t.replace(":{", ": {", 1),
                       lambda t: t.replace('"reason":"finished"', '"reason":"finished","reason":"finished"'),
                       lambda t: t.replace("finished", "finish\\u0065d"), lambda t: t.replace('"version":1', '"version":1.0'),
                       lambda t: t.replace('"version":1', '"version":01'), lambda t: t.replace('"version":1', '"version":1e0')):
            f = forge.Forge(hooks=spoil(change)).build()
            report, _ = run(f.write(self.folder()))
            self.assertIn(names(report), ({"form"}, {"canonical"}))
        self.forged("form", hooks=spoil(lambda t: t.replace("/close/", "/frobnicate/")))
        self.forged("canonical", hooks=spoil(lambda t: t.replace("finished", "finish\\u0065d")))

    def test_signature(self):
        def other_key(f, text):
            if "/close/" in text:
                f.people["researcher"].key = forge.Signer("somebody").key
        self.forged("signature", hooks={"text": other_key})

    def test_chain(self):
        def close(**header):
            return lambda f: (f.begin(), f.propose(), f.round((1, 1)),
                              f.say("close", "researcher", {"state": "1" * 64, "reason": "finished"}, **header))
        self.forged("seq", make=close(seq=3))
        self.forged("prev", make=close(prev="1" * 64))
        self.forged("seen", make=close(seen=2))
        self.forged("form", make=close(boot=forge.ZERO))
        self.forged("origin", make=close(log="other/log"))

    def test_dropped_entry(self):
        """The coordinator leaves a vote out and signs the rest: those who saw it say so."""
        f = forge.Forge().build()
        drop = next(i for i, e in enumerate(f.entries) if e.startswith(b"smartstart/vote/"))
        d = f.write(self.folder(), entries=f.entries[:drop] + f.entries[drop + 1:])
        report, _ = run(d)
        self.assertIn("seen", names(report))

    def test_boot(self):
        def back(f, _):
            node = f.people["i01"]
            first = node.boot
            for k, node.boot in enumerate(("5" * 64, first)):
                f.say("epoch", "i01", {"epoch": f"e{k}"})
        self.forged("boot", hooks={"closed": back})

    def test_roles(self):
        self.forged("role", make=lambda f: (f.build(), f.say("epoch", "i01.approver", {"epoch": "x"})))
        self.forged("role", make=lambda f: (f.build(), f.say("member", "i01", {"charter": f.charter, "act": "revoke", "revoke": "i02"})))
        f = forge.Forge().build()
        f.say("epoch", "stranger", {"epoch": "x"})
        self.assertEqual({"role"}, names(run(f.write(self.folder()))[0]))

    def test_proof(self):
        hook = lambda f, b: {**b, "proof": base64.b64encode(bytes(64)).decode()} if b["institution"] == "i04" else None
        f = forge.Forge(hooks={"member": hook})
        f.begin()
        self.check(f.write(self.folder()), "proof")

    def test_motion_without_quorum(self):
        """Two of four endorse: the node that was to be stopped may still sign, and a third voice is void."""
        def revoke(f, _):
            motion = f.say("member", "i01.approver", {"charter": f.charter, "act": "revoke", "revoke": "i04"})
            f.say("endorse", "i02.approver", {"motion": motion}, study="")
            f.say("epoch", "i04", {"epoch": "still-here"})
            f.say("endorse", "i03.approver", {"motion": motion}, study="")
        f = forge.Forge(hooks={"closed": revoke}).build()
        self.assertEqual([], run(f.write(self.folder()))[0].findings)
        f.say("epoch", "i04", {"epoch": "gone"})
        self.check(f.write(self.folder()), "role")

    def move(self, f, by, *endorse, charter=None, **change):
        """A motion on membership by i<by>, and who endorses it."""
        motion = f.say("member", f"i{by:02d}.approver", {"charter": charter or f.charter, **change})
        self.endorse(f, motion, *endorse)
        return motion

    def endorse(self, f, motion, *by, study=""):
        for k in by:
            f.say("endorse", f"i{k:02d}.approver", {"motion": motion}, study=study)

    def rekey(self, f, by, *endorse, institution="i02", key="second"):
        """An institution's approver gets another key, and goes on with its chain."""
        name = f"{institution}.approver"
        new = forge.Signer(name, key)
        self.move(f, by, *endorse, act="admit", admit={"institution": institution, "approver": new.party()})
        old = f.people[name]
        new.boot, new.seq, new.prev = old.boot, old.seq, old.prev
        f.people[name] = new

    def amend(self, f, by, *endorse, **change):
        motion = f.say("charter", f"i{by:02d}.approver", {"protocol": 2, "amends": f.charter, **f.charter_body, **change}, study="")
        self.endorse(f, motion, *endorse)
        f.charter = motion

    def begun(self, institutions=4, **rules):
        f = forge.Forge(institutions, **rules)
        f.begin()
        return f

    def clean(self, f):
        self.assertEqual([], run(f.write(self.folder()))[0].findings)

    def test_quorum_with_forgetful(self):
        """Of six, one of whom may forget, five must agree; (n+c)/2 would be four."""
        f = self.begun(6, forgetful=1, min_institutions=3)
        motion = self.move(f, 1, 2, 3, 4, act="revoke", revoke="i06")
        f.say("epoch", "i06", {"epoch": "still-here"})
        self.endorse(f, motion, 5)
        self.clean(f)
        f.say("epoch", "i06", {"epoch": "gone"})
        self.check(f.write(self.folder()), "role")
        out = []
        run(f.write(self.folder()), out=out.append)
        self.assertIn("co-signatures: 0 of 6 institutions (a quorum is 5), 0 auditors", out)

    def test_publish_quorum_of_the_study(self):
        """The study's charter says how many forget, also when another is in force since."""
        f = forge.Forge(6, forgetful=1, min_institutions=3).build()
        self.amend(f, 1, 2, 3, 4, 5, forgetful=0)
        motion = f.say("publish", "researcher", {"close": f.people["researcher"].prev, "document": f.blob(b"numbers")})
        self.endorse(f, motion, 1, 2, 3, 4, 5, study="s1")
        self.clean(f)
        self.endorse(f, motion, 6, study="s1")
        self.check(f.write(self.folder()), "endorse", "publish")

    def test_replaced_key_endorses_nothing(self):
        f = self.begun()
        motion = self.move(f, 1, 2, act="expel", institution="i04")
        self.rekey(f, 1, 3, 4)
        self.endorse(f, motion, 3)
        f.say("epoch", "i04", {"epoch": "still-here"})
        self.clean(f)
        self.endorse(f, motion, 2)
        self.clean(f)
        f.say("epoch", "i04", {"epoch": "gone"})
        self.check(f.write(self.folder()), "role")

    def test_new_key_endorses_once(self):
        f = self.begun()
        motion = self.move(f, 1, 2, act="expel", institution="i04")
        self.rekey(f, 1, 3, 4)
        self.endorse(f, motion, 2)
        self.clean(f)
        self.endorse(f, motion, 2)
        self.check(f.write(self.folder()), "endorse")

    def test_changed_since(self):
        """Motions about what was changed after they were moved."""
        auditor = lambda key: {"role": "auditor", "party": forge.Signer("aud", key).party()}

        def old_keys(f):
            old = self.move(f, 1, 2, act="admit", admit={"institution": "i04", "approver": forge.Signer("i04.approver", "first").party()})
            self.rekey(f, 1, 2, 3, institution="i04")
            return old

        def new_node(f):
            old = self.move(f, 1, 2, act="revoke", revoke="i04")
            self.move(f, 4, act="revoke", revoke="i04")
            gone = f.people["i04"]
            node = f.people["i04"] = forge.Signer("i04", "new machine")
            f.enrol("i04")
            node.boot, node.seq, node.prev = gone.boot, gone.seq, gone.prev
            return old

        def granted(f):
            old = self.move(f, 1, 2, act="grant", grant=auditor("first"))
            self.move(f, 1, 2, 3, act="grant", grant=auditor("second"))
            return old

        def enrolled(f):
            self.move(f, 1, 2, 3, act="admit", admit={"institution": "i05", "approver": forge.Signer("i05.approver").party()})
            old = self.move(f, 1, 2, act="expel", institution="i05")
            f.enrol("i05")
            return old
        for make, others in ((old_keys, ()), (new_node, ()), (granted, ("member",))):
            with self.subTest(make.__name__):
                f = self.begun()
                motion = make(f)
                self.clean(f)
                self.endorse(f, motion, 3)
                self.check(f.write(self.folder()), "motion", *others)
        f = self.begun()
        self.endorse(f, enrolled(f), 3)  # nobody stops its own expulsion with a key
        self.clean(f)
        f = self.begun()
        motion = self.move(f, 1, 2, act="grant", grant=auditor("first"))
        self.amend(f, 1, 2, 3, min_institutions=3)
        self.clean(f)
        self.endorse(f, motion, 3)
        self.check(f.write(self.folder()), "member")
        f = self.begun()
        charter = f.charter
        self.amend(f, 1, 2, min_institutions=3)
        motion, f.charter = f.charter, charter
        self.amend(f, 2, 1, 3, min_institutions=3, numbers=7)
        self.clean(f)
        self.endorse(f, motion, 3)
        self.check(f.write(self.folder()), "motion", "charter")

    def test_one_fork_a_signer(self):
        f = self.begun()
        fork = lambda who, size=100: f.say("dispute", who, {"kind": "fork", "evidence": f.blob(bytes(size))}, study="")
        fork("i01"), fork("i02"), fork("i03.approver")
        self.clean(f)
        fork("i01", 101)
        self.check(f.write(self.folder()), "once")
        f = self.begun()
        fork("i01", 2 * 65535 + 65)
        self.check(f.write(self.folder()), "dispute")

    def test_ten_publications(self):
        f = forge.Forge().build()
        close = f.people["researcher"].prev
        motions = [f.say("publish", "researcher", {"close": close, "document": f.blob(b"numbers %d" % k)}) for k in range(10)]
        self.endorse(f, motions[9], 1, 2, study="s1")
        self.clean(f)
        f.say("publish", "researcher", {"close": close, "document": f.blob(b"one more")})
        self.check(f.write(self.folder()), "publish")

    def test_rehearsal_until_the_papers_are_there(self):
        for papers in ({}, {"dpia": "1" * 64}, {"review": "1" * 64}, {"dpia": "1" * 64, "review": "2" * 64}):
            f = forge.Forge(hooks={"charter": lambda f, b: {**{k: v for k, v in b.items() if k != "retention"}, "rehearsal": False, **papers, "retention": b["retention"]}})
            f.begin()
            if len(papers) == 2:
                self.clean(f)
            else:
                self.check(f.write(self.folder()), "charter")

    def test_text_for_people(self):
        for key, value in (("name", "a\x1b[6A"), ("name", "a\u202eb"), ("retention", "1 year\r"), ("retention", "\u2066a"),
                           ("retention", "a" * 257), ("name", "a\x85"), ("name", "\u00e9" * 129)):
            f = forge.Forge(hooks={"charter": lambda f, b: {**b, key: value}})
            f.begin()
            self.check(f.write(self.folder()), "text")

        def officer(f, value):
            value[3]["officer"] = forge.Signer("i04.fg").party()
        for good, text in ((True, "line\nline \u00e4"), (False, "a\tb"), (False, "a\u200fb"), (False, "a\x7f"), (False, "\u061c")):
            for what in ("purpose", "advice"):
                f = forge.Forge(hooks={"founders": officer})
                f.begin()
                f.propose()
                if what == "purpose":
                    f.decide("i01.approver", "i01", purpose=text)
                else:
                    f.say("advice", "i04.fg", {"proposal": f.proposal, "institution": "i04", "advice": "agree_if", "text": text})
                self.clean(f) if good else self.check(f.write(self.folder()), "text")

    def test_reserved_names(self):
        for name in ("z.approver", "z.approver2", "z.fg"):
            f = forge.Forge()
            f.names[3] = name
            f.people[f"{name}.approver"] = forge.Signer(f"{name}.approver")
            f.begin()
            self.check(f.write(self.folder()), "name")
            for group in ("researchers", "auditors"):
                f = forge.Forge(hooks={"charter": lambda f, b: {**b, group: [*b[group], forge.Signer(name).party()]}})
                f.begin()
                self.check(f.write(self.folder()), "name")
            for change in ({"act": "grant", "grant": {"role": "auditor", "party": forge.Signer(name).party()}},
                           {"act": "admit", "admit": {"institution": name, "approver": forge.Signer(f"{name}.approver").party()}}):
                f = self.begun()
                self.move(f, 1, **change)
                self.check(f.write(self.folder()), "name")

    def test_endorsed_twice(self):
        def twice(f, _):
            motion = f.say("member", "i01.approver", {"charter": f.charter, "act": "grant",
                                                      "grant": {"role": "auditor", "party": forge.Signer("aud").party()}})
            f.say("endorse", "i01.approver", {"motion": motion}, study="")
        self.forged("endorse", hooks={"closed": twice})

    def test_second_approver(self):
        """One approval of two is none: the roster leaves the institution out."""
        def founders(f, value):
            value[3]["second"] = forge.Signer("i04.approver2").party()
        f = forge.Forge(hooks={"founders": founders}).build()
        self.assertIn("approval", names(run(f.write(self.folder()))[0]))
        f = forge.Forge(hooks={"founders": founders, "decided": lambda f, _: f.decide("i04.approver2", "i04")}).build()
        self.assertEqual([], run(f.write(self.folder()))[0].findings)
        f = forge.Forge(hooks={"founders": founders, "decided": lambda f, _: f.decide("i04.approver2", "i04", purpose="another")}).build()
        self.assertIn("approval", names(run(f.write(self.folder()))[0]))


class Edges(Case):
    """Fields at their edges: what the product signs is accepted, and what it refuses is a finding."""

    def clean(self, f):
        self.assertEqual([], run(f.write(self.folder()))[0].findings)

    def found(self, finding, f):
        self.check(f.write(self.folder()), finding)

    def form(self, f):
        self.assertEqual({"form"}, names(run(f.write(self.folder()))[0]))

    def proposed(self, **hooks):
        f = forge.Forge(hooks=hooks)
        f.begin(), f.propose()
        return f

    def test_decisions(self):
        """Who denies or withdraws names no end date."""
        f = self.proposed()
        f.decide("i01.approver", "i01", decision="withdraw", ground="", purpose="", expires="")
        f.decide("i02.approver", "i02", decision="deny", ground="", purpose="", expires="")
        self.clean(f)
        for day in ("", "2027-7-31", "2027-02-29"):
            f = self.proposed()
            f.decide("i01.approver", "i01", expires=day)
            self.found("decision", f)

    def test_advice_says_why(self):
        def officer(f, value):
            value[3]["officer"] = forge.Signer("i04.fg").party()
        for advice in ("agree", "agree_if", "object"):
            f = self.proposed(founders=officer)
            f.say("advice", "i04.fg", {"proposal": f.proposal, "institution": "i04", "advice": advice, "text": " \n"})
            self.clean(f) if advice == "agree" else self.found("advice", f)

    def test_digests_of_nothing(self):
        f = forge.Forge(hooks={"charter": lambda f, b: {**b, "codebook": forge.ZERO}})
        f.begin()
        self.assertIn("charter", names(run(f.write(self.folder()))[0]))
        papers = {"rehearsal": False, "dpia": forge.ZERO, "review": forge.ZERO}
        f = forge.Forge(hooks={"charter": lambda f, b: {**{k: v for k, v in b.items() if k != "retention"}, **papers, "retention": "for ever"}})
        f.begin()
        self.assertIn("form", names(run(f.write(self.folder()))[0]))
        f = self.proposed()
        f.say("dispute", "i01", {"kind": "fork", "evidence": {"digest": forge.ZERO, "size": 10}}, study="")
        self.found("dispute", f)
        f = self.proposed()
        f.say("dispute", "i01", {"kind": "fork", "open": forge.ZERO, "evidence": f.blob(b"two")}, study="")
        self.form(f)
        for type_, change in (("ready", {"state": forge.ZERO}), ("update", {"projection": {"digest": forge.ZERO, "size": 56 + 8 * 131 * 3}}),
                              ("release", {"sum": {"digest": forge.ZERO, "size": 30784}})):
            report, _ = run(forge.Forge(hooks={type_: lambda f, b: {**b, **change}}).build().write(self.folder()))
            self.assertIn(type_, names(report))
        f = forge.Forge()
        f.begin(), f.propose(), f.round((1, 1))
        f.say("close", "researcher", {"state": forge.ZERO, "reason": "finished"})
        self.found("close", f)

    def test_attempt_keys(self):
        """A coefficient of 12 bits that is not below 3329, and points of Curve25519 of small order."""
        point = forge.sha(b"a point")
        for good, key in ((True, bytes(1184) + point), (True, bytes([0, 0xD]) + bytes(1182) + point), (False, bytes([1, 0xD]) + bytes(1182) + point),
                          (False, bytes([0, 0x10, 0xD0]) + bytes(1181) + point), (False, bytes(1216)), (False, bytes(1184) + bytes([1]) + bytes(31)),
                          (False, bytes(1215))):
            f = self.proposed()
            f.say("ready", "i01", {"state": "1" * 64, "shape": f.shape, "key": base64.b64encode(key).decode()}, (1, 1))
            self.clean(f) if good else self.found("ready", f)

    def test_limits(self):
        f = forge.Forge(hooks={"proposal": lambda f, b: {**b, "min_institutions": 65}})
        f.begin()
        f.say("proposal", "researcher", f.hook("proposal", {"study": "a", "min_institutions": 0, "numbers": 1}))
        self.found("proposal", f)
        for expires, good in (({}, True), ({"expires": "2027-07-31"}, False)):
            f = self.proposed()
            f.say("member", "i01.approver", {"charter": f.charter, "act": "grant",
                                             "grant": {"role": "auditor", "party": forge.Signer("aud").party(), **expires}})
            self.clean(f) if good else self.found("member", f)
        f = forge.Forge().build()
        f.say("publish", "researcher", {"close": f.people["researcher"].prev, "document": {"digest": "1" * 64, "size": (1 << 20) + 1}})
        self.found("publish", f)

    def test_a_grant_gets_another_end(self):
        """A quorum gives a researcher in force another end date, and nothing else of it; then the new one holds."""
        second = forge.Signer("second").party()

        def granted(f, expires, **change):
            grant = {"role": "researcher", "party": second, **({"expires": expires} if expires else {}), **change}
            motion = f.say("member", "i01.approver", {"charter": f.charter, "act": "grant", "grant": grant})
            for i in ("i02", "i03"):
                f.say("endorse", f"{i}.approver", {"motion": motion}, study="")

        def proposed(again, **change):
            f = self.proposed()
            granted(f, "2026-08-31")
            if again is not None:
                granted(f, again, **change)
            f.say("proposal", "second", {"study": "a", "min_institutions": 0, "numbers": 9}, study="b")
            return f
        self.clean(proposed("2026-09-02"))
        self.clean(proposed(""))
        self.found("proposal", proposed(None))
        for again, change in (("2026-08-31", {}), ("2027-01-01", {"party": forge.Signer("second", "other").party()}), ("", {"role": "auditor"})):
            f = self.proposed()
            granted(f, "2026-08-31")
            grant = {"role": "researcher", "party": second, **({"expires": again} if again else {}), **change}
            f.say("member", "i01.approver", {"charter": f.charter, "act": "grant", "grant": grant})
            self.found("member", f)

    def test_fork_by_whoever_has_a_key(self):
        f = self.proposed()
        f.say("member", "i03.approver", {"charter": f.charter, "act": "revoke", "revoke": "i03"})
        f.say("dispute", "i03.approver", {"kind": "fork", "evidence": f.blob(b"two")}, study="")
        self.clean(f)

    def test_cannot_is_in_order(self):
        for cannot in ([1, 2], [2, 1], [2, 2]):
            def early(f, _):
                f.say("abort", "i04", {"open": f.opened, "reason": "cannot_accept", "cannot": cannot}, f.at)
            f = forge.Forge(hooks={"before-set": early, "voters": lambda f, n: n[:3], "releasers": lambda f, n: n[:3]}).build()
            self.clean(f) if cannot == [1, 2] else self.found("abort", f)

    def test_given_up_after_the_close(self):
        """What a closed study left under way may be given up, and nothing else said in it."""
        for type_, body in (("abort", {"reason": "no_certificate", "cannot": []}), ("vote", {"points": [1, 2, 3, 4], "root": "1" * 64})):
            f = forge.Forge(hooks={"voters": lambda f, n: [], "releasers": lambda f, n: []})
            f.result = lambda *a: None
            f.begin(), f.propose(), f.round((1, 1))
            f.say("close", "researcher", {"state": forge.ZERO, "reason": "stopped"})
            f.say(type_, "i01", {"open": f.opened, **body}, f.at)
            self.clean(f) if type_ == "abort" else self.check(f.write(self.folder()), "study", "vote")

    def test_names_that_were_institutions(self):
        f = self.proposed()
        def move(**change):
            motion = f.say("member", "i01.approver", {"charter": f.charter, **change})
            for n in ("i02", "i03"):
                f.say("endorse", f"{n}.approver", {"motion": motion}, study="")
        move(act="admit", admit={"institution": "i09", "approver": forge.Signer("i09.approver").party()})
        motion = f.say("member", "i01.approver", {"charter": f.charter, "act": "expel", "institution": "i09"})
        for n in ("i02", "i03", "i04"):
            f.say("endorse", f"{n}.approver", {"motion": motion}, study="")
        self.clean(f)
        f.say("member", "i01.approver", {"charter": f.charter, "act": "grant", "grant": {"role": "auditor", "party": forge.Signer("i09").party()}})
        self.found("member", f)

    def test_late_ones(self):
        """A study that may begin without late ones leaves out only those who were, and only after its wait."""
        for wait, left_out, good in ((3, [4], False), (3, [], True)):
            f = forge.Forge(hooks={"proposal": lambda f, b: {"study": b["study"], "min_institutions": 0, "on_late": "proceed", "wait": wait, "numbers": 9}})
            f.begin(), f.propose()
            seats = [{"point": p, "ready": f.ready(n, (1, 1))} for p, n in enumerate(f.names, 1)]
            f.time += 100
            f.say("open", "coordinator", {"roster": f.names, "seats": [x for x in seats if x["point"] not in left_out], "t": 3, "c": 1,
                                          "min_institutions": 3, "state": forge.sha(b"state", b"1").hex(), "shape": f.shape}, (1, 1))
            self.clean(f) if good else self.found("seats", f)
        for later, good in ((3, True), (0, False)):
            f = forge.Forge(hooks={"proposal": lambda f, b: {"study": b["study"], "min_institutions": 0, "on_late": "proceed", "wait": 3, "numbers": 9}})
            f.begin(), f.propose()
            seats = [{"point": p, "ready": f.ready(n, (1, 1))} for p, n in enumerate(f.names[:3], 1)]
            f.time += later
            f.say("open", "coordinator", {"roster": f.names, "seats": seats, "t": 3, "c": 1,
                                          "min_institutions": 3, "state": forge.sha(b"state", b"1").hex(), "shape": f.shape}, (1, 1))
            self.clean(f) if good else self.found("seats", f)


class Rounds(Case):
    def test_thresholds(self):
        self.forged("thresholds", hooks={"open": lambda f, b: {**b, "t": b["t"] + 1}})
        self.forged("thresholds", hooks={"open": lambda f, b: {**b, "c": 0}})

    def test_second_set(self):
        self.forged("once", hooks={"after-set": lambda f, b: f.say("set", "coordinator", b, f.at) and None})

    def test_second_result(self):
        def again(f, body):
            f.say("result", "coordinator", body, f.at)
        f = forge.Forge(hooks={"result": again}).build()
        self.assertIn("attempt", names(run(f.write(self.folder()))[0]))

    def test_second_release(self):
        self.forged("once", hooks={"releasers": lambda f, names: [*names, "i01"], "result": lambda f, b: {**b, "used": [1, 2, 3, 4]}})

    def test_release_before_the_votes(self):
        """With t-1 votes nothing may be released, and no result follows."""
        def early(f, names):
            f.say("release", "i01", {"open": f.opened, "sum": f.blob(bytes(30784))}, f.at)
            return []
        f = forge.Forge(hooks={"voters": lambda f, names: names[:2], "releasers": early})
        f.result = lambda *a: None
        f.begin(), f.propose(), f.round((1, 1))
        self.check(f.write(self.folder()), "certificate")

    def silent(self, leave_out, **hooks):
        """A round whose coordinator or node leaves a statement out, and that goes no further."""
        f = forge.Forge(hooks={"voters": lambda f, n: [], "releasers": lambda f, n: [], **hooks})
        say = f.say
        f.say = lambda type_, who, *a, **k: say(type_, who, *a, **k) if not leave_out(type_, who) else None
        f.result = lambda *a: None
        f.begin(), f.propose(), f.round((1, 1))
        return f

    def test_set_of_an_unlogged_update(self):
        self.check(self.silent(lambda type_, who: (type_, who) == ("update", "i04")).write(self.folder()), "set")

    def test_left_out(self):
        """Nobody is left out whose update is there, whatever the reason given."""
        for reason in ("no_update", "withdrawn", "proved_wrong"):
            hook = lambda f, b: {**b, "points": [1, 2, 3], "absent": [{"point": 4, "reason": reason}]}
            report, _ = run(forge.Forge(hooks={"set": hook}).build().write(self.folder()))
            self.assertIn("set", names(report))

    def test_vote_for_another_root(self):
        f = self.silent(lambda *_: False, voters=lambda f, n: ["i01"], vote=lambda f, b: {**b, "root": "1" * 64})
        self.check(f.write(self.folder()), "vote")

    def test_next_attempt_while_one_hangs(self):
        f = self.silent(lambda type_, who: type_ == "set")
        f.ready("i01", (1, 2))
        self.check(f.write(self.folder()), "turn")

    def retry(self, aborts, **change):
        """An attempt that fails with some aborts after its set, and a second one."""
        f = self.silent(lambda *_: False)
        for n in f.names[:aborts]:
            f.say("abort", n, {"open": f.opened, "reason": "no_certificate", "cannot": []}, f.at)
        f.hooks = {"open": lambda f, b: {**b, **change}}
        del f.result
        f.round((1, 2))
        return f.write(self.folder())

    def test_repeat(self):
        """Four seats, t 3, c 1: three aborts close an attempt, after two the set is frozen."""
        everybody = [1, 2, 3, 4]
        for aborts, change in ((3, {}), (2, {"repeat": everybody}), (0, {"repeat": everybody})):
            report, counts = run(self.retry(aborts, **change))
            self.assertEqual([], list(report.lines()))
            self.assertEqual(1, counts["opened"])
        self.check(self.retry(2), "repeat")
        self.check(self.retry(3, repeat=everybody), "repeat")

    def test_abort_and_release(self):
        def abort(f, names):
            f.say("abort", "i01", {"open": f.opened, "reason": "no_certificate", "cannot": []}, f.at)
        self.forged("once", hooks={"releasers": abort})

    def test_isolated(self):
        """A study of four and one of three of them tell what the fourth gave, unless it accepted that."""
        def both(accepts):
            def decision(f, b):
                return {**b, "accept_isolated": accepts and b["institution"] == "i04"}
            f = forge.Forge(hooks={"decision": decision}).build()
            f.study, f.names = "s2", f.names[:3]
            f.hooks["decided"] = lambda f, _: f.decide("i04.approver", "i04", decision="deny")
            f.propose()
            f.round((1, 1))
            return f.write(self.folder())
        self.assertEqual([], run(both(True))[0].findings)
        self.check(both(False), "isolated")

    def other_study(self, aborts, codebook=False):
        """A study of three beside one of four that has only its open and updates."""
        f = self.silent(lambda type_, who: type_ == "set")
        for n in f.names[:aborts]:
            f.say("abort", n, {"open": f.opened, "reason": "no_certificate", "cannot": []}, f.at)
        if codebook:
            body = {"protocol": 2, "amends": f.charter, **f.charter_body, "codebook": f.blob(b"another\n")["digest"]}
            motion = f.say("charter", "i01.approver", body, study="")
            for n in f.names[1:3]:
                f.say("endorse", f"{n}.approver", {"motion": motion}, study="")
        f.study, f.names = "s2", f.names[:3]
        f.hooks["decided"] = lambda f, _: f.decide("i04.approver", "i04", decision="deny")
        f.propose()
        f.round((1, 1))
        return f.write(self.folder())

    def test_isolated_from_the_open_on(self):
        """An attempt under way counts with all its seats, one that aborts closed does not; codebooks make no difference."""
        self.assertEqual([], run(self.other_study(3))[0].findings)
        self.check(self.other_study(0), "isolated")
        self.check(self.other_study(2, codebook=True), "isolated")

    def test_two_histories(self):
        """Two studies whose certificates need no common voter stay apart by all that either may lose, until one has its votes."""
        def both(*left_out):
            f = forge.Forge(institutions=6, hooks={"releasers": lambda f, n: []})
            say, everybody = f.say, f.names
            f.result = lambda *a: None
            f.say = lambda type_, who, *a, **k: say(type_, who, *a, **k) if type_ not in left_out else None
            f.begin()
            for study, names in (("s1", everybody[:4]), ("s2", everybody[:2] + everybody[4:])):
                f.study, f.names = study, names
                f.hooks["decided"] = lambda f, _: [f.decide(f"{n}.approver", n, decision="deny") for n in everybody if n not in f.names]
                f.propose()
                f.round((1, 1))
                left_out = ("vote",)
            return f.write(self.folder())
        self.check(both("set", "vote"), "isolated")
        self.check(both("vote"), "isolated")
        self.assertEqual([], run(both())[0].findings)

    def excluded(self, *naming, all_seats):
        """Two closed attempts in each of which one institution names i04, and a third attempt."""
        f = self.silent(lambda type_, who: type_ == "set")
        for number, who in enumerate(naming, 2):
            for n in f.names[:3]:
                f.say("abort", n, {"open": f.opened, "reason": "cannot_accept", "cannot": [4] if n == who else []}, f.at)
            if number == 3 and not all_seats:
                roster, f.names = f.names, f.names[:3]
                f.hooks["open"] = lambda f, b: {**b, "roster": roster, "t": 3, "c": 1, "min_institutions": 3}
            f.round((1, number))
        return f.write(self.folder())

    def test_excluded(self):
        """n-t is 1: two institutions leave i04 out, whichever closed attempts they named it in."""
        self.assertEqual([], run(self.excluded("i01", "i02", all_seats=False))[0].findings)
        self.assertEqual([], run(self.excluded("i01", "i01", all_seats=True))[0].findings)
        self.check(self.excluded("i01", "i02", all_seats=True), "seats")
        self.check(self.excluded("i01", "i01", all_seats=False), "seats")

    def dispute(self, *said):
        def hook(f, _):
            for who, kind in said:
                evidence = {"evidence": {"digest": forge.sha(who.encode()).hex(), "size": 33848}} if kind == "opening" else {}
                f.say("dispute", who, {"kind": kind, "open": f.opened, "contributor": 1, **evidence}, f.at)
        return hook

    def test_disputes(self):
        shares = ("i02", "share"), ("i03", "share")
        for first in ("i02", "i03"):  # in no order: one that is silent keeps nobody else from it
            good = self.silent(lambda *_: False, **{"before-set": self.dispute(*shares, (first, "opening"))})
            self.assertEqual([], run(good.write(self.folder()))[0].findings)
        for last in (("i01", "share"), ("i04", "opening")):
            f = self.silent(lambda *_: False, **{"before-set": self.dispute(*shares, last)})
            self.check(f.write(self.folder()), "dispute")
        f = self.silent(lambda *_: False, **{"before-set": self.dispute(*shares, ("i02", "opening"), ("i03", "opening"))})
        self.check(f.write(self.folder()), "dispute")
        self.forged("vote", hooks={"before-set": self.dispute(("i02", "share"))})

    def test_numbers(self):
        self.forged("numbers", hooks={"proposal": lambda f, b: {**b, "numbers": 9}}, rounds=2, make=lambda f: (
            f.begin(), f.propose(), f.round((1, 1)), self.only_open(f)))
        self.forged("numbers", numbers=5, make=lambda f: (f.begin(), setattr(f, "proposal", f.say(
            "proposal", "researcher", {"study": "x = 1", "min_institutions": 0, "numbers": 6}))))

    def only_open(self, f):
        f.hooks |= {"voters": lambda f, n: [], "releasers": lambda f, n: []}
        seats = [{"point": p, "ready": f.ready(n, (2, 1))} for p, n in enumerate(f.names, 1)]
        f.say("open", "coordinator", {"roster": f.names, "seats": seats, "t": 3, "c": 1, "min_institutions": 3,
                                      "state": forge.sha(b"state", b"2").hex(), "shape": f.shape}, (2, 1))


class Sums(Case):
    """Frames, releases and results that are signed and wrong."""

    def test_root(self):
        self.forged("set-root", hooks={"set": lambda f, b: {**b, "root": "1" * 64}})

    def spoil_frames(self, change):
        first = []

        def hook(f, data):
            if not first:
                first.append(1)
                return change(data)
        return {"frames": hook}

    def test_frames(self):
        self.forged("frames-header", hooks=self.spoil_frames(lambda d: d[:44] + b"\2" + d[45:]))
        self.forged("frames-words", hooks=self.spoil_frames(lambda d: d[:56] + b"\xff" * 15 + d[71:]))
        flipped = self.spoil_frames(lambda d: d[:61000 + 56] + bytes([d[61056] ^ 1]) + d[61057:])
        self.forged("canary", "set-root", hooks=flipped)

    def test_releases(self):
        once = lambda change: {"release bytes": lambda f, d: change(d) if d[44] == 4 else None}
        self.forged("release-header", hooks=once(lambda d: d[:56] + b"\7" + d[57:]))
        self.forged("release-words", hooks=once(lambda d: d[:64] + b"\xff" * 15 + d[79:]))
        self.forged("releases", hooks={"share 4": lambda f, s: [s[0] ^ 1, *s[1:]]})
        self.forged("releases", hooks={"result": lambda f, b: {**b, "used": [1, 2, 3], "wrong": [4]}})
        self.forged("canary", "releases", hooks={"share 1": lambda f, s: [s[0] ^ 1, *s[1:]]})

    def test_result(self):
        self.forged("sums-digest", hooks={"result": lambda f, b: {**b, "sums": "1" * 64}})
        self.forged("canary-max", hooks={"result": lambda f, b: {**b, "canary_max": b["canary_max"] + 1}})

    def test_canary(self):
        """A canary beyond 2^25, though the data would decode."""
        class Big(forge.Forge):
            def error(self, p, b):
                return 1 << 25 if b == 1 and p == 1 else 0
        f = Big(hooks={"canary_max": lambda f, v: 1 << 25}).build()
        self.assertEqual([], run(f.write(self.folder()))[0].findings)

        class Bigger(Big):
            def error(self, p, b):
                return (1 << 25) + 1 if b == 1 and p == 1 else 0
        f = Bigger(hooks={"canary_max": lambda f, v: 1 << 25}).build()
        self.assertEqual({"canary"}, names(run(f.write(self.folder()))[0]))

    def test_range(self):
        """A value past the bound of its tensor, a wrong number of ones, padding that is none."""
        for codec in ("stat", "vec16"):
            report, _ = run(forge.Forge(codec=codec, hooks={"values": lambda f, v: [4 << 15, *v[1:]]}).build().write(self.folder()))
            self.assertEqual({"range"}, names(report))
            for at, value in ((15, 7) if codec == "stat" else (2, 7 << 24), (100, 1)):
                class Other(forge.Forge):
                    def coefficients(self, values):
                        c = super().coefficients(values)
                        c[at] += value
                        return c
                report, _ = run(Other(codec=codec).build().write(self.folder()))
                self.assertEqual({"range"}, names(report))


class ShareCheck(Case):
    def verified(self, hooks=None, spoil=lambda f: None):
        f = forge.Forge(hooks=hooks)
        f.real = True
        f.build()
        spoil(f)
        return run(f.write(self.folder()), shares_too=True)[0]

    def dispute(self, holder, **change):
        """The holder opens the share that i01 dealt to it, whatever it is."""
        def hook(f, _):
            n, say = f.names[holder - 1], f.say
            for kind in ("share", "opening"):
                body = {"kind": kind, "open": f.opened, "contributor": 1}
                if kind == "opening":
                    digest = self.dealt[holder - 1]
                    body["evidence"] = {"digest": digest, "size": 33848, **change}
                say("dispute", n, body, f.at)
        return hook

    def remember(self, spoil=None):
        first = []

        def dealt(f, shares_):
            if not first:
                first.append(1)
                if spoil:
                    shares_[1] = spoil(shares_[1])
                self.dealt = [forge.sha(x).hex() for x in shares_]
            return shares_
        return dealt

    def test_projections(self):
        self.assertEqual([], self.verified().findings)
        once = lambda change: {"answer": lambda f, b: change(b) if b[44] == 2 else None}
        for change in (lambda b: b[:50] + b"\7" + b[51:], lambda b: b[:56] + b"\xff" * 8 + b[64:],
                       lambda b: b[:461] + bytes([b[461] ^ 1]) + b[462:]):
            report = self.verified(once(change))
            self.assertEqual({"share-check"}, names(report))
            self.assertIn("i02", report.findings[0][2])

    def test_missing(self):
        def spoil(f):
            del f.blobs[next(d for d, b in f.blobs.items() if b[:4] == b"SSPJ")]
        self.assertEqual({"blob-missing"}, names(self.verified(spoil=spoil)))

    def test_opened_shares(self):
        """An opening of a wrong share is evidence; one of a good share shows nothing."""
        without = {"voters": lambda f, n: [], "releasers": lambda f, n: []}
        for spoil, want in ((lambda x: x[:2000] + b"\1" * 8 + x[2008:], set()), (lambda x: x[:40] + bytes(8) + x[48:], set()),
                            (lambda x: x[:32] + b"\xff" * 8 + x[40:], set()), (None, {"dispute-void"})):
            f = forge.Forge(hooks={"dealt": self.remember(spoil), "before-set": self.dispute(2), **without})
            f.real, f.result = True, lambda *a: None
            f.begin(), f.propose(), f.round((1, 1))
            self.assertEqual(want, names(run(f.write(self.folder()), shares_too=True)[0]))


class Cosignatures(Case):
    def line(self, f, n, seconds=1790000000, spoil=0):
        signer = f.people[n]
        text = self.text
        signature = signer.key.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
        data = Key(signer.vkey).cosigner_hash() + (seconds + spoil).to_bytes(8, "big") + signature
        return f"\u2014 {n} {base64.b64encode(data).decode()}\n".encode()

    def test_lines(self):
        for spoil, want in ((0, set()), (1, {"cosignature"})):
            def checkpoint(f, raw):
                self.text = raw.decode().split("\n\n")[0] + "\n"
                return raw + self.line(f, "i02") + self.line(f, "i03", spoil=spoil) + self.line(f, "researcher", spoil=1)
            out = []
            f = forge.Forge(hooks={"checkpoint": checkpoint})
            f.begin()
            report, _ = run(f.write(self.folder()), out=out.append)
            self.assertEqual(want, names(report))
            self.assertIn(f"co-signatures: {2 - spoil} of 4 institutions (a quorum is 3), 0 auditors", out)


class Golden(unittest.TestCase):
    """The vectors in crypto/testdata, made again after parameters.md."""

    def vectors(self, name):
        with open(os.path.join(ROOT, "crypto", "testdata", name), encoding="utf-8") as f:
            return dict(line.strip().split(": ", 1) for line in f if ": " in line and not line.startswith("#"))

    def test_public(self):
        want = self.vectors("public.txt")
        key = ring.public_key_of(forge.sha(b"golden"))
        for b in (0, 1, 2, 8193):
            self.assertEqual(want[f"a_{b} sha256 of packed block"], forge.sha(ring.pack(ring.uniform(key, b))).hex())
        x = ring.forward([0, 1] + [0] * (ring.N - 2))
        self.assertEqual(want["transform of X sha256 of packed block"], forge.sha(ring.pack(x)).hex())
        self.assertEqual([0, 1, 0], ring.inverse(x)[:3])

    def test_rounds(self):
        """Frames of institutions, byte for byte, and the root of their sum."""
        for codec, size in (("stat", 16), ("vec16", 2)):
            want, ident, total = self.vectors(f"{codec}.txt"), forge.sha(b"golden ", codec.encode()), None
            shape = {"codec": codec, "tensors": [{"len": 3, "bits": 15}, {"len": 8191, "bits": 12}]}
            for p in (1, 2, 4):
                values = [(k * k * 31 + k * p * 17) % 8191 - 4095 for k in range(8194)]
                seed = forge.sha(b"smartstart/otk1/seed", bytes([p]) + bytes(31), b"\x42" * 32, ident, ring.le32(p),
                                 forge.sha(b"".join(v.to_bytes(size, "little", signed=True) for v in values)))
                frames = self.frames(codec, shape, ident, seed, values)
                data = ring.header(b"SSFR", ident, p, len(frames)) + b"".join(map(ring.pack, frames))
                self.assertEqual(want["frame size"], str(len(data)))
                self.assertEqual(want[f"point {p} frames sha256"], forge.sha(data).hex())
                total = frames if total is None else [[(x + y) % ring.Q for x, y in zip(s, f)] for s, f in zip(total, frames)]
                if p == 1:
                    key = ring.uniform(forge.sha(b"smartstart/otk1/key", seed), 0)
                    self.share_and_projection(want, ident, seed, p, forge.sha(data), key)
            root = forge.sha(ring.header(b"SSSU", ident, 0, len(total)), ring.set_bits([1, 2, 4]), *map(ring.pack, total))
            self.assertEqual(want["root"], root.hex())

    def share_and_projection(self, want, ident, seed, p, frames_digest, key, t=3, holders=(1, 2, 3, 4)):
        """The shares of a contributor, their masks, and the answer to its challenge."""
        parts = [key] + [ring.uniform(forge.sha(b"smartstart/otk1/key", seed), i) for i in range(1, t)]
        masks = [ring.uniform(forge.sha(b"smartstart/otk1/mask", seed), i)[:131] for i in range(t)]
        small = ring.stream(forge.sha(b"smartstart/otk1/short mask", seed), 0, 3072)
        for k in range(128):
            w = [int.from_bytes(small[24 * k + 2 * j:24 * k + 2 * j + 2], "little") & 0x3FFF for j in range(12)]
            masks[0][3 + k] = (sum(w) - 98298) % ring.Q

        def at(elements, x):
            factors = [pow(x + 1, i, ring.Q) for i in range(t)]
            return ring.combine(factors, elements)
        digests = []
        for j in holders:
            salt = ring.stream(forge.sha(b"smartstart/otk1/salt", seed), 32 * j, 32)
            share = salt + b"".join(w.to_bytes(8, "little") for w in at(masks, j) + at(parts, j))
            digests.append(forge.sha(share))
            self.assertEqual(want[f"point {p} share for {j} sha256"], digests[-1].hex())
        challenge = shares.Challenge(ident, shares.challenge_of(ident, p, frames_digest, digests))
        terms = [[(x + m) % ring.Q for x, m in zip(challenge.project(e), mask)] for e, mask in zip(parts, masks)]
        answer = ring.header(b"SSPJ", ident, p, t) + b"".join(w.to_bytes(8, "little") for x in range(1, t + 1) for w in at(terms, x))
        self.assertEqual(want[f"point {p} projection sha256"], forge.sha(answer).hex())

    def frames(self, codec, shape, ident, seed, values):
        if codec == "stat":
            c = [d for v in values for d in (v, 0, 0)] + [1]  # these values are within one digit
        else:
            c = [v + (w << 24) for v, w in zip(values[::2], values[1::2])] + [1]
        c = [0] * (2 * ring.N) + c + [0] * (-len(c) % ring.N)
        key, public = ring.uniform(forge.sha(b"smartstart/otk1/key", seed), 0), ring.public_key_of(ident)
        frames = []
        for b in range(len(c) // ring.N):
            m = [(x + (y << ring.NOISE)) % ring.Q for x, y in zip(self.noise(seed, b), c[ring.N * b:])]
            frames.append([(x * s + y) % ring.Q for x, s, y in zip(ring.uniform(public, b), key, ring.forward(m))])
        self.assertEqual(ring.CANARIES + ring.data_blocks(shape), len(frames))
        return frames

    def noise(self, seed, b):
        region = ring.stream(forge.sha(b"smartstart/otk1/noise", seed), 43712 * b, 43712)
        errors = []
        for at in range(0, 43712, 32):
            w = [int.from_bytes(region[at + 8 * k:at + 8 * k + 8], "little") for k in range(4)]
            errors += [w[k].bit_count() + (w[3] >> 20 * k & 0xFFFFF).bit_count() - 42 for k in range(3)]
        return errors[:ring.N]


class Paths(unittest.TestCase):
    def test_tiles(self):
        self.assertEqual(os.path.join("tile", "0", "x001", "x234", "067"), bundle.tile_path("0", 1234067, 256))
        self.assertEqual(os.path.join("tile", "entries", "005.p", "7"), bundle.tile_path("entries", 5, 7))


if __name__ == "__main__":
    unittest.main()
