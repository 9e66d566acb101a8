"""The Merkle tree of RFC 6962, and its tiles."""

import hashlib


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """Keeps the hash of every complete subtree, so that the root at any size is quick."""

    def __init__(self):
        self.levels = [[]]

    def __len__(self):
        return len(self.levels[0])

    def append(self, leaf):
        level = 0
        self.levels[0].append(leaf)
        while len(self.levels[level]) % 2 == 0:
            if level + 1 == len(self.levels):
                self.levels.append([])
            left, right = self.levels[level][-2:]
            self.levels[level + 1].append(node_hash(left, right))
            level += 1

    def root(self, size):
        """The root over the first `size` entries."""
        if size == 0:
            return hashlib.sha256(b"").digest()
        root, rest = None, size
        for level in range(size.bit_length()):
            if rest >> level & 1:
                here = self.levels[level][(rest >> level) - 1]
                root = here if root is None else node_hash(here, root)
                rest -= 1 << level
        return root

    def tiles(self):
        """Yields (level, index, hashes) of every tile that a log of this size has."""
        for level in range(0, len(self.levels), 8):
            hashes = self.levels[level]
            for index in range((len(hashes) + 255) // 256):
                yield level // 8, index, hashes[256 * index:256 * index + 256]
