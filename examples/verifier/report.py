"""Findings, and the one error that ends a run: a bundle that cannot be read."""


class Unusable(Exception):
    """The bundle is missing, truncated, of another version or garbage."""


class Report:
    """Collects findings. `off` names checks that a test switches off."""

    SHOWN = 50

    def __init__(self, off=()):
        self.off = frozenset(off)
        self.findings = []
        self.dropped = 0

    def check(self, name, holds, where, text):
        """Notes a finding unless the condition holds; says whether to go on."""
        if holds or name in self.off:
            return True
        if len(self.findings) < self.SHOWN:
            self.findings.append((name, where, text))
        else:
            self.dropped += 1
        return False

    def lines(self):
        for name, where, text in self.findings:
            yield f"finding {name}: {where}: {text}"
        if self.dropped:
            yield f"and {self.dropped} findings more"
