"""Signed notes (c2sp.org/signed-note) with Ed25519 keys, and checkpoints."""

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Bad(Exception):
    """What is wrong with one statement, and which check says so."""

    def __init__(self, text, check="form"):
        super().__init__(text)
        self.check = check


def base64_bytes(text):
    """Standard base64 with padding, in its one encoding."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Bad("not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Bad("not base64 in its one encoding")
    return data


class Key:
    """A verifier key, name+hash+base64."""

    def __init__(self, vkey):
        parts = vkey.split("+", 2)
        if len(parts) != 3:
            raise Bad("not a verifier key")
        self.vkey, self.name = vkey, parts[0]
        data = base64_bytes(parts[2])
        if not valid_name(self.name) or len(data) != 33 or data[0] != 1:
            raise Bad("not a verifier key for Ed25519")
        self.hash = hashlib.sha256(self.name.encode() + b"\n" + data).digest()[:4]
        if parts[1] != self.hash.hex():
            raise Bad("a verifier key whose hash is wrong")
        self.public = data[1:]
        self._key = Ed25519PublicKey.from_public_bytes(self.public)

    def cosigner_hash(self):
        """The key hash in the lines of co-signatures, which have an algorithm of their own."""
        return hashlib.sha256(self.name.encode() + b"\n\x04" + self.public).digest()[:4]

    def verifies(self, signature, message):
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def valid_name(name):
    return bool(name) and "+" not in name and not any(c.isspace() or ord(c) < 32 for c in name)


def split_signature(line):
    """Name, key hash and signature of a signature line."""
    if not line.startswith("\u2014 "):
        raise Bad("a signature line does not begin with a dash")
    name, space, rest = line[2:].partition(" ")
    if not space or not valid_name(name):
        raise Bad("a signature line without a name")
    data = base64_bytes(rest)
    if len(data) < 5:
        raise Bad("a signature that is too short")
    return name, data[:4], data[4:]


class Checkpoint:
    def __init__(self, raw):
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise Bad("it is not text") from None
        body, blank, signatures = text.rpartition("\n\n")
        if not blank or not signatures.endswith("\n"):
            raise Bad("it is not a signed note")
        if any(ord(c) < 32 and c != "\n" for c in text):
            raise Bad("it has control characters")
        self.text = body + "\n"
        self.lines = [split_signature(line) for line in signatures[:-1].split("\n")]
        lines = self.text.split("\n")
        if len(lines) < 4 or not lines[0]:
            raise Bad("it has fewer than three lines")
        self.origin = lines[0]
        if not lines[1].isascii() or not lines[1].isdigit() or str(int(lines[1][:20])) != lines[1]:
            raise Bad("its second line is not a number of entries")
        self.size = int(lines[1])
        self.root = base64_bytes(lines[2])
        if len(self.root) != 32:
            raise Bad("its third line is not a root")

    def signed_by(self, key):
        message = self.text.encode()
        return any(name == key.name and hashed == key.hash and key.verifies(signature, message)
                   for name, hashed, signature in self.lines)
