"""The files of a bundle. Every size is known before a byte is read."""

import hashlib
import json
import os
import stat

from report import Unusable

MAX_ENTRY = 65535
MAX_ENTRIES = 1 << 24  # ours: more would not fit this program's memory
CHUNK = 1 << 20


class Bundle:
    def __init__(self, folder, report):
        self.folder = folder
        if not os.path.isdir(folder):
            raise Unusable(f"{folder} is not a folder")
        if not os.path.lexists(os.path.join(folder, "bundle.json")):
            inner = os.path.join(folder, "bundle")
            if os.path.isfile(os.path.join(inner, "bundle.json")):
                raise Unusable(f"no bundle.json in {folder}: the bundle is {inner}")
            raise Unusable(f"no bundle.json in {folder}: not a bundle, or one that was never finished")
        self.kind = self._kind(report)

    def _kind(self, report):
        raw = self.small("bundle.json", 4096)
        try:
            about = json.loads(raw.decode("utf-8"))
        except (ValueError, RecursionError):
            raise Unusable("bundle.json is not JSON") from None
        if not isinstance(about, dict) or about.get("format") != "smartstart-bundle":
            raise Unusable("bundle.json does not describe a smartstart-bundle")
        version = about.get("version")
        if type(version) is not int:
            raise Unusable("bundle.json names no version")
        if version != 1 and "bundle-version" not in report.off:
            raise Unusable(f"the bundle has version {version}, and this program reads version 1: get a newer one")
        if set(about) != {"format", "version", "kind"} or about["kind"] not in ("public", "sealed"):
            raise Unusable('bundle.json says neither "public" nor "sealed", or says something else')
        return about["kind"]

    def open(self, name):
        """Opens a regular file; None if there is none. A pipe would block for good."""
        path = os.path.join(self.folder, name)
        if os.path.realpath(path) != os.path.join(os.path.realpath(self.folder), name):
            raise Unusable(f"{name} is a link, or behind one: it could lead to any file of this machine")
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as e:
            raise Unusable(f"{name} cannot be read: {e.strerror}") from None
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise Unusable(f"{name} is not a file")
        return os.fdopen(fd, "rb")

    def small(self, name, limit, exactly=None):
        f = self.open(name)
        if f is None:
            raise Unusable(f"{name} is missing")
        with f:
            size = os.fstat(f.fileno()).st_size
            if exactly is not None and size != exactly:
                raise Unusable(f"{name} has {size} bytes instead of {exactly}: truncated, or garbage")
            if size > limit:
                raise Unusable(f"{name} has {size} bytes, more than the {limit} there may be")
            data = f.read(size)
        if len(data) != size:
            raise Unusable(f"{name} ended early")
        return data

    def entries(self, count):
        """Yields every entry, one file of up to 256 at a time."""
        if count > MAX_ENTRIES:
            raise Unusable(f"the checkpoint claims {count} entries, and this program reads {MAX_ENTRIES}")
        for index in range((count + 255) // 256):
            width = min(256, count - 256 * index)
            name = tile_path("entries", index, width)
            data = self.small(name, 256 * (2 + MAX_ENTRY))
            at = 0
            for _ in range(width):
                size = int.from_bytes(data[at:at + 2], "big")
                if at + 2 + size > len(data):
                    raise Unusable(f"{name} is truncated: it should hold {width} entries")
                yield data[at + 2:at + 2 + size]
                at += 2 + size
            if at != len(data):
                raise Unusable(f"{name} goes on after its {width} entries")

    def tile(self, level, index, width):
        return self.small(tile_path(str(level), index, width), 8192, exactly=32 * width)

    def has(self, digest):
        return os.path.lexists(os.path.join(self.folder, "blobs", digest))

    def blob(self, digest, size, report, where, what):
        """Opens a blob whose size and digest are right, or notes what is wrong.

        With size None, any up to a megabyte is read.
        """
        f = self.open(os.path.join("blobs", digest))
        if f is None:
            report.check("blob-missing", False, where, f"the {what} are not in the bundle (blobs/{digest})")
            return None
        found = os.fstat(f.fileno()).st_size
        right = found == size if size is not None else found <= 1 << 20
        if not report.check("blob-size", right, where, f"the {what} have {found} bytes instead of {size} (blobs/{digest})"):
            f.close()
            return None
        h = hashlib.sha256()
        while chunk := f.read(CHUNK):
            h.update(chunk)
        if not report.check("blob-digest", h.hexdigest() == digest, where,
                            f"the {what} have another digest than the statement says (blobs/{digest})"):
            f.close()
            return None
        f.seek(0)
        return f


def tile_path(level, index, width):
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.append(f"x{index % 1000:03d}")
    path = os.path.join("tile", level, *reversed(groups))
    return path if width == 256 else path + os.sep.join((".p", str(width)))
