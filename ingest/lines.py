"""A file of lines, plain or compressed, as its lines one by one."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

import zstandard

from ingest.faults import LONGEST_LINE, RecordingError

STANDARD_INPUT = "-"
_PLAIN_CHUNK = 1 << 18
_PACKED_CHUNK = 1 << 12  # small, because a hostile file may swell thirty-thousandfold
_LARGEST_WINDOW = 1 << 27  # bytes of memory that a .zst file may ask for, as the zstd command allows

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPED = b"\x2a\x4d\x18"  # bytes 1 to 3 of a frame that holds no data; pzstd begins with one
_BOM = b"\xef\xbb\xbf"
_FOREIGN = {
    b"PK\x03\x04": "is a zip file; unpack it first",
    b"BZh": "is packed with bzip2; unpack it first, or pack it with gzip or zstd",
    b"\xfd7zX": "is packed with xz; unpack it first, or pack it with gzip or zstd",
    b"\xff\xfe": "is written in UTF-16; save it as UTF-8",
    b"\xfe\xff": "is written in UTF-16; save it as UTF-8",
}


class RecordingCut(RecordingError):
    """A recording ends, or breaks, in the middle. The lines before that have been read."""


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


@contextmanager
def open_recording(path: str | Path) -> Iterator[Iterator[bytes]]:
    """The lines of a file, or of standard input for ``-``, without their ends.

    Gzip and zstd are known by their first bytes, whatever the name. Of a line that is longer than a line
    may be, only the beginning is given (and it is still too long). Raises ``RecordingError`` when the file
    cannot be read, and ``RecordingCut`` from the iterator when it ends too early.
    """
    with ExitStack() as closing:
        if str(path) == STANDARD_INPUT:
            name, file = "standard input", sys.stdin.buffer
        else:
            name, file = str(path), closing.enter_context(_opened(Path(path)))
        yield _split(_unpacked(file, name))


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise RecordingError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise RecordingError(f"{path} is a folder; name a file in it") from None
    except PermissionError:
        raise RecordingError(f"{path}: you may not read this file") from None
    except (OSError, ValueError) as error:
        raise RecordingError(f"{path} cannot be opened: {error}") from None


def _unpacked(file: BinaryIO, name: str) -> Iterator[bytes]:
    head = b"".join(_chunks(file, name, size=4, most=4))
    for start, why in _FOREIGN.items():
        if head.startswith(start):
            raise RecordingError(f"{name} {why}")
    if head.startswith(_GZIP):
        packed = _joined(head, _chunks(file, name, _PACKED_CHUNK))
        return _inflated(packed, name, lambda: zlib.decompressobj(wbits=16 + zlib.MAX_WBITS))
    if head == _ZSTD or head[1:] == _ZSTD_SKIPPED:
        packed = _joined(head, _chunks(file, name, _PACKED_CHUNK))
        unpacker = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
        return _inflated(packed, name, unpacker.decompressobj)
    return _joined(head.removeprefix(_BOM), _chunks(file, name, _PLAIN_CHUNK))


def _chunks(file: BinaryIO, name: str, size: int, most: int = sys.maxsize) -> Iterator[bytes]:
    """What a file holds from here on, ``size`` bytes at a time, and ``most`` bytes in all."""
    # A pipe gives what it has: whoever feeds it slowly should see posts before the chunk is full.
    read: Callable[[int], bytes] = getattr(file, "read1", file.read)
    try:
        while chunk := read(min(size, most)):
            most -= len(chunk)
            yield chunk
    except OSError as error:
        raise RecordingCut(f"{name} could not be read further: {error}") from None


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _inflated(chunks: Iterable[bytes], name: str, new: Callable[[], _Inflater]) -> Iterator[bytes]:
    inflater = new()
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if inflater.eof:  # several packed parts may stand one after the other
                    inflater = new()
                yield from _pieces(inflater.decompress(rest))
                rest = inflater.unused_data if inflater.eof else b""
    except (zlib.error, zstandard.ZstdError) as error:
        raise RecordingCut(f"{name} is damaged from here on: {error}") from None
    if not inflater.eof:
        raise RecordingCut(f"{name} is cut off here: its packed data ends too early")


def _pieces(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _PLAIN_CHUNK):
        yield data[start : start + _PLAIN_CHUNK]


def _split(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        head, *lines = chunk.split(b"\n")
        # A line that never ends must not fill the memory: its excess is dropped as it comes.
        rest = rest + head if len(rest) <= LONGEST_LINE else rest
        if lines:
            yield rest
            rest = lines.pop()
            yield from lines
    if rest:
        yield rest
