"""``groundswell classify``: what the classifier says of each post of a recording, as JSON lines."""

from __future__ import annotations

import difflib
import gc
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from commands.consoles import err, refuse
from domain.mention import KINDS, Kind, Symptom, Tag, TaggedMention
from ingest.faults import BadLine, RecordingError
from ingest.lines import open_recording
from ingest.recordings import read_posts
from workers.classifying import judge
from workers.house import House
from workers.replaying import recording_name

if TYPE_CHECKING:
    from models.classifier import Classifier

_KINDS = tuple(kind.value for kind in KINDS)
_PARTS = 10_000  # probabilities are told in ten-thousandths
_TOLD = 20  # bad lines that are told in full
_MADE_BETWEEN = 20_000  # objects made from one garbage collection to the next
_NEAR = 3  # ids that are offered in place of an unknown one

_encode = msgspec.json.Encoder().encode_lines


class _Verdict(msgspec.Struct, frozen=True, gc=False):
    """What a post is for one service; ``p`` has a probability for each kind."""

    id: str
    kind: Kind
    p: dict[str, float]
    symptoms: tuple[Symptom, ...]


class _Line(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One post. ``read`` stands there only as false: in a language that cannot be read, nothing is judged."""

    id: str
    lang: str
    services: list[_Verdict]
    read: bool = True


def classify(file: Path, house: House, *, assume: str | None = None, version: str | None = None) -> None:
    """Judge every post of a recording, and write one line for each to standard output, in the file's order.

    Raises ``RecordingError`` for a file that cannot be read or holds no post. Whoever reads the lines may go
    away at any time.
    """
    if assume is not None and assume not in house.names:
        refuse(_no_such_service(assume, house))
    bad = _BadLines(recording_name(file))
    with open_recording(file) as lines:
        posts = read_posts(lines, default_source=bad.name, on_bad=bad.tell)
        pages = judge(
            posts,
            house.reader_with(secrets.token_bytes(32)),  # a key for this once: no author is shown
            _classifier(house, version),
            assume=assume,
        )
        try:
            with collecting_seldom():
                written = sum(map(_write, pages))
        except BrokenPipeError:
            _leave_quietly()
            return
    bad.conclude(written)


class _BadLines:
    """Lines that could not be read, told as they come, so that a stream may go on for long."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._count = 0
        self._first: BadLine | None = None

    def tell(self, bad: BadLine) -> None:
        self._first = self._first or bad
        self._count += 1
        if self._count <= _TOLD:
            err.print(f"{self.name}: {bad}", style="yellow", markup=False, soft_wrap=True)

    def conclude(self, read: int) -> None:
        """Say how many were skipped. Raises ``RecordingError`` if there were no others."""
        if not read:
            first = f"; the first bad one: {self._first}" if self._first else ""
            found = f"bad lines: {self._count}{first}"
            raise RecordingError(f"{self.name}: holds no post that can be read ({found})")
        if self._count:
            skipped = "1 bad line was" if self._count == 1 else f"{self._count:,} bad lines were"
            err.print(f"{self.name}: {skipped} skipped", style="yellow", markup=False)


def _classifier(house: House, version: str | None) -> Classifier:
    """The classifier that comes with Groundswell, or a version that the store keeps."""
    if version is None:
        return house.shipped_classifier()
    house.prepare()
    kept = house.stores.models.get(version)
    if kept is None:
        refuse(f"no version {version} is kept; groundswell models lists them")
    # Whoever is refused never waits for scikit-learn and spaCy.
    from models.model_file import load

    return load(kept.body, kept.card, house.catalogue)


def _no_such_service(asked: str, house: House) -> str:
    called = {name.lower(): service for service, name in house.names.items()}
    called |= {service: service for service in house.names}
    near = difflib.get_close_matches(asked.lower(), called, n=_NEAR)
    ids = ", ".join(dict.fromkeys(called[name] for name in near))
    return f"no service {asked} in the catalogue" + (f"; near it: {ids}" if ids else "")


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """No garbage here refers to itself, and looking for such again and again costs a fifth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(_MADE_BETWEEN, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _write(page: Sequence[TaggedMention]) -> int:
    """Write a page at once, and say how many lines it has."""
    out = sys.stdout.buffer
    out.write(_encode(list(map(_line, page))))
    out.flush()
    return len(page)


def _line(one: TaggedMention) -> _Line:
    return _Line(one.mention.post.id, one.lang, list(map(_verdict, one.tags)), one.is_read)


def _verdict(tag: Tag) -> _Verdict:
    rounded = [int(probability * _PARTS + 0.5) / _PARTS for probability in tag.probabilities]
    return _Verdict(tag.service, tag.kind, dict(zip(_KINDS, rounded, strict=True)), tag.symptoms)


def _leave_quietly() -> None:
    """Give what is still to be written to nobody: Python writes it out at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
