"""Folds many logs, and says of every entry what is wrong with it: for the test that holds this verifier against the product.

On stdin each log is a line of JSON, {"origin", "off", "entries"}, where `off` names checks to switch off, and then its entries, each behind
its length in four bytes. On stdout each is a line of JSON, a list: "" for an entry that counts, "check: text" for a void one. A crash ends
the list, and is told as its last one.
"""

import json
import sys

from fold import Fold
from report import Report
from tree import leaf_hash


def judged(fold, raw):
    """What is wrong with the next entry, "" if nothing is."""
    void = fold.void
    fold.report.findings.clear()
    fold.add(raw, leaf_hash(raw))
    if fold.void == void:
        return ""
    return next((f"{check}: {text}" for check, _, text in fold.report.findings), "void by a check that is off")


def verdicts(log, entries):
    fold = Fold(log["origin"], Report(log["off"]))
    said = []
    for raw in entries:
        try:
            said.append(judged(fold, raw))
        except Exception as e:  # whatever the product says of this entry, this is wrong
            return said + [f"crash: {e!r}"]
    return said


def main(into, out):
    while line := into.readline():
        log = json.loads(line)
        entries = [into.read(int.from_bytes(into.read(4), "big")) for _ in range(log["entries"])]
        print(json.dumps(verdicts(log, entries)), file=out, flush=True)


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout)
