"""Content codings as streams whose every step gives a bounded block, so that no bomb can fill the memory."""

import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import brotli  # type: ignore[import-untyped]  # it ships no types

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BLOCK = 64 * 1024
"""The most that one step gives, in bytes."""

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
"""What we can read, as the request header says it."""

MAX_STACK = 2
"""How many codings may lie on top of each other."""

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAX_WINDOW_LOG = 23  # RFC 9659: 8 MiB is the most that a "zstd" content coding may ask for


class EncodingError(ValueError):
    """The body cannot be decompressed; the message says why, in one line for a person."""


class Decoder(Protocol):
    """One coding: bytes in, blocks of at most `BLOCK` bytes out."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take wire bytes, give what they decompress to; raises EncodingError."""

    def finish(self) -> None:
        """Raise EncodingError if the stream broke off before its end."""


class _Zlib:
    """gzip (RFC 1952, any number of members) and deflate (RFC 1950; RFC 1951 too, since servers send it)."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._held = b""
        self._object: Any = None
        self._members = 0
        self._over = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        data, self._held = self._held + data, b""
        while data and not self._over:
            if self._object is None and not self._open(data):
                return
            yield from self._drain(data)
            data = self._next_member()

    def finish(self) -> None:
        broken = self._object is not None or (self._held and not self._members)
        if broken or not (self._members or self._over):
            raise EncodingError(f"the {self._name} stream breaks off")

    def _open(self, data: bytes) -> bool:
        """Begin a member; False when more bytes are needed, or when what follows the last one is no member."""
        if len(data) < 2:
            self._held = data
            return False
        if self._members and not data.startswith(_GZIP_MAGIC):
            self._over = True
            return False
        self._object = zlib.decompressobj(self._window(data))
        return True

    def _window(self, data: bytes) -> int:
        if self._name == "gzip":
            return 16 + zlib.MAX_WBITS
        wrapped = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
        return zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS

    def _drain(self, data: bytes) -> Iterator[bytes]:
        while True:
            try:
                block = self._object.decompress(data, BLOCK)
            except zlib.error:
                raise EncodingError(f"the body is no valid {self._name}") from None
            if block:
                yield block
            data = self._object.unconsumed_tail
            if self._object.eof or not (data or len(block) == BLOCK):
                return

    def _next_member(self) -> bytes:
        if not self._object.eof:
            return b""
        rest: bytes = self._object.unused_data
        self._object = None
        self._members += 1
        self._over = self._name != "gzip"
        return rest.lstrip(b"\0")


class _Brotli:
    """RFC 7932."""

    def __init__(self) -> None:
        self._object = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        # Only an empty block tells that nothing is left: output may lie ready when more input would be accepted.
        while not self._object.is_finished() and (block := self._step(data)):
            yield block
            data = b""

    def _step(self, data: bytes) -> bytes:
        try:
            return bytes(self._object.process(data, output_buffer_limit=BLOCK))
        except brotli.error:
            raise EncodingError("the body is no valid br") from None

    def finish(self) -> None:
        if not self._object.is_finished():
            raise EncodingError("the br stream breaks off")


class _Zstd:
    """RFC 8878, any number of frames, with the window that RFC 9659 allows."""

    def __init__(self) -> None:
        self._object: zstd.ZstdDecompressor | None = None
        self._frames = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            frame = self._object = self._object or _zstd_frame()
            yield from self._drain(frame, data)
            data = frame.unused_data if frame.eof else b""
            if frame.eof:
                self._object = None
                self._frames += 1

    def _drain(self, frame: zstd.ZstdDecompressor, data: bytes) -> Iterator[bytes]:
        while True:
            try:
                block = frame.decompress(data, BLOCK)
            except zstd.ZstdError:
                raise EncodingError("the body is no valid zstd") from None
            if block:
                yield block
            data = b""
            if frame.eof or frame.needs_input:
                return

    def finish(self) -> None:
        if self._object is not None or not self._frames:
            raise EncodingError("the zstd stream breaks off")


def _zstd_frame() -> zstd.ZstdDecompressor:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_MAX_WINDOW_LOG})


class _Stack:
    """Codings on top of each other, the outermost first; none at all passes the bytes through."""

    def __init__(self, decoders: Sequence[Decoder]) -> None:
        self._decoders = decoders

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield from self._feed(data, self._decoders)

    def _feed(self, data: bytes, decoders: Sequence[Decoder]) -> Iterator[bytes]:
        if not decoders:
            yield data
            return
        for block in decoders[0].feed(data):
            yield from self._feed(block, decoders[1:])

    def finish(self) -> None:
        for decoder in self._decoders:
            decoder.finish()


_CODINGS: dict[str, Callable[[], Decoder]] = {
    "gzip": lambda: _Zlib("gzip"),
    "x-gzip": lambda: _Zlib("gzip"),
    "deflate": lambda: _Zlib("deflate"),
    "br": _Brotli,
    "zstd": _Zstd,
}


def decoder(content_encoding: str) -> Decoder:
    """Make the decoder for a Content-Encoding field value (RFC 9110 §8.4); raises EncodingError for unknown ones."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in {"", "identity"}]
    if len(names) > MAX_STACK:
        raise EncodingError(f"{len(names)} content codings on top of each other")
    unknown = [name for name in names if name not in _CODINGS]
    if unknown:
        raise EncodingError(f"unknown content coding {unknown[0][:40]!r}")
    return _Stack([_CODINGS[name]() for name in reversed(names)])
