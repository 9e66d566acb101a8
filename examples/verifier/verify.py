#!/usr/bin/env python3
"""Verifies an audit bundle of Smart Start. A second implementation, after
docs/audit-format.md and docs/parameters.md; see README.md beside this file."""

import argparse
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

try:
    import cryptography  # noqa: F401
except ImportError:
    sys.exit("this program needs python3-cryptography: apt install python3-cryptography")

import shares
import sums
from bundle import Bundle
from fold import Fold
from note import Bad, Checkpoint, Key
from report import Report, Unusable
from tree import leaf_hash

OK, FINDINGS, UNUSABLE = 0, 5, 2

NOT_SHOWN = """not shown: that any institution's data are true or its noise was drawn; that no more than c institutions colluded;
that the log did not go on after this checkpoint; that others were shown the same log.
not checked here: the steps of the model between the sums (`smartstart audit verify` recomputes them), the study's text and
the codebook's content."""


def verify(folder, key=None, off=(), out=lambda line: None):
    """Checks a bundle; returns the report and the counts. Raises Unusable."""
    began = time.monotonic()
    report = Report(off)
    bundle = Bundle(folder, report)
    try:
        checkpoint = Checkpoint(bundle.small("checkpoint", 65535))
    except Bad as e:
        raise Unusable(f"the checkpoint cannot be read: {e}") from None
    fold = Fold(checkpoint.origin, report)
    for raw in bundle.entries(checkpoint.size):
        fold.add(raw, leaf_hash(raw))
    log(bundle, report, checkpoint, fold, key, out)
    out(f"log: {len(fold.tree)} entries, {fold.void} of them void; "
        + ", ".join(f"{n} {t}" for t, n in fold.counts.items()))
    came = []
    attempts = [a for study in fold.studies.values() for a in study.attempts]
    documents(bundle, report, fold)
    checked = 0
    for attempt in attempts:
        if attempt.certificate is not None:
            came.append(sums.verify(bundle, report, attempt) if bundle.kind == "sealed" else None)
        if bundle.kind == "sealed" and not sums.deleted(bundle, attempt):
            checked += shares.verify(bundle, report, attempt)
    for study in fold.studies.values():
        state = f"closed: {study.closed.body['reason']}" if study.closed else "not closed"
        out(f"study {study.proposal.study}: {len(study.attempts)} attempts, {study.round - 1} rounds with a valid result, {state}")
    if bundle.kind == "sealed":
        out(f"sums: {len(came)} attempts with t votes; {came.count(sums.OPENED)} added up, opened and decoded again, "
            f"{came.count(sums.ADDED)} added up only")
        out(f"shares: the public half of the share check was made again for {checked} uploads")
        if sums.DELETED in came:
            out(f"note: the uploads of {came.count(sums.DELETED)} attempts were deleted after the time that the charter keeps them")
    else:
        out(f"sums: a public bundle has no frames; {len(came)} attempts with t votes were not added up")
    out(f"time: {time.monotonic() - began:.1f} s")
    return report, {"entries": len(fold.tree), "attempts": len(attempts), "opened": came.count(sums.OPENED)}


def documents(bundle, report, fold):
    """Codebooks of the charters that count, and published results."""
    charters = [c for c in (fold.members.first, fold.members.charter) if c] + [s.charter for s in fold.studies.values()]
    wanted = {c.body["codebook"]: (None, "bytes of the codebook") for c in charters}
    for study in fold.studies.values():
        if study.published:
            document = study.published.body["document"]
            wanted[document["digest"]] = (document["size"], f"published results of {study.proposal.study}")
    for digest, (size, what) in wanted.items():
        f = bundle.blob(digest, size, report, "documents", what)
        if f:
            f.close()


def cosigned(report, checkpoint, members, out):
    """Lines by nodes and auditors; those of strangers are somebody else's business."""
    by = []
    for name, key_hash, data in checkpoint.lines:
        party = members.parties.get(name)
        if party is None or party.revoked or party.role not in ("node", "auditor") or key_hash != party.key.cosigner_hash():
            continue
        seconds = int.from_bytes(data[:8], "big")
        message = f"cosignature/v1\ntime {seconds}\n{checkpoint.text}".encode()
        good = len(data) == 72 and party.key.verifies(data[8:], message)
        if report.check("cosignature", good, "checkpoint", f"the co-signature in the name of {name} is not by its key") and name not in by:
            by.append(name)
    institutions = [n for n in by if members.parties[n].role == "node"]
    needed = members.quorum(len(members.institutions)) if members.charter else 0
    out(f"co-signatures: {len(institutions)} of {len(members.institutions)} institutions (a quorum is {needed}), "
        f"{len(by) - len(institutions)} auditors")


def log(bundle, report, checkpoint, fold, key, out):
    """The checkpoint's signature, the root and the tiles."""
    charter = fold.members.coordinator
    if key is None:
        if charter is None:
            report.check("checkpoint-signature", False, "checkpoint", "no key was given, and the log has no charter to take one from")
        else:
            key = charter.key
            out(f"key: {key.vkey}, taken from the charter in this bundle: compare it with one you got elsewhere (--key)")
    elif charter is not None:
        out("key: the one given with --key")
        report.check("coordinator-key", key.vkey == charter.key.vkey, "charter", f"it names another coordinator's key, {charter.key.vkey}")
    if key is not None:
        report.check("checkpoint-signature", checkpoint.signed_by(key), "checkpoint", "it is not signed with the coordinator's key")
    cosigned(report, checkpoint, fold.members, out)
    root = fold.tree.root(len(fold.tree))
    report.check("root", root == checkpoint.root, "checkpoint", "the entries have another root than it says")
    for level, index, hashes in fold.tree.tiles():
        same = bundle.tile(level, index, len(hashes)) == b"".join(hashes)
        report.check("tile", same, f"tile {level}/{index}", "it holds other hashes than the entries give")


def read_key(text):
    if os.path.isfile(text):
        with open(text, encoding="utf-8", errors="replace") as f:
            text = f.read(4096)
    try:
        return Key(text.strip())
    except Bad as e:
        raise Unusable(f"--key: {e}") from None


def main(args=None):
    parser = argparse.ArgumentParser(description="Verify an audit bundle: log, signatures and arithmetic.")
    parser.add_argument("bundle", help="the folder that holds bundle.json")
    parser.add_argument("--key", help="the coordinator's verifier key (name+hash+base64), or a file with it")
    given = parser.parse_args(args)
    try:
        report, _ = verify(given.bundle, read_key(given.key) if given.key else None, out=print)
    except Unusable as e:
        print(f"cannot be verified: {e}", file=sys.stderr)
        return UNUSABLE
    except OSError as e:
        print(f"cannot be verified: {e.filename or 'a file'} cannot be read: {e.strerror}", file=sys.stderr)
        return UNUSABLE
    for line in report.lines():
        print(line)
    print(NOT_SHOWN)
    if report.findings:
        print(f"verification failed: {len(report.findings) + report.dropped} findings")
        return FINDINGS
    print("verified: no finding")
    return OK


if __name__ == "__main__":
    sys.exit(main())
