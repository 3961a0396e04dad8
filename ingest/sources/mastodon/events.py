"""The events in a stream of bytes, as Mastodon's streaming server sends them (server-sent events).

Mastodon.py's own reader ends the stream at the first event that is malformed, and takes one byte at a time.
This one says what is wrong and goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

LONGEST = 1_000_000  # bytes of one line, and of one event

_IGNORED = frozenset({b"id", b"retry", b"stream"})


class Event(msgspec.Struct, frozen=True):
    """Something happened: its name ("update"), and what the server says of it."""

    name: str
    data: bytes


class Heartbeat(msgspec.Struct, frozen=True):
    """The server is still there."""


class Garbled(msgspec.Struct, frozen=True):
    """Something could not be understood, and why."""

    why: str


Told = Event | Heartbeat | Garbled


def events_in(chunks: Iterable[bytes]) -> Iterator[Told]:
    """The events in some pieces of a stream; one that was not finished when it ended is left out."""
    event = _Unfinished()
    for line in _lines(chunks):
        field, colon, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if not line:
            yield from event.finished()
            event = _Unfinished()
        elif len(line) > LONGEST:
            event.why = f"a line is longer than {LONGEST:,} bytes"
        elif not field:
            yield Heartbeat()
        elif field == b"event":
            if not event.empty:  # it has no end, and here begins the next
                yield from event.finished()
                event = _Unfinished()
            event.name = value.decode("ascii", "backslashreplace")[:40]
        elif field == b"data":
            event.add(value)
        elif not colon or field not in _IGNORED:
            yield Garbled("a line has no meaning")


class _Unfinished:
    """An event whose end has not come yet; ``why`` it will be of no use, if that is known already."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.data: list[bytes] = []
        self.why: str | None = None
        self._size = 0

    @property
    def empty(self) -> bool:
        return self.name is None and not self.data and self.why is None

    def add(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > LONGEST:
            self.why, self.data = f"an event is longer than {LONGEST:,} bytes", []
        else:
            self.data.append(data)

    def finished(self) -> Iterator[Told]:
        if self.why is not None:
            yield Garbled(self.why)
        elif self.name is not None:
            yield Event(self.name, b"\n".join(self.data))
        elif self.data:
            yield Garbled("an event has no name")


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        head, *lines = chunk.split(b"\n")
        # A line that never ends must not fill the memory: its excess is dropped as it comes.
        rest = rest + head if len(rest) <= LONGEST else rest
        if lines:
            yield rest.removesuffix(b"\r")
            rest = lines.pop()
            yield from (line.removesuffix(b"\r") for line in lines)
