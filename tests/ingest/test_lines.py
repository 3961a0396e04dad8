"""Files of lines: plain, packed, broken, or not there."""

from __future__ import annotations

import gzip
import io
import os
import sys
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ingest.faults import LONGEST_LINE, RecordingError
from ingest.lines import RecordingCut, open_recording

LINES = [b'{"n": %d}' % number for number in range(5000)]
PLAIN = b"\n".join(LINES) + b"\n"


def zst(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


PACKINGS = {
    "plain": PLAIN,
    "gzip": gzip.compress(PLAIN),
    "zstd": zst(PLAIN),
    "two gzip members": gzip.compress(PLAIN[:1000]) + gzip.compress(PLAIN[1000:]),
    "two zstd frames": zst(PLAIN[:1000]) + zst(PLAIN[1000:]),
    "zstd after a frame to be skipped": b"\x50\x2a\x4d\x18\x02\x00\x00\x00xx" + zst(PLAIN),
    "with a byte order mark": b"\xef\xbb\xbf" + PLAIN,
    "without a last line end": PLAIN[:-1],
}


def lines_of(path: Path | str) -> list[bytes]:
    with open_recording(path) as lines:
        return list(lines)


@pytest.mark.parametrize("packing", PACKINGS)
def test_the_lines_are_the_same_however_the_file_is_packed_and_named(tmp_path: Path, packing: str) -> None:
    file = tmp_path / "recording.txt"
    file.write_bytes(PACKINGS[packing])
    assert lines_of(file) == LINES


def test_a_dash_reads_standard_input_and_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(gzip.compress(PLAIN)))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert lines_of("-") == LINES
    assert not stdin.closed


def test_a_pipe_gives_its_lines_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    out, into = os.pipe()
    with os.fdopen(out, "rb") as reading, os.fdopen(into, "wb", buffering=0) as writing:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(reading))
        writing.write(b"first\nsecond\n")
        with open_recording("-") as lines:
            assert next(lines) == b"first"


@pytest.mark.parametrize(
    "packed", [gzip.compress(os.urandom(90_000).hex().encode()), zst(os.urandom(400_000))]
)
def test_what_came_before_a_cut_is_kept(tmp_path: Path, packed: bytes) -> None:
    file = tmp_path / "cut"
    start = gzip.compress(b"kept\n") if packed.startswith(b"\x1f") else zst(b"kept\n")
    file.write_bytes(start + packed[: len(packed) // 2])
    with open_recording(file) as lines:
        assert next(lines) == b"kept"
        with pytest.raises(RecordingCut, match="cut off here"):
            list(lines)


def test_damaged_data_is_named_as_such(tmp_path: Path) -> None:
    file = tmp_path / "damaged"
    file.write_bytes(gzip.compress(b"kept\n") + b"\x1f\x8bgarbage")
    with open_recording(file) as lines, pytest.raises(RecordingCut, match="damaged from here on"):
        list(lines)


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "endless"
    with gzip.open(file, "wb", compresslevel=1) as packed:
        for _ in range(40):
            packed.write(bytes(1_000_000))
        packed.write(b"\nnext\n")
    long, following = lines_of(file)
    assert LONGEST_LINE < len(long) < 2 * LONGEST_LINE
    assert following == b"next"


@pytest.mark.parametrize(
    ("start", "why"),
    [(b"PK\x03\x04", "zip"), (b"BZh9", "bzip2"), (b"\xfd7zXZ\0", "xz"), ("{}".encode("utf-16"), "UTF-16")],
)
def test_a_file_of_another_kind_is_named(tmp_path: Path, start: bytes, why: str) -> None:
    file = tmp_path / "other"
    file.write_bytes(start + b"more")
    with pytest.raises(RecordingError, match=why):
        lines_of(file)


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    file = tmp_path / "empty"
    for content in (b"", gzip.compress(b""), zst(b"")):
        file.write_bytes(content)
        assert lines_of(file) == []


def test_a_file_that_cannot_be_opened_is_refused_with_a_sentence(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.touch(mode=0o000)
    cases = {tmp_path / "absent": "no such file", tmp_path: "is a folder", Path("nul\0"): "cannot be opened"}
    if os.geteuid() != 0:  # root may read everything
        cases[locked] = "may not read"
    for path, why in cases.items():
        with pytest.raises(RecordingError, match=why):
            lines_of(path)


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18"])
)
def test_no_content_does_more_than_refuse(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any"
    file.write_bytes(start + content)
    try:
        lines = lines_of(file)
    except RecordingError:
        return
    if not start and not content.startswith(b"\xef\xbb\xbf"):
        assert lines == (content.removesuffix(b"\n").split(b"\n") if content else [])
