"""Statements: the note around them, their one JSON encoding, their keys by type."""

import datetime
import json
import re

from note import Bad, split_signature
from schema import BODIES, HEADER, MAY_STUDY, NO_STUDY, ROUND_TYPES, encode
from tree import leaf_hash

ZERO = "0" * 64
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def readable(text):
    """Whether a text for people holds nothing that rewrites what stands around it; line ends may be."""
    return not BIDI.search(text) and not CONTROL.search(text)


class Statement:
    """One entry of the log, decoded; `signed_by` checks its signature."""

    def __init__(self, raw, off=()):
        try:
            lines = raw.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            raise Bad("the entry is not text") from None
        if len(lines) != 5 or lines[2] or lines[4]:
            raise Bad("the entry is not a signed note of two lines with one signature")
        m = re.fullmatch(r"smartstart/([a-z_]+)/v([0-9]+)", lines[0])
        if not m:
            raise Bad("the first line names no statement type")
        self.type, version = m.group(1), m.group(2)
        if self.type not in BODIES or version != "1":
            raise Bad(f"statement {self.type}/v{version[:20]} is unknown to this program")
        self.leaf = leaf_hash(raw).hex()
        self.text = f"{lines[0]}\n{lines[1]}\n".encode()
        self.signer, self.key_hash, self.signature = split_signature(lines[3])
        if len(self.signature) != 64:
            raise Bad("the signature has not the length of an Ed25519 signature")
        self._decode(lines[1], off)

    def _decode(self, line, off):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise Bad("the second line is not JSON") from None
        if not isinstance(value, dict):
            raise Bad("the second line is not a JSON object")
        schema = HEADER + [("body", BODIES[self.type], False)]
        try:
            again = encode(schema, value)
            same = again.encode("utf-8") == line.encode("utf-8")
        except UnicodeEncodeError:
            raise Bad("the JSON holds half a character") from None
        except RecursionError:
            raise Bad("the JSON is nested too deeply") from None
        if not same and "canonical" not in off:
            raise Bad("the JSON is not in its one encoding", "canonical")
        if value["type"] != self.type or value["version"] != 1:
            raise Bad("type or version differ from the first line")
        if value["signer"] != self.signer:
            raise Bad("the header names another signer than the signature line")
        self.log, self.study = value["log"], value.get("study", "")
        self.round, self.attempt = value.get("round", 0), value.get("attempt", 0)
        self.boot, self.seq, self.prev = value["boot"], value["seq"], value["prev"]
        self.seen, self.time, self.body = value["seen"], value["time"], value["body"]
        if self.type not in MAY_STUDY and (not self.study) != (self.type in NO_STUDY):
            raise Bad("a study is named where none may be, or is missing")
        in_round = self.type in ROUND_TYPES and bool(self.study)
        if (self.round > 0) != in_round or (self.attempt > 0) != in_round:
            raise Bad("round and attempt are named where none may be, or are missing")
        if self.boot == ZERO:
            raise Bad("the boot epoch is zero")
        try:
            if datetime.datetime.strptime(self.time, "%Y-%m-%dT%H:%M:%SZ").isoformat() + "Z" != self.time:
                raise ValueError
        except ValueError:
            raise Bad("the time is no time") from None

    def signed_by(self, key):
        return (key.name == self.signer and key.hash == self.key_hash
                and key.verifies(self.signature, self.text))
