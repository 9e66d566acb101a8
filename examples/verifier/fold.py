"""Folds a log: whose keys count, one chain a signer, and then the rules by type.

An entry that breaks a rule is void: it is a finding and changes nothing else.
"""

import parties
import rounds
from canon import ZERO, Statement
from note import Bad
from tree import Tree


OF_FEDERATION = {"charter", "member", "endorse", "epoch", "publish"}


def first_line(raw):
    """What an entry says it is, for findings about entries that cannot be read."""
    return ascii(raw[:60].split(b"\n")[0].decode("utf-8", "replace"))


class Chain:
    """What is known of one signer's statements."""

    def __init__(self):
        self.seq, self.leaf, self.entry = 0, ZERO, -1
        self.boot, self.boots = "", set()  # the newest, and every one so far


class Fold:
    def __init__(self, origin, report):
        self.origin, self.report = origin, report
        self.tree = Tree()
        self.chains = {}
        self.counts = {}
        self.members = parties.Parties(self)
        self.studies = {}
        self.used = set()  # attempt keys, and digests of uploads
        self.void = 0
        self.dated = ""  # the latest time of the coordinator's statements

    def need(self, check, holds, text):
        """Makes the entry void unless the condition holds."""
        if not holds and check not in self.report.off:
            raise Bad(text, check)

    def attempt(self, s, seats, study):
        return rounds.Attempt(s, seats, study)

    def add(self, raw, leaf):
        """Judges one entry, and appends it to the tree."""
        entry, what = len(self.tree), first_line(raw)
        try:
            s = Statement(raw, self.report.off)
            what = f"{s.type} by {s.signer}"
            s.entry = entry
            self._judge(s)
        except Bad as e:
            self.void += 1
            self.report.check(e.check, False, f"entry {entry}, {what}", str(e))
        self.tree.append(leaf)

    def _judge(self, s):
        self.need("origin", s.log == self.origin, f"it belongs to another log, {s.log[:100]!r}")
        if s.entry == 0:
            self.need("charter", s.type == "charter", "the log does not begin with a charter")
            self.members.begin(s)
        party = self.members.signer(s)
        self.need("signature", s.signed_by(party.key), "the signature is not by the signer's logged key")
        chain = self.chains.setdefault(s.signer, Chain())
        self._chained(s, chain)
        self.members.may(party, s)
        if s.type in OF_FEDERATION or not s.study:
            self.members.apply(s, party)
        else:
            rounds.apply(self, s)
        if party.role == "coordinator":
            self.dated = max(self.dated, s.time)
        chain.seq, chain.leaf, chain.entry = s.seq, s.leaf, s.entry
        chain.boot = s.boot
        chain.boots.add(s.boot)
        self.counts[s.type] = self.counts.get(s.type, 0) + 1

    def _chained(self, s, chain):
        self.need("seq", s.seq == chain.seq + 1, f"the signer's number is {s.seq} instead of {chain.seq + 1}")
        self.need("prev", s.prev == chain.leaf, "prev is not the signer's previous statement")
        size = s.seen["size"]
        self.need("seen", size <= s.entry, f"it has seen {size} entries, and only {s.entry} stand before it")
        self.need("seen", chain.entry < size, "its head does not cover the signer's previous statement")
        self.need("seen", self.tree.root(size).hex() == s.seen["root"],
                  f"it has seen another history: its root over {size} entries is not this log's")
        self.need("boot", s.boot == chain.boot or s.boot not in chain.boots, "a boot epoch comes back: an old copy of the machine speaks")
