"""Who may speak: the charter, members, motions and endorsements."""

import re

from canon import readable
from note import Bad, Key, base64_bytes
from studies import MAX_POINTS, MIN_POINTS, NO_DIGEST, thresholds

PROTOCOL = 2
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"

# Which role signs which statement. A founding charter is the coordinator's, an
# amendment an approver's; a fork may be shown by anybody but the coordinator.
ROLES = {
    "coordinator": {"charter", "open", "set", "result"},
    "approver": {"charter", "member", "decision", "endorse"},
    "second": {"decision"},
    "officer": {"advice"},
    "node": {"ready", "update", "vote", "abort", "release", "epoch", "dispute"},
    "researcher": {"proposal", "proceed", "close", "publish"},
    "auditor": set(),
}
PEOPLE = (("approver", "approver", ".approver"), ("second", "second", ".approver2"), ("officer", "officer", ".fg"))
RESERVED = tuple(suffix for _, _, suffix in PEOPLE)
MAX_PUBLISH = 10
MAX_DOCUMENT = 1 << 20
MAX_FORK = 2 * 65535 + 64


class Party:
    def __init__(self, role, named, institution=None):
        self.role, self.key, self.institution, self.revoked = role, Key(named["key"]), institution, False
        self.expires = None
        self.name = named["name"]
        if self.key.name != self.name:
            raise Bad(f"the key of {self.name[:64]!r} is of another name", "charter")


class Motion:
    def __init__(self, s):
        self.statement, self.endorsed, self.in_force = s, {}, False  # endorsed: institution to its statement


def subject(s):
    """What a motion is about: when it changes, older motions are void. None for a publication."""
    b = s.body
    if s.type == "charter":
        return "charter"
    if s.type != "member":
        return None
    if b["act"] == "grant":
        return "party", b["grant"]["party"]["name"]
    if b["act"] in ("enrol", "revoke"):  # which an institution may do alone: it would stop its own expulsion with it
        return "node", b.get("institution") or b["revoke"]
    return "institution", b["admit"]["institution"] if b["act"] == "admit" else b["institution"]


class Parties:
    def __init__(self, fold):
        self.fold, self.need = fold, fold.need
        self.parties, self.institutions, self.enrolled = {}, {}, set()
        self.first = self.charter = self.coordinator = None
        self.used, self.motions, self.changed, self.forks = set(), {}, {}, set()
        self.epochs, self.epoch_of = set(), {}
        self.known = set()  # every institution that ever was one: its name stays taken

    # --- signers

    def begin(self, s):
        """Takes the coordinator's key from entry 0, so that its signature can be checked."""
        self.coordinator = self.seat(Party("coordinator", s.body["coordinator"]))

    def signer(self, s):
        party = self.parties.get(s.signer)
        self.need("role", party is not None, "the signer has no key in this log")
        if party is None:
            raise Bad("the signer has no key in this log", "role")
        self.need("role", not party.revoked, "the signer's key was revoked")
        return party

    def may(self, party, s):
        allowed = s.type in ROLES[party.role]
        if s.type == "charter":
            allowed = party.role == ("coordinator" if s.entry == 0 else "approver")
        if s.type == "dispute" and s.body["kind"] == "fork":
            allowed = party.role == "node" or not s.study and party.role != "coordinator"
        self.need("role", allowed, f"a {party.role} may not sign {s.type}")

    def seat(self, party):
        """Gives a name its key; a key serves one name once."""
        self.used.add(party.key.public)
        self.parties[party.name] = party
        return party

    def fresh(self, party):
        """A key that is new, or that this very name holds already."""
        old = self.parties.get(party.name)
        kept = old is not None and not old.revoked and old.key.public == party.key.public
        self.need("member", kept or party.key.public not in self.used, f"the key of {party.name} was used before")
        self.need("member", old is None or (old.role, old.institution) == (party.role, party.institution),
                  f"the name {party.name} is taken")

    def not_reserved(self, name):
        self.need("name", not name.endswith(RESERVED), f"the name {name[:64]!r} is one that an institution's people may get")

    def people(self, founder):
        list_ = []
        for key, role, suffix in PEOPLE:
            if key in founder:
                self.need("charter", founder[key]["name"] == founder["institution"] + suffix,
                          f"the {role} of {founder['institution']} is not named {founder['institution']}{suffix}")
                list_.append(Party(role, founder[key], founder["institution"]))
        return list_

    # --- statements

    def apply(self, s, party):
        {"charter": self.amend if s.entry else self.found, "member": self.member, "endorse": self.endorse,
         "epoch": self.epoch, "dispute": self.fork, "publish": self.publish}[s.type](s, party)

    def good_rules(self, b, n):
        """What every charter must say about the n institutions in force."""
        c, t = thresholds(n, b["forgetful"])
        self.need("charter", b["protocol"] == PROTOCOL, f"it asks for protocol {b['protocol']}, and this program knows {PROTOCOL}")
        self.need("text", all(0 < len(b[k].encode()) <= 256 and readable(b[k]) for k in ("name", "retention")),
                  "its name or retention is not 1 to 256 bytes of text without control characters")
        self.need("charter", b["parameters"] == "otk1", "it names another parameter set than otk1")
        self.need("charter", b["codebook"] != NO_DIGEST, "it names no codebook")
        self.need("charter", b["rehearsal"] or ("dpia" in b and "review" in b), "it is no rehearsal, and names no DPIA or no review")
        self.need("thresholds", MIN_POINTS <= n <= MAX_POINTS and (n > 2 or b["allow_pair"]) and t <= n - c
                  and 1 <= b["min_institutions"] and max(b["min_institutions"], c + 2) <= n, f"no thresholds exist for {n} institutions")

    def found(self, s, party):
        b = s.body
        self.need("charter", "amends" not in b, "entry 0 amends nothing")
        self.good_rules(b, len(b["founders"]))
        people = [p for f in b["founders"] for p in self.people(f)]
        people += [Party("researcher", p) for p in b["researchers"]] + [Party("auditor", p) for p in b["auditors"]]
        for names in ([f["institution"] for f in b["founders"]], [p["name"] for p in b["researchers"]], [p["name"] for p in b["auditors"]]):
            self.need("charter", names == sorted(set(names)), "names are not in strictly increasing order")
        names = [self.coordinator.name, *(f["institution"] for f in b["founders"]), *(p.name for p in people)]
        self.need("charter", len(set(names)) == len(names), "a name is used twice")
        keys = [self.coordinator.key.public, *(p.key.public for p in people)]
        self.need("charter", len(set(keys)) == len(keys), "a key is used twice")
        self.need("charter", all(re.fullmatch(NAME, n) for n in names[1:]), "a name is not 1 to 64 letters, digits, '.', '_' and '-'")
        for name in (*(f["institution"] for f in b["founders"]), *(p["name"] for p in b["researchers"] + b["auditors"])):
            self.not_reserved(name)
        for p in people:
            self.seat(p)
        self.institutions = {f["institution"]: f for f in b["founders"]}
        self.known = set(self.institutions)
        self.first = self.charter = s

    def amend(self, s, party):
        self.need("charter", party.institution in self.enrolled, f"{party.institution} is not enrolled")
        self.can_move(s)
        self.move(s, party)

    def can_move(self, s):
        """What is moved must still be possible; asked again at every endorsement."""
        b = s.body
        if s.type == "charter":
            old = self.charter.body
            self.need("charter", b.get("amends") == self.charter.leaf, "it does not amend the charter in force")
            same = all(b[k] == old[k] for k in ("protocol", "parameters", "coordinator", "founders", "researchers", "auditors"))
            self.need("charter", same, "an amendment changes rules only")
            self.good_rules(b, len(self.institutions))
        elif s.type == "publish":
            study = self.fold.studies.get(s.study)
            self.need("publish", study is not None and study.closed is not None and study.closed.body["reason"] == "finished"
                      and study.closed.leaf == b["close"], "it publishes a study that is not finished, or names another close")
            self.need("publish", study.proposal.signer == s.signer, "only the proposer publishes")
            self.need("publish", study.published is None, "the results are public already")
            others = [m for m in self.motions.values() if m.statement.type == "publish" and m.statement.study == s.study and m.statement is not s]
            self.need("publish", len(others) < MAX_PUBLISH, f"{MAX_PUBLISH} documents of the study were put forward already")
            document = b["document"]
            self.need("publish", document["digest"] != NO_DIGEST and 1 <= document["size"] <= MAX_DOCUMENT, "its document has not 1 byte to 1 MiB")
        if s.type == "member":
            self.need("member", b["charter"] == self.charter.leaf, "it belongs to another charter")
            self.can_change(b)

    def can_change(self, b):
        if b["act"] == "admit":
            people, name = self.people(b["admit"]), b["admit"]["institution"]
            self.not_reserved(name)
            for p in people:
                self.fresh(p)
            namesake = self.parties.get(name)
            self.need("member", namesake is None or namesake.institution == name, f"the name {name} is taken")
            self.need("member", len({p.key.public for p in people}) == len(people), "two people share a key")
            known = self.institutions.get(b["admit"]["institution"])
            self.need("member", known != b["admit"], "the institution has these keys already")
            self.need("member", known or len(self.institutions) < MAX_POINTS, f"a federation has at most {MAX_POINTS} institutions")
        elif b["act"] == "expel":
            self.need("member", b["institution"] in self.institutions, "no such institution is in force")
        elif b["act"] == "grant":
            name = b["grant"]["party"]["name"]
            granted = Party(b["grant"]["role"], b["grant"]["party"])
            self.not_reserved(name)
            free = name not in self.parties and name not in self.known and granted.key.public not in self.used
            self.need("member", free or self.renews(b["grant"]), "the name or the key is taken")
            self.need("member", b["grant"]["role"] == "researcher" or "expires" not in b["grant"], "only a researcher's grant has an end date")
        elif b["act"] == "revoke":
            p = self.parties.get(b["revoke"])
            self.need("member", p is not None and not p.revoked and p.role in ("node", "researcher", "auditor"),
                      "it revokes what is no key in force of a node, researcher or auditor")

    def renews(self, grant):
        """Whether a researcher in force gets another end date, with the same key."""
        old = self.parties.get(grant["party"]["name"])
        return (old is not None and not old.revoked and old.role == grant["role"] == "researcher"
                and old.key.vkey == grant["party"]["key"] and old.expires != grant.get("expires"))

    def member(self, s, party):
        b, who = s.body, party.institution
        self.need("member", b["charter"] == self.charter.leaf, "it belongs to another charter")
        given = {k for k in b if k not in ("charter", "act")}
        wanted = {"enrol": {"institution", "node", "proof"}, "expel": {"institution"}}.get(b["act"], {b["act"]})
        self.need("member", given == wanted, f"its fields are not those of {b['act']}")
        if b["act"] == "enrol":
            self.enrol(b, who)
            self.changed[subject(s)] = s.entry
            return
        self.need("member", who in self.enrolled, f"{who} is not enrolled")
        if b["act"] == "revoke" and b["revoke"] == who:
            self.changed[subject(s)] = s.entry
            return self.enforce(s)
        self.can_move(s)
        self.move(s, party)

    def enrol(self, b, who):
        self.need("member", b["institution"] == who and b["node"]["name"] == who, "an approver enrols its own institution's node")
        self.need("member", who not in self.enrolled, f"{who} is enrolled already")
        node = Party("node", b["node"], who)
        self.need("member", node.key.public not in self.used, "the node's key was used before")

        text = f"smartstart/proof/v1\n{self.fold.origin}\n{b['charter']}\n{who}\n{node.key.vkey}\n"
        self.need("proof", node.key.verifies(base64_bytes(b["proof"]), text.encode()), "the node's key did not sign the proof")
        self.enrolled.add(who)
        self.seat(node)

    # --- motions

    def quorum(self, n, charter=None):
        """More than (n+c+r)/2: two quorums share somebody honest who remembers."""
        r = (charter or self.charter).body["forgetful"]
        return (n + thresholds(n, r)[0] + r) // 2 + 1

    def voters(self, m):
        """Who may endorse a motion, and how many must."""
        if m.statement.type == "publish":
            study = self.fold.studies[m.statement.study]
            return {i for i in study.roster if i in self.institutions}, self.quorum(len(study.roster), study.charter)
        return self.enrolled, self.quorum(len(self.institutions))

    def move(self, s, party):
        m = self.motions[s.leaf] = Motion(s)
        if party.institution:
            m.endorsed[party.institution] = s
        self.settle(m, s)

    def counts(self, m, institution):
        """Whether it endorsed the motion with a key that is still its signer's."""
        s = m.endorsed.get(institution)
        return s is not None and self.in_force(s)

    def in_force(self, s):
        """Whether the key that signed it is still its signer's."""
        return not self.parties[s.signer].revoked and self.parties[s.signer].key.hash == s.key_hash

    def endorse(self, s, party):
        m = self.motions.get(s.body["motion"])
        if m is None or m.statement.study != s.study:
            raise Bad("there is no such motion", "endorse")
        voters, _ = self.voters(m)
        self.need("endorse", party.institution in voters, f"{party.institution} has no voice in this motion")
        self.need("endorse", not self.counts(m, party.institution), f"{party.institution} endorsed it before")
        self.need("endorse", not m.in_force, "the motion is in force already")
        self.need("motion", m.statement.entry >= self.changed.get(subject(m.statement), 0), "what it is about was changed since")
        self.can_move(m.statement)
        m.endorsed[party.institution] = s
        self.settle(m, s)

    def settle(self, m, last):
        voters, needed = self.voters(m)
        if sum(self.counts(m, i) for i in voters) < needed:
            return
        m.in_force = True
        if m.statement.type != "publish":
            self.changed[subject(m.statement)] = last.entry
        if m.statement.type == "charter":
            self.charter = m.statement
        elif m.statement.type == "publish":
            self.fold.studies[m.statement.study].published = m.statement
        else:
            self.enforce(m.statement)

    def enforce(self, s):
        b = s.body
        if b["act"] == "admit":
            name = b["admit"]["institution"]
            for p in self.parties.values():
                if p.institution == name and p.role != "node":
                    p.revoked = True
            self.institutions[name] = b["admit"]
            self.known.add(name)
            for p in self.people(b["admit"]):
                self.seat(p)
        elif b["act"] == "expel":
            del self.institutions[b["institution"]]
            self.enrolled.discard(b["institution"])
            for p in self.parties.values():
                p.revoked |= p.institution == b["institution"]
            for study in self.fold.studies.values():
                study.expelled.add(b["institution"])
        elif b["act"] == "grant":
            self.seat(Party(b["grant"]["role"], b["grant"]["party"])).expires = b["grant"].get("expires")
        else:
            p = self.parties[b["revoke"]]
            p.revoked = True
            if p.role == "node":
                self.enrolled.discard(p.institution)

    # --- statements that change nothing but the record

    def publish(self, s, party):
        self.can_move(s)
        self.move(s, party)

    def epoch(self, s, party):
        self.need("epoch", (party.institution, s.body["epoch"]) not in self.epochs, "the institution had this epoch before")
        self.epochs.add((party.institution, s.body["epoch"]))
        self.epoch_of[party.institution] = s.body["epoch"]

    def fork(self, s, party):
        self.need("dispute", set(s.body) == {"kind", "evidence"} and s.body["kind"] == "fork", "outside a study only a fork can be shown")
        evidence = s.body.get("evidence", {"digest": NO_DIGEST, "size": 0})
        self.need("dispute", evidence["digest"] != NO_DIGEST and 0 < evidence["size"] <= MAX_FORK, "the evidence is two checkpoints in a blob")
        self.need("once", s.signer not in self.forks, "a second fork shown by one signer")
        self.forks.add(s.signer)
