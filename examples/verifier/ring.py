"""The arithmetic of parameters.md: streams, packed blocks, the transform, the codecs."""

import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

N = 4096
Q = (1 << 60) - (1 << 14) + 1
PSI = 429945184819996456
PACKED = 30720
REGION = 8 * (N + 16)
NOISE = 12
CANARIES = 2
TOLERANCE = 1 << 25
MAX_DATA_BLOCKS = 8192
LOW60 = (1 << 60) - 1


class Words(Exception):
    """Bytes that are no ring element."""


def le32(v):
    return v.to_bytes(4, "little")


def header(magic, attempt, point, blocks):
    return magic + le32(1) + b"otk1" + attempt + le32(point) + le32(0) + le32(blocks)


def set_bits(points):
    return sum(1 << (p - 1) for p in points).to_bytes(8, "little")


# --- blocks

def unpack(block):
    words = []
    for at in range(0, PACKED, 15):
        pair = int.from_bytes(block[at:at + 15], "little")
        words.append(pair & LOW60)
        words.append(pair >> 60)
    if len(words) != N or max(words) >= Q:
        raise Words("a word is not below q")
    return words


def pack(words):
    return b"".join((words[k] | words[k + 1] << 60).to_bytes(15, "little") for k in range(0, N, 2))


# --- where randomness comes from

def stream(key, offset, size):
    """AES-256 in counter mode; the offset is a multiple of 16."""
    counter = (offset // 16).to_bytes(16, "big")
    return Cipher(algorithms.AES(key), modes.CTR(counter)).encryptor().update(bytes(size))


def uniform(key, index):
    region = stream(key, index * REGION, REGION)
    raw = [int.from_bytes(region[at:at + 8], "little") & LOW60 for at in range(0, REGION, 8)]
    words, spare = raw[:N], iter(raw[N:])
    for k, w in enumerate(words):
        while w >= Q:
            w = next(spare)
        words[k] = w
    return words


def public_key_of(attempt):
    return hashlib.sha256(b"smartstart/otk1/public" + attempt).digest()


# --- the transform: word k is the value at psi^(2*bitrev12(k)+1)

def _bitrev(k):
    return int(f"{k:012b}"[::-1], 2)


def _powers(base):
    powers = [1]
    for _ in range(N - 1):
        powers.append(powers[-1] * base % Q)
    return [powers[_bitrev(k)] for k in range(N)]


_ROOTS = _powers(PSI)
_INVERSE_ROOTS = _powers(pow(PSI, -1, Q))
_INVERSE_N = pow(N, -1, Q)


def forward(coefficients):
    a, half, m = list(coefficients), N, 1
    while m < N:
        half //= 2
        for i in range(m):
            s, at = _ROOTS[m + i], 2 * i * half
            for j in range(at, at + half):
                u, v = a[j], a[j + half] * s
                a[j], a[j + half] = (u + v) % Q, (u - v) % Q
        m *= 2
    return a


def inverse(words):
    a, half, m = list(words), 1, N // 2
    while m:
        for i in range(m):
            s, at = _INVERSE_ROOTS[m + i], 2 * i * half
            for j in range(at, at + half):
                u, v = a[j], a[j + half]
                a[j], a[j + half] = (u + v) % Q, (u - v) * s % Q
        half *= 2
        m //= 2
    return [x * _INVERSE_N % Q for x in a]


def centred(x):
    return x - Q if x > Q // 2 else x


def opened(total, key, public):
    """The coefficients of sum - a*key, between -q/2 and q/2."""
    return [centred(x) for x in inverse([(c - a * s) % Q for c, a, s in zip(total, public, key)])]


# --- interpolation

def weights(points, at):
    """Lagrange's weights for the value at `at` from those at `points`."""
    result = []
    for p in points:
        top = bottom = 1
        for other in points:
            if other != p:
                top = top * (at - other) % Q
                bottom = bottom * (p - other) % Q
        result.append(top * pow(bottom, -1, Q) % Q)
    return result


def combine(factors, vectors):
    return [sum(f * w for f, w in zip(factors, column)) % Q for column in zip(*vectors)]


# --- codecs

def values(shape):
    return sum(t["len"] for t in shape["tensors"])


def data_blocks(shape):
    v = values(shape)
    coefficients = 3 * v + 1 if shape["codec"] == "stat" else (v + 2) // 2
    return -(-coefficients // N)


def balanced(x, width):
    half = 1 << (width - 1)
    return (x + half) % (1 << width) - half


class Decoder:
    """Turns the coefficients of a sum over `members` institutions into bytes, piece by piece."""

    def __init__(self, shape, members):
        self.shape, self.members = shape, members
        self.width, self.slots = (48, 1) if shape["codec"] == "stat" else (24, 2)
        self.digits, self.bytes = (3, 16) if shape["codec"] == "stat" else (1, 4)
        self.pending = []
        self.left = [[t["len"], t["bits"]] for t in shape["tensors"]]
        self.ones = False
        self.hash = hashlib.sha256()
        self.problem = None

    def block(self, coefficients):
        out = []
        for x in coefficients:
            m = (x + (1 << (NOISE - 1))) >> NOISE
            for _ in range(self.slots):
                v = balanced(m, self.width)
                m = (m - v) >> self.width
                self._slot(v, out)
            if m:
                self.problem = self.problem or "a coefficient goes beyond its slots"
        self.hash.update(b"".join(out))

    def _slot(self, v, out):
        if not self.left:
            if not self.ones:
                self.ones = True
                if v != self.members:
                    self.problem = self.problem or f"the slot of ones holds {v} instead of {self.members}"
            elif v:
                self.problem = self.problem or "a slot of padding is not zero"
            return
        if self.digits == 3 and abs(v) > self.members << 39:
            self.problem = self.problem or "a digit goes beyond its bound"
        self.pending.append(v)
        if len(self.pending) < self.digits:
            return
        value = sum(d << (40 * k) for k, d in enumerate(self.pending))
        self.pending.clear()
        tensor = self.left[0]
        if abs(value) > self.members * ((1 << tensor[1]) - 1):
            self.problem = self.problem or "a value goes beyond the bound of its tensor"
        else:
            out.append(value.to_bytes(self.bytes, "little", signed=True))
        tensor[0] -= 1
        if not tensor[0]:
            self.left.pop(0)
