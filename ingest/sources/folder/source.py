"""A drop folder: recordings that somebody puts there are read as if their posts were written now."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import ClassVar

import msgspec
from msgspec.structs import replace
from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from domain.post import Post
from ingest.faults import BadLine, RecordingError
from ingest.options import Options
from ingest.recordings import open_recording, read_posts
from ingest.source import Page, Source, Surroundings, wall_clock
from ingest.sources.folder.files import FINISHED, REFUSED, DropFile, DropFolder

NAME = "folder"
PAGE = 500  # lines

_NO_FILE = "{}"  # the cursor when no file is begun


class FolderOptions(Options):
    """Which folder is watched."""

    model_config = SettingsConfigDict(env_prefix="GROUNDSWELL_FOLDER_")

    path: Path | None = Field(
        default=None,
        description="A folder: recordings put there (`*.jsonl`, `*.jsonl.gz`, `*.jsonl.zst`) are read, and "
        "then moved to its subfolder `finished`.",
    )

    @field_validator("path", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None  # and not the folder in which the program happens to run

    @field_validator("path")
    @classmethod
    def _is_usable(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        path = value.expanduser().absolute()
        if not path.is_dir():
            raise ValueError(f"{path} is no folder; make it first")
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            raise ValueError(
                f"{path} may not be written to, and what was read is moved there; change its mode"
            )
        return path


class _Place(msgspec.Struct, frozen=True):
    """How far a file has been read: its first lines, and whether one of them was bad."""

    file: str = ""
    size: int = 0
    mtime: int = 0
    line: int = 0
    bad: bool = False

    def is_in(self, file: DropFile) -> bool:
        return (self.file, self.size, self.mtime) == (file.name, file.size, file.mtime)


class Folder:
    """Reads what is put into the folder at ``path``."""

    Options: ClassVar[type[Options]] = FolderOptions
    about: ClassVar[str] = "Recordings put into a folder, as an export or a crawler of your own does."
    needs: ClassVar[str | None] = "GROUNDSWELL_FOLDER_PATH"

    name: str = NAME
    every: float | None = 2.0

    @classmethod
    def configured(cls, options: FolderOptions, around: Surroundings) -> Sequence[Source]:
        """The folder, if one is named."""
        return [] if options.path is None else [cls(options.path, clock=around.clock)]

    def __init__(self, path: Path, *, clock: Callable[[], datetime] = wall_clock) -> None:
        self._folder = DropFolder(path)
        self._clock = clock
        self._closed = threading.Event()

    def pages(self, cursor: str | None) -> Generator[Page]:
        """The posts of every file that is ready; see ``ingest/source.py``.

        A file is moved when the page after its last one is asked for, because only then have its posts
        been brought.
        """
        begun, moved = _place_at(cursor), False
        files = self._folder.ready(self._clock())
        for file in sorted(files, key=lambda file: not begun.is_in(file)):  # what was begun comes first
            start = begun if begun.is_in(file) else _Place(file.name, file.size, file.mtime)
            yield from self._read(file, start)
            if self._closed.is_set():
                return
            moved = True
        if moved:
            yield Page(cursor=_NO_FILE)

    def close(self) -> None:
        """End ``pages`` after the page that is being read."""
        self._closed.set()

    def _read(self, file: DropFile, place: _Place) -> Iterator[Page]:
        """The pages of a file from a place on; then it is put aside."""
        reading = _Reading(file, place)
        try:
            for page in reading.pages():
                if self._closed.is_set():
                    return
                yield page
        except RecordingError as error:
            if not file.is_unchanged():
                return  # it was taken away again, or is being written anew
            why = reading.told(str(error))
            yield Page(unreadable=(why,), cursor=_NO_FILE)
            self._folder.put_aside(file, REFUSED, [why])
            return
        if not self._closed.is_set() and file.is_unchanged():
            self._folder.put_aside(file, FINISHED, reading.bad_lines())


class _Reading:
    """One file, read up to a ``place``."""

    def __init__(self, file: DropFile, place: _Place) -> None:
        self._file = file
        self.place = place

    def pages(self) -> Iterator[Page]:
        """What comes after the place. Raises ``RecordingError`` when nothing of the file can be read."""
        for posts, bad, line in self._chunks(self.place.line):
            if line == 0:
                raise RecordingError(bad[0].why)
            self.place = replace(self.place, line=line, bad=self.place.bad or bool(bad))
            unreadable = tuple(f"{self._file.shown} {self.told(str(one))}" for one in bad)
            yield Page(posts=posts, cursor=_cursor_of(self.place), unreadable=unreadable)

    def bad_lines(self) -> Iterator[str]:
        """A sentence for each bad line; the file is read once more, for another reader may have met some."""
        if self.place.bad:
            for _, bad, _ in self._chunks(0):
                yield from (self.told(str(one)) for one in bad)

    def told(self, why: str) -> str:
        """A sentence about this file that names it as its owner does, and not where it lies."""
        return why.replace(str(self._file.path), self._file.shown)

    def _chunks(self, line: int) -> Iterator[tuple[tuple[Post, ...], list[BadLine], int]]:
        """The posts and bad lines after a line, some at a time, and the last line that was read by then."""
        with open_recording(self._file.path) as raw:
            lines = _Counted(raw)
            for _ in islice(lines, line):
                pass
            while True:
                before, bad = lines.number, list[BadLine]()
                posts = tuple(read_posts(islice(lines, PAGE), default_source=NAME, on_bad=bad.append))
                if bad or lines.number > before:
                    yield posts, [replace(one, number=before + one.number) for one in bad], lines.number
                if lines.number < before + PAGE:
                    return


class _Counted:
    """Some lines, and the ``number`` of those that were taken."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.number = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        line = next(self._lines)
        self.number += 1
        return line


def _place_at(cursor: str | None) -> _Place:
    """The place that a cursor names; one that cannot be read names none."""
    try:
        return msgspec.convert(json.loads(cursor or _NO_FILE), _Place)
    except (ValueError, RecursionError):
        return _Place()


def _cursor_of(place: _Place) -> str:
    return json.dumps(msgspec.to_builtins(place))  # msgspec's own JSON cannot hold a name that is no UTF-8
