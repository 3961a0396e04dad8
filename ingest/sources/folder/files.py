"""The files of a drop folder: which may be read, and where they go afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import NamedTuple, TextIO

from ingest.faults import RecordingError
from ingest.source import SourceFailed

QUIET = 2.0  # seconds without a change, after which a file is taken to be written to its end
FINISHED, REFUSED = "finished", "refused"

_ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst")
_LONGEST_STEM = 180  # bytes; a name may have 255 on most systems, and gets a number and an ending


class DropFile(NamedTuple):
    """One file, as it was when it was looked at; ``mtime`` is in nanoseconds."""

    path: Path
    size: int
    mtime: int

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def shown(self) -> str:
        """Its name for a sentence; a name may hold anything."""
        return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in self.name)

    def is_unchanged(self) -> bool:
        try:
            now = self.path.lstat()
        except OSError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.size, self.mtime)


class DropFolder:
    """A folder into which others put files."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looks: dict[str, tuple[DropFile, float]] = {}  # each file, and since when it has been like that

    def ready(self, now: datetime) -> list[DropFile]:
        """The files that are written to their end, the oldest first. Links are not followed."""
        at, before = now.timestamp(), self._looks
        self._looks = {}
        with self._failing():
            for file in self._files():
                looked, since = before.get(file.name, (None, at))
                if looked is None and at - file.mtime / 1e9 >= QUIET:
                    since = at - QUIET
                self._looks[file.name] = (file, since if looked in (None, file) else at)
        settled = (file for file, since in self._looks.values() if at - since >= QUIET)
        return sorted(settled, key=lambda file: (file.mtime, file.name))

    def put_aside(self, file: DropFile, into: str, bad: Iterable[str]) -> None:
        """Move a file to a subfolder, beside it a file that says what is ``bad``, if anything is."""
        with self._failing():
            target = self._free_name(file.name, into)
            try:
                _write_lines(bad, target.with_name(f"{target.name}.bad"))
                file.path.replace(target)
                self._looks.pop(file.name, None)
            except BaseException:
                target.unlink(missing_ok=True)
                raise

    def _files(self) -> Iterator[DropFile]:
        with os.scandir(self._path) as entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.name.endswith(_ENDINGS):
                    continue
                try:
                    if entry.is_file(follow_symlinks=False):
                        stat = entry.stat(follow_symlinks=False)
                        yield DropFile(self._path / entry.name, stat.st_size, stat.st_mtime_ns)
                except FileNotFoundError:
                    continue  # whoever put it there took it away again

    def _free_name(self, name: str, into: str) -> Path:
        """A name that nothing in a subfolder has; an empty file holds it from now on."""
        folder = self._path / into
        folder.mkdir(exist_ok=True)
        ending = next(ending for ending in _ENDINGS if name.endswith(ending))
        stem = os.fsdecode(os.fsencode(name.removesuffix(ending))[:_LONGEST_STEM])
        for number in count(1):
            target = folder / f"{stem}{f'-{number}' if number > 1 else ''}{ending}"
            if target.with_name(f"{target.name}.bad").exists():
                continue
            try:
                target.touch(exist_ok=False)
            except FileExistsError:
                continue
            return target
        raise AssertionError("numbers have no end")

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = f"{error.strerror} ({error.filename})"
        except RecordingError as error:  # the bad lines come from reading the file once more
            why = str(error)
        else:
            return
        raise SourceFailed(f"the folder {self._path} of GROUNDSWELL_FOLDER_PATH: {why}")


def _write_lines(lines: Iterable[str], path: Path) -> None:
    """Write some lines; where there is none, no file either."""
    out: TextIO | None = None
    try:
        for line in lines:
            out = out or path.open("x", encoding="utf-8", errors="backslashreplace")
            out.write(f"{line}\n")
    finally:
        if out is not None:
            out.close()
