"""The keys of every statement, in their order, and the one encoding of their values.

An encoder turns a decoded JSON value into text and raises Bad if it is of the
wrong kind. Whoever gets other bytes than were logged has another statement.
"""

import datetime
import re

from note import Bad, Key, base64_bytes

MAX_INT = (1 << 63) - 1
ZERO = "0" * 64  # the digest of nothing: where a digest may be left out, it must be
_short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t",
          "\u2028": "\\u2028", "\u2029": "\\u2029"}
_special = re.compile('["\\\\\x00-\x1f\u2028\u2029]')


def text(v):
    if type(v) is not str:
        raise Bad("a value is not text")
    return '"' + _special.sub(lambda m: _short.get(m.group()) or f"\\u{ord(m.group()):04x}", v) + '"'


def integer(v):
    if type(v) is not int or not 0 <= v <= MAX_INT:
        raise Bad("a value is not a whole number in its range")
    return str(v)


def boolean(v):
    if type(v) is not bool:
        raise Bad("a value is neither true nor false")
    return "true" if v else "false"


def digest(v):
    if type(v) is not str or not re.fullmatch("[0-9a-f]{64}", v):
        raise Bad("a value is not a digest")
    return f'"{v}"'


def data(v):
    if type(v) is not str:
        raise Bad("a value is not bytes")
    base64_bytes(v)
    return f'"{v}"'


def name(v):
    if type(v) is not str or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", v):
        raise Bad("a name is not 1 to 64 letters, digits, '.', '_' and '-'")
    return f'"{v}"'


def vkey(v):
    if type(v) is not str:
        raise Bad("a value is not a verifier key")
    Key(v)
    return text(v)


def is_date(v):
    try:
        return type(v) is str and datetime.date.fromisoformat(v).isoformat() == v
    except ValueError:
        return False


def date(v):
    if not is_date(v):
        raise Bad("a value is not a date")
    return f'"{v}"'


def one_of(*words):
    def encoder(v):
        if v not in words or type(v) is not str:
            raise Bad(f"a value is none of {', '.join(words)}")
        return text(v)
    return encoder


def many(item):
    def encoder(v):
        if type(v) is not list:
            raise Bad("a value is not a list")
        return "[" + ",".join(encode(item, x) for x in v) + "]"
    return encoder


def encode(schema, v):
    """Encodes by a function, or as an object by a list of (key, schema, optional)."""
    if callable(schema):
        return schema(v)
    if type(v) is not dict:
        raise Bad("a value is not an object")
    parts, rest = [], set(v)
    for key, inner, optional in schema:
        if key in rest:
            rest.discard(key)
            if optional and (v[key] in ("", 0, [], None, {"digest": ZERO, "size": 0}) or inner is digest and v[key] == ZERO):
                raise Bad(f"{key} is empty and should be left out")
            parts.append(f'"{key}":{encode(inner, v[key])}')
        elif not optional:
            raise Bad(f"{key} is missing")
    if rest:
        raise Bad(f"unknown key {min(rest)[:40]!r}")
    return "{" + ",".join(parts) + "}"


def keys(spec, **types):
    """`keys("a b?", a=text, b=integer)`: the keys in order, ? for optional ones."""
    return [(k.rstrip("?"), types[k.rstrip("?")], k.endswith("?")) for k in spec.split()]


PARTY = keys("name key", name=text, key=vkey)
FOUNDER = keys("institution approver second? officer?", institution=name, approver=PARTY, second=PARTY, officer=PARTY)
BLOB = keys("digest size", digest=digest, size=integer)
SHAPE = keys("codec tensors", codec=one_of("stat", "vec16"),
             tensors=many(keys("name len bits", name=text, len=integer, bits=integer)))
POINTS = many(integer)

HEADER = keys("log type version study? round? attempt? signer boot seq prev seen time",
              log=text, type=text, version=integer, study=text, round=integer, attempt=integer, signer=text,
              boot=digest, seq=integer, prev=digest, seen=keys("size root", size=integer, root=digest), time=text)

BODIES = {
    "charter": keys("protocol amends? name coordinator founders researchers auditors parameters forgetful"
                    " min_institutions allow_pair numbers codebook rehearsal dpia? review? retention",
                    protocol=integer, amends=digest, name=text, coordinator=PARTY, founders=many(FOUNDER),
                    researchers=many(PARTY), auditors=many(PARTY), parameters=text, forgetful=integer,
                    min_institutions=integer, allow_pair=boolean, numbers=integer, codebook=digest,
                    rehearsal=boolean, dpia=digest, review=digest, retention=text),
    "member": keys("charter act institution? node? proof? admit? grant? revoke?",
                   charter=digest, act=one_of("enrol", "admit", "expel", "grant", "revoke"), institution=name,
                   node=PARTY, proof=data, admit=FOUNDER, revoke=text,
                   grant=keys("role party expires?", role=one_of("researcher", "auditor"), party=PARTY, expires=date)),
    "proposal": keys("study min_institutions on_late? wait? numbers", study=text, min_institutions=integer,
                     on_late=one_of("proceed"), wait=integer, numbers=integer),
    "decision": keys("proposal institution decision ground purpose dpia expires accept_isolated",
                     proposal=digest, institution=name, decision=one_of("approve", "deny", "withdraw"), ground=text,
                     purpose=text, dpia=digest, expires=text, accept_isolated=boolean),
    "ready": keys("state shape key", state=digest, shape=SHAPE, key=data),
    "open": keys("roster seats t c min_institutions state shape repeat?",
                 roster=many(name), seats=many(keys("point ready", point=integer, ready=digest)), t=integer, c=integer,
                 min_institutions=integer, state=digest, shape=SHAPE, repeat=POINTS),
    "update": keys("open frames boxes box_digests shares projection",
                   open=digest, frames=BLOB, boxes=BLOB, box_digests=many(digest), shares=many(digest), projection=BLOB),
    "set": keys("open points absent root", open=digest, points=POINTS,
                absent=many(keys("point reason", point=integer, reason=text)), root=digest),
    "vote": keys("open points root", open=digest, points=POINTS, root=digest),
    "abort": keys("open reason cannot", open=digest, reason=text, cannot=POINTS),
    "release": keys("open sum", open=digest, sum=BLOB),
    "result": keys("open used wrong canary_max valid reason? sums", open=digest, used=POINTS, wrong=POINTS,
                   canary_max=integer, valid=boolean, reason=one_of("canary", "range"), sums=digest),
    "proceed": keys("without", without=many(name)),
    "close": keys("state reason", state=digest, reason=one_of("finished", "failed", "stopped")),
    "endorse": keys("motion", motion=digest),
    "advice": keys("proposal institution advice text", proposal=digest, institution=name,
                   advice=one_of("agree", "agree_if", "object"), text=text),
    "epoch": keys("epoch", epoch=name),
    "dispute": keys("kind open? contributor? evidence?", kind=one_of("projection", "share", "opening", "fork"),
                    open=digest, contributor=integer, evidence=BLOB),
    "publish": keys("close document", close=digest, document=BLOB),
}

# Which statements name a study: these never, these as it comes, the others always.
NO_STUDY = {"charter", "member", "epoch"}
MAY_STUDY = {"endorse", "dispute"}
ROUND_TYPES = {"ready", "open", "update", "set", "vote", "abort", "release", "result", "dispute"}
