"""Content codings: whatever way the bytes are cut, the same body comes out, in small blocks."""

import gzip
import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.net.decompress import BLOCK, EncodingError, decoder

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MIB = 1 << 20


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
    "br over gzip": ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
    "gzip over zstd": ("zstd, gzip", lambda data: gzip.compress(zstd.compress(data))),
    "two members": ("gzip", lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:])),
    "two frames": ("zstd", lambda data: zstd.compress(data[:7]) + zstd.compress(data[7:])),
}
ONE_LAYER = ["gzip", "deflate", "raw deflate", "br", "zstd"]


def unpack(coding: str, pieces: Iterable[bytes]) -> bytes:
    stream = decoder(coding)
    blocks = [block for piece in pieces for block in stream.feed(piece)]
    stream.finish()
    return b"".join(blocks)


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("name", PACKERS)
@settings(deadline=None)
@given(data=st.binary(max_size=3000), repeats=st.integers(1, 200), size=st.integers(1, 5000))
def test_any_cut_of_the_wire_gives_the_same_body(name: str, data: bytes, repeats: int, size: int) -> None:
    coding, pack = PACKERS[name]
    body = data * repeats
    assert unpack(coding, cut(pack(body), size)) == body


@pytest.mark.parametrize("name", PACKERS)
@settings(deadline=None)
@given(data=st.binary(min_size=1, max_size=300), share=st.floats(0, 1, exclude_max=True))
def test_a_stream_that_breaks_off_is_never_taken_for_a_whole_one(name: str, data: bytes, share: float) -> None:
    coding, pack = PACKERS[name]
    packed = pack(data)
    kept = packed[: int(len(packed) * share)]
    try:
        got = unpack(coding, [kept])
    except EncodingError:
        return
    assert name in {"two members", "two frames"}, "only between members is a cut not seen"
    assert got == data[:7]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
@given(data=st.binary(max_size=200))
def test_rubbish_is_an_encoding_error_and_nothing_else(coding: str, data: bytes) -> None:
    with suppress(EncodingError):
        assert isinstance(unpack(coding, [data]), bytes)


@pytest.mark.parametrize("name", ONE_LAYER)
def test_a_bomb_comes_out_in_blocks(name: str) -> None:
    coding, pack = PACKERS[name]
    packed = pack(bytes(64 * MIB))
    stream = decoder(coding)
    tracemalloc.start()
    sizes = [len(block) for block in stream.feed(packed)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    stream.finish()
    assert sum(sizes) == 64 * MIB
    assert max(sizes) <= 2 * BLOCK
    assert peak < 2 * MIB


def test_what_follows_the_last_gzip_member_is_no_part_of_it() -> None:
    packed = gzip.compress(b"body")
    for tail in (b"\0" * 512, b"\n", b"\x1f", b"<!-- served by -->"):
        assert unpack("gzip", [packed + tail]) == b"body"
        assert unpack("gzip", cut(packed + tail, 1)) == b"body"


def test_a_zstd_window_larger_than_the_web_allows_is_refused() -> None:
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    packed = packer.compress(b"x" * 1000) + packer.flush()
    with pytest.raises(EncodingError):
        unpack("zstd", [packed])


@pytest.mark.parametrize("coding", ["", "identity", "Identity", " , "])
def test_no_coding_passes_the_bytes_on(coding: str) -> None:
    assert unpack(coding, [b"as ", b"it is"]) == b"as it is"


@pytest.mark.parametrize("coding", ["compress", "gzip, gzip, gzip", "br;q=1", "utf-8", "x" * 500])
def test_an_unknown_coding_is_refused_before_the_first_byte(coding: str) -> None:
    with pytest.raises(EncodingError) as caught:
        decoder(coding)
    assert len(str(caught.value)) < 100
