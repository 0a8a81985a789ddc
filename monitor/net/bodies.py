"""A reply's body as it grows, within limits on what is sent, what it unpacks to, and how far it swells."""

import hashlib
from io import BytesIO

from monitor.core.model import FailureKind
from monitor.net.replies import FailedError

MIB = 1024 * 1024


class Body:
    """Keeps a body and its hash.

    `wire_bytes` and `body_bytes` are the most that is taken as sent and as unpacked; `ratio` is how many times larger
    than what was sent the unpacked may be, once it has filled a MiB. Whatever is more raises FailedError.
    """

    def __init__(self, *, wire_bytes: int, body_bytes: int, ratio: int) -> None:
        self.size = 0
        self.wire = 0
        self._limits = wire_bytes, body_bytes, ratio
        self._buffer = BytesIO()  # hands its memory over without a copy
        self._sha256 = hashlib.sha256()

    def announced(self, size: int) -> None:
        """Judge the size that the reply's head tells."""
        limit, _, _ = self._limits
        if size > limit:
            raise _too_large(f"larger than {limit:,} bytes on the wire")

    def arrived(self, size: int) -> None:
        """Count bytes as sent."""
        self.wire += size
        self.announced(self.wire)

    def write(self, block: bytes) -> bool:
        """Keep an unpacked block; True each time that another MiB is full."""
        before = self.size
        self.size += len(block)
        _, limit, ratio = self._limits
        if self.size > limit:
            raise _too_large(f"larger than {limit:,} bytes unpacked")
        if self.size > max(MIB, ratio * self.wire):
            raise _too_large(f"more than {ratio} times larger unpacked than as sent")
        self._buffer.write(block)
        self._sha256.update(block)
        return self.size // MIB > before // MIB

    def bytes(self) -> bytes:
        """Return the whole body."""
        return self._buffer.getvalue()

    def hash(self) -> str:
        """Return its SHA-256 in hexadecimal."""
        return self._sha256.hexdigest()


def _too_large(words: str) -> FailedError:
    return FailedError(FailureKind.TOO_LARGE, f"the document is {words}")
